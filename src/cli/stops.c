// SPDX-License-Identifier: AGPL-3.0-or-later
/* stops - the journal of stops, looked at while no service runs: applied where the database lacks some, counted, or
 * made anew where it is lost. */
#include "cli/app.h"
#include "cli/cli.h"

#include "base/err.h"
#include "gateway/stops.h"

#include <inttypes.h>
#include <stdio.h>

static int look(struct app *app, const char *data, bool renew)
{
    int rc = app_open_store(app, data);
    if (rc < 0)
        return rc;
    rc = renew ? stops_renew(app->vault, app->store, app->data) : app_open_stops(app);
    if (rc == 0)
        printf("%s/stops.journal: %" PRId64 " records, all of them in the database.\n", app->data,
               store_stops_count(app->store));
    else if (renew)
        fprintf(stderr, "waymark: %s/stops.journal was not made anew: %s\n", app->data, err_text(rc));
    return rc;
}

int cmd_stops(int argc, char **argv)
{
    const char *config = NULL, *data = NULL, *renew = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--data", "DIR", "folder of the database", &data},
        {"--renew", NULL, "write a new journal from the database; only where the old one is lost", &renew},
        {0},
    };
    int helped, used = cli_options("stops", "", options, argc, argv, &helped);
    if (used != argc)
        return helped ? CLI_DONE : CLI_USAGE;
    struct app app;
    bool fine = app_load(&app, config, 0, false, 0) && look(&app, data, renew != NULL) == 0;
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}

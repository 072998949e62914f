// SPDX-License-Identifier: AGPL-3.0-or-later
/* status - what the running service is doing, asked over its control socket. */
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/control.h"
#include "cli/trouble.h"

#include "base/err.h"

#include <stdio.h>

int cmd_status(int argc, char **argv)
{
    const char *config = NULL, *data = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--data", "DIR", "folder of the database", &data},
        {0},
    };
    int helped, used = cli_options("status", "", options, argc, argv, &helped);
    if (used != argc)
        return helped ? CLI_DONE : CLI_USAGE;
    struct app app;
    struct str answer = STR_INIT(65536);
    int rc = app_load(&app, config, 0, false, 0) ? control_ask(app_data_folder(&app, data), SPAN("status\n"), &answer)
                                                 : ERR_REFUSED;
    if (rc == 0)
        puts(str_z(&answer));
    else if (rc == ERR_MISSING)
        fprintf(stderr, TROUBLE_NO_SERVICE, app.data);
    str_release(&answer);
    app_close(&app);
    return rc == 0 ? CLI_DONE : CLI_REFUSED;
}

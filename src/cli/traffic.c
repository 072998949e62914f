// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/traffic.h"

#include "cli/control.h"

#include "base/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static void line(void *ctx, struct span screen, int64_t seen, int64_t left)
{
    str_addf(ctx, "%.*s %" PRId64 " %" PRId64 "\n", SPAN_ARG(screen), seen, left);
}

int traffic_run(void *traffic, struct store *s)
{
    struct traffic *t = traffic;
    int64_t since;
    int rc = span_int(t->since, &since);
    return rc < 0 ? rc : store_traffic(s, since, line, t->out);
}

/* No service runs: the database is read here, where there is one. */
static int read_alone(struct app *app, const char *data, struct traffic *t)
{
    const char *folder = app_data_folder(app, data);
    struct span file = arena_printf(app->arena, "%s/waymark.db", folder);
    if (!file.p || access(file.p, R_OK) < 0)
        return file.p ? ERR_MISSING : ERR_NOMEM;
    int rc = app_open_data(app, data);
    if (rc == 0)
        rc = store_begin(app->store);
    if (rc < 0)
        return rc;
    rc = traffic_run(t, app->store);
    store_rollback(app->store);
    return rc;
}

int traffic_read(struct app *app, const char *data, int64_t days, struct str *out)
{
    struct clock clock = clock_system();
    int64_t since = day_of_ms(clock.now_ms(clock.ctx)) - days + 1;
    struct traffic t = {.since = arena_printf(app->arena, "%" PRId64, since), .out = out};
    struct span request = arena_printf(app->arena, "traffic\n%.*s", SPAN_ARG(t.since));
    int rc = request.p ? control_ask(app_data_folder(app, data), request, out) : ERR_NOMEM;
    if (rc == ERR_MISSING)
        rc = read_alone(app, data, &t);
    if (rc == ERR_MISSING)
        fprintf(stderr, "waymark: no traffic yet in %s\n", app->data);
    else if (rc < 0)
        fprintf(stderr, "waymark: the traffic cannot be read: %s\n", err_text(rc));
    return rc;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/purge.h"

#include "cli/app.h"
#include "cli/cli.h"
#include "cli/control.h"

#include "base/err.h"

#include <stdio.h>
#include <unistd.h>

enum { PURGE_ANSWER_MAX = 4096, TAKE_BACK = 1 };

/* ---- the steps ---- */

struct round {
    const struct purge *p;
    struct purge_counts counts;
    int64_t now_ms;
    bool begun, again;
};

static int step(void *round, struct store *s)
{
    struct round *r = round;
    if (!r->begun)
        store_purge_begin(s);
    r->begun = true;
    int rc = retention_step(&r->p->keep, s, r->now_ms, r->p->dry, &r->counts, &r->again);
    if (rc == 0 && !r->again && !r->p->dry)
        rc = retention_prove(&r->p->keep, s, r->now_ms, SPAN("command"));
    return rc < 0 ? rc : r->p->dry ? TAKE_BACK : 0;
}

int purge_run(const struct purge *p, struct str *out)
{
    struct clock clock = clock_system();
    struct round r = {.p = p, .now_ms = clock.now_ms(clock.ctx), .again = true};
    int rc = 0;
    while (rc >= 0 && r.again)
        rc = p->call(p->door, step, &r);
    if (rc < 0) {
        str_addz(out, err_text(rc));
        return rc;
    }
    str_addz(out, p->dry ? "Would be deleted: " : "Deleted: ");
    retention_tell(&r.counts, out);
    str_addc(out, '.');
    return 0;
}

/* ---- the command ---- */

static int call_alone(void *store, int (*fn)(void *ctx, struct store *s), void *ctx)
{
    int rc = store_begin(store);
    if (rc < 0)
        return rc;
    rc = fn(ctx, store);
    if (rc == 0)
        return store_commit(store);
    store_rollback(store);
    return rc;
}

static int alone(struct app *app, const char *data, bool dry, struct str *out)
{
    struct span file = arena_printf(app->arena, "%s/waymark.db", app->data);
    if (!file.p || access(file.p, R_OK) < 0) {
        str_addf(out, "no database in %s", app->data);
        return ERR_MISSING;
    }
    int rc = app_open_data(app, data);
    const struct purge p = {
        .keep = {&app->settings, app->channels, app->vault}, .dry = dry, .call = call_alone, .door = app->store};
    return rc < 0 ? rc : purge_run(&p, out);
}

static int ask(struct app *app, const char *data, bool dry)
{
    struct str answer = STR_INIT(PURGE_ANSWER_MAX);
    int rc = control_ask(app_data_folder(app, data), dry ? SPAN("purge\ndry\n") : SPAN("purge\n"), &answer);
    if (rc == ERR_MISSING)
        rc = alone(app, data, dry, &answer);
    if (answer.len)
        fprintf(rc == 0 ? stdout : stderr, "%s\n", str_z(&answer));
    str_release(&answer);
    return rc;
}

int cmd_purge(int argc, char **argv)
{
    const char *config = NULL, *data = NULL, *dry = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--data", "DIR", "folder of the database", &data},
        {"--dry-run", NULL, "only say what would be deleted", &dry},
        {0},
    };
    int helped, used = cli_options("purge", "", options, argc, argv, &helped);
    if (used != argc)
        return helped ? CLI_DONE : CLI_USAGE;
    struct app app;
    bool fine = app_load(&app, config, APP_CHANNELS, false, 0) && ask(&app, data, dry != NULL) == 0;
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}

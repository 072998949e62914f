// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/reload.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/control.h"
#include "cli/proof.h"
#include "cli/trouble.h"
#include "gateway/versions.h"

#include <stdio.h>

/* What was loaded lives as long as a session may need its menus. */
static void edition_release(void *ctx)
{
    struct app *app = ctx;
    app_close(app);
    mem_free(app);
}

static int swap(struct reloader *r, struct app *app, struct str *answer)
{
    const struct program *p = app->program;
    str_addf(answer,
             "Reloaded: %zu screens, %zu facts, %zu texts. Calls under way finish on the menus they began with.",
             p->screen_count, p->fact_count, p->text_count);
    log_event(LOG_INFO, "menus reloaded", LOG_INT("screens", p->screen_count));
    int rc = gateway_reload(r->gateway,
                            &(struct gateway_menus){.program = app->program, .release = edition_release, .ctx = app});
    if (rc == 0)
        r->current = p;
    return rc;
}

static bool load(const struct reloader *r, struct app *app)
{
    struct clock clock = clock_system();
    int64_t today = day_of_ms(clock.now_ms(clock.ctx));
    return app_load_after(app, r->current, r->config, APP_CHANNELS | APP_MENUS | APP_SAME_ZONE, true, today) &&
           proof_check(app, PROOF_TELL_NOTHING);
}

/* In force they are the gateway's; else they are let go of here. */
static int put_in_force(struct reloader *r, struct app *app, bool fine, struct str *answer)
{
    int rc = fine ? swap(r, app, answer) : ERR_REFUSED;
    if (rc == 0)
        return 0;
    if (app->diags)
        diags_text(app->diags, answer);
    str_addz(answer, "Not reloaded: the last good menus stay in force.");
    log_event(LOG_WARN, "menus not reloaded, the last good ones stay", LOG_ERR(rc));
    edition_release(app);
    return rc;
}

static int reload(struct reloader *r, struct str *answer)
{
    struct app *app = mem_calloc(1, sizeof *app);
    if (!app)
        return ERR_NOMEM;
    bool fine = load(r, app);
    checkup_keep(&r->checked, app, fine, false);
    int rc = put_in_force(r, app, fine, answer);
    if (rc == 0)
        r->went_back = false;
    return rc;
}

int reload_menus(struct reloader *r, struct str *answer)
{
    pthread_mutex_lock(&r->lock);
    int rc = reload(r, answer);
    pthread_mutex_unlock(&r->lock);
    return rc;
}

void reload_check(struct reloader *r)
{
    struct app app;
    pthread_mutex_lock(&r->lock);
    bool fine = load(r, &app);
    checkup_keep(&r->checked, &app, fine, true);
    app_close(&app);
    pthread_mutex_unlock(&r->lock);
}

static int version_load(struct reloader *r, struct span name, struct app *app)
{
    const char *start, *locales;
    struct clock clock = clock_system();
    struct arena *a = arena_new(64 * 1024);
    int rc = a ? version_find(r->data, name, a, &start, &locales) : ERR_NOMEM;
    if (rc == 0 && !(app_load_version(app, r->current, r->config, start, locales, day_of_ms(clock.now_ms(clock.ctx))) &&
                     proof_check(app, false)))
        rc = ERR_REFUSED;
    arena_free(a);
    return rc;
}

int reload_version(struct reloader *r, struct span name, struct str *answer)
{
    struct app *app = mem_calloc(1, sizeof *app);
    if (!app)
        return ERR_NOMEM;
    pthread_mutex_lock(&r->lock);
    int rc = version_load(r, name, app);
    if (rc == ERR_MISSING)
        edition_release(app);
    else
        rc = put_in_force(r, app, rc == 0, answer);
    if (rc == 0)
        r->went_back = true;
    pthread_mutex_unlock(&r->lock);
    return rc;
}

int cmd_reload(int argc, char **argv)
{
    const char *config = NULL, *data = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--data", "DIR", "folder of the database", &data},
        {0},
    };
    int helped, used = cli_options("reload", "", options, argc, argv, &helped);
    if (used != argc)
        return helped ? CLI_DONE : CLI_USAGE;
    struct app app;
    struct str answer = STR_INIT(1024 * 1024);
    int rc = ERR_REFUSED;
    if (app_load(&app, config, 0, false, 0))
        rc = control_ask(app_data_folder(&app, data), SPAN("reload\n"), &answer);
    else
        fputs("Not reloaded: the last good menus stay in force.\n", stderr);
    if (rc == ERR_MISSING)
        fprintf(stderr, TROUBLE_NO_SERVICE, app.data);
    else if (answer.len)
        fprintf(rc == 0 ? stdout : stderr, "%s\n", str_z(&answer));
    str_release(&answer);
    app_close(&app);
    return rc == 0 ? CLI_DONE : CLI_REFUSED;
}

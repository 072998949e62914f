// SPDX-License-Identifier: AGPL-3.0-or-later
/* check - everything the operator wrote, read and proved, without starting anything. */
#include "base/err.h"
#include "base/file.h"
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/proof.h"
#include "menu/lock.h"
#include "script/script.h"

#include <stdio.h>
#include <string.h>

static int today_of(const char *text, int64_t *day)
{
    struct date d;
    if (!*text) {
        struct clock clock = clock_system();
        *day = day_of_ms(clock.now_ms(clock.ctx));
        return 0;
    }
    int rc = date_parse(span_of(text), &d);
    if (rc == 0)
        *day = date_to_day(d);
    return rc;
}

static void print_json(const struct app *app)
{
    struct str text = STR_INIT(16 * 1024 * 1024);
    diags_json(app->diags, &text);
    puts(str_z(&text));
    str_release(&text);
}

static void print_summary(const struct app *app)
{
    const struct program *p = app->program;
    size_t channels = 0;
    while (channel_set_at(app->channels, channels))
        channels++;
    printf("All checks pass: %zu screens, %zu facts, %zu texts, %zu languages, %zu channels in use.\n", p->screen_count,
           p->fact_count, p->text_count, p->settings->language_count, channels);
}

static bool told(const struct diags *news, bool json)
{
    struct str text = STR_INIT(16 * 1024 * 1024);
    diags_text(news, &text);
    if (!json)
        fputs(str_z(&text), stderr);
    str_release(&text);
    return diags_errors(news) > 0;
}

/* A member of staff whose passphrase stood on a terminal, and no second factor. */
static void refuse_demonstration(struct app *app, const char *config, struct diags *news)
{
    const struct place at = {.file = config ? config : "config/waymark.conf"};
    static const char why[] = "\"demonstration yes\" is not for a service that people use\n"
                              "delete it, and add members: waymark user add NAME --role caseworker";
    if (!app->settings.demonstration || !news)
        return;
    diag_error(news, "E04", at, (struct span){0}, why);
    diag_error(app->diags, "E04", at, (struct span){0}, why);
}

/* At a release more is asked for; it stands beside what the checks found. */
static bool releasable(struct app *app, const char *config, bool json)
{
    struct diags *news = diags_new();
    if (news)
        menu_check_release(app->program, news);
    menu_check_release(app->program, app->diags);
    refuse_demonstration(app, config, news);
    bool fine = news && !told(news, json);
    diags_free(news);
    return fine;
}

/* Locks the words of consents in their present version; what is locked already stays as it is. */
static bool accept_consents(struct app *app)
{
    struct span menus = app->settings.menus;
    while (menus.len && menus.p[menus.len - 1] != '/')
        menus.len--;
    struct span path = arena_printf(app->arena, "%.*s" LOCK_FILE, (int)menus.len, menus.p ? menus.p : "");
    struct str old = STR_INIT(SCRIPT_FILE_MAX), lock = STR_INIT(SCRIPT_FILE_MAX);
    size_t added = 0;
    int rc = path.p ? file_read(path.p, &old) : ERR_NOMEM;
    if (rc == 0 || rc == ERR_MISSING)
        rc = lock_add(app->program, str_span(&old), &lock, &added);
    if (rc == 0 && added)
        rc = file_write(path.p, str_span(&lock), 0644);
    str_release(&old);
    str_release(&lock);
    if (rc < 0)
        fprintf(stderr, "waymark: %s: %s\n", path.p ? path.p : LOCK_FILE, err_text(rc));
    else
        fprintf(stderr, "%s: %zu consent%s added.\n", path.p, added, added == 1 ? "" : "s");
    return rc == 0;
}

int cmd_check(int argc, char **argv)
{
    const char *config = NULL, *at = "", *format = "text", *release = NULL, *accept = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--at", "DATE", "check as on that day, YYYY-MM-DD (today)", &at},
        {"--format", "FORM", "text for people, json for machines (text)", &format},
        {"--release", NULL,
         "refuse translations without a reviewer, unconfirmed facts and a demonstration's settings, too", &release},
        {"--accept-consents", NULL, "write the words of new consents and versions to consent.lock", &accept},
        {0},
    };
    int helped, used = cli_options("check", "", options, argc, argv, &helped);
    int64_t day = 0;
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    if (used != argc || today_of(at, &day) < 0 || (strcmp(format, "text") != 0 && strcmp(format, "json") != 0)) {
        fprintf(stderr,
                "waymark check: --at takes YYYY-MM-DD, --format takes text or json, and nothing else follows\n");
        return CLI_USAGE;
    }
    struct app app;
    bool fine = app_load(&app, config, APP_CHANNELS | APP_MENUS, true, day);
    bool json = strcmp(format, "json") == 0;
    fine = fine && proof_check(&app, json ? PROOF_TELL_NOTHING : PROOF_TELL_ALL);
    if (fine && release)
        fine = releasable(&app, config, json);
    if (fine && accept)
        fine = accept_consents(&app);
    if (json)
        print_json(&app);
    else if (fine)
        print_summary(&app);
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}

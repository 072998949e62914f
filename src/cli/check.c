// SPDX-License-Identifier: AGPL-3.0-or-later
/* check - everything the operator wrote, read and proved, without starting anything. */
#include "cli/app.h"
#include "cli/cli.h"

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
    printf("All checks pass: %zu screens, %zu facts, %zu texts, %zu languages, %zu channels.\n", p->screen_count,
           p->fact_count, p->text_count, p->settings->language_count, channels);
}

int cmd_check(int argc, char **argv)
{
    const char *config = NULL, *at = "", *format = "text";
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--at", "DATE", "check as on that day, YYYY-MM-DD (today)", &at},
        {"--format", "FORM", "text for people, json for machines (text)", &format},
        {0},
    };
    int helped, used = cli_options("check", "", options, argc, argv, &helped);
    int64_t day = 0;
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    if (used != argc || today_of(at, &day) < 0 || (strcmp(format, "text") && strcmp(format, "json"))) {
        fprintf(stderr,
                "waymark check: --at takes YYYY-MM-DD, --format takes text or json, and nothing else follows\n");
        return CLI_USAGE;
    }
    struct app app;
    bool fine = app_load(&app, config, APP_CHANNELS | APP_MENUS, true, day);
    if (strcmp(format, "json") == 0)
        print_json(&app);
    else if (fine)
        print_summary(&app);
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* tour - writes the transcripts that go everywhere, three a language. */
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/talks.h"

#include "base/err.h"
#include "base/file.h"
#include "text/paging.h"
#include "tools/tour.h"

#include <stdio.h>

enum { TOUR_FILE_MAX = 4 * 1024 * 1024, TOUR_FILE_MODE = 0644, TOUR_PARTS = 3 };

/** One file: what ends its name, what a page of it holds. SMS: parts of the configuration. */
static const struct tour_kind {
    const char *suffix, *title;
    struct profile profile;
    bool sized;
} kinds[] = {
    {"", "on USSD, 182 septets or 80 letters a page", {MEDIUM_USSD, 182, 80}, false},
    {"-160", "on USSD, 160 septets or 70 letters a page", {MEDIUM_USSD, 160, 70}, true},
    {"-sms", "by SMS", {.medium = MEDIUM_SMS}, false},
};

static struct profile profile_of(const struct app *app, const struct tour_kind *kind)
{
    struct profile p = kind->profile;
    int parts = app->settings.parts_answer ? app->settings.parts_answer : TOUR_PARTS;
    if (p.medium == MEDIUM_SMS) {
        p.septets = paging_room((struct measure){.gsm = true}, parts);
        p.units = paging_room((struct measure){.gsm = false}, parts);
    }
    return p;
}

static int write_tour(struct app *app, const struct tour_kind *kind, struct tour_input *in, const char *folder)
{
    struct span code = app->settings.languages[in->language].code;
    const char *file = arena_printf(app->arena, "%s/tour-%.*s%s.talk", folder, SPAN_ARG(code), kind->suffix).p;
    struct tour_report report = {.coverage = coverage_new(app->program, app->arena)};
    struct str text = STR_INIT(TOUR_FILE_MAX);
    in->profile = profile_of(app, kind);
    in->sized = kind->sized;
    str_addf(
        &text,
        "# Every screen, every option, a wrong answer at each question and each \"when\" both ways, in \"%.*s\" %s.\n"
        "# Written by \"waymark tour --language %.*s\"; kept true by \"waymark test\".\n",
        SPAN_ARG(code), kind->title, SPAN_ARG(code));
    int rc = file && report.coverage ? tour_run(in, &report, &text) : ERR_NOMEM;
    if (rc == 0)
        rc = file_write(file, str_span(&text), TOUR_FILE_MODE);
    if (rc < 0)
        fprintf(stderr, "waymark tour: %s: %s\n", file ? file : kind->suffix, err_text(rc));
    else
        printf("%s: %zu talks, %zu answers; %zu of %zu screens, %zu of %zu options, wrong answers at %zu of %zu "
               "questions, %zu of %zu ways of lines with \"when\"\n",
               file, report.talks, report.typed, coverage_done(report.coverage, COVERAGE_SCREENS, in->language),
               coverage_count(report.coverage, COVERAGE_SCREENS),
               coverage_done(report.coverage, COVERAGE_OPTIONS, in->language),
               coverage_count(report.coverage, COVERAGE_OPTIONS),
               coverage_done(report.coverage, COVERAGE_WRONG, in->language),
               coverage_count(report.coverage, COVERAGE_WRONG),
               coverage_done(report.coverage, COVERAGE_WHENS, in->language),
               coverage_count(report.coverage, COVERAGE_WHENS));
    str_release(&text);
    return rc;
}

static int write_tours(struct app *app, int language, int64_t day, const char *folder)
{
    struct tour_input in = {.program = app->program, .language = language, .day = day};
    int rc = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && rc == 0; i++)
        rc = write_tour(app, &kinds[i], &in, folder);
    return rc;
}

/* `language`: empty: every one. */
static int run(struct app *app, struct span language, int64_t day)
{
    int only = program_language(app->program, language), count = (int)app->settings.language_count, rc = 0;
    const char *folder = talks_folder(app);
    if (language.len && only < 0) {
        fprintf(stderr, "waymark tour: no language \"%.*s\" is configured\n", SPAN_ARG(language));
        return CLI_REFUSED;
    }
    for (int i = 0; i < count && folder && rc == 0; i++)
        if (!language.len || i == only)
            rc = write_tours(app, i, day, folder);
    return folder && rc == 0 ? CLI_DONE : CLI_REFUSED;
}

int cmd_tour(int argc, char **argv)
{
    const char *config = NULL, *language = "", *at = "";
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--language", "CODE", "the language to go through, a draft too (all of them)", &language},
        {"--at", "DATE", "as on that day, YYYY-MM-DD (today)", &at},
        {0},
    };
    int helped, used = cli_options("tour", "", options, argc, argv, &helped);
    struct clock clock = clock_system();
    struct date date;
    int64_t day = day_of_ms(clock.now_ms(clock.ctx));
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    if (*at)
        day = date_parse(span_of(at), &date) == 0 ? date_to_day(date) : -1;
    if (used != argc || day < 0) {
        fputs("waymark tour: takes --language CODE and --at YYYY-MM-DD, nothing else\n", stderr);
        return CLI_USAGE;
    }
    struct app app;
    int status = CLI_REFUSED;
    if (app_load(&app, config, APP_CHANNELS | APP_MENUS, false, day))
        status = run(&app, span_of(language), day);
    app_close(&app);
    return status;
}

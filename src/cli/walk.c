// SPDX-License-Identifier: AGPL-3.0-or-later
/* walk - random callers over the operator's menus. */
#include "cli/app.h"
#include "cli/cli.h"

#include "base/err.h"
#include "tools/walk.h"

#include <stdio.h>

enum { WALK_TEXT_MAX = 4 * 1024 * 1024 };

static void print_failure(const struct walk_report *r, struct span language)
{
    fprintf(stderr, "waymark walk: %s\n", r->why);
    fprintf(stderr, "  replay: waymark walk --seed %llu --sessions 1%s%.*s\n  the path, as a transcript:\n\n",
            (unsigned long long)r->seed, language.len ? " --language " : "", SPAN_ARG(language));
    fputs(str_z(&r->path), stderr);
}

static void print_counts(const struct walk_report *r)
{
    struct str text = STR_INIT(WALK_TEXT_MAX);
    coverage_text(r->coverage, &text);
    fputs(str_z(&text), stdout);
    printf("%zu sessions, %zu steps, %zu wrong answers, %zu dropped calls, %zu changes to SMS, %zu cases registered, "
           "%zu withdrawals\n",
           r->sessions, r->steps, r->wrong, r->drops, r->messages, r->registered, r->stopped);
    str_release(&text);
}

static bool profiles(const struct app *app, struct walk_input *in)
{
    const struct channel *c;
    for (size_t i = 0; (c = channel_set_at(app->channels, i)); i++) {
        struct profile ussd = channel_profile(c, MEDIUM_USSD), sms = channel_profile(c, MEDIUM_SMS);
        if (channel_medium(c) == MEDIUM_USSD && (!in->ussd.units || ussd.units < in->ussd.units))
            in->ussd = ussd;
        if (channel_medium(c) == MEDIUM_SMS && (!in->sms.units || sms.units < in->sms.units))
            in->sms = sms;
    }
    return in->ussd.units && in->sms.units;
}

static int run(struct app *app, struct walk_input *in)
{
    struct walk_report report = {.coverage = coverage_new(app->program, app->arena), .path = STR_INIT(WALK_TEXT_MAX)};
    int language = in->language.len ? program_language(app->program, in->language) : 0;
    in->program = app->program;
    if (language < 0) {
        fprintf(stderr, "waymark walk: no language \"%.*s\" is configured\n", SPAN_ARG(in->language));
        return CLI_REFUSED;
    }
    if (!profiles(app, in)) {
        fputs("waymark walk: a channel for calls and one for SMS have to be in use\n", stderr);
        return CLI_REFUSED;
    }
    in->drafts = app->settings.languages[language].draft;
    int rc = report.coverage ? walk_run(in, &report) : ERR_NOMEM;
    if (rc < 0)
        fprintf(stderr, "waymark walk: %s\n", err_text(rc));
    else
        print_counts(&report);
    if (report.why)
        print_failure(&report, in->language);
    str_release(&report.path);
    return rc < 0 || report.why ? CLI_REFUSED : CLI_DONE;
}

static bool read_arguments(struct walk_input *in, const char *seed, const char *sessions, const char *at)
{
    int64_t s, m;
    struct date d;
    bool fine = span_int(span_of(seed), &s) == 0 && s >= 0 && span_int(span_of(sessions), &m) == 0 && m > 0;
    if (fine && *at) {
        fine = date_parse(span_of(at), &d) == 0;
        in->today = fine ? date_to_day(d) : 0;
    }
    in->seed = fine ? (uint64_t)s : 0;
    in->sessions = fine ? (size_t)m : 0;
    return fine;
}

int cmd_walk(int argc, char **argv)
{
    const char *config = NULL, *seed = "", *sessions = "1000", *language = NULL, *at = "";
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--seed", "N", "where the callers' luck begins; the same seed gives the same walk", &seed},
        {"--sessions", "M", "how many callers (1000)", &sessions},
        {"--language", "CODE", "what they all speak, a draft too (each one of those offered)", &language},
        {"--at", "DATE", "walk as on that day, YYYY-MM-DD (today)", &at},
        {0},
    };
    int helped, used = cli_options("walk", "", options, argc, argv, &helped);
    struct clock clock = clock_system();
    struct walk_input in = {.language = span_of(language), .today = day_of_ms(clock.now_ms(clock.ctx))};
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    if (used != argc || !read_arguments(&in, seed, sessions, at)) {
        fputs("waymark walk: say --seed N, a number; --sessions takes a number above 0, --at takes YYYY-MM-DD\n",
              stderr);
        return CLI_USAGE;
    }
    struct app app;
    int status = CLI_REFUSED;
    if (app_load(&app, config, APP_CHANNELS | APP_MENUS, false, in.today))
        status = run(&app, &in);
    app_close(&app);
    return status;
}

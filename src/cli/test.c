// SPDX-License-Identifier: AGPL-3.0-or-later
/* test - runs transcripts (*.talk) against the menus, through the same engine as the service. */
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/talks.h"

#include "base/err.h"
#include "base/file.h"
#include "tools/junit.h"

#include <stdio.h>
#include <string.h>

enum { TEST_TEXT_MAX = 16 * 1024 * 1024, TEST_FILE_MODE = 0644 };

static void print_coverage(const struct talk_report *report)
{
    struct str text = STR_INIT(TEST_TEXT_MAX);
    coverage_text(report->coverage, &text);
    fputs(str_z(&text), stdout);
    str_release(&text);
}

static bool write_junit(const char *file, const struct talk_report *report)
{
    struct str text = STR_INIT(TEST_TEXT_MAX);
    junit_text(report->results, report->result_count, report->coverage, &text);
    int rc = str_err(&text);
    if (rc == 0)
        rc = file_write(file, str_span(&text), TEST_FILE_MODE);
    if (rc < 0)
        fprintf(stderr, "waymark test: cannot write %s: %s\n", file, err_text(rc));
    str_release(&text);
    return rc == 0;
}

/* Where a page breaks at another place, a tour's way is another one too, and `--accept` does not mend it. */
static bool tour_fails(const struct talk_report *report)
{
    bool any = false;
    for (size_t i = 0; i < report->result_count && !any; i++)
        any = report->results[i].why.len > 0 && strstr(report->results[i].file, "/tour-");
    return any;
}

static int run(struct app *app, struct talk_report *report, int count, char **files)
{
    report->keep = app->arena;
    report->coverage = coverage_new(app->program, app->arena);
    int rc = !report->coverage ? ERR_NOMEM : count ? 0 : talks_run_all(app, report);
    for (int i = 0; i < count && rc == 0; i++)
        rc = talks_run(app, files[i], report);
    if (rc == ERR_NOMEM)
        fputs("waymark test: out of memory\n", stderr);
    if (rc < 0)
        return CLI_REFUSED;
    bool refused = app_report(app);
    if (!count) // of some files alone it would say little, and push what they got wrong off the screen
        print_coverage(report);
    printf("%zu talks, %zu answers typed, %zu lines compared\n%zu passed, %zu failed\n", report->talks, report->typed,
           report->compared, report->talks - report->failed, report->failed);
    if (tour_fails(report))
        puts("hint: where only the pages of a tour moved, \"waymark tour\" writes the tours anew");
    return refused || report->failed ? CLI_REFUSED : CLI_DONE;
}

int cmd_test(int argc, char **argv)
{
    const char *config = NULL, *accept = NULL, *junit = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--accept", NULL, "rewrite the \"<\" lines that do not hold, and nothing else", &accept},
        {"--junit", "FILE", "write the results as JUnit XML too", &junit},
        {0},
    };
    int helped, used = cli_options("test", "[FILE.talk ...]", options, argc, argv, &helped);
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    struct app app;
    struct clock clock = clock_system();
    struct talk_report report = {.accept = accept != NULL};
    int status = CLI_REFUSED;
    if (app_load(&app, config, APP_CHANNELS | APP_MENUS, false, day_of_ms(clock.now_ms(clock.ctx))))
        status = run(&app, &report, argc - used, argv + used);
    if (junit && report.coverage && !write_junit(junit, &report))
        status = CLI_REFUSED;
    app_close(&app);
    return status;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* test - runs transcripts (*.talk) against the menus, through the same engine as the service. */
#include "cli/app.h"
#include "cli/cli.h"

#include "base/err.h"
#include "base/file.h"
#include "script/script.h"
#include "tools/talk.h"

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

static int run_file(struct app *app, const char *file, struct talk_report *report)
{
    struct str bytes = STR_INIT(SCRIPT_FILE_MAX);
    int rc = file_read(file, &bytes);
    if (rc < 0)
        fprintf(stderr, "waymark test: cannot read %s: %s\n", file, rc == ERR_LIMIT ? err_text(rc) : strerror(errno));
    else
        rc = talk_run(app->program, file, str_span(&bytes), app->diags, report);
    str_release(&bytes);
    return rc;
}

/* Without names: every transcript in tests/ beside the menus. */
static int run_all(struct app *app, struct talk_report *report)
{
    char *start = arena_strdup(app->arena, app->settings.menus);
    struct span pattern = start ? arena_printf(app->arena, "%s/tests/*.talk", dirname(start)) : (struct span){0};
    glob_t found = {0};
    if (!pattern.p || glob(pattern.p, 0, NULL, &found) != 0 || !found.gl_pathc) {
        fprintf(stderr, "waymark test: no transcripts in %s\n", pattern.p ? pattern.p : "tests/");
        globfree(&found);
        return ERR_MISSING;
    }
    int rc = 0;
    for (size_t i = 0; i < found.gl_pathc && rc == 0; i++)
        rc = run_file(app, found.gl_pathv[i], report);
    globfree(&found);
    return rc;
}

static void print_unvisited(const struct app *app, const struct talk_report *report)
{
    size_t missing = 0;
    for (size_t i = 0; i < app->program->screen_count; i++) {
        const struct menu_screen *s = &app->program->screens[i];
        if (report->visited[i] || s->question_at == s->line_count) // one that only leads on is never stayed at
            continue;
        printf("%s%.*s", missing++ ? ", " : "Screens that no transcript comes by: ", SPAN_ARG(s->name));
    }
    if (missing)
        putchar('\n');
}

static int run(struct app *app, int count, char **files)
{
    struct talk_report report = {.visited = arena_array(app->arena, app->program->screen_count, sizeof(bool))};
    if (!report.visited)
        return CLI_REFUSED;
    int rc = count ? 0 : run_all(app, &report);
    for (int i = 0; i < count && rc == 0; i++)
        rc = run_file(app, files[i], &report);
    if (rc < 0)
        return CLI_REFUSED;
    bool refused = app_report(app);
    print_unvisited(app, &report);
    printf("%zu talks, %zu answers typed, %zu lines compared\n%zu passed, %zu failed\n", report.talks, report.typed,
           report.compared, report.talks - report.failed, report.failed);
    return refused || report.failed ? CLI_REFUSED : CLI_DONE;
}

int cmd_test(int argc, char **argv)
{
    const char *config = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {0},
    };
    int helped, used = cli_options("test", "[FILE.talk ...]", options, argc, argv, &helped);
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    struct app app;
    struct clock clock = clock_system();
    int status = CLI_REFUSED;
    if (app_load(&app, config, APP_CHANNELS | APP_MENUS, false, day_of_ms(clock.now_ms(clock.ctx))))
        status = run(&app, argc - used, argv + used);
    app_close(&app);
    return status;
}

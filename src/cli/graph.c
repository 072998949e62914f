// SPDX-License-Identifier: AGPL-3.0-or-later
/* graph - the menus as a drawing, DOT or SVG on standard output. */
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/talks.h"

#include "base/err.h"
#include "tools/dot.h"

#include <stdio.h>

enum { GRAPH_MAX = 64 * 1024 * 1024 };

static int print(const struct dot_input *in, bool svg)
{
    struct str text = STR_INIT(GRAPH_MAX);
    int rc = dot_text(in, &text);
    if (rc == 0 && svg)
        rc = dot_svg(str_span(&text));
    else if (rc == 0)
        fputs(str_z(&text), stdout);
    if (rc == ERR_MISSING)
        fputs("waymark graph: Graphviz is not installed; without --svg its input is printed\n"
              "  hint: on Debian: apt-get install graphviz\n",
              stderr);
    else if (rc < 0)
        fprintf(stderr, "waymark graph: %s\n", err_text(rc));
    str_release(&text);
    return rc < 0 ? CLI_REFUSED : CLI_DONE;
}

/* Whether the transcripts hold is not the question here, only where they come by. */
static int cover(struct app *app, struct dot_input *in)
{
    struct talk_report report = {.coverage = coverage_new(app->program, app->arena)};
    in->coverage = report.coverage;
    return report.coverage ? talks_run_all(app, &report) : ERR_NOMEM;
}

int cmd_graph(int argc, char **argv)
{
    const char *config = NULL, *svg = NULL, *talks = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--talks", NULL, "run the transcripts and mark what none comes by", &talks},
        {"--svg", NULL, "draw it with Graphviz", &svg},
        {0},
    };
    int helped, used = cli_options("graph", "", options, argc, argv, &helped);
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    if (used != argc) {
        fputs("waymark graph: nothing follows the options\nTry: waymark graph --help\n", stderr);
        return CLI_USAGE;
    }
    struct app app;
    struct clock clock = clock_system();
    struct dot_input in = {.today = day_of_ms(clock.now_ms(clock.ctx))};
    int status = CLI_REFUSED;
    if (app_load(&app, config, APP_CHANNELS | APP_MENUS, false, in.today)) {
        in.program = app.program;
        if (!talks || cover(&app, &in) == 0)
            status = print(&in, svg != NULL);
    }
    app_close(&app);
    return status;
}

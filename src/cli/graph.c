// SPDX-License-Identifier: AGPL-3.0-or-later
/* graph - the menus as a drawing, DOT or SVG on standard output. */
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/talks.h"
#include "cli/traffic.h"

#include "base/err.h"
#include "tools/dot.h"

#include <stdio.h>

enum { GRAPH_MAX = 64 * 1024 * 1024, TRAFFIC_MAX = 1024 * 1024, TRAFFIC_DAYS = 30 };

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

/* Screens keep their names when the menus change, so the traffic of older menus counts too. */
static int mark_traffic(struct app *app, const char *data, struct dot_input *in, struct map **map)
{
    struct str lines = STR_INIT(TRAFFIC_MAX);
    int rc = traffic_read(app, data, TRAFFIC_DAYS, &lines);
    struct span kept = rc == 0 ? arena_copy(app->arena, str_span(&lines)) : (struct span){0};
    str_release(&lines);
    if (rc == 0)
        in->traffic = *map = kept.p ? dot_traffic_read(kept, app->arena) : NULL;
    return rc == 0 && !*map ? ERR_NOMEM : rc;
}

int cmd_graph(int argc, char **argv)
{
    const char *config = NULL, *data = NULL, *svg = NULL, *talks = NULL, *traffic = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--talks", NULL, "run the transcripts and mark what none comes by", &talks},
        {"--traffic", NULL, "mark how many saw each screen in the last 30 days and were left there", &traffic},
        {"--data", "DIR", "folder of the database, for --traffic", &data},
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
    struct map *map = NULL;
    int status = CLI_REFUSED;
    if (app_load(&app, config, APP_CHANNELS | APP_MENUS, false, in.today)) {
        in.program = app.program;
        if ((!talks || cover(&app, &in) == 0) && (!traffic || mark_traffic(&app, data, &in, &map) == 0))
            status = print(&in, svg != NULL);
    }
    map_free(map);
    app_close(&app);
    return status;
}

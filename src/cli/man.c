// SPDX-License-Identifier: AGPL-3.0-or-later
/* man - a manual page on standard output, as roff: `waymark man menu | man -l -`. */
#include "cli/cli.h"

#include "base/err.h"
#include "script/suggest.h"
#include "tools/man.h"

#include <stdio.h>

enum { MAN_PAGE_MAX = 1024 * 1024 };

static struct man_command command_at(size_t index)
{
    const struct cli_command *c = cli_command(index);
    return c ? (struct man_command){c->name, c->summary} : (struct man_command){0};
}

static int unknown(struct span name)
{
    struct suggest s = suggest_start(name);
    const struct man_page *page;
    fprintf(stderr, "waymark man: no page \"%.*s\"; there are:", SPAN_ARG(name));
    for (size_t i = 0; (page = man_page(i)); i++) {
        fprintf(stderr, " %s", page->name);
        suggest_try(&s, span_of(page->name));
    }
    struct span best = suggest_best(&s);
    if (best.len)
        fprintf(stderr, "\n  hint: did you mean \"%.*s\"?", SPAN_ARG(best));
    fputs("\n", stderr);
    return CLI_USAGE;
}

int cmd_man(int argc, char **argv)
{
    const struct cli_option options[] = {{0}};
    int helped, used = cli_options("man", "[PAGE]", options, argc, argv, &helped);
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    if (argc - used > 1) {
        fputs("waymark man: one page at a time, like waymark.menu\n", stderr);
        return CLI_USAGE;
    }
    struct span name = used < argc ? span_of(argv[used]) : SPAN("waymark");
    const struct man_page *page = man_find(name);
    if (!page)
        return unknown(name);
    struct str text = STR_INIT(MAN_PAGE_MAX);
    man_text(page, command_at, &text);
    int rc = str_err(&text);
    if (rc == 0)
        fputs(str_z(&text), stdout);
    else
        fprintf(stderr, "waymark man: %s\n", err_text(rc));
    str_release(&text);
    return rc == 0 ? CLI_DONE : CLI_REFUSED;
}

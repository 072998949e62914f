// SPDX-License-Identifier: AGPL-3.0-or-later
/* explain - the page of one message's code. */
#include "cli/cli.h"

#include "script/suggest.h"
#include "tools/explain.h"

#include <stdio.h>

enum { EXPLAIN_MAX = 64 * 1024 };

static int list(void)
{
    const struct explain_page *page;
    for (size_t i = 0; (page = explain_page(i)); i++)
        printf("%s  %s\n", page->code, page->title);
    return CLI_DONE;
}

static int unknown(const char *code)
{
    struct suggest s = suggest_start(span_of(code));
    const struct explain_page *page;
    for (size_t i = 0; (page = explain_page(i)); i++)
        suggest_try(&s, span_of(page->code));
    struct span best = suggest_best(&s);
    fprintf(stderr, "waymark explain: no message has the code \"%s\"", code);
    if (best.len)
        fprintf(stderr, "; did you mean %.*s?", SPAN_ARG(best));
    fputs("\n  hint: \"waymark explain\" alone lists them all\n", stderr);
    return CLI_REFUSED;
}

int cmd_explain(int argc, char **argv)
{
    const struct cli_option options[] = {{0}};
    int helped, used = cli_options("explain", "[CODE]", options, argc, argv, &helped);
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    if (argc - used > 1) {
        fputs("waymark explain: one code at a time, like E32\n", stderr);
        return CLI_USAGE;
    }
    if (used == argc)
        return list();
    const struct explain_page *page = explain_find(span_of(argv[used]));
    if (!page)
        return unknown(argv[used]);
    struct str text = STR_INIT(EXPLAIN_MAX);
    explain_text(page, &text);
    fputs(str_z(&text), stdout);
    str_release(&text);
    return CLI_DONE;
}

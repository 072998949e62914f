// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/cli.h"

#include "base/span.h"
#include "script/suggest.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void help(const char *command, const char *arguments, const struct cli_option *options)
{
    printf("usage: waymark %s%s%s%s\n", command, options->name ? " [OPTION ...]" : "", *arguments ? " " : "",
           arguments);
    for (const struct cli_option *o = options; o->name; o++)
        printf("  %-10s %-6s %s\n", o->name, o->form ? o->form : "", o->prose);
}

static const struct cli_option *find(const struct cli_option *options, const char *name)
{
    for (const struct cli_option *o = options; o->name; o++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

static void unknown(const char *command, const struct cli_option *options, const char *name)
{
    struct suggest s = suggest_start(span_of(name));
    for (const struct cli_option *o = options; o->name; o++)
        suggest_try(&s, span_of(o->name));
    struct span best = suggest_best(&s);
    fprintf(stderr, "waymark %s: no option %s", command, name);
    if (best.len)
        fprintf(stderr, "; did you mean %.*s?", SPAN_ARG(best));
    fprintf(stderr, "\nTry: waymark %s --help\n", command);
}

/* Where the options end; -1 where something follows them that the command does not take. */
static int options_end(const char *command, const char *arguments, int argc, char **argv, int end)
{
    if (end == argc || *arguments)
        return end;
    fprintf(stderr, "waymark %s: \"%s\" is not an option\nTry: waymark %s --help\n", command, argv[end], command);
    return -1;
}

int cli_options(const char *command, const char *arguments, const struct cli_option *options, int argc, char **argv,
                int *helped)
{
    *helped = 0;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            help(command, arguments, options);
            *helped = 1;
            return -1;
        }
        if (strcmp(argv[i], "--") == 0)
            return options_end(command, arguments, argc, argv, i + 1);
        if (argv[i][0] != '-' || !argv[i][1])
            return options_end(command, arguments, argc, argv, i);
        const struct cli_option *o = find(options, argv[i]);
        if (!o) {
            unknown(command, options, argv[i]);
            return -1;
        }
        if (o->form && i + 1 >= argc) {
            fprintf(stderr, "waymark %s: %s needs a %s\n", command, o->name, o->form);
            return -1;
        }
        *o->value = o->form ? argv[++i] : "";
    }
    return argc;
}

bool cli_arguments(const char *command, const char *arguments, const struct cli_option *options, int argc, char **argv,
                   const char **out, size_t count, int *helped)
{
    size_t found = 0;
    for (int at = 0; at < argc;) {
        int used = cli_options(command, arguments, options, argc - at, argv + at, helped);
        if (used < 0)
            return false;
        at += used;
        if (at < argc && found < count)
            out[found] = argv[at];
        found += at < argc;
        at++;
    }
    if (found == count)
        return true;
    fprintf(stderr, "usage: waymark %s [OPTION ...] %s\nTry: waymark %s --help\n", command, arguments, command);
    return false;
}

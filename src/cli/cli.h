// SPDX-License-Identifier: AGPL-3.0-or-later
/* cli - the program's commands: one file each, one table in main.c.
 *
 * To add a command: a file with `int cmd_NAME(int argc, char **argv)`, a prototype here and a row in main.c. Commands
 * return the exit status: CLI_DONE, CLI_REFUSED (something was refused or failed; standard error says what) or
 * CLI_USAGE.
 */
#ifndef WAYMARK_CLI_CLI_H
#define WAYMARK_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

enum { CLI_DONE = 0, CLI_REFUSED = 1, CLI_USAGE = 2 };

int cmd_serve(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_messages(int argc, char **argv);
int cmd_walk(int argc, char **argv);
int cmd_tour(int argc, char **argv);
int cmd_book(int argc, char **argv);
int cmd_fmt(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_graph(int argc, char **argv);
int cmd_phone(int argc, char **argv);
int cmd_man(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_optout(int argc, char **argv);
int cmd_settings(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_user(int argc, char **argv);
int cmd_team(int argc, char **argv);
int cmd_key(int argc, char **argv);
int cmd_consent(int argc, char **argv);
int cmd_lock(int argc, char **argv);
int cmd_unlock(int argc, char **argv);
int cmd_purge(int argc, char **argv);
int cmd_stops(int argc, char **argv);
int cmd_backup(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_view(int argc, char **argv);
int cmd_key_offline(int argc, char **argv);
int cmd_key_rotate(int argc, char **argv);

struct cli_command {
    const char *name;
    int (*run)(int argc, char **argv); /* the arguments behind the command's name */
    const char *summary;
};

/** Row `index` of the table of commands; NULL past the end. */
const struct cli_command *cli_command(size_t index);

/** One option of a command, for reading and for help. */
struct cli_option {
    const char *name; /* "--config" */
    const char *form; /* "FILE", or NULL for a switch */
    const char *prose;
    const char **value; /* set to the argument, or to "" for a switch */
};

/** Reads options up to the first argument that is none; returns its index, or -1 after printing what is wrong (or the
 * help asked for with --help, when *helped is set). `arguments` is what follows the options, in words for the help; ""
 * where the command takes nothing more, and then something more is an error too. The table ends with a NULL name. */
int cli_options(const char *command, const char *arguments, const struct cli_option *options, int argc, char **argv,
                int *helped);

/** The same where options may stand before and behind the arguments, of which there are exactly `count`: they come back
 * in `out`. False after printing what is wrong (or the help asked for, when *helped is set). */
bool cli_arguments(const char *command, const char *arguments, const struct cli_option *options, int argc, char **argv,
                   const char **out, size_t count, int *helped);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* main - finds the command and runs it. */
#include "cli/cli.h"

#include "script/suggest.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct cli_command commands[] = {
    {"serve", cmd_serve, "answer webhooks, send what is due"},
    {"check", cmd_check, "read menus, translations, channels and configuration, and say what is wrong"},
    {"test", cmd_test, "run transcripts against the menus"},
    {"messages", cmd_messages, "write what translators work on: locales/messages.pot and the PO files"},
    {"walk", cmd_walk, "random callers, to find what the proofs cannot"},
    {"tour", cmd_tour, "write the transcripts that go everywhere, in one language or all"},
    {"fmt", cmd_fmt, "lay out menus, settings, channels and transcripts in the one way"},
    {"explain", cmd_explain, "what a message's code means, with a wrong and a right example"},
    {"book", cmd_book, "all screens side by side in all languages, as HTML to print and sign"},
    {"graph", cmd_graph, "the menus as a drawing"},
    {"phone", cmd_phone, "a phone in the terminal, for trying the menus"},
    {"man", cmd_man, "a manual page, as roff"},
    {"reload", cmd_reload, "put changed menus into the running service"},
    {"optout", cmd_optout, "stop contact with a number read from standard input, or erase it"},
    {"settings", cmd_settings, "every setting of waymark.conf, with its limits and default"},
    {"status", cmd_status, "what the running service is doing"},
    {"user", cmd_user, "members of staff: add, list, disable, enable, role, reset, passphrase, second-factor"},
    {"team", cmd_team, "teams' keys: list, admit, rotate, recover"},
    {"key", cmd_key, "recovery keys of teams on paper, the offline key that backups are for, another master key"},
    {"consent", cmd_consent,
     "the consent ledger: list, show, and verify that it and the audit trail are as they were written"},
    {"lock", cmd_lock, "put the master key under a passphrase, so that the service cannot start alone"},
    {"unlock", cmd_unlock, "give a service that waits for it its master key"},
    {"purge", cmd_purge, "delete all that is over now, or (--dry-run) say what that is"},
    {"stops", cmd_stops, "the journal of stops, while no service runs"},
    {"backup", cmd_backup, "the data into one file that an offline key alone opens, while the service runs"},
    {"export", cmd_export, "all that is stored about one person, for an offline key"},
    {"view", cmd_view, "what is in an export, where the offline key is"},
    {"restore", cmd_restore, "a backup into an empty data folder, with all stops since"},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

const struct cli_command *cli_command(size_t index)
{
    return index < COMMAND_COUNT ? &commands[index] : NULL;
}

static void usage(FILE *to)
{
    fprintf(to, "Waymark " WAYMARK_VERSION
                ", an SMS and USSD information gateway\n\nusage: waymark COMMAND [OPTION ...]\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].summary);
    fprintf(to, "\nwaymark COMMAND --help says more. Exit status: 0 done, 1 refused or failed, 2 usage.\n");
}

static int unknown(const char *name)
{
    struct suggest s = suggest_start(span_of(name));
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        suggest_try(&s, span_of(commands[i].name));
    struct span best = suggest_best(&s);
    fprintf(stderr, "waymark: no command \"%s\"", name);
    if (best.len)
        fprintf(stderr, "; did you mean \"%.*s\"?", SPAN_ARG(best));
    fprintf(stderr, "\nTry: waymark --help\n");
    return CLI_USAGE;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        usage(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return CLI_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("waymark " WAYMARK_VERSION);
        return CLI_DONE;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    return unknown(argv[1]);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* user, team, key - members of staff and teams' keys. What must stay secret is read from the terminal without showing
 * it, or from standard input in the order in which it is asked for. */
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/staffroom.h"

#include "base/err.h"
#include "script/suggest.h"

#include <stdio.h>
#include <string.h>

enum { ARGS_MOST = 2, REQUEST_MAX = 4096 };

/** What a verb asks for, in this order, after its own arguments. */
enum asked {
    ASK_NOTHING,
    ASK_NEW,    /* a new passphrase */
    ASK_SIGNED, /* the passphrase and code of whoever --by names */
    ASK_OWN,    /* passphrase and code of the member named, then a new passphrase */
    ASK_PAPER,  /* a recovery key */
};

struct subcommand {
    const char *verb;      /* as in staffroom.c */
    const char *arguments; /* for the help */
    size_t count;          /* of arguments */
    enum asked asked;
    bool role; /* takes --role */
};

static const struct subcommand subcommands[] = {
    {"user add", "NAME --role ROLES < PASSPHRASE", 1, ASK_NEW, true},
    {"user list", "", 0, ASK_NOTHING, false},
    {"user disable", "NAME", 1, ASK_NOTHING, false},
    {"user enable", "NAME", 1, ASK_NOTHING, false},
    {"user role", "NAME --role ROLES", 1, ASK_NOTHING, true},
    {"user reset", "NAME < PASSPHRASE", 1, ASK_NEW, false},
    {"user passphrase", "NAME < PASSPHRASE, CODE, NEW PASSPHRASE", 1, ASK_OWN, false},
    {"user second-factor", "NAME", 1, ASK_NOTHING, false},
    {"team list", "", 0, ASK_NOTHING, false},
    {"team admit", "NAME --by HOLDER < PASSPHRASE, CODE", 1, ASK_SIGNED, false},
    {"team rotate", "TEAM --by HOLDER < PASSPHRASE, CODE", 1, ASK_SIGNED, false},
    {"team recover", "TEAM NAME < RECOVERY KEY", 2, ASK_PAPER, false},
    {"key recovery", "TEAM --by HOLDER < PASSPHRASE, CODE", 1, ASK_SIGNED, false},
};
enum { SUBCOMMANDS = sizeof subcommands / sizeof *subcommands };

/** Subcommands that are commands of their own, because they speak to nobody. */
static const struct {
    const char *command, *verb, *arguments;
    int (*run)(int argc, char **argv);
} alone[] = {
    {"key", "offline", "FILE", cmd_key_offline},
    {"key", "rotate", "[ --to FILE ]", cmd_key_rotate},
};
enum { ALONE = sizeof alone / sizeof *alone };

/** What stood on the command line. */
struct ordered {
    const struct subcommand *sub;
    const char *config, *data, *role, *by;
    const char *args[ARGS_MOST];
};

/* ---- the command line ---- */

static void help(const char *command)
{
    size_t lines = 0;
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        if (span_starts(span_of(subcommands[i].verb), span_of(command)))
            printf("%s waymark %s%s%s\n", lines++ ? "      " : "usage:", subcommands[i].verb,
                   *subcommands[i].arguments ? " " : "", subcommands[i].arguments);
    for (size_t i = 0; i < ALONE; i++)
        if (strcmp(alone[i].command, command) == 0)
            printf("%s waymark %s %s %s\n", lines++ ? "      " : "usage:", command, alone[i].verb, alone[i].arguments);
    puts("  --config   FILE   the configuration (config/waymark.conf)\n"
         "  --data     DIR    folder of the database\n"
         "Roles: caseworker, safeguarding, supervisor, operator, data-protection, administrator; several with commas.\n"
         "Secrets are read from the terminal, or from standard input, a line each.");
}

static const struct subcommand *find(const char *command, const char *verb)
{
    struct suggest s = suggest_start(span_of(verb));
    size_t len = strlen(command);
    for (size_t i = 0; i < SUBCOMMANDS; i++) {
        const struct subcommand *sub = &subcommands[i];
        if (strncmp(sub->verb, command, len) != 0 || sub->verb[len] != ' ')
            continue;
        if (strcmp(sub->verb + len + 1, verb) == 0)
            return sub;
        suggest_try(&s, span_of(sub->verb + len + 1));
    }
    for (size_t i = 0; i < ALONE; i++)
        if (strcmp(alone[i].command, command) == 0)
            suggest_try(&s, span_of(alone[i].verb));
    struct span best = suggest_best(&s);
    fprintf(stderr, "waymark %s: no \"%s\"", command, verb);
    if (best.len)
        fprintf(stderr, "; did you mean \"%.*s\"?", SPAN_ARG(best));
    fprintf(stderr, "\nTry: waymark %s --help\n", command);
    return NULL;
}

/* Options may stand before and behind the arguments. */
static bool read_line(struct ordered *l, int argc, char **argv)
{
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &l->config},
        {"--data", "DIR", "folder of the database", &l->data},
        {"--role", "ROLES", "roles, separated by commas", &l->role},
        {"--by", "NAME", "the member who signs in for this", &l->by},
        {0},
    };
    size_t count = 0;
    for (int at = 0; at < argc;) {
        int helped, used = cli_options(l->sub->verb, l->sub->arguments, options, argc - at, argv + at, &helped);
        if (used < 0)
            return false;
        at += used;
        if (at == argc)
            break;
        if (count == ARGS_MOST)
            return false;
        l->args[count++] = argv[at++];
    }
    bool by = l->sub->asked == ASK_SIGNED;
    if (count == l->sub->count && !l->sub->role == !l->role && !by == !l->by)
        return true;
    fprintf(stderr, "usage: waymark %s %s\n", l->sub->verb, l->sub->arguments);
    return false;
}

/* ---- the request ---- */

static void add_line(struct str *request, struct span text)
{
    str_addc(request, '\n');
    str_add(request, text);
}

static int add_secret(struct str *request, const char *prompt)
{
    struct str secret;
    int rc = ask_secret(prompt, &secret);
    add_line(request, str_span(&secret));
    vault_forget(&secret);
    return rc;
}

static int add_new(struct str *request)
{
    struct str secret;
    int rc = ask_new_passphrase(&secret);
    add_line(request, str_span(&secret));
    vault_forget(&secret);
    if (rc == ERR_REFUSED)
        fputs("waymark: the two passphrases differ\n", stderr);
    return rc;
}

/* A demonstration asks for no code, so the line may be missing. */
static int add_signed(struct str *request, const char *name)
{
    add_line(request, span_of(name));
    int rc = add_secret(request, "Passphrase");
    if (rc < 0)
        return rc;
    rc = add_secret(request, "Code of the second factor (empty: none)");
    return rc == ERR_MISSING ? 0 : rc;
}

static int build(const struct ordered *l, struct str *request)
{
    int rc = 0;
    str_addz(request, l->sub->verb);
    if (l->sub->asked == ASK_SIGNED)
        rc = add_signed(request, l->by);
    if (l->sub->asked == ASK_OWN)
        rc = add_signed(request, l->args[0]);
    else
        for (size_t i = 0; i < l->sub->count; i++)
            add_line(request, span_of(l->args[i]));
    if (l->sub->role)
        add_line(request, span_of(l->role));
    if (rc == 0 && (l->sub->asked == ASK_NEW || l->sub->asked == ASK_OWN))
        rc = add_new(request);
    if (rc == 0 && l->sub->asked == ASK_PAPER)
        rc = add_secret(request, "Recovery key");
    return rc < 0 ? rc : str_err(request);
}

static int run(const char *command, int argc, char **argv)
{
    if (argc < 1 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        help(command);
        return argc < 1 ? CLI_USAGE : CLI_DONE;
    }
    for (size_t i = 0; i < ALONE; i++)
        if (strcmp(alone[i].command, command) == 0 && strcmp(alone[i].verb, argv[0]) == 0)
            return alone[i].run(argc - 1, argv + 1);
    struct ordered l = {.sub = find(command, argv[0])};
    if (!l.sub || !read_line(&l, argc - 1, argv + 1))
        return CLI_USAGE;
    struct str request = STR_INIT(REQUEST_MAX);
    int status = CLI_USAGE;
    if (!str_extend(&request, REQUEST_MAX)) // at once: a string that grows leaves copies behind
        return CLI_REFUSED;
    str_clear(&request);
    int rc = build(&l, &request);
    if (rc == 0)
        status = staffroom_ask(l.config, l.data, str_span(&request));
    else if (rc != ERR_REFUSED)
        fprintf(stderr, "waymark %s: %s\n", l.sub->verb,
                rc == ERR_MISSING ? "a line is missing on standard input" : err_text(rc));
    vault_forget(&request);
    return status;
}

int cmd_user(int argc, char **argv)
{
    return run("user", argc, argv);
}

int cmd_team(int argc, char **argv)
{
    return run("team", argc, argv);
}

int cmd_key(int argc, char **argv)
{
    return run("key", argc, argv);
}

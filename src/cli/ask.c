// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/ask.h"

#include "base/err.h"
#include "vault/vault.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static bool echo_off(struct termios *before)
{
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, before) < 0)
        return false;
    struct termios quiet = *before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
}

/* Byte by byte, so that nothing of it stays in a buffer of the library's. */
static int read_line(struct str *out)
{
    char c;
    ssize_t n;
    size_t start = out->len;
    while ((n = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
        str_addc(out, c);
    if (n < 0)
        return ERR_IO;
    if (n == 0 && out->len == start)
        return ERR_MISSING;
    if (out->len > start && out->p[out->len - 1] == '\r')
        str_cut(out, out->len - 1);
    return str_err(out);
}

int ask_secret(const char *prompt, struct str *out)
{
    struct termios before;
    bool terminal = echo_off(&before);
    *out = STR_INIT(ASK_MAX);
    if (!str_extend(out, ASK_MAX)) // all of its room at once: a string that grows leaves copies behind
        return ERR_NOMEM;
    str_clear(out);
    if (terminal)
        fprintf(stderr, "%s: ", prompt);
    int rc = read_line(out);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    return rc;
}

int ask_new_passphrase(struct str *out)
{
    int rc = ask_secret("New passphrase", out);
    if (rc < 0 || !isatty(STDIN_FILENO))
        return rc;
    struct str again;
    rc = ask_secret("Once more", &again);
    if (rc == 0 && !span_eq(str_span(out), str_span(&again)))
        rc = ERR_REFUSED;
    vault_forget(&again);
    return rc;
}

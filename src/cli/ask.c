// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/ask.h"

#include "base/err.h"
#include "vault/vault.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { ASK_LOOK_MS = 1000 /* whether the terminal is ours again */ };

bool ask_can(void)
{
    pid_t job = tcgetpgrp(STDIN_FILENO); // none: a terminal without jobs
    return isatty(STDIN_FILENO) && (job < 0 || job == getpgrp());
}

static bool echo_off(struct termios *before)
{
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, before) < 0)
        return false;
    struct termios quiet = *before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
}

/* False: it is over. A descriptor below 0 is never over. */
static bool wait_byte(int over_fd)
{
    if (over_fd < 0)
        return true;
    for (;;) {
        bool ours = ask_can();
        struct pollfd fds[] = {{.fd = over_fd, .events = POLLIN}, {.fd = ours ? STDIN_FILENO : -1, .events = POLLIN}};
        int ready = poll(fds, 2, ours ? -1 : ASK_LOOK_MS);
        if ((ready < 0 && errno != EINTR) || (ready > 0 && fds[0].revents))
            return false;
        if (ready > 0 && fds[1].revents && ask_can())
            return true;
    }
}

/* Byte by byte, so that nothing of it stays in a buffer of the library's. */
static int read_line(int over_fd, struct str *out)
{
    char c = '\0';
    ssize_t n = 0;
    size_t start = out->len;
    bool waited;
    while ((waited = wait_byte(over_fd)) && (n = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
        str_addc(out, c);
    vault_wipe(&c, sizeof c);
    if (!waited)
        return ERR_NOT_NOW;
    if (n < 0)
        return ERR_IO;
    if (n == 0 && out->len == start)
        return ERR_MISSING;
    if (out->len > start && out->p[out->len - 1] == '\r')
        str_cut(out, out->len - 1);
    return str_err(out);
}

int ask_secret_until(int over_fd, const char *prompt, struct str *out)
{
    struct termios before;
    bool terminal = echo_off(&before);
    *out = STR_INIT(ASK_MAX);
    if (!str_extend(out, ASK_MAX)) // all of its room at once: a string that grows leaves copies behind
        return ERR_NOMEM;
    str_clear(out);
    if (terminal)
        fprintf(stderr, "%s: ", prompt);
    int rc = read_line(over_fd, out);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    return rc;
}

int ask_secret(const char *prompt, struct str *out)
{
    return ask_secret_until(-1, prompt, out);
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

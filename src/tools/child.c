// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/child.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_CHUNK = 64 * 1024, CHILD_NOT_FOUND = 127 };

/** Starts it with `end` of a pipe as its standard input or output. */
static int start(const char *const args[], int end, int as, pid_t *child)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ERR_NOMEM;
    int rc = posix_spawn_file_actions_adddup2(&actions, end, as);
    if (rc == 0) // spawning changes no argument; its prototype is older than const
        rc = posix_spawnp(child, args[0], &actions, NULL, (char *const *)(uintptr_t)args, environ);
    posix_spawn_file_actions_destroy(&actions);
    return rc == 0 ? 0 : rc == ENOENT ? ERR_MISSING : rc == ENOMEM ? ERR_NOMEM : ERR_IO;
}

static void feed(int end, struct span text)
{
    while (text.len) {
        ssize_t put = write(end, text.p, text.len);
        if (put < 0 && errno != EINTR)
            return; // the child is gone; its status says why
        text = span_from(text, put > 0 ? (size_t)put : 0);
    }
}

/** Reads to the end also past a failure, so that the child never waits for us. */
static int drain(int end, struct str *out)
{
    char bytes[CHILD_CHUNK];
    ssize_t got;
    while ((got = read(end, bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR))
        if (got > 0)
            str_add(out, (struct span){bytes, (size_t)got});
    return got < 0 ? ERR_IO : str_err(out);
}

static int ended(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return ERR_IO;
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_NOT_FOUND)
        return ERR_MISSING;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ERR_REFUSED;
}

int child_run(const char *const args[], struct span input, struct str *output)
{
    int ends[2]; // to read from, to write to
    pid_t child;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return ERR_IO;
    int theirs = output ? 1 : 0, ours = output ? 0 : 1, talked = 0;
    int rc = start(args, ends[theirs], output ? STDOUT_FILENO : STDIN_FILENO, &child);
    close(ends[theirs]);
    if (rc == 0 && output)
        talked = drain(ends[ours], output);
    else if (rc == 0)
        feed(ends[ours], input);
    close(ends[ours]);
    if (rc == 0)
        rc = ended(child);
    return rc ? rc : talked;
}

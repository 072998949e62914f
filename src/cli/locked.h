// SPDX-License-Identifier: AGPL-3.0-or-later
/* locked - the service while its master key has not been given yet: both addresses accept, people are told the help
 * line, and only stops are taken in (gateway/intake.h). */
#ifndef WAYMARK_CLI_LOCKED_H
#define WAYMARK_CLI_LOCKED_H

#include "cli/app.h"
#include "server/server.h"

#include <signal.h>

/** Whether the master key lies under a passphrase and nowhere else; the data folder is known. */
bool locked_is(struct app *app);

/** The file that `waymark lock` makes. NULL: out of memory. */
const char *locked_file(struct app *app);

struct locked_terms {
    struct server_sockets sockets; /* its own from then on */
    const sigset_t *ends;          /* signals that end the service; blocked */
};

/** What it leaves to the service that comes after it. */
struct locked_left {
    const char *console;           /* its address */
    struct server_sockets sockets; /* still listening: whoever dials meanwhile waits */
};

/** Serves until the key was given with `waymark unlock` or at the terminal that standard input is: app->vault is then
 * set. ERR_NOT_NOW: a signal ended it; others are told. */
int locked_serve(struct app *app, const struct locked_terms *terms, struct locked_left *left);

#endif

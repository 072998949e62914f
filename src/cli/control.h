// SPDX-License-Identifier: AGPL-3.0-or-later
/* control - how commands reach a running service: a Unix socket in the data folder, mode 0600.
 *
 * A request is a verb and its arguments, a line each, ended by closing the sending side; the answer is "ok" or "error",
 * a blank and text. One writer means one process: a command that writes asks control_ask first, and only where no
 * service runs (ERR_MISSING) does it open the store itself. To add a verb: a row in control_verbs, with a function that
 * both ways call.
 */
#ifndef WAYMARK_CLI_CONTROL_H
#define WAYMARK_CLI_CONTROL_H

#include "base/str.h"
#include "cli/reload.h"
#include "cli/staffroom.h"
#include "gateway/gateway.h"
#include "gateway/retention.h"
#include "outbox/outbox.h"
#include "vault/vault.h"

struct control;

/** What the verbs work on; outlives the control. */
struct control_parts {
    const struct office *office;
    struct gateway *gateway;
    const struct outbox *outbox;
    const struct vault *vault;
    struct reloader *reloader;
    struct retention keep;
    /** While the master key is not there, these two are all that is done, and the rest is empty. */
    struct {
        int (*unlock)(void *ctx, struct span passphrase, struct str *answer);
        int (*status)(void *ctx, struct str *answer);
        void *ctx;
    } locked;
};

/** Listens on DIR/control.sock and starts its thread. ERR_IO, ERR_NOMEM. */
int control_open(const char *dir, const struct control_parts *parts, struct control **out);
void control_close(struct control *c);

/** Sends a request to the service that uses `dir` and appends its answer without "ok ". ERR_MISSING: none runs;
 * ERR_REFUSED: it answered with an error, which is then in `answer`; ERR_IO. */
int control_ask(const char *dir, struct span request, struct str *answer);

#endif

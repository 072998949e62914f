// SPDX-License-Identifier: AGPL-3.0-or-later
/* purge - deletes all that is over, or counts it: by a command, or over the control socket. */
#ifndef WAYMARK_CLI_PURGE_H
#define WAYMARK_CLI_PURGE_H

#include "gateway/retention.h"

struct purge {
    struct retention keep;
    bool dry;
    /** Runs `fn` in a transaction: committed where it gives 0, else rolled back (as gateway_call). */
    int (*call)(void *door, int (*fn)(void *ctx, struct store *s), void *ctx);
    void *door;
};

/** Appends what was deleted, or would be, in words. */
int purge_run(const struct purge *p, struct str *out);

#endif

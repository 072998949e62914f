// SPDX-License-Identifier: AGPL-3.0-or-later
/* prove - the ledger and the audit trail proved (staff/ledger.h) and shown, by a command or over the control socket. */
#ifndef WAYMARK_CLI_PROVE_H
#define WAYMARK_CLI_PROVE_H

#include "staff/ledger.h"

struct prove {
    const struct vault *vault;
    struct span consents, audit; /* ends that were noted before; empty: none */
    /** Runs `fn` in a transaction of its own (as gateway_call). */
    int (*call)(void *door, int (*fn)(void *ctx, struct store *s), void *ctx);
    void *door;
};

/** Appends what was found, in words. ERR_REFUSED: something is wrong with the rows, and said; else what the store says.
 */
int prove_run(const struct prove *p, struct str *out);

/** One row of the consent ledger with all that stands beside it, or (id 0) the heads of those after `after`, some
 * hundred at a time. */
struct show {
    const struct vault *vault;
    int64_t id, after;
    bool more; /* there may be others after `after` now */
    struct str *out;
};

/** Inside a transaction. ERR_MISSING: no such row; ERR_CRYPTO: it was changed. */
int show_run(void *show, struct store *s);

/** The same through a door, whole. */
int show_all(const struct prove *p, int64_t id, struct str *out);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* optout - a withdrawal that somebody made by voice: contact with a number stops at once, or it is erased too. */
#ifndef WAYMARK_CLI_OPTOUT_H
#define WAYMARK_CLI_OPTOUT_H

#include "base/clock.h"
#include "gateway/gateway.h"
#include "store/store.h"
#include "vault/vault.h"

struct optout {
    const struct vault *vault;
    struct clock clock;
    struct span number;                 /* as typed */
    const struct channel_set *channels; /* erase too, on all of these; NULL: stop contact only */
    struct gateway *gateway;            /* that runs, or NULL */
};

/** Stops contact with, or erases, the number of a `struct optout`, inside a transaction: with a running service on its
 * turn loop, else on a store that the command opened itself. ERR_SYNTAX, ERR_RANGE: no phone number. */
int optout_run(void *optout, struct store *s);

/** What to tell whoever asked; never repeats the number. */
const char *optout_text(int rc, bool erased);

#endif

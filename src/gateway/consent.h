// SPDX-License-Identifier: AGPL-3.0-or-later
/* consent - the ledger's rows, and what withdrawing means, however it came. */
#ifndef WAYMARK_GATEWAY_CONSENT_H
#define WAYMARK_GATEWAY_CONSENT_H

#include "record/effect.h"
#include "store/store.h"
#include "vault/vault.h"

/** How a row of the ledger came about, besides whose it is. */
struct consent_note {
    struct span channel, language, typed; /* typed: the answer itself */
    struct span text;                     /* the words that were agreed to or refused; empty: none were shown */
    const struct effect_seen *seen;       /* what had been shown or offered before */
    size_t seen_count;
    int64_t at_s;
};

/** The consent's name, version and what happened to it. */
struct consent_act {
    struct span name, version, action; /* "agree", "withdraw", "erase" */
};

/** Appends one row for the person of `st`. */
int consent_add(const struct vault *v, struct store *s, const struct store_turn *st, const struct consent_act *act,
                const struct consent_note *note);

/** Stops contact with the number of `st` (its row is made where there is none), ends every consent in force under
 * `action`, and destroys casework's seal and the day's copy of the person's secret. */
int consent_withdraw(const struct vault *v, struct store *s, struct store_turn *st, struct span action,
                     const struct consent_note *note);

#endif

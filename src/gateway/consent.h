// SPDX-License-Identifier: AGPL-3.0-or-later
/* consent - the ledger's rows, and what withdrawing and erasing mean, however they came. */
#ifndef WAYMARK_GATEWAY_CONSENT_H
#define WAYMARK_GATEWAY_CONSENT_H

#include "channel/set.h"
#include "store/store.h"
#include "vault/told.h"

/** How a row of the ledger came about, besides whose it is. */
struct consent_note {
    struct span channel, language, typed; /* typed: the answer itself, or the words that withdrew */
    struct span text;                     /* the words that were agreed to or refused; empty: none were shown */
    const struct told_seen *seen;         /* what had been shown or offered before */
    size_t seen_count;
    struct span confirmed; /* withdrawing: how the person hears that it was done; empty: not by us */
    int64_t at_s;
};

/** The consent's name, version and what happened to it. */
struct consent_act {
    struct span name, version, action; /* "agree", "withdraw", "erase" */
};

/** Appends one row for the person of `st`. */
int consent_add(const struct vault *v, struct store *s, const struct store_turn *st, const struct consent_act *act,
                const struct consent_note *note);

/** Stops contact with the number of `st` (its row is made where there is none), destroys casework's seal and the day's
 * copy of the person's secret, and ends every consent in force; each row says what was done. */
int consent_withdraw(const struct vault *v, struct store *s, struct store_turn *st, const struct consent_note *note);

/** Whether the person of `st` asked for no texts: before they stopped, or in any of their cases, also those that are
 * closed; a case that cannot be read may say so. They get no confirmation as a text either: another hand may hold the
 * phone. */
int consent_untexted(const struct vault *v, struct store *s, const struct store_turn *st, bool *untexted);

/** Destroys the sessions of a number on all of these channels, also of whoever only read. */
int consent_erase_sessions(const struct vault *v, struct store *s, const struct channel_set *channels,
                           const struct msisdn *number);

/** The same as withdrawing, and destroys all that the index points to: of the person only the do-not-contact
 * mark stays (with it, that no texts were asked for), and the ledger's rows without what was said. A row of its own
 * says that it was done. */
int consent_erase(const struct vault *v, struct store *s, struct store_turn *st, const struct consent_note *note);

#endif

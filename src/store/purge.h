// SPDX-License-Identifier: AGPL-3.0-or-later
/* purge - deletes what is over, kind by kind, a window of rows at a time, and counts it.
 *
 *     store_purge_begin; then in transactions of the caller's: store_purge until *again is false
 *
 * Windows go round and round each table in order of row ids, so that no index over a time that changes with every turn
 * is needed and no transaction is long. A transaction that is rolled back deletes nothing and still moves the windows
 * on: that is how a dry run counts.
 */
#ifndef WAYMARK_STORE_PURGE_H
#define WAYMARK_STORE_PURGE_H

#include "store/chain.h"

/** What is counted. */
#define PURGE_KINDS_X(X)                                                                                               \
    X(PURGE_SESSION, "sessions")                                                                                       \
    X(PURGE_TURN, "turns of readers")                                                                                  \
    X(PURGE_ANSWER, "stored answers")                                                                                  \
    X(PURGE_EVENT, "event ids")                                                                                        \
    X(PURGE_MESSAGE, "messages")                                                                                       \
    X(PURGE_REPORT, "delivery reports")                                                                                \
    X(PURGE_NUMBER, "numbers without consent")                                                                         \
    X(PURGE_DAY_KEY, "day keys")                                                                                       \
    X(PURGE_CASE, "cases")                                                                                             \
    X(PURGE_CASE_ROW, "rows of erased cases")                                                                          \
    X(PURGE_PERSON, "people")                                                                                          \
    X(PURGE_PERSON_ROW, "rows of erased people")                                                                       \
    X(PURGE_CONSENT, "consents")                                                                                       \
    X(PURGE_AUDIT, "audit rows")

enum purge_kind {
#define X(name, words) name,
    PURGE_KINDS_X(X)
#undef X
        PURGE_KINDS
};

/** In words, for proofs and people. */
const char *purge_words(enum purge_kind kind);

/** What is over: days are since 1970-01-01. Of cases and people: whatever has not changed since that day. */
struct purge_limits {
    int64_t now_s;
    int64_t today;       /* numbers of people who never agreed go when their day is over */
    int64_t key_day;     /* the oldest day whose key is still needed */
    int64_t message_day; /* messages that are over since before it */
    int64_t case_day, closed_day, safeguarding_day, anonymous_day; /* open cases; closed ones; those that safeguarding
                                                                      holds; anonymous ones */
    int64_t assisted_day;                                          /* closed ones whose status is among `assisted` */
    struct span assisted;                                          /* words, each between two blanks */
    int64_t consent_s, audit_s;                                    /* rows of the two chains from before */
    store_link_fn link;                                            /* for their marks */
    void *ctx;
};

struct purge_counts {
    int64_t of[PURGE_KINDS];
};

/** Windows start at the first rows again. */
void store_purge_begin(struct store *s);

/** Deletes what is over in the next window of at most `most` rows of each table, and adds to `counts`. *again: there
 * are windows left in this round. Needs an open transaction. */
int store_purge(struct store *s, const struct purge_limits *limits, int most, struct purge_counts *counts, bool *again);

/** Remembers counts until a proof is written, and takes what is remembered. Both need an open transaction. */
int store_purged_keep(struct store *s, const struct purge_counts *counts);
int store_purged_take(struct store *s, struct purge_counts *counts);

#endif

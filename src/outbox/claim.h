// SPDX-License-Identifier: AGPL-3.0-or-later
/* claim - what the outbox asks of the store: each call is one transaction, run through the door on the thread that owns
 * the store. When a call fails nothing of it was stored, and it can be made again.
 */
#ifndef WAYMARK_OUTBOX_CLAIM_H
#define WAYMARK_OUTBOX_CLAIM_H

#include "base/arena.h"
#include "outbox/outbox.h"

/** What is claimed of one channel. */
struct claim {
    struct store_leave leave;     /* in */
    bool counted;                 /* in: how many wait is asked too */
    struct store_claimed claimed; /* out: rows that are now ours; they live in the arena */
    int64_t next_ms;              /* out: when the next row is due, INT64_MAX: none waits */
    int64_t waiting;              /* out */
};

/** What is to be recorded about one of them. */
struct settlement {
    int64_t id;
    enum message_state state;
    int64_t next_ms;     /* MESSAGE_QUEUED: when to try again */
    bool untried;        /* given back without an attempt */
    bool opted_out;      /* the aggregator says so */
    bool moved;          /* its box is not this row's: the audit log says so */
    struct span channel; /* lives as long as the channels */
    bool has_reference;
    struct store_index reference;
};

/** Rows that an earlier process had in hand become unknown or due. */
int claim_recover(const struct outbox_door *door, int64_t now_ms);

/** Claims on each of these channels. Resets `a` first. */
int claim_due(const struct outbox_door *door, struct claim *list, size_t count, struct arena *a);

/** Opens what was claimed: number and text, in `plain`, which the caller wipes. ERR_CRYPTO, ERR_CORRUPT: it was changed
 * in the file, or moved there. */
int claim_open(const struct outbox_parts *parts, const struct store_due *row, struct str *plain, struct message *m);

/** Records one of them, in the caller's transaction. */
int claim_settle_one(const struct outbox_parts *parts, struct store *s, const struct settlement *one);

/** Records them all together. A row that is no longer ours is passed over. Whoever opted out at the aggregator is no
 * longer contacted, in the same transaction. */
int claim_settle(const struct outbox_parts *parts, const struct settlement *const *list, size_t count);

/** An attempt that has ended: `attempts` with this one. */
struct attempt {
    struct span channel;
    enum message_class class;
    int attempts;
};

/** What the end of an attempt means for its row. An unknown end is tried again only where the class may be sent twice;
 * what is tried again is given up after OUTBOX_ATTEMPTS. `uncounted`: it was the aggregator that could not, so the
 * attempt does not count. */
struct settlement claim_verdict(const struct outbox_parts *parts, const struct attempt *attempt,
                                const struct send_result *result, bool uncounted);

#endif

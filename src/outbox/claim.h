// SPDX-License-Identifier: AGPL-3.0-or-later
/* claim - what the outbox asks of the store: each call is one transaction, run through the door on the thread that owns
 * the store. When a call fails nothing of it was stored, and it can be made again.
 */
#ifndef WAYMARK_OUTBOX_CLAIM_H
#define WAYMARK_OUTBOX_CLAIM_H

#include "base/arena.h"
#include "outbox/outbox.h"

/** Rows that are now ours; they live in the arena. */
struct claimed {
    struct store_due *rows;
    size_t count;
    int64_t next_ms; /* when the next row is due, INT64_MAX: none waits */
};

/** What is to be recorded about one of them. */
struct settlement {
    int64_t id;
    enum message_state state;
    int64_t next_ms; /* MESSAGE_QUEUED: when to try again */
    bool untried;    /* given back without an attempt */
    bool has_reference;
    struct store_index reference;
};

/** Rows that an earlier process had in hand become unknown or due. */
int claim_recover(const struct outbox_door *door, int64_t now_ms);

/** Claims up to `most` due rows. Resets `a` first. */
int claim_due(const struct outbox_door *door, int64_t now_ms, size_t most, struct arena *a, struct claimed *out);

/** Records them all together. A row that is no longer ours is passed over. */
int claim_settle(const struct outbox_door *door, const struct settlement *const *list, size_t count);

/** An attempt that has ended: `attempts` with this one. */
struct attempt {
    struct span channel;
    enum message_class class;
    int attempts;
};

/** What the end of an attempt means for its row. An unknown end is tried again only where the class may be sent twice;
 * what is tried again is given up after OUTBOX_ATTEMPTS. */
struct settlement claim_verdict(const struct outbox_parts *parts, const struct attempt *attempt,
                                const struct send_result *result);

#endif

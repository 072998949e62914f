// SPDX-License-Identifier: AGPL-3.0-or-later
/* outbox - messages that are due leave through libcurl, and what became of them is recorded.
 *
 *     outbox_open, outbox_start, outbox_wake when something was queued, outbox_stop, outbox_close
 *
 * One thread with libcurl's multi interface. It never touches the store itself: it claims and records through the door
 * that it was handed (the turn loop's thread runs these in transactions of its own), so a slow aggregator never slows a
 * turn. Claiming re-reads the number's consent epoch; what a withdrawal overtook is cancelled there. A message is
 * retried with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): a uniform draw from 0 to min(cap,
 * base * 2^attempts); it is given up after OUTBOX_ATTEMPTS, or when it is too old. An attempt counts that failed by
 * itself, not one that an aggregator which takes nothing at all cost: lane.h has its breaker. HTTPS only, no redirects,
 * only hosts that channel files name, no private addresses unless the channel file allows them, capped answers, hard
 * timeouts (design, section 6). Messages of a channel that serves them are not claimed here but by whoever fetches
 * them: serve.h.
 */
#ifndef WAYMARK_OUTBOX_OUTBOX_H
#define WAYMARK_OUTBOX_OUTBOX_H

#include "base/clock.h"
#include "channel/set.h"
#include "store/store.h"
#include "vault/vault.h"

enum {
    OUTBOX_ATTEMPTS = 5,
    OUTBOX_BACKOFF_BASE_MS = 2000,
    OUTBOX_BACKOFF_CAP_MS = 15 * 60 * 1000,
    OUTBOX_IN_FLIGHT = 64,         /* messages under way at once; lane.h has how many of one channel */
    OUTBOX_TIMEOUT_MS = 20000,     /* of one request, connecting included */
    OUTBOX_ANSWER_MAX = 64 * 1024, /* bytes of an answer that are read */
};

struct outbox;

/** How the outbox reaches the store: runs fn(ctx, store) in a transaction on the thread that owns it, and waits. */
struct outbox_door {
    int (*call)(void *door, int (*fn)(void *ctx, struct store *s), void *ctx);
    void *door;
};

/** What is done in the store, in the transaction that records the outcome, when an aggregator says that a person has
 * opted out there: contact stops here too. A failure other than ERR_MISSING takes the transaction back. */
struct outbox_stop {
    int (*withdraw)(void *ctx, struct store *s, const struct store_index *number_key, struct span channel);
    void *ctx;
};

struct outbox_parts {
    const struct channel_set *channels;
    const struct settings *settings; /* quiet hours, limits, the breaker; NULL: none of them */
    const struct vault *vault;
    struct outbox_door door;
    struct outbox_stop stop;
    struct clock clock;
    struct entropy entropy;
    int timeout_ms; /* of one request; 0: OUTBOX_TIMEOUT_MS */
};

/** ERR_NOMEM. */
int outbox_open(const struct outbox_parts *parts, struct outbox **out);

/** Recovers what an earlier process had in hand, then starts the thread. What the door says, ERR_NOMEM. */
int outbox_start(struct outbox *o);

/** Something may be due now. From any thread; cheap. */
void outbox_wake(struct outbox *o);

/** Claims no more, lets requests under way finish for up to `grace_ms`, records what is known of them, ends the thread.
 * The door must still be open; what it does not take stays claimed, for the next start to recover. */
void outbox_stop(struct outbox *o, int grace_ms);
void outbox_close(struct outbox *o);

enum outbox_breaker { OUTBOX_CLOSED, OUTBOX_OPEN, OUTBOX_TRYING /* open, and one message tries */ };

/** What has happened on a channel since the start, each event once. */
enum outbox_count {
    OUTBOX_COUNT_ACCEPTED,
    OUTBOX_COUNT_RETRIED,   /* not accepted, to be tried again */
    OUTBOX_COUNT_REFUSED,   /* for good */
    OUTBOX_COUNT_OPTED_OUT, /* the aggregator says that the person opted out there */
    OUTBOX_COUNT_THROTTLED,
    OUTBOX_COUNT_UNKNOWN,   /* the answer was lost */
    OUTBOX_COUNT_GIVEN_UP,  /* after the last attempt */
    OUTBOX_COUNT_EXPIRED,   /* too old to be sent */
    OUTBOX_COUNT_CANCELLED, /* overtaken by a stop */
    OUTBOX_COUNT_QUIET,     /* put off: quiet hours */
    OUTBOX_COUNT_CAPPED,    /* put off: too many to one person in an hour */
    OUTBOX_COUNT_OPENED,    /* the breaker opened */
    OUTBOX_COUNTS
};

struct outbox_lane_stats {
    struct span channel;
    enum outbox_breaker breaker;
    int64_t waiting;    /* rows that wait, as of a few seconds ago */
    int64_t under_way;  /* requests now; where they are fetched: handed out and not confirmed */
    bool served;        /* they are fetched */
    int64_t fetched_ms; /* when somebody last asked for them, by the wall clock; 0: not since the start */
    uint64_t counts[OUTBOX_COUNTS];
};

/** What serves the channels whose messages are fetched. It lives as long as the outbox. */
struct serve *outbox_serve(const struct outbox *o);

/** Of channel `index` among those that can send or serve; false past the end. From any thread. */
bool outbox_stats(const struct outbox *o, size_t index, struct outbox_lane_stats *out);

/** Milliseconds to wait before attempt `attempts` + 1, by full jitter; `after_s` from the aggregator is the least (the
 * draw comes on top, so that a crowd that was told one time does not come back as a crowd). At most a day of it is
 * believed. */
int64_t outbox_backoff(int attempts, int after_s, struct entropy entropy);

#endif

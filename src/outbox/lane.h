// SPDX-License-Identifier: AGPL-3.0-or-later
/* lane - one channel's way out: how many messages it may take now.
 *
 *     lane_init; lane_room and lane_wait at any time; lane_take what was claimed, lane_end for each of them
 *
 * Three things hold a lane up. A token bucket, where the channel file says a rate: it fills by that many a second and
 * holds a second's worth. A ceiling of messages under way, so that one aggregator that hangs leaves places to the
 * others. A breaker (M. Nygard, "Release It!"): after so many failures in a row nothing is sent for a while; then one
 * message tries, and its end closes the breaker or opens it for longer, up to LANE_OPEN_CAP_MS. An aggregator that says
 * "too fast" pauses its lane for as long as it says, up to LANE_PAUSE_CAP_MS.
 *
 * One thread; all times are of clock_monotonic_ms. lane_stats may be read by others.
 */
#ifndef WAYMARK_OUTBOX_LANE_H
#define WAYMARK_OUTBOX_LANE_H

#include "base/clock.h"
#include "outbox/outbox.h"

#include <stdatomic.h>

enum {
    LANE_IN_FLIGHT = 16, /* messages of one lane under way at once */
    LANE_OPEN_BASE_MS = 2000,
    LANE_OPEN_CAP_MS = 2 * 60 * 1000,
    LANE_PAUSE_CAP_MS = 15 * 60 * 1000,
};

struct lane {
    struct span channel;
    int64_t next_ms; /* when its next row is due, by the wall clock */
    int rate;        /* messages a second, 0: no limit */
    int64_t tokens;  /* thousandths of a message, as of `filled_at` */
    int64_t filled_at;
    int threshold;    /* failures in a row that open the breaker, 0: never */
    int failures;     /* in a row */
    int openings;     /* in a row */
    int64_t shut_to;  /* the breaker is open until then, then one may try */
    int64_t pause_to; /* the aggregator said so */
    size_t in_flight;
    _Atomic int breaker; /* enum outbox_breaker */
    _Atomic uint64_t counts[OUTBOX_COUNTS];
    _Atomic int64_t waiting, under_way;
};

void lane_init(struct lane *l, struct span channel, int rate, int threshold, int64_t now);

/** Messages that may be claimed now. */
size_t lane_room(const struct lane *l, int64_t now);

/** Milliseconds until lane_room is more than nothing without any end of what is under way; INT64_MAX: not before that.
 */
int64_t lane_wait(const struct lane *l, int64_t now);

void lane_take(struct lane *l, size_t count, int64_t now);

/** The token bucket alone, for messages that are fetched and so are never under way here. */
size_t lane_tokens(const struct lane *l, int64_t now);
void lane_spend(struct lane *l, size_t count, int64_t now);

/** One that was taken has ended. True: the lane itself was not able to take it, so its attempt does not count. */
bool lane_end(struct lane *l, const struct send_result *result, int64_t now, struct entropy entropy);

/** One that was taken never left. */
void lane_return(struct lane *l);

void lane_count(struct lane *l, enum outbox_count what, uint64_t more);

/** What others may read. */
void lane_stats(const struct lane *l, struct outbox_lane_stats *out);

#endif

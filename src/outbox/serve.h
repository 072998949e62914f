// SPDX-License-Identifier: AGPL-3.0-or-later
/* serve - messages that are not sent but fetched: an app on a phone, or a modem, asks for what is due, and tells what
 * became of it.
 *
 *     serve_open; serve_do in a transaction, then serve_done once it is known whether it was committed; serve_look now
 *     and then; serve_close
 *
 * A fetch claims rows as the outbox's own thread does for channels that send (epoch, quiet hours, hourly limit, age),
 * by the one writer, and the claim is on the disk before its answer leaves. What was handed out stays claimed until it
 * is told about. Where nothing is told within the channel's `serve-wait` it is unknown, and an answer falls due again,
 * up to OUTBOX_ATTEMPTS; after a crash the same is done at the next start (store_outbox_recover). Nothing else is ever
 * handed out twice.
 *
 * All but serve_stats runs on the thread that owns the store.
 */
#ifndef WAYMARK_OUTBOX_SERVE_H
#define WAYMARK_OUTBOX_SERVE_H

#include "outbox/outbox.h"
#include "wire/wire.h"

enum {
    SERVE_LATE_MS = 5000,     /* who waited longer for the writer has probably gone: nothing is claimed */
    SERVE_ROUNDS = 10,        /* of claiming in one fetch: what is put off makes room for what is behind it */
    SERVE_AWAITED_MOST = 100, /* messages whose report is asked for at once */
    SERVE_AWAITED_DAYS = 3,   /* and how long after they were sent */
};

struct serve;
struct served;

/** One decoded request for which channel_call_serves is not SERVE_NOTHING. */
struct serve_request {
    const struct channel *channel;
    const struct channel_call *call;
    struct arena *arena;         /* for the answer */
    int64_t asked_ms;            /* when it came, monotonic */
    struct wire_response answer; /* out */

    /* serve's own */
    struct served *served;     /* its channel's */
    int counts[OUTBOX_COUNTS]; /* what happened, once it is committed */
    size_t handed_out;
};

/** `parts` outlives it. ERR_NOMEM. */
int serve_open(const struct outbox_parts *parts, struct serve **out);
void serve_close(struct serve *s);

/** Whether there is a channel that serves. */
bool serve_any(const struct serve *s);

/** Does what is asked and makes the answer. On failure the transaction is to be rolled back, and the caller told to
 * come again. ERR_NOT_NOW, ERR_NOMEM, ERR_LIMIT, or what the store says. */
int serve_do(struct serve *s, struct serve_request *q, struct store *store);

/** The transaction was committed (rc 0), or not. */
void serve_done(struct serve *s, const struct serve_request *q, int rc);

/** Through the door: gives up waiting for word of what was handed out too long ago, and counts what waits. */
int serve_look(struct serve *s);

/** Of channel `index` among those that serve; false past the end. From any thread. */
bool serve_stats(const struct serve *s, size_t index, struct outbox_lane_stats *out);

#endif

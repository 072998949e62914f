// SPDX-License-Identifier: AGPL-3.0-or-later
/* token - what a channel with `send-auth oauth2` needs before its messages may leave (RFC 6749).
 *
 *     token_init; token_ready before a lane claims; token_end when its request has ended; token_refused after a 401;
 *     token_release
 *
 * One token serves all messages of a lane, so it is asked for once, however many wait; only when something is due; and
 * again some time before it expires, while the old one still serves. A 401 drops the token it answers, once: whatever
 * else was under way with that token finds it gone already. While there is none nothing is claimed, so messages wait in
 * the store and no attempt is spent. The request for it is one of libcurl's like any other (transfer.h), beside the
 * messages', so it holds up nothing. It lies in guarded memory, is wiped when it is dropped, and is never logged.
 *
 * One thread; all times are of clock_monotonic_ms.
 */
#ifndef WAYMARK_OUTBOX_TOKEN_H
#define WAYMARK_OUTBOX_TOKEN_H

#include "base/clock.h"
#include "outbox/transfer.h"

enum {
    TOKEN_MARGIN_MS = 60 * 1000, /* it is asked for again so long before it expires, or a quarter of its life before */
    TOKEN_PAUSE_BASE_MS = 2000,  /* between two requests after a failure: doubles, and half of it is drawn */
    TOKEN_PAUSE_CAP_MS = 2 * 60 * 1000,
};

struct token_cache {
    const struct channel *channel; /* NULL: it needs no token */
    struct transfer transfer;
    bool asking;        /* its request is under way */
    char *bytes;        /* CHANNEL_TOKEN_MAX in guarded memory; owned */
    size_t len;         /* 0: there is none */
    unsigned which;     /* counts the tokens */
    int64_t good_to;    /* it expires */
    int64_t refresh_at; /* it is asked for again */
    int64_t ask_at;     /* not before: the last request failed */
    int failures;       /* in a row */
    bool doubted;       /* the one before was answered with 401, and since then none with anything else */
};

/** ERR_NOMEM (also where no memory can be locked); release it all the same. */
int token_init(struct token_cache *t, const struct channel *c);
void token_release(struct token_cache *t, CURLM *multi);

/** Whether messages may leave now. Where a token has to be asked for, its request begins here. */
bool token_ready(struct token_cache *t, CURLM *multi, const struct transfer_limits *limits, struct entropy entropy);

/** Milliseconds until token_ready may say something else without any request ending; INT64_MAX: not before that. */
int64_t token_wait(const struct token_cache *t, int64_t now);

/** Its request has ended. */
void token_end(struct token_cache *t, CURLM *multi, CURLcode code, struct entropy entropy);

/** A message with token `which` was answered with this HTTP status (0: not at all). True: by 401, for a token that is
 * to blame rather than the message, which may leave again with the next one. A second 401 in a row is no longer the
 * token's fault alone, and false. */
bool token_refused(struct token_cache *t, unsigned which, int status);

struct span token_span(const struct token_cache *t);

#endif

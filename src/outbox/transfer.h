// SPDX-License-Identifier: AGPL-3.0-or-later
/* transfer - one message as one request of libcurl's, or the request for a token.
 *
 *     transfer_init once; transfer_start, transfer_end, transfer_clear for each message; transfer_release
 *     transfer_start_token and transfer_end_token likewise
 *
 * Limits of a request (design, section 6): https, or http to private addresses where the channel allows them, no
 * redirects, no proxy, no cookies, no .netrc, else public addresses only, OUTBOX_ANSWER_MAX bytes of headers and body
 * together, one timeout for all of it. One thread.
 */
#ifndef WAYMARK_OUTBOX_TRANSFER_H
#define WAYMARK_OUTBOX_TRANSFER_H

#include "base/str.h"
#include "outbox/hosts.h"

struct transfer {
    const struct channel *channel;
    CURL *easy;
    CURLU *url;
    struct curl_slist *headers;
    struct arena *arena; /* of the request and what was read from the answer */
    struct str answer;   /* body */
    size_t received;     /* bytes of headers and body */
    bool plain;          /* http: to private addresses alone */
    bool refused;        /* the host's address was one that may not be called */
    int status;          /* of the answer, 0: none came */
};

/** What may be called, and for how long. */
struct transfer_limits {
    const struct hosts *hosts;
    int timeout_ms;
};

/** ERR_NOMEM; release it all the same. */
int transfer_init(struct transfer *t);
void transfer_release(struct transfer *t);

/** Builds the request and adds it to `multi`. Neither message nor pass is needed afterwards. ERR_NOT_NOW (the channel
 * cannot send), ERR_REFUSED (host or scheme), ERR_SYNTAX (the address, or a header that would not stay one line),
 * ERR_LIMIT, ERR_CRYPTO (no signature), ERR_NOMEM: nothing was added. */
int transfer_start(struct transfer *t, CURLM *multi, const struct channel *c, const struct message *m,
                   const struct channel_pass *pass, const struct transfer_limits *limits);

/** The same for the token that the channel needs, under the same limits. */
int transfer_start_token(struct transfer *t, CURLM *multi, const struct channel *c,
                         const struct transfer_limits *limits);

/** Takes it out of `multi` and reads what came of it: `code` is libcurl's, any failure for one that is broken off. Any
 * end has an outcome: SEND_RETRY where nothing had been sent, SEND_UNKNOWN where something had and no whole answer
 * came. out->reference lives until transfer_clear. */
void transfer_end(struct transfer *t, CURLM *multi, CURLcode code, struct send_result *out);

/** What channel_read_token says of the answer; ERR_IO: none came. out->token lives until transfer_clear. */
int transfer_end_token(struct transfer *t, CURLM *multi, CURLcode code, struct channel_token *out);

/** Forgets request and answer. */
void transfer_clear(struct transfer *t);

#endif

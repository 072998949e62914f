// SPDX-License-Identifier: AGPL-3.0-or-later
/* channel - one aggregator, described in a text file (config/channels/NAME.channel).
 *
 * The wire shape is data; only signature schemes are code. channel_read reads a file into an immutable value; then, for
 * a request: channel_decode (verify over the raw bytes first, then decode) and, once the gateway has a screen,
 * channel_encode. For a message that is due: channel_build_send, channel_authorize, and channel_read_send for what came
 * back; where a token is needed first, channel_build_token and channel_read_token. Where messages are fetched from us
 * instead, channel_call_serves says what a decoded request asks for, and channel_encode_served answers. Nothing here
 * knows a socket, a database or a dialogue, and nothing is kept between calls: what an accumulating channel said before
 * is an argument.
 *
 * To add an aggregator: a file beside the others and rows in tests/channels. To add a statement: a row in the table of
 * channel/parse.c. To add a signature scheme: a row in channel/verify.c.
 */
#ifndef WAYMARK_CHANNEL_CHANNEL_H
#define WAYMARK_CHANNEL_CHANNEL_H

#include "base/arena.h"
#include "base/clock.h"
#include "channel/trail.h"
#include "record/inbound.h"
#include "record/message.h"
#include "record/profile.h"
#include "record/screen.h"
#include "record/settings.h"
#include "script/diag.h"
#include "wire/wire.h"

struct channel;

enum {
    CHANNEL_BODY_MAX = 64 * 1024, /* bytes of a request's body or query */
    CHANNEL_SESSION_MAX = 128,    /* bytes of a session id */
    CHANNEL_ITEMS_MAX = 128,      /* messages or reports in one request */
    CHANNEL_KEPT_MAX = 8,         /* `keep` lines of a channel */
    CHANNEL_TOKEN_MAX = 8192,     /* bytes of a token that an aggregator gives us */
    CHANNEL_FETCH_MAX = 30,       /* messages that may be handed out in one fetch */
};

/** How an accumulating channel's first text and a lost session are read (aggregators sheet 2.1, pitfalls 2 and 5). */
enum first_text {
    FIRST_ANSWERS,
    FIRST_SUFFIX,
    FIRST_DROP,
    FIRST_NONE /* nobody dials through: it is a lost session */
};
enum lost_session { LOST_END, LOST_REPLAY };

/** Reads a channel file. Problems go to `d`; 0 with a channel, ERR_REFUSED with errors in `d`, ERR_NOMEM. The name is
 * the file's name without ".channel". `settings` gives secrets and the country; it outlives the channel. */
int channel_read(const char *file, struct span bytes, const struct settings *settings, struct diags *d,
                 struct channel **out);
void channel_free(struct channel *c);

/** A row of the table of statements, for help texts. */
struct channel_statement {
    const char *word, *form; /* "page", "page SEPTETS UNITS" */
    bool in_turn, in_event;  /* whether it may stand above the first `event`, and under one */
};

/** Row `index`; false past the end. */
bool channel_statement(size_t index, struct channel_statement *out);

struct span channel_name(const struct channel *c);
struct span channel_title(const struct channel *c);  /* for people */
enum medium channel_medium(const struct channel *c); /* of turns without a `medium` field of their own */
struct profile channel_profile(const struct channel *c, enum medium medium);
bool channel_experimental(const struct channel *c);
bool channel_private_hosts(
    const struct channel *c); /* `allow private`: plain http and private addresses may be sent to */
bool channel_accepts(const struct channel *c, struct span method); /* whether webhooks come with this method */
bool channel_answers_inline(const struct channel *c);   /* an SMS answer goes back in the webhook's own reply */
bool channel_sends(const struct channel *c);            /* its file says how, whether or not the secrets are there */
bool channel_serves(const struct channel *c);           /* its messages are not sent but fetched from us */
int channel_serve_most(const struct channel *c);        /* most messages in one fetch */
int64_t channel_serve_wait_ms(const struct channel *c); /* how long what was fetched may go unconfirmed */
bool channel_can_send(const struct channel *c);         /* has a `send` and all secrets it needs */
int channel_rate(const struct channel *c);              /* most messages a second that it may be sent, 0: no limit */
enum lost_session channel_lost(const struct channel *c);
int64_t channel_session_s(const struct channel *c); /* life of an idle session: `session N minutes`, or the settings' */

struct event;

/** A webhook request once it is decoded. */
struct channel_call {
    struct inbound *items; /* mostly one; several where one request brings several messages or reports */
    size_t count;
    const char *why; /* of a failure: one line for the reply, which never repeats what was sent */

    /* for channel_encode */
    const struct event *event;
    struct span kept[CHANNEL_KEPT_MAX]; /* what a reply gives back */
    struct span body;
};

/** Verifies and decodes a webhook request. `tail` is the path after /hook/NAME, without the leading "/",
 * percent-decoded: nothing, an event's name, or either behind the secret. Spans of `out` live in `a` or the request.
 * What is understood and of no interest is one item, INBOUND_IGNORED. Of several items those that are in order are
 * taken; the request fails only where none is. On failure `why` is set. ERR_SYNTAX (400), ERR_AUTH (403), ERR_MISSING
 * (404: no such event), ERR_NOMEM. */
int channel_decode(const struct channel *c, struct span tail, const struct wire_request *request, struct arena *a,
                   struct channel_call *out);

/** What the person typed last, on a channel whose text is the whole path. */
enum path_step {
    PATH_REPEAT, /* the same text as before: show the same screen again */
    PATH_INPUT,  /* one new answer, in `input` (may be empty) */
    PATH_FIRST,  /* a new session; `answers` were dialled through, mostly none */
    PATH_LOST,   /* not an extension of what we know; `answers` are those of the whole path, for LOST_REPLAY (none where
                    they are too many, or out of memory) */
};

/** Compares the path with those kept for the session (`known` false: no session stored). The separator is taken
 * once; input that holds the separator stays whole. Answers of a new session are split at separators (the only place
 * where this is allowed, since nothing is stored). An empty path where one is stored is PATH_FIRST: the session id is
 * used again. Where the channel does not accumulate: PATH_INPUT, or PATH_FIRST without answers, both with the text in
 * `input`. */
enum path_step channel_path(const struct channel *c, const struct inbound *in, bool known, const struct trail *before,
                            struct arena *a, struct span *input, struct span **answers, size_t *answer_count);

/** What to keep of the path after this request, in `a`; empty where the channel does not accumulate. */
struct span channel_trail(const struct channel *c, const struct inbound *in, const struct trail *before,
                          struct arena *a);

/** The reply to a webhook: a screen (screen not NULL) for its first item, or a bare acknowledgement. `call` is what was
 * decoded from the request (for echoed fields), or NULL where it never was. ERR_NOMEM. */
int channel_encode(const struct channel *c, const struct channel_call *call, const struct screen *screen,
                   struct arena *a, struct wire_response *out);

/** What a request asks of an outbox that is fetched: the kinds of its events. */
enum serve_kind {
    SERVE_NOTHING, /* it is a turn or an event like any other */
    SERVE_FETCH,   /* messages that may leave now */
    SERVE_TAKEN,   /* it has these (items[].key), and sends those that the answer names */
    SERVE_AWAITED, /* which messages are to be reported on? */
    SERVE_REPORT   /* what became of these: INBOUND_DELIVERY */
};
enum serve_kind channel_call_serves(const struct channel *c, const struct channel_call *call);

/** The answer to SERVE_FETCH (these messages), SERVE_TAKEN and SERVE_AWAITED (of which only the keys are looked at).
 * ERR_NOMEM, ERR_LIMIT. Never log it: it holds numbers. */
int channel_encode_served(const struct channel *c, const struct channel_call *call, const struct message *list,
                          size_t count, struct arena *a, struct wire_response *out);

/** The request that sends a message. ERR_NOT_NOW: the channel cannot send; ERR_NOMEM. Never log it: it holds a number
 * and keys. */
int channel_build_send(const struct channel *c, const struct message *m, struct arena *a, struct wire_request *out);

/** Whether a message needs a token that is asked for first (`send-auth oauth2`). */
bool channel_needs_token(const struct channel *c);

/** The request that asks for a token (RFC 6749, sections 4.4 and 4.3): form, id and secret of the client. ERR_NOT_NOW,
 * ERR_NOMEM. Never log it. */
int channel_build_token(const struct channel *c, struct arena *a, struct wire_request *out);

/** A token as it came (RFC 6749, section 5.1). */
struct channel_token {
    struct span token; /* visible ASCII, at most CHANNEL_TOKEN_MAX; in the arena: whoever keeps it wipes it there */
    int life_s;        /* how long it is good, 1 s to a day */
    int after_s;       /* where there is none: least seconds to wait before asking again, 0: nobody said */
};

/** Reads the answer. ERR_AUTH: there is none for us (a 4xx); ERR_NOT_NOW: perhaps later (429, 5xx); ERR_SYNTAX: what
 * came is no token; ERR_NOMEM. */
int channel_read_token(const struct channel *c, const struct wire_response *answer, struct arena *a,
                       struct channel_token *out);

/** What a request may be signed with. */
struct channel_pass {
    struct span token; /* where channel_needs_token */
    int64_t now_s;
    struct entropy entropy;
};

/** Adds what `send-auth` asks for and channel_build_send cannot know: the token, or a signed JWT of its own (RFC 7515,
 * RS256). Nothing on other channels. ERR_NOT_NOW: no token; ERR_CRYPTO: libcrypto would not sign; ERR_NOMEM. */
int channel_authorize(const struct channel *c, const struct channel_pass *pass, struct arena *a,
                      struct wire_request *request);

/** How many addresses a message is tried at, one after another (0: none): attempt N goes to number N modulo this. */
size_t channel_send_hosts(const struct channel *c);

/** Reads the aggregator's answer into `out` (id is left alone). Any answer gives an outcome. */
int channel_read_send(const struct channel *c, const struct wire_response *answer, struct arena *a,
                      struct send_result *out);

#endif

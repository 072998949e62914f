// SPDX-License-Identifier: AGPL-3.0-or-later
/* message - an SMS that is due, and what became of it. */
#ifndef WAYMARK_RECORD_MESSAGE_H
#define WAYMARK_RECORD_MESSAGE_H

#include "base/span.h"
#include "record/inbound.h"

/** Why a message exists; decides whether it may leave after a STOP and whether it is sent again after a crash. */
enum message_class {
    MESSAGE_ANSWER,  /* direct answer to what the person sent; may be sent twice rather than never */
    MESSAGE_CONFIRM, /* the one neutral confirmation of a withdrawal */
    MESSAGE_NOTICE,  /* anything else: never after a STOP, never twice */
};

enum message_state {
    MESSAGE_QUEUED,    /* due at next_ms */
    MESSAGE_CLAIMED,   /* handed to the sender; after a crash: unknown */
    MESSAGE_SENT,      /* the aggregator accepted it */
    MESSAGE_DELIVERED, /* a delivery report says so */
    MESSAGE_FAILED,    /* given up, or refused for good */
    MESSAGE_UNKNOWN,   /* posted, and the answer was lost */
    MESSAGE_CANCELLED, /* stopped by a withdrawal before it left */
};

enum { MESSAGE_KEY_LEN = 32 }; /* hexadecimal digits of a message's own id */

struct message {
    int64_t id;          /* the outbox row */
    struct span channel; /* name of the channel that carries it */
    struct msisdn to;
    struct span text; /* UTF-8, within the part limit */
    struct span key;  /* stable id of ours for aggregators that take one (idempotency), hexadecimal */
    enum message_class class;
    int attempts; /* made before this one */
};

enum send_outcome {
    SEND_ACCEPTED,  /* the aggregator has it; `reference` is its id */
    SEND_RETRY,     /* not accepted, try again later */
    SEND_PERMANENT, /* will never be accepted */
    SEND_OPTED_OUT, /* the aggregator says that the person opted out there */
    SEND_THROTTLED, /* too fast; after_s says when, 0: unknown */
    SEND_UNKNOWN,   /* sent, but the answer was lost */
};

struct send_result {
    int64_t id; /* the outbox row */
    enum send_outcome outcome;
    struct span reference; /* SEND_ACCEPTED: the aggregator's message id; empty: none */
    int after_s;           /* SEND_THROTTLED, SEND_RETRY: least seconds to wait, 0: our own backoff */
};

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* inbound - one event that an aggregator told us, after decoding. */
#ifndef WAYMARK_RECORD_INBOUND_H
#define WAYMARK_RECORD_INBOUND_H

#include "base/msisdn.h"
#include "base/span.h"
#include "record/profile.h"

enum inbound_kind {
    INBOUND_TURN,     /* somebody dialled, answered or wrote: a screen is due (USSD now, SMS by the outbox) */
    INBOUND_ENDED,    /* the network says that the session is over; nothing is due */
    INBOUND_DELIVERY, /* a delivery report */
    INBOUND_OPTOUT,   /* the aggregator took a STOP itself */
    INBOUND_IGNORED,  /* understood and of no interest: acknowledged only */
};

/** How a repeated request is known (design: exactly once). */
enum repeat {
    REPEAT_NONE,     /* only identical requests in flight together */
    REPEAT_ID,       /* the aggregator's message id */
    REPEAT_SEQUENCE, /* a number that grows within the session */
    REPEAT_PATH,     /* the accumulated text */
};

enum delivery_state {
    DELIVERY_UNKNOWN,
    DELIVERY_QUEUED,
    DELIVERY_SENT,
    DELIVERY_DELIVERED,
    DELIVERY_FAILED,
    DELIVERY_EXPIRED,
    DELIVERY_REJECTED,
    DELIVERY_OPTED_OUT,
};

/** One of several messages that the network cut a long one into; total 0: this is a whole. */
struct inbound_part {
    struct span reference; /* the same for all of them */
    int total, number;     /* number: 1..total */
};

enum { INBOUND_PARTS_MAX = 255 }; /* 3GPP TS 23.040, section 9.2.3.24.1: one octet */

struct inbound {
    enum inbound_kind kind;
    enum medium medium;
    enum repeat repeat;
    struct msisdn from;           /* the person; empty where the sender cannot be answered (an alphanumeric id) */
    struct span session;          /* the aggregator's session id; empty: none */
    struct span event;            /* message id, or the sequence number in digits; empty: none */
    struct span text;             /* as received: the last input, or the whole path on an accumulating channel */
    struct span to;               /* service code or short code dialled */
    bool begins;                  /* the aggregator says that this is a new session */
    bool opted_out;               /* INBOUND_TURN: the aggregator took this as a STOP, and has answered it itself */
    struct inbound_part part;     /* INBOUND_TURN by SMS */
    enum delivery_state delivery; /* INBOUND_DELIVERY */
    struct span reference;        /* INBOUND_DELIVERY: the id that the aggregator gave when it accepted the message */
    struct span key; /* INBOUND_DELIVERY: our own id of the message (message.h), told back; empty: not told */
};

#endif

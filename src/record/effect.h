// SPDX-License-Identifier: AGPL-3.0-or-later
/* effect - what a turn wants done, besides showing a screen.
 *
 * The dialogue only says it; gateway and store do it, in this order, in the turn's own transaction. All spans live in
 * the turn's arena or in the program.
 */
#ifndef WAYMARK_RECORD_EFFECT_H
#define WAYMARK_RECORD_EFFECT_H

#include "base/span.h"

enum effect_kind {
    EFFECT_AGREE,    /* consent given */
    EFFECT_REFUSE,   /* consent refused: withdraws where it had been given */
    EFFECT_WITHDRAW, /* contact stops at once */
    EFFECT_ERASE,    /* contact stops and what was told is destroyed */
    EFFECT_RESTART,  /* the person says START */
    EFFECT_REGISTER, /* a case is opened, or its answers corrected */
    EFFECT_SEND,     /* an SMS to the person, asked for in this dialogue */
    EFFECT_FORWARD,  /* free text goes to the person's open case */
};

struct effect_field {
    struct span name, value;
};

/** One text that had been shown, offered or skipped before consent was asked. */
struct effect_seen {
    struct span screen;
    bool shown; /* to its last page; false: only offered as an option */
};

struct effect {
    enum effect_kind kind;
    struct span name;     /* consent's name, or the case's kind */
    struct span version;  /* AGREE, REFUSE: the consent's version */
    struct span language; /* language of the dialogue */
    struct span text;     /* AGREE, REFUSE: the consent text as shown; SEND, FORWARD: the message */
    struct span typed;    /* AGREE, REFUSE: the answer as typed */
    const struct effect_seen *seen;
    size_t seen_count;
    struct span reference; /* REGISTER: the case's reference */
    bool correction;       /* REGISTER: the case is already open under `reference` */
    bool anonymous;        /* REGISTER: kept without a number and without a link */
    struct span priority;  /* REGISTER: "normal" unless the case says otherwise */
    const struct span *flags;
    size_t flag_count;
    const struct effect_field *fields; /* REGISTER: answers, in the order of the case's `fields` */
    size_t field_count;
    struct span needs; /* REGISTER: the consent that must be in force; empty when anonymous */
    struct span needs_version;
};

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* internal - what the gateway's files share. Not for other rooms. */
#ifndef WAYMARK_GATEWAY_INTERNAL_H
#define WAYMARK_GATEWAY_INTERNAL_H

#include "gateway/bundles.h"
#include "gateway/counters.h"
#include "gateway/gateway.h"
#include "gateway/keys.h"
#include "gateway/marks.h"
#include "gateway/queue.h"
#include "gateway/recent.h"
#include "gateway/session.h"

#include <stdatomic.h>
#include <string.h>

enum {
    GATEWAY_DEADLINE_MS = 5000, /* a turn that is not in a batch by then is answered politely */
    GATEWAY_ARENA = 64 * 1024 * 1024,
    RECENT_SLOTS = 8192,
    ADRIFT_SLOTS = 4096,
    GATEWAY_TRIES = 5, /* of one turn whose reference was taken, or that met damage */
};

struct gateway {
    struct gateway_parts parts;
    struct queue queue;
    struct keys keys;
    struct bundles bundles;
    pthread_rwlock_t menus_lock; /* written by the loop when the newest menus change, read by submitters */
    struct counters counters;
    struct recent recent; /* states of stored sessions */
    struct recent adrift; /* sessions that could not be stored; opened when the first is */
    struct arena *arena;  /* of the batch under way */
    struct str plain, state,
        shown; /* scratch: a turn's records before and after boxing; kept so that a turn costs no malloc */
    struct local_time local; /* of the batch under way, in the operator's zone */
    pthread_t thread;
    bool started;
    bool queued_messages;        /* in the batch under way */
    struct opted_out *opted_out; /* told by reports of the batch under way */
    int64_t probed_at_s;         /* when a store that had failed was last tried */
    bool erasing;                /* somebody was erased, and the log is not cut yet */
    int64_t proved_day;          /* when what was deleted was last written to the audit log */
    int64_t statistics_at_s;     /* when it was last looked whether a day is over */
    int64_t expired_at_s;        /* when old rows were last deleted */
    atomic_bool ready;
    _Atomic uint64_t turns, shed, late, failed, adrift_turns, repeats, commits;
    _Atomic int64_t erase_pending; /* people */
    _Atomic uint64_t opt_outs, looped, echoes, automatic, unanswerable, incomplete;
    struct arena *parts_arena; /* of messages whose wait is over */
    int64_t overdue_at_s;      /* when they were last looked for */
};

/** One turn of a round at work. */
struct work {
    struct gateway *g;
    struct turn *t;
    struct store_turn *st; /* as loaded; ids come in as rows are made */
    int64_t now_ms, day;
    struct session session;
    const struct program *program;
    struct person person;
    struct span typed; /* the new answer, not the whole path */
    struct dialogue_result result;
    struct dialogue_input input; /* of the last step */
    struct marks_now marks;
    bool adrift;      /* nothing can be stored: see adrift.c */
    bool stranger;    /* no session was known */
    bool withdrawn;   /* this turn stops contact: its answer is the confirmation */
    bool untexted;    /* and it is not confirmed by SMS: they asked for no texts */
    bool was_stopped; /* contact had stopped before, by a turn that was stored */
    bool unlinked;    /* this turn told something anonymously: it leaves no row that could be tied to a person */
};

static inline void index_copy(struct store_index *to, const struct blind *from)
{
    _Static_assert(sizeof to->bytes == sizeof from->bytes, "a blind index is what the store keeps");
    memcpy(to->bytes, from->bytes, sizeof to->bytes);
}

/** Whether the aggregator names the turn's session; SMS, and USSD without ids, go by the caller. */
bool gateway_named(const struct turn *t);

/** The blind index of a channel and the turn's number. */
struct blind gateway_caller(const struct gateway *g, const struct channel *c, const struct turn *t);

/** Does one turn inside the batch's transaction: reads `st`, writes, leaves the answer in `t` (text in the batch's
 * arena). */
int turn_do(struct gateway *g, struct turn *t, struct store_turn *st, int64_t now_ms);

/** Does one turn of somebody who dialled while nothing can be stored. ERR_NOT_NOW: it is no such turn. */
int turn_adrift(struct gateway *g, struct turn *t, int64_t now_ms);

/** The session of this turn as it was left while nothing could be stored. */
bool adrift_known(struct work *w);

/** Ends such a turn: keeps the session in memory and answers; what would have to be stored is refused. */
int adrift_finish(struct work *w);

/** The session was stored: it is forgotten here. */
void adrift_over(struct gateway *g, const struct turn *t);

/** What the session is after this turn, but for its box. */
void session_advance(struct work *w);
int64_t session_expires_s(const struct work *w);

/** How the person of this turn hears that they were stopped or erased, as the ledger says it. */
struct span turn_confirms(const struct work *w);

/** The reply to the request itself. */
void turn_answer(struct turn *t, enum turn_outcome outcome, struct screen screen);

/** Opens what was read of the session, lets the dialogue step, finishes. */
int turn_person(struct work *w);

/** The keys by which the store finds what a turn needs. */
void keys_fill(struct store_turn *st, const struct turn *t);

/** Whether something would have to be stored for what the dialogue asked for. */
bool effects_leave(const struct work *w);

/** Does what the dialogue asked for, in order. ERR_EXISTS: the reference is taken, the turn must be done again. */
int effects_do(struct work *w);

/** Queues an SMS to the person of this turn, unless it has been said to them so often that nobody can be reading. */
int send_message(struct work *w, struct span text, enum message_class class);

/** What carries messages of those who are met on `c`. What waits for a secret leaves by its own channel later; a file
 * without `send` never sends. */
const struct channel *gateway_sms_channel(const struct channel_set *set, const struct settings *settings,
                                          const struct channel *c);

/** A message to the number of `st`, whose row there is. */
struct mail {
    const struct vault *vault;
    struct store *store;
    const struct store_turn *st;
    const struct msisdn *to;
    struct span channel, text;
    enum message_class class;
    int64_t now_ms;
};

/** Queues it, and marks what it says. */
int send_mail(const struct mail *m);

enum { PARTS_OVERDUE_MAX = 32 };

/** What waits: this is a part of a long message, kept, and the turn is over. Else the turn's text is the whole. */
int parts_take(struct work *w, bool *waits);

/** Turns, in `a`, for messages whose missing parts are no longer waited for; at most PARTS_OVERDUE_MAX. */
size_t parts_overdue(struct gateway *g, int64_t now_ms, struct arena *a, struct turn **turns);

/** What every turn needs before it is done: keys, deadline, urgency. */
void gateway_prepare(const struct gateway *g, struct turn *t);

/** Whether a machine wrote this SMS, which is then not answered. */
int send_to_machine(struct work *w, bool *machine);

/** Counts an SMS whose sender cannot be answered. */
void send_unanswerable(struct work *w);

/** A delivery report; an opt-out that the aggregator took itself; and, when all turns of the batch are done, the
 * opt-outs that reports told. */
int events_delivery(struct work *w);
int events_optout(struct work *w);
int events_finish(struct gateway *g, int64_t now_ms);

/** The polite screen of one of the engine's own words, in `a`; empty text when out of memory. */
struct screen polite_screen(const struct gateway *g, enum system_text which, struct arena *a);

/** Whom erasing was pending for until the log was cut: counts them, and notes in the audit log when it is done. */
void erasing_look(struct gateway *g, int64_t now_s);

/** The loop's thread. */
void *loop_main(void *gateway);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* turn - one turn inside a batch: open what we know, let the dialogue step, write what came of it, answer.
 *
 * Order: a stored answer for a repeat; else the session (a fresh one where none is known); else the dialogue, once for
 * each answer in the request (several only where somebody dialled through); then effects, session, turn, seen key.
 * Nothing leaves this file before the batch has been committed.
 */
#include "gateway/turn.h"

#include "base/err.h"
#include "gateway/traffic.h"

/* Only a session that is not known yet needs its caller's index. */
static void caller_need(struct work *w)
{
    const struct turn *t = w->t;
    struct blind caller = gateway_named(t) ? gateway_caller(w->g, t->channel, t) : t->session_key;
    index_copy(&w->st->caller_key, &caller);
}

/* Where a process died between the journal's note of a STOP and its turn, contact has stopped, and what is sent again
 * is the turn that confirms it. */
static int stopped_before(struct work *w)
{
    bool owed = false;
    int rc = w->st->stopped && w->t->in.medium == MEDIUM_SMS ? store_confirm_owed(w->g->parts.store, w->st, &owed) : 0;
    w->was_stopped = w->st->stopped && !owed;
    return rc;
}

/* Taken in, done, and not answered: the aggregator has confirmed the STOP itself, a machine wrote this, or the rest of
 * a long message is awaited. */
static int unanswered(struct work *w)
{
    w->t->outcome = TURN_ACCEPTED;
    int rc = w->t->in.opted_out ? events_optout(w) : 0;
    return rc < 0 ? rc : turn_seen(w);
}

/* Whether there is a whole message of a person to be answered; where not, the turn is over. */
static int take_in(struct work *w, bool *over)
{
    bool machine = false, waits = false;
    int rc = stopped_before(w);
    if (rc == 0)
        rc = parts_take(w, &waits);
    if (rc == 0 && !waits)
        rc = send_to_machine(w, &machine);
    *over = rc == 0 && (waits || machine || w->t->in.opted_out);
    return *over ? unanswered(w) : rc;
}

/* A USSD session without an id is its caller's alone: once it is over, what comes next is a dial. */
static bool line_is_down(const struct work *w)
{
    return w->t->in.medium == MEDIUM_USSD && !gateway_named(w->t) && !w->session.more;
}

/* Whether a session goes on; else what begins is put in the place of the old one. */
static bool goes_on(struct work *w)
{
    bool known = turn_session_known(w) && !w->t->in.begins && !line_is_down(w);
    if (!known)
        w->st->session_id = w->st->session_turn = w->st->session_number = 0;
    w->program = known ? bundles_find(&w->g->bundles, w->session.bundle) : NULL;
    return known;
}

/* Whether a call cannot go on: its path does not lead on from what we know, or its menus are gone. */
static bool is_lost(const struct work *w, enum path_step path)
{
    if (path == PATH_LOST)
        return channel_lost(w->t->channel) == LOST_END;
    return path == PATH_INPUT && !w->program && w->t->in.medium == MEDIUM_USSD;
}

/* What was typed now: one answer to the session that goes on. A text to menus that are gone begins anew. */
static int answered(struct work *w, struct span input)
{
    w->typed = input;
    if (!w->program)
        return turn_begin(w, input);
    traffic_answered(w);
    return turn_step(w, input);
}

static int finish(struct work *w)
{
    if (w->adrift)
        return adrift_finish(w);
    int rc = effects_do(w);
    if (rc == 0)
        rc = traffic_turn(w);
    if (rc == 0)
        rc = turn_write(w);
    if (rc == 0)
        rc = turn_reply(w);
    if (rc == 0)
        rc = turn_seen(w);
    if (rc < 0)
        return rc;
    atomic_fetch_add_explicit(&w->g->turns, 1, memory_order_relaxed);
    return 0;
}

int turn_person(struct work *w)
{
    bool over;
    if (w->stranger)
        caller_need(w);
    if (w->st->seen)
        return turn_seen_again(w);
    int rc = take_in(w, &over);
    if (rc < 0 || over)
        return rc;
    w->typed = w->t->in.text;
    rc = turn_person_known(w);
    if (rc < 0)
        return rc;
    bool known = goes_on(w);
    if (known && turn_sequence_repeats(w))
        return turn_again(w);
    struct span input, *answers;
    size_t count;
    enum path_step path =
        channel_path(w->t->channel, &w->t->in, known, &w->session.trail, w->g->arena, &input, &answers, &count);
    if (path == PATH_REPEAT)
        return turn_again(w);
    if (is_lost(w, path))
        return turn_reply_lost(w);
    if (path == PATH_INPUT)
        rc = answered(w, input);
    else if (path == PATH_FIRST && w->t->in.medium == MEDIUM_SMS)
        rc = turn_begin(w, input);
    else
        rc = turn_walk(w, answers, count);
    return rc < 0 ? rc : finish(w);
}

/* The network says that the call is over. A session that bears an id is never heard of again, and may be taken up where
 * it was. */
static int ended(struct work *w)
{
    counters_add(&w->g->counters,
                 &(struct store_counter){.channel = channel_name(w->t->channel), .event = SPAN("dropped")});
    w->t->outcome = TURN_ACCEPTED;
    bool open = w->t->in.medium == MEDIUM_USSD && !gateway_named(w->t) && turn_session_known(w) && w->session.more;
    return open ? turn_write_ended(w) : 0;
}

int turn_do(struct gateway *g, struct turn *t, struct store_turn *st, int64_t now_ms)
{
    struct work w = {.g = g, .t = t, .st = st, .now_ms = now_ms, .day = day_of_ms(now_ms)};
    t->has_screen = false;
    t->in.text = t->received;
    w.stranger = !st->session_id;
    switch (t->in.kind) {
    case INBOUND_TURN:
        return turn_person(&w);
    case INBOUND_DELIVERY:
        return events_delivery(&w);
    case INBOUND_OPTOUT:
        return events_optout(&w);
    case INBOUND_ENDED:
        return ended(&w);
    case INBOUND_IGNORED:
        send_unanswerable(&w);
        break;
    }
    t->outcome = TURN_ACCEPTED;
    return 0;
}

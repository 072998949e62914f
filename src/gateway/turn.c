// SPDX-License-Identifier: AGPL-3.0-or-later
/* turn - one turn inside a batch: load what we know, let the dialogue step, write what came of it.
 *
 * Order: a stored answer for a repeat; else the session (a fresh one where none is known); else the dialogue, once for
 * each answer in the request (several only where somebody dialled through); then effects, session, turn, seen key.
 * Nothing leaves this file before the batch has been committed.
 */
#include "gateway/internal.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/pack.h"
#include "base/utf8.h"
#include "gateway/retention.h"
#include "gateway/traffic.h"
#include "vault/told.h"

#include <string.h>

enum { TURN_MAX = 16 * 1024, SEEN_PAD = 64, SEEN_KEEP_S = 7 * 86400, REQUEST_ANSWERS_MAX = 64 };

/* Room in the batch's arena for a box that is built in a growing string. */
static struct span kept(struct gateway *g, struct str *s, int *rc)
{
    struct span copy = arena_copy(g->arena, str_span(s));
    if (!copy.p && *rc == 0)
        *rc = ERR_NOMEM;
    str_release(s);
    return copy;
}

static struct span index_span(const struct blind *b)
{
    return (struct span){(const char *)b->bytes, sizeof b->bytes};
}

/* ---- opening what was stored ---- */

/* The session as `turn` left it: as it was kept, else out of its box, which is bound to the session's blind index. */
static int session_open(struct gateway *g, int64_t id, int64_t turn, struct span context, struct session *s)
{
    struct span box, plain;
    int64_t day;
    if (!recent_get(&g->recent, id, turn, INT64_MIN, &plain)) {
        int rc = store_state(g->parts.store, id, turn, g->arena, &day, &box);
        const struct vault_secret *secret = rc == 0 ? keys_day(&g->keys, g->parts.store, day) : NULL;
        if (!secret)
            return rc < 0 ? rc : ERR_MISSING;
        str_clear(&g->plain);
        rc = vault_secret_unbox(secret, context, box, &g->plain);
        if (rc < 0)
            return rc;
        plain = str_span(&g->plain);
    }
    struct span bytes = arena_copy(g->arena, plain);
    return bytes.p ? session_unpack(bytes, g->arena, s) : ERR_NOMEM;
}

/* The session of this turn; false where there is none, or none that can still be read. */
static bool session_known(struct work *w)
{
    struct store_turn *st = w->st;
    if (adrift_known(w))
        return true;
    if (!st->session_id)
        return false;
    int rc = session_open(w->g, st->session_id, st->session_turn, index_span(&w->t->session_key), &w->session);
    if (rc == 0)
        return true;
    log_event(LOG_WARN, "session cannot be read", LOG_ERR(rc));
    return false;
}

static int person_open(struct work *w)
{
    struct store_turn *st = w->st;
    struct person_case *cases = arena_array(w->g->arena, st->case_count + 1, sizeof *cases);
    struct person_consent *consents = arena_array(w->g->arena, st->consent_count + 1, sizeof *consents);
    if (!cases || !consents)
        return ERR_NOMEM;
    for (size_t i = 0; i < st->case_count; i++) {
        struct str kind = STR_INIT(1024);
        int rc = told_kind_unbox(w->g->parts.vault, st->cases[i].reference, st->cases[i].kind_box, &kind);
        cases[i] = (struct person_case){.kind = kept(w->g, &kind, &rc),
                                        .reference = st->cases[i].reference,
                                        .status = st->cases[i].status,
                                        .open = st->cases[i].open,
                                        .kept_until = retention_case_until(w->g->parts.settings, &st->cases[i])};
        if (rc == ERR_NOMEM)
            return rc;
        if (rc < 0) { // somebody changed the file; stopping and erasing still have to be done
            cases[i].kind = (struct span){0};
            log_event(LOG_ERROR, "case kind does not open: the row was changed", LOG_INT("case", st->cases[i].id),
                      LOG_ERR(rc));
        }
    }
    for (size_t i = 0; i < st->consent_count; i++)
        consents[i] = (struct person_consent){.name = st->consents[i].name,
                                              .version = st->consents[i].version,
                                              .day = day_of_ms(st->consents[i].at_s * 1000)};
    w->person = (struct person){.cases = cases,
                                .case_count = st->case_count,
                                .consents = consents,
                                .consent_count = st->consent_count,
                                .stopped = st->stopped};
    return 0;
}

/* ---- letting the dialogue step ---- */

static struct dialogue_input input_of(struct work *w, enum dialogue_input_kind kind, struct span text)
{
    struct gateway *g = w->g;
    return (struct dialogue_input){.kind = kind,
                                   .text = text,
                                   .profile = channel_profile(w->t->channel, w->t->in.medium),
                                   .today = w->day,
                                   .person = &w->person,
                                   .entropy = {.fill = vault_random},
                                   .drafts = g->parts.drafts,
                                   .adrift = w->adrift,
                                   .newest = g->bundles.newest,
                                   .local = g->local};
}

/* Whether a text may hold signs that turn the writing direction (U+202A-202E, U+2066-2069: all begin with the byte E2)
 * or bytes that are not UTF-8. Control characters stay: the dialogue takes them as a wrong answer. */
static bool disturbing(struct span text)
{
    return span_find(text, '\xE2') < text.len || utf8_valid(text) < text.len;
}

static struct span scrubbed(struct work *w, struct span text, int *rc)
{
    if (!disturbing(text))
        return text;
    struct str clean = STR_INIT(TURN_MAX * 4);
    utf8_scrub(&clean, text);
    return kept(w->g, &clean, rc);
}

static int step(struct work *w, enum dialogue_input_kind kind, struct span text, const struct dialogue *previous)
{
    int rc = 0;
    w->input = input_of(w, kind, scrubbed(w, text, &rc));
    w->input.previous = previous;
    if (rc == 0)
        rc = dialogue_step(w->program, &w->session.dialogue, &w->input, w->g->arena, &w->result);
    w->marks =
        (struct marks_now){.program = w->program, .in = &w->input, .at_s = w->now_ms / 1000, .arena = w->g->arena};
    return rc < 0 ? rc : marks_take(&w->session, &w->marks);
}

/* An interrupted session of the same caller that may be taken up again, or NULL. */
static const struct session *resumable(struct work *w)
{
    int64_t most_s = (int64_t)w->g->parts.settings->resume_minutes * 60;
    struct store_previous before;
    if (!w->stranger || w->t->in.medium != MEDIUM_USSD || most_s == 0 ||
        !store_previous(w->g->parts.store, w->st, w->now_ms / 1000, &before))
        return NULL;
    struct session *old = arena_alloc(w->g->arena, sizeof *old);
    struct span context = {(const char *)before.key.bytes, sizeof before.key.bytes};
    if (!old || session_open(w->g, before.id, before.turn, context, old) < 0)
        return NULL;
    bool fresh = w->now_ms / 1000 - old->touched_s <= most_s;
    bool same = memcmp(old->bundle, w->program->hash, sizeof old->bundle) == 0;
    return fresh && same && dialogue_resumable(w->program, &old->dialogue) ? old : NULL;
}

static int begin(struct work *w, struct span text)
{
    session_init(&w->session, w->g->bundles.newest->hash);
    w->program = w->g->bundles.newest;
    const struct session *old = resumable(w);
    if (old) {
        w->session.marks = old->marks; // what they go on with was shown then
        w->session.mark_count = old->mark_count;
    }
    return step(w, INPUT_BEGIN, text, old ? &old->dialogue : NULL);
}

/* Walks answers that were dialled through, or replays a path after its session was lost: stops before anything that
 * would have an effect, so that nothing is agreed to or sent twice. */
static int walk_answers(struct work *w, const struct span *answers, size_t count)
{
    int rc = begin(w, (struct span){0});
    for (size_t i = 0; i < count && i < REQUEST_ANSWERS_MAX && rc == 0 && w->result.screen.more; i++) {
        struct dialogue before = w->session.dialogue;
        struct dialogue_result shown = w->result;
        struct dialogue_value *values = arena_array(w->g->arena, before.value_count + 1, sizeof *values);
        if (!values)
            return ERR_NOMEM;
        if (before.value_count)
            memcpy(values, before.values, before.value_count * sizeof *values);
        rc = step(w, INPUT_TEXT, answers[i], NULL);
        if (rc == 0 && w->result.effect_count) {
            w->session.dialogue = before;
            w->session.dialogue.values = values;
            w->result = shown;
            return 0;
        }
    }
    return rc;
}

/* ---- writing ---- */

/* What was shown and typed, under the session's own key; nothing for a turn that must not be tied to a person. */
static int turn_box(struct work *w, struct str *box)
{
    str_clear(box);
    if (w->unlinked)
        return 0;
    const struct told_turn told = {.at_ms = w->now_ms,
                                   .screen = w->result.screen_name,
                                   .typed = span_first(w->typed, TURN_MAX / 4),
                                   .shown = w->result.screen.text};
    return told_turn_box(w->session.turn_key, w->session.turns, &told, &w->g->plain, box);
}

static int state_box(struct work *w, struct str *plain, struct str *box)
{
    str_clear(plain);
    str_clear(box);
    int rc = session_pack(&w->session, plain);
    if (rc < 0)
        return rc;
    return vault_secret_box(keys_day(&w->g->keys, w->g->parts.store, w->day), index_span(&w->t->session_key),
                            str_span(plain), SESSION_PAD, box);
}

static int64_t session_life_s(const struct work *w)
{
    const struct settings *settings = w->g->parts.settings;
    if (w->t->in.medium == channel_medium(w->t->channel))
        return channel_session_s(w->t->channel);
    return w->t->in.medium == MEDIUM_SMS ? settings->sms_session_s : settings->ussd_session_s;
}

int64_t session_expires_s(const struct work *w)
{
    return w->now_ms / 1000 + session_life_s(w);
}

void session_advance(struct work *w)
{
    const struct inbound *in = &w->t->in;
    w->session.turns++;
    w->session.touched_s = w->now_ms / 1000;
    w->session.sequence = in->repeat == REPEAT_SEQUENCE ? in->event : (struct span){0};
    w->session.trail.marks = channel_trail(w->t->channel, in, &w->session.trail, w->g->arena);
    w->session.more = w->result.screen.more;
    w->session.unkept = w->unlinked || w->adrift ? w->result.screen.text : (struct span){0};
}

/* The turns of a conversation in which somebody registered are sealed to them; once it is over, the day's key opens
 * nothing of it any more. */
static int registered_close(struct work *w)
{
    if (!w->session.registered || !w->session.dialogue.ended || w->session.more)
        return 0;
    session_close(&w->session, w->result.screen.text);
    return w->st->session_id ? store_states_drop(w->g->parts.store, w->st->session_id) : 0;
}

static int write_session(struct work *w)
{
    struct gateway *g = w->g;
    session_advance(w);
    int64_t person = w->session.registered ? w->st->person_id : 0;
    int rc = turn_box(w, &g->shown);
    if (rc == 0)
        rc = registered_close(w);
    if (rc == 0)
        rc = state_box(w, &g->plain, &g->state);
    if (rc < 0)
        return rc;
    struct store_step step = {.expires_s = session_expires_s(w),
                              .day = w->day,
                              .state_box = str_span(&g->state),
                              .number = (int64_t)w->session.turns,
                              .person_id = person,
                              .box = str_span(&g->shown)};
    rc = store_session_put(g->parts.store, w->st, &step);
    // Of a session that is over nothing stays unsealed; a repeat of its last request opens the box.
    struct span left = MEM_WIPED && !w->session.more ? (struct span){0} : str_span(&g->plain);
    if (rc == 0)
        recent_put(&g->recent, w->st->session_id, w->st->session_turn, step.expires_s, left);
    return rc;
}

/* A USSD session without an id is its caller's alone: once it is over, what comes next is a dial. */
static bool line_is_down(const struct work *w)
{
    return w->t->in.medium == MEDIUM_USSD && !gateway_named(w->t) && !w->session.more;
}

static int write_ended(struct work *w)
{
    struct gateway *g = w->g;
    w->session.more = false;
    int rc = state_box(w, &g->plain, &g->state);
    if (rc < 0)
        return rc;
    struct store_step step = {.expires_s = session_expires_s(w),
                              .day = w->day,
                              .state_box = str_span(&g->state),
                              .number = (int64_t)w->session.turns};
    rc = store_session_put(g->parts.store, w->st, &step);
    if (rc == 0)
        recent_put(&g->recent, w->st->session_id, w->st->session_turn, step.expires_s, str_span(&g->plain));
    return rc;
}

/* The network says that the call is over. A session that bears an id is never heard of again, and may be taken up where
 * it was. */
static int turn_ended(struct work *w)
{
    counters_add(&w->g->counters,
                 &(struct store_counter){.channel = channel_name(w->t->channel), .event = SPAN("dropped")});
    w->t->outcome = TURN_ACCEPTED;
    bool open = w->t->in.medium == MEDIUM_USSD && !gateway_named(w->t) && session_known(w) && w->session.more;
    return open ? write_ended(w) : 0;
}

static int write_seen(struct work *w)
{
    if (!w->st->by_event)
        return 0;
    struct str plain = STR_INIT(TURN_MAX), box = STR_INIT(TURN_MAX + 1024);
    pack_number(&plain, w->t->has_screen);
    pack_number(&plain, w->result.screen.more);
    pack_span(&plain, w->t->has_screen ? w->result.screen.text : (struct span){0}); // else nobody asks for it
    int rc = str_err(&plain);
    if (rc == 0)
        rc = vault_secret_box(keys_day(&w->g->keys, w->g->parts.store, w->day), index_span(&w->t->event_key),
                              str_span(&plain), SEEN_PAD, &box);
    if (rc == 0)
        rc = store_seen_add(w->g->parts.store, &w->st->event_key, w->day, w->now_ms / 1000 + SEEN_KEEP_S,
                            str_span(&box));
    str_release(&plain);
    str_release(&box);
    return rc;
}

/* ---- the answer ---- */

void turn_answer(struct turn *t, enum turn_outcome outcome, struct screen screen)
{
    t->outcome = outcome;
    t->has_screen = true;
    t->screen = screen;
}

static void answer(struct turn *t, struct screen screen)
{
    turn_answer(t, TURN_ANSWERED, screen);
}

static bool answered_by_sms(const struct turn *t)
{
    return t->in.medium == MEDIUM_SMS && !channel_answers_inline(t->channel);
}

/* STOP after STOP is confirmed once (CTIA; aggregators sheet, section 7). Erasing is more than that. */
static bool confirmed_before(const struct work *w)
{
    for (size_t i = 0; i < w->result.effect_count; i++)
        if (w->result.effects[i].kind == EFFECT_ERASE)
            return false;
    return w->withdrawn && w->was_stopped && dialogue_is_stop(w->program, w->typed);
}

struct span turn_confirms(const struct work *w)
{
    if (w->t->in.medium != MEDIUM_SMS)
        return SPAN("confirmed on the screen");
    if (w->untexted)
        return SPAN("not confirmed: no texts were asked for");
    return confirmed_before(w) ? SPAN("had been confirmed before") : SPAN("confirmed by a message");
}

/* What an SMS says back leaves by the outbox; everything else is the reply to the request itself. */
static int answer_turn(struct work *w)
{
    struct turn *t = w->t;
    if (t->place)
        *t->place = (struct turn_place){.screen = arena_copy(t->arena, w->result.screen_name),
                                        .page = w->result.page,
                                        .pages = w->result.pages,
                                        .used = w->result.used,
                                        .gsm = w->result.gsm};
    bool silent = t->in.medium == MEDIUM_SMS && (confirmed_before(w) || (w->withdrawn && w->untexted));
    if (!answered_by_sms(t) && !silent) {
        answer(t, w->result.screen);
        return 0;
    }
    t->outcome = TURN_ACCEPTED;
    if (silent || !w->result.screen.text.len)
        return 0;
    return send_message(w, w->result.screen.text, w->withdrawn ? MESSAGE_CONFIRM : MESSAGE_ANSWER);
}

static int answer_seen(struct work *w)
{
    struct turn *t = w->t;
    atomic_fetch_add_explicit(&w->g->repeats, 1, memory_order_relaxed);
    t->outcome = TURN_ACCEPTED;
    const struct vault_secret *secret = keys_day(&w->g->keys, w->g->parts.store, w->st->seen_day);
    if (!secret || !w->st->seen_answer.len)
        return 0; // done before, and its answer is no longer kept: acknowledged only
    struct str plain = STR_INIT(TURN_MAX);
    int rc = vault_secret_unbox(secret, index_span(&t->event_key), w->st->seen_answer, &plain);
    struct unpack u = unpack_start(kept(w->g, &plain, &rc));
    bool shown = unpack_number(&u, 1);
    struct screen screen = {.more = unpack_number(&u, 1)};
    screen.text = unpack_span(&u);
    if (rc == 0 && shown && unpack_err(&u, true) == 0)
        answer(t, screen);
    return 0;
}

static void answer_polite(struct work *w, enum system_text which)
{
    struct span text = dialogue_system(w->g->bundles.newest, which, span_of(w->session.dialogue.language), w->g->arena);
    answer(w->t, (struct screen){.text = text});
}

/* What the session's last turn showed, from its row. */
static int shown_again(struct work *w, struct span *text)
{
    struct gateway *g = w->g;
    struct span box;
    int rc = store_turn_box(g->parts.store, w->st, g->arena, &box);
    str_clear(&g->plain);
    struct told_turn told = {0};
    if (rc == 0)
        rc = told_turn_unbox(w->session.turn_key, w->session.turns, box, &g->plain, &told);
    if (rc < 0)
        return rc;
    *text = arena_copy(g->arena, told.shown);
    return text->p ? 0 : ERR_NOMEM;
}

/* A repeat gets the stored answer, and nothing is done. */
static int answer_again(struct work *w)
{
    struct span text = w->session.unkept;
    atomic_fetch_add_explicit(&w->g->repeats, 1, memory_order_relaxed);
    int rc = text.len ? 0 : shown_again(w, &text);
    if (rc == ERR_MISSING) { // erased since
        answer_polite(w, SYSTEM_LOST);
        return 0;
    }
    if (rc == 0)
        answer(w->t, (struct screen){.text = text, .more = w->session.more});
    return rc;
}

static bool sequence_repeats(const struct work *w)
{
    int64_t now, before;
    if (w->t->in.repeat != REPEAT_SEQUENCE || span_int(w->t->in.event, &now) || span_int(w->session.sequence, &before))
        return false;
    return now <= before;
}

/* ---- the whole ---- */

static int finish(struct work *w)
{
    if (w->adrift)
        return adrift_finish(w);
    int rc = effects_do(w);
    if (rc == 0)
        rc = traffic_turn(w);
    if (rc == 0)
        rc = write_session(w);
    if (rc == 0)
        rc = answer_turn(w);
    if (rc == 0)
        rc = write_seen(w);
    if (rc < 0)
        return rc;
    atomic_fetch_add_explicit(&w->g->turns, 1, memory_order_relaxed);
    return 0;
}

/* Only a session that is not known yet needs its caller's index. */
static void caller_need(struct work *w)
{
    const struct turn *t = w->t;
    struct blind caller = gateway_named(t) ? gateway_caller(w->g, t->channel, t) : t->session_key;
    index_copy(&w->st->caller_key, &caller);
}

/* Taken in, done, and not answered: the aggregator has confirmed the STOP itself, a machine wrote this, or the rest of
 * a long message is awaited. */
static int turn_unanswered(struct work *w)
{
    w->t->outcome = TURN_ACCEPTED;
    int rc = w->t->in.opted_out ? events_optout(w) : 0;
    return rc < 0 ? rc : write_seen(w);
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

int turn_person(struct work *w)
{
    bool machine = false, waits = false;
    if (w->stranger)
        caller_need(w);
    if (w->st->seen)
        return answer_seen(w);
    int rc = stopped_before(w);
    if (rc == 0)
        rc = parts_take(w, &waits);
    if (rc == 0 && !waits)
        rc = send_to_machine(w, &machine);
    if (rc == 0 && (waits || machine || w->t->in.opted_out))
        return turn_unanswered(w);
    w->typed = w->t->in.text;
    if (rc == 0)
        rc = person_open(w);
    if (rc < 0)
        return rc;
    bool known = session_known(w) && !w->t->in.begins && !line_is_down(w);
    if (!known)
        w->st->session_id = w->st->session_turn = w->st->session_number = 0; // put in the place of the old one
    w->program = known ? bundles_find(&w->g->bundles, w->session.bundle) : NULL;
    if (known && sequence_repeats(w))
        return answer_again(w);
    struct span input, *answers;
    size_t answer_count;
    switch (channel_path(w->t->channel, &w->t->in, known, &w->session.trail, w->g->arena, &input, &answers,
                         &answer_count)) {
    case PATH_REPEAT:
        return answer_again(w);
    case PATH_LOST:
        if (channel_lost(w->t->channel) == LOST_END) {
            answer_polite(w, SYSTEM_LOST);
            return 0;
        }
        rc = walk_answers(w, answers, answer_count);
        break;
    case PATH_FIRST:
        rc = w->t->in.medium == MEDIUM_SMS ? begin(w, input) : walk_answers(w, answers, answer_count);
        break;
    case PATH_INPUT:
        w->typed = input;
        if (!w->program) { // its menus are gone: begin anew rather than guess
            if (w->t->in.medium == MEDIUM_USSD) {
                answer_polite(w, SYSTEM_LOST);
                return 0;
            }
            rc = begin(w, input);
        } else {
            traffic_answered(w);
            rc = step(w, INPUT_TEXT, input, NULL);
        }
        break;
    }
    return rc < 0 ? rc : finish(w);
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
        return turn_ended(&w);
    case INBOUND_IGNORED:
        send_unanswerable(&w);
        break;
    }
    t->outcome = TURN_ACCEPTED;
    return 0;
}

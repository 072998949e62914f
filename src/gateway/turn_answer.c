// SPDX-License-Identifier: AGPL-3.0-or-later
/* turn_answer - what came of a turn, told: an SMS is answered by way of the outbox, all else by the reply to its
 * request.
 */
#include "gateway/turn.h"

void turn_answer(struct turn *t, enum turn_outcome outcome, struct screen screen)
{
    t->outcome = outcome;
    t->has_screen = true;
    t->screen = screen;
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

int turn_reply(struct work *w)
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
        turn_answer(t, TURN_ANSWERED, w->result.screen);
        return 0;
    }
    t->outcome = TURN_ACCEPTED;
    if (silent || !w->result.screen.text.len)
        return 0;
    return send_message(w, w->result.screen.text, w->withdrawn ? MESSAGE_CONFIRM : MESSAGE_ANSWER);
}

int turn_reply_lost(struct work *w)
{
    struct span text =
        dialogue_system(w->g->bundles.newest, SYSTEM_LOST, span_of(w->session.dialogue.language), w->g->arena);
    turn_answer(w->t, TURN_ANSWERED, (struct screen){.text = text});
    return 0;
}

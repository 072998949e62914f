// SPDX-License-Identifier: AGPL-3.0-or-later
/* turn_repeat - a request that comes again gets the answer that it got, and nothing is done.
 *
 * It is known by its event (an answer is kept for a week beside it), by its number in a sequence, or by a path that is
 * no longer than the last one; then it is the session's last answer, out of its turn's row.
 */
#include "gateway/turn.h"

#include "base/err.h"
#include "base/pack.h"
#include "vault/told.h"

enum { SEEN_PAD = 64, SEEN_KEEP_S = 7 * 86400 };

int turn_seen(struct work *w)
{
    if (!w->st->by_event)
        return 0;
    struct str plain = STR_INIT(TURN_MAX), box = STR_INIT(TURN_MAX + 1024);
    pack_number(&plain, w->t->has_screen);
    pack_number(&plain, w->result.screen.more);
    pack_span(&plain, w->t->has_screen ? w->result.screen.text : (struct span){0}); // else nobody asks for it
    int rc = str_err(&plain);
    if (rc == 0)
        rc = vault_secret_box(keys_day(&w->g->keys, w->g->parts.store, w->day), turn_context(&w->t->event_key),
                              str_span(&plain), SEEN_PAD, &box);
    if (rc == 0)
        rc = store_seen_add(w->g->parts.store, &w->st->event_key, w->day, w->now_ms / 1000 + SEEN_KEEP_S,
                            str_span(&box));
    str_release(&plain);
    str_release(&box);
    return rc;
}

int turn_seen_again(struct work *w)
{
    struct turn *t = w->t;
    atomic_fetch_add_explicit(&w->g->repeats, 1, memory_order_relaxed);
    t->outcome = TURN_ACCEPTED;
    const struct vault_secret *secret = keys_day(&w->g->keys, w->g->parts.store, w->st->seen_day);
    if (!secret || !w->st->seen_answer.len)
        return 0; // done before, and its answer is no longer kept: acknowledged only
    struct str plain = STR_INIT(TURN_MAX);
    int rc = vault_secret_unbox(secret, turn_context(&t->event_key), w->st->seen_answer, &plain);
    struct unpack u = unpack_start(turn_kept(w->g, &plain, &rc));
    bool shown = unpack_number(&u, 1);
    struct screen screen = {.more = unpack_number(&u, 1)};
    screen.text = unpack_span(&u);
    if (rc == 0 && shown && unpack_err(&u, true) == 0)
        turn_answer(t, TURN_ANSWERED, screen);
    return 0;
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

int turn_again(struct work *w)
{
    struct span text = w->session.unkept;
    atomic_fetch_add_explicit(&w->g->repeats, 1, memory_order_relaxed);
    int rc = text.len ? 0 : shown_again(w, &text);
    if (rc == ERR_MISSING) // erased since
        return turn_reply_lost(w);
    if (rc == 0)
        turn_answer(w->t, TURN_ANSWERED, (struct screen){.text = text, .more = w->session.more});
    return rc;
}

bool turn_sequence_repeats(const struct work *w)
{
    int64_t now, before;
    if (w->t->in.repeat != REPEAT_SEQUENCE || span_int(w->t->in.event, &now) || span_int(w->session.sequence, &before))
        return false;
    return now <= before;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* adrift - turns while nothing can be stored.
 *
 * On a full disk people are informed all the same. Their sessions lie in locked memory, bounded, by session key; each
 * page says that nothing is saved. An answer that would have to leave something (agreeing, registering, stopping, a
 * message) ends the call with a screen that says that it was not done, and where help is. What did not come from
 * somebody who looks at a phone is refused, so that it is sent again.
 *
 * Once commits work again a session goes on from here and is stored with its next turn. Until then a store that failed
 * is tried once a second (loop.c), and for each word that stops or erases.
 */
#include "gateway/internal.h"

#include "base/err.h"

/* Under which a session is kept: its blind index, in two halves. */
struct adrift_key {
    int64_t first, second;
};

static struct adrift_key key_of(const struct turn *t)
{
    struct adrift_key k;
    _Static_assert(sizeof k == sizeof t->session_key.bytes, "two halves of a blind index");
    memcpy(&k, t->session_key.bytes, sizeof k);
    return k;
}

bool adrift_known(struct work *w)
{
    struct adrift_key k = key_of(w->t);
    struct span kept;
    if (!recent_get(&w->g->adrift, k.first, k.second, w->now_ms / 1000, &kept))
        return false;
    struct span bytes = arena_copy(w->g->arena, kept);
    return bytes.p && session_unpack(bytes, w->g->arena, &w->session) == 0;
}

void adrift_over(struct gateway *g, const struct turn *t)
{
    struct adrift_key k = key_of(t);
    if (g->adrift.slots)
        recent_forget(&g->adrift, k.first, k.second);
}

static int keep(struct work *w)
{
    struct adrift_key k = key_of(w->t);
    struct str *plain = &w->g->plain;
    session_advance(w);
    str_clear(plain);
    int rc = session_pack(&w->session, plain);
    if (!w->g->adrift.slots)
        recent_open(&w->g->adrift, ADRIFT_SLOTS);
    if (rc == 0)
        recent_put(&w->g->adrift, k.first, k.second, session_expires_s(w), str_span(plain));
    return rc;
}

static void refuse(struct work *w)
{
    struct span language = span_of(w->session.dialogue.language);
    adrift_over(w->g, w->t);
    turn_answer(w->t, TURN_ADRIFT,
                (struct screen){.text = dialogue_not_done(w->g->bundles.newest, language, w->g->arena)});
}

int adrift_finish(struct work *w)
{
    if (effects_leave(w)) {
        refuse(w);
        return 0;
    }
    turn_answer(w->t, TURN_ADRIFT, w->result.screen);
    return keep(w);
}

int turn_adrift(struct gateway *g, struct turn *t, int64_t now_ms)
{
    if (t->in.kind != INBOUND_TURN || t->in.medium != MEDIUM_USSD)
        return ERR_NOT_NOW;
    struct store_turn st = {0};
    struct work w = {.g = g, .t = t, .st = &st, .now_ms = now_ms, .day = day_of_ms(now_ms), .adrift = true};
    keys_fill(&st, t);
    int rc = store_load(g->parts.store, &st, 1, now_ms / 1000, g->arena);
    if (rc < 0) // what we know of the person decides what would have to be stored: without it, better nothing
        return rc;
    clock_local(now_ms, &g->local.weekday, &g->local.minute, &g->local.day);
    w.stranger = !st.session_id;
    rc = turn_person(&w);
    if (rc == 0 && t->outcome == TURN_ANSWERED)
        t->outcome = TURN_ADRIFT; // a repeat, or a session that was lost
    atomic_fetch_add_explicit(&g->adrift_turns, 1, memory_order_relaxed);
    return rc;
}

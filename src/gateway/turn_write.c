// SPDX-License-Identifier: AGPL-3.0-or-later
/* turn_write - a turn's rows: what was shown and typed, and the session as it goes on from here. */
#include "gateway/turn.h"

#include "base/mem.h"
#include "vault/told.h"

#include <string.h>

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
    return vault_secret_box(keys_day(&w->g->keys, w->g->parts.store, w->day), turn_context(&w->t->session_key),
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

/* The session's row, and its state in memory while it goes on. Of one that is over nothing stays unsealed; a repeat of
 * its last request opens the box. */
static int session_put(struct work *w, int64_t person, struct span box)
{
    struct gateway *g = w->g;
    int rc = state_box(w, &g->plain, &g->state);
    if (rc < 0)
        return rc;
    struct store_step step = {.expires_s = session_expires_s(w),
                              .day = w->day,
                              .state_box = str_span(&g->state),
                              .number = (int64_t)w->session.turns,
                              .person_id = person,
                              .box = box};
    rc = store_session_put(g->parts.store, w->st, &step);
    struct span left = MEM_WIPED && !w->session.more ? (struct span){0} : str_span(&g->plain);
    if (rc == 0)
        recent_put(&g->recent, w->st->session_id, w->st->session_turn, step.expires_s, left);
    return rc;
}

int turn_write(struct work *w)
{
    session_advance(w);
    int64_t person = w->session.registered ? w->st->person_id : 0;
    int rc = turn_box(w, &w->g->shown);
    if (rc == 0)
        rc = registered_close(w);
    return rc < 0 ? rc : session_put(w, person, str_span(&w->g->shown));
}

int turn_write_ended(struct work *w)
{
    w->session.more = false;
    return session_put(w, 0, (struct span){0});
}

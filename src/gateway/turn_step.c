// SPDX-License-Identifier: AGPL-3.0-or-later
/* turn_step - the dialogue steps: once for what was typed, or once for each answer that was dialled through.
 *
 * A new session begins with the newest menus, and with where its caller was interrupted if that is not long ago.
 */
#include "gateway/turn.h"

#include "base/err.h"
#include "base/utf8.h"

#include <string.h>

enum { REQUEST_ANSWERS_MAX = 64 };

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
    return turn_kept(w->g, &clean, rc);
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
    if (!old || turn_session(w->g, before.id, before.turn, context, old) < 0)
        return NULL;
    bool fresh = w->now_ms / 1000 - old->touched_s <= most_s;
    bool same = memcmp(old->bundle, w->program->hash, sizeof old->bundle) == 0;
    return fresh && same && dialogue_resumable(w->program, &old->dialogue) ? old : NULL;
}

int turn_begin(struct work *w, struct span text)
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

int turn_step(struct work *w, struct span text)
{
    return step(w, INPUT_TEXT, text, NULL);
}

int turn_walk(struct work *w, const struct span *answers, size_t count)
{
    int rc = turn_begin(w, (struct span){0});
    for (size_t i = 0; i < count && i < REQUEST_ANSWERS_MAX && rc == 0 && w->result.screen.more; i++) {
        struct dialogue before = w->session.dialogue;
        struct dialogue_result shown = w->result;
        struct dialogue_value *values = arena_array(w->g->arena, before.value_count + 1, sizeof *values);
        if (!values)
            return ERR_NOMEM;
        if (before.value_count)
            memcpy(values, before.values, before.value_count * sizeof *values);
        rc = turn_step(w, answers[i]);
        if (rc == 0 && w->result.effect_count) {
            w->session.dialogue = before;
            w->session.dialogue.values = values;
            w->result = shown;
            return 0;
        }
    }
    return rc;
}

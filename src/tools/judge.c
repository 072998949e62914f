// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/judge.h"

#include "base/err.h"
#include "base/utf8.h"
#include "text/gsm7.h"

#include <string.h>

static bool page_too_long(struct judge *j, const struct judged_step *now)
{
    struct span text = now->result->screen.text;
    int septets = now->profile.septets ? gsm7_count(text) : -1;
    (void)j;
    return septets >= 0 && now->result->gsm ? septets > now->profile.septets : ucs2_count(text) > now->profile.units;
}

static bool page_empty(struct judge *j, const struct judged_step *now)
{
    (void)j;
    return !span_trim(now->result->screen.text).len;
}

static bool page_not_text(struct judge *j, const struct judged_step *now)
{
    struct span text = now->result->screen.text;
    (void)j;
    return utf8_valid(text) != text.len;
}

static bool is_end(const struct target *t)
{
    return t->kind == PLACE_END || t->then_kind == PLACE_END;
}

static bool may_end(const struct menu_screen *s)
{
    bool ends = is_end(&s->question.give_up);
    for (size_t i = 0; i < s->line_count; i++)
        ends |= is_end(&s->lines[i].target);
    return ends;
}

/** A session may only be over where a screen leads to the end, somebody left, or no screen is left to be at. */
static bool session_dead(struct judge *j, const struct judged_step *now)
{
    const struct dialogue *s = now->session;
    if (now->result->screen.more)
        return s->ended;
    if (!s->ended || s->asking != ASKING_NOTHING)
        return true;
    return !s->left && s->screen != PROGRAM_NONE && !may_end(&j->program->screens[s->screen]);
}

static bool session_stuck(struct judge *j, const struct judged_step *now)
{
    const struct dialogue *s = now->session;
    if (!now->result->screen.more || s->option_count || s->keys)
        return false;
    return s->asking != ASKING_SCREEN || !j->program->screens[s->screen].question.asks;
}

/** What an effect does to the consents in force. A no to what was never given takes nothing back. */
static void keep_books(struct judge *j, const struct effect *e)
{
    const struct program *p = j->program;
    uint16_t consent = program_consent(p, e->name);
    bool known = consent != PROGRAM_NONE;
    if (e->kind == EFFECT_AGREE && known)
        j->agreed[consent] = span_eq(e->version, p->consents[consent].version);
    bool took_back = e->kind == EFFECT_REFUSE && known && j->agreed[consent];
    if (e->kind == EFFECT_WITHDRAW || e->kind == EFFECT_ERASE || took_back)
        memset(j->agreed, 0, p->consent_count * sizeof *j->agreed);
}

/** A case with a number needs every one of its consents; one that is anonymous may never have a number. */
static bool may_register(const struct judge *j, struct span kind)
{
    uint16_t index = program_case(j->program, kind);
    if (index == PROGRAM_NONE || j->program->cases[index].anonymous)
        return false;
    const struct menu_case *what = &j->program->cases[index];
    for (size_t i = 0; i < what->needs_count; i++)
        if (!j->agreed[what->needs[i]])
            return false;
    return true;
}

static bool registered_without_consent(struct judge *j, const struct judged_step *now)
{
    bool broken = false;
    for (size_t i = 0; i < now->result->effect_count; i++) {
        const struct effect *e = &now->result->effects[i];
        keep_books(j, e);
        broken |= e->kind == EFFECT_REGISTER && !e->anonymous && !may_register(j, e->name);
    }
    return broken;
}

/** The turn that withdraws, and what is left of its session, only confirm it. What the person says afterwards is a new
 * matter, also where "stop please" was only asked about. A case is held off by the rule before: no consent is left. */
static bool acted_after_withdrawal(struct judge *j, const struct judged_step *now)
{
    bool broken = false;
    for (size_t i = 0; i < now->result->effect_count; i++) {
        enum effect_kind kind = now->result->effects[i].kind;
        j->withdrew |= kind == EFFECT_WITHDRAW || kind == EFFECT_ERASE;
        j->withdrew &= kind != EFFECT_RESTART && kind != EFFECT_AGREE;
        broken |= j->withdrew && (kind == EFFECT_SEND || kind == EFFECT_FORWARD);
    }
    j->withdrew &= now->session->left;
    return broken;
}

static bool stop_ignored(struct judge *j, const struct judged_step *now)
{
    bool withdrawn = false;
    for (size_t i = 0; i < now->result->effect_count; i++) {
        enum effect_kind kind = now->result->effects[i].kind;
        withdrawn |= kind == EFFECT_WITHDRAW || kind == EFFECT_ERASE;
    }
    return !withdrawn && dialogue_is_stop(j->program, now->typed);
}

static const struct {
    const char *why;
    bool (*broken)(struct judge *j, const struct judged_step *now);
} judge_rules[] = {
    {"the page is longer than the channel carries", page_too_long},
    {"the page is empty", page_empty},
    {"the page is not UTF-8", page_not_text},
    {"the session is over where nothing ends it", session_dead},
    {"the page waits for an answer, but no answer acts", session_stuck},
    {"a case was registered without the consent it needs", registered_without_consent},
    {"after a withdrawal something else was done than confirming it", acted_after_withdrawal},
    {"a word that stops did not stop", stop_ignored},
};

int judge_open(struct judge *j, const struct program *p, struct arena *a)
{
    *j = (struct judge){.program = p, .agreed = arena_array(a, p->consent_count + 1, sizeof *j->agreed)};
    return j->agreed ? 0 : ERR_NOMEM;
}

void judge_matter(struct judge *j)
{
    j->withdrew = false;
}

const char *judge_step(struct judge *j, const struct judged_step *now)
{
    const char *why = NULL;
    for (size_t i = 0; i < sizeof judge_rules / sizeof judge_rules[0]; i++)
        if (judge_rules[i].broken(j, now) && !why) // all of them: some keep books
            why = judge_rules[i].why;
    return why;
}

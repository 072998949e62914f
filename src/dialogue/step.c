// SPDX-License-Identifier: AGPL-3.0-or-later
/* step - one step from end to end: what the input is for, then the page that it leads to.
 *
 * A session whose numbers do not fit the program (it came from other menus, or from damaged bytes) is lost: the person
 * begins again, in their language. So is nothing done for an answer to a USSD session that has ended; a text after an
 * SMS dialogue that has ended begins a new one.
 *
 * At the beginning: words that stop; by SMS the other keywords; the offer to go on where a session was interrupted; by
 * SMS, whatever else somebody writes who has an open case goes to the team that has it; else the start.
 */
#include "dialogue/option.h"

#include <string.h>

struct span step_keep(struct step *st)
{
    struct span copy = arena_copy(st->a, str_span(&st->scratch));
    if (!copy.p || str_err(&st->scratch) == ERR_NOMEM)
        st->err = ERR_NOMEM;
    str_clear(&st->scratch);
    return copy;
}

struct effect *step_effect(struct step *st, enum effect_kind kind)
{
    struct effect *room = arena_grow(st->a, st->effects, st->effect_count, sizeof *room);
    if (!room) {
        st->err = ERR_NOMEM;
        return &st->lost;
    }
    st->effects = room;
    room += st->effect_count++;
    *room = (struct effect){.kind = kind, .language = st->p->settings->languages[st->language].code};
    return room;
}

void step_language(struct step *st, int language)
{
    struct span code = span_first(st->p->settings->languages[language].code, DIALOGUE_LANGUAGE_MAX - 1);
    st->language = language;
    memset(st->s->language, 0, sizeof st->s->language);
    if (code.len)
        memcpy(st->s->language, code.p, code.len);
}

void step_clear(struct step *st)
{
    struct dialogue *s = st->s, fresh = {.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
    memcpy(fresh.language, s->language, sizeof fresh.language);
    *s = fresh;
}

bool step_line_holds(const struct step *st, const struct line *line)
{
    return (line->media & 1u << st->in->profile.medium) && condition_holds(st, &line->when);
}

/* ---- answers ---- */

/** Index of the first value whose slot is not before `slot`. */
static size_t value_at(const struct dialogue *s, uint16_t slot)
{
    size_t i = 0;
    while (i < s->value_count && s->values[i].slot < slot)
        i++;
    return i;
}

struct span step_value(const struct dialogue *s, uint16_t slot)
{
    size_t i = value_at(s, slot);
    return i < s->value_count && s->values[i].slot == slot ? s->values[i].text : (struct span){0};
}

void step_store(struct step *st, uint16_t slot, struct span text)
{
    struct dialogue *s = st->s;
    size_t i = value_at(s, slot);
    if (i == s->value_count || s->values[i].slot != slot) {
        struct dialogue_value *room = arena_grow(st->a, s->values, s->value_count, sizeof *room);
        if (!room) {
            st->err = ERR_NOMEM;
            return;
        }
        s->values = room;
        memmove(room + i + 1, room + i, (s->value_count++ - i) * sizeof *room);
    }
    s->values[i] = (struct dialogue_value){.slot = slot, .screen = s->screen, .text = text};
}

/* ---- does the session fit the program? ---- */

static bool place_fits(const struct program *p, const struct dialogue_return *r)
{
    return r->kind != PLACE_SCREEN || r->screen < p->screen_count;
}

static bool returns_fit(const struct program *p, const struct dialogue_return *r, int count)
{
    for (int i = 0; i < count; i++)
        if (!place_fits(p, &r[i]))
            return false;
    return true;
}

static bool way_fits(const struct program *p, const struct dialogue *s)
{
    for (int i = 0; i < s->history_count; i++) {
        const struct dialogue_past *past = &s->history[i];
        if (past->screen >= p->screen_count || !returns_fit(p, past->returns, past->return_count))
            return false;
    }
    return returns_fit(p, s->returns, s->return_count);
}

static bool values_fit(const struct program *p, const struct dialogue *s)
{
    for (size_t i = 0; i < s->value_count; i++)
        if (s->values[i].slot >= p->slot_count)
            return false;
    return s->found_table <= p->table_count && (s->found_case == PROGRAM_NONE || s->found_case < p->case_count);
}

/** Where nothing was asked yet there may be no screen: after a final word, or a "stop" as the first message. */
static bool screen_fits(const struct program *p, const struct dialogue *s)
{
    if (s->asking == ASKING_HELD && s->held >= p->screen_count)
        return false;
    if (s->screen == PROGRAM_NONE)
        return s->asking == ASKING_NOTHING || s->asking == ASKING_HELD;
    if (s->screen >= p->screen_count)
        return false;
    const struct menu_screen *screen = &p->screens[s->screen];
    return s->asking != ASKING_SCREEN || screen->question_at < screen->line_count;
}

static bool fits(const struct program *p, const struct dialogue *s)
{
    if (!screen_fits(p, s) || !way_fits(p, s) || !values_fit(p, s))
        return false;
    for (int i = 0; i < s->option_count; i++)
        if (!option_valid(p, s, s->options[i]))
            return false;
    return true;
}

/* ---- beginning ---- */

bool dialogue_resumable(const struct program *p, const struct dialogue *s)
{
    bool asking = s->asking == ASKING_SCREEN || s->asking == ASKING_RESUME;
    if (s->ended || s->left || !asking || s->screen == PROGRAM_NONE || !fits(p, s))
        return false;
    const struct menu_screen *screen = &p->screens[s->screen];
    for (size_t i = 0; i < screen->line_count; i++)
        if (screen->lines[i].op == OP_NO_RESUME)
            return false;
    return s->value_count > 0 || screen->question.slot != PROGRAM_NONE;
}

/** Back goes home from where somebody goes on: another hand may hold the phone, and the pages before tell what was
 * answered. */
static void forget_way(struct step *st)
{
    if (st->s->history_count)
        st->s->history[0] = (struct dialogue_past){.screen = st->p->start};
    st->s->history_count = st->s->history_count > 0;
}

/** Takes over an interrupted session and asks whether to go on with it. */
static bool resume(struct step *st)
{
    const struct dialogue *previous = st->in->previous;
    if (!previous || !dialogue_resumable(st->p, previous))
        return false;
    *st->s = *previous;
    st->s->values = NULL;
    st->s->value_count = 0;
    for (size_t i = 0; i < previous->value_count; i++) { // a copy of our own: `previous` is not ours to change
        struct dialogue_value *room = arena_grow(st->a, st->s->values, i, sizeof *room);
        if (!room) {
            st->err = ERR_NOMEM;
            return true;
        }
        room[i] = previous->values[i];
        st->s->values = room;
        st->s->value_count++;
    }
    int language = program_language(st->p, span_of(previous->language));
    if (language >= 0)
        step_language(st, language);
    forget_way(st);
    st->s->page = st->s->skip = 0; // the question is the engine's own: all of its options from the first page on
    st->s->asking = ASKING_RESUME;
    return true;
}

bool step_has_case(const struct step *st)
{
    const struct person *who = st->in->person;
    bool open = false;
    for (size_t i = 0; i < who->case_count; i++)
        open |= who->cases[i].open;
    return open;
}

static bool forward(struct step *st)
{
    if (!step_has_case(st) || !span_trim(st->in->text).len || st->in->profile.medium != MEDIUM_SMS)
        return false;
    step_effect(st, EFFECT_FORWARD)->text = st->in->text;
    run_end(st, SYSTEM_FORWARDED);
    return true;
}

static void begin(struct step *st)
{
    step_clear(st);
    bool sms = st->in->profile.medium == MEDIUM_SMS;
    if (trigger_stop(st) || (sms && (trigger_word(st) || trigger_within(st))) || resume(st) || forward(st))
        return;
    run_screen(st, st->p->start);
}

/* ---- going on ---- */

static void read_answer(struct step *st)
{
    static bool (*const readers[])(struct step *) = {
        trigger_stop, accept_key, accept_option, accept_question, trigger_word, accept_kindly, trigger_within,
    };
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (readers[i](st) || st->err)
            return;
    if (st->s->asking == ASKING_NOTHING && st->in->profile.medium == MEDIUM_SMS)
        begin(st); // a final text that was not read to its end
    else
        run_wrong(st);
}

static bool nobody_spoke(const struct dialogue *s)
{
    return !s->body.len && !s->option_count && (s->asking == ASKING_SCREEN || s->asking == ASKING_NOTHING);
}

static void lost(struct step *st)
{
    step_clear(st);
    run_end(st, SYSTEM_LOST);
}

static void read_input(struct step *st)
{
    const struct dialogue *s = st->s;
    bool sms = st->in->profile.medium == MEDIUM_SMS;
    bool anew = st->in->kind == INPUT_BEGIN || (s->ended && sms) || nobody_spoke(s);
    if (anew || (!s->ended && !fits(st->p, s)))
        begin(st);
    else if (s->ended)
        lost(st);
    else
        read_answer(st);
}

/** The language as an index; one that is not offered (any more) is forgotten. */
static void find_language(struct step *st)
{
    int index = st->s->language[0] ? program_language(st->p, span_of(st->s->language)) : -1;
    if (index >= 0 && (st->in->drafts || !st->p->settings->languages[index].draft))
        st->language = index;
    else {
        st->language = (int)st->p->settings->first_language;
        memset(st->s->language, 0, sizeof st->s->language);
    }
}

int dialogue_step(const struct program *p, struct dialogue *s, const struct dialogue_input *in, struct arena *a,
                  struct dialogue_result *out)
{
    struct step st = {.p = p, .s = s, .in = in, .a = a, .out = out};
    *out = (struct dialogue_result){0};
    str_init(&st.said, STEP_TEXT_MAX);
    str_init(&st.scratch, STEP_TEXT_MAX);
    find_language(&st);
    read_input(&st);
    if (!st.err)
        show_page(&st);
    if (str_err(&st.said) == ERR_NOMEM)
        st.err = ERR_NOMEM;
    str_release(&st.said);
    str_release(&st.scratch);
    return st.err;
}

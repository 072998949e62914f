// SPDX-License-Identifier: AGPL-3.0-or-later
/* fit_alphabet - where letters outside GSM-7 may stand. One such letter makes the engine count a whole screen in UTF-16
 * units.
 *
 * What is said on a screen that asks nothing is carried to the next one, so the mark spreads along the ways that are
 * taken without a new input. A way back may lead to any screen, a return to whatever follows some part.
 */
#include "tools/fit_parts.h"

struct alphabet {
    struct worst *w;
    const struct program *p;
    int language;
    enum medium medium;
    bool *comes; /* by screen: what was said before may hold such a letter */
    bool changed;
};

static bool on_medium(const struct alphabet *f, const struct line *line)
{
    return line->media & 1u << f->medium;
}

static bool is_outside(const struct alphabet *f, uint16_t text)
{
    return worst_text(f->w, text, f->language).outside;
}

/** Whether a line from `from` to `to` of this kind may hold such a letter. */
static bool says_outside(const struct alphabet *f, const struct menu_screen *s, size_t from, size_t to, enum op op)
{
    for (size_t i = from; i < to; i++) {
        const struct line *line = &s->lines[i];
        if (line->op == op && on_medium(f, line) && is_outside(f, line->text))
            return true;
        if (op == OP_SAY && line->op == OP_MYDATA && worst_mydata(f->w, f->language).outside)
            return true;
    }
    return false;
}

/* ---- ways ---- */

static void mark(struct alphabet *f, uint16_t screen)
{
    if (screen == PROGRAM_NONE || f->comes[screen])
        return;
    f->comes[screen] = true;
    f->changed = true;
}

static void mark_all(struct alphabet *f)
{
    for (size_t i = 0; i < f->p->screen_count; i++)
        mark(f, (uint16_t)i);
}

static void mark_place(struct alphabet *f, enum place_kind kind, uint16_t screen)
{
    if (kind == PLACE_SCREEN)
        mark(f, screen);
    else if (kind == PLACE_HOME)
        mark(f, f->p->start);
    else if (kind == PLACE_BACK)
        mark_all(f);
}

/** A return leads to what follows some part, and where none is open, home. */
static void mark_returns(struct alphabet *f)
{
    mark(f, f->p->start);
    for (size_t i = 0; i < f->p->screen_count; i++)
        for (size_t k = 0; k < f->p->screens[i].line_count; k++) {
            const struct target *t = &f->p->screens[i].lines[k].target;
            mark_place(f, t->then_kind, t->then_screen);
        }
}

/** What a case still needs is where `register` may lead. */
static void mark_needs(struct alphabet *f, const struct menu_case *c)
{
    for (size_t i = 0; i < c->needs_count; i++)
        mark(f, f->p->consents[c->needs[i]].screen);
    for (size_t i = 0; i < c->shown_count; i++)
        mark(f, c->shown[i]);
    for (size_t i = 0; i < c->offered_count; i++)
        mark(f, c->offered[i]);
}

static void mark_line(struct alphabet *f, const struct line *line)
{
    if (line->op == OP_REGISTER)
        mark_needs(f, &f->p->cases[line->index]);
    else if (line->target.kind == PLACE_RETURN)
        mark_returns(f);
    else
        mark_place(f, line->target.kind, line->target.screen);
}

static void spread_from(struct alphabet *f, size_t screen)
{
    const struct menu_screen *s = &f->p->screens[screen];
    bool arriving = f->comes[screen] || says_outside(f, s, 0, s->question_at, OP_SAY);
    bool leaving = says_outside(f, s, s->question_at, s->line_count, OP_SAY);
    for (size_t i = 0; i < s->line_count; i++)
        if (i < s->question_at ? arriving : leaving)
            mark_line(f, &s->lines[i]);
}

/* ---- what stands on the screen itself ---- */

static bool options_outside(const struct alphabet *f, const struct menu_screen *s)
{
    for (size_t i = s->question_at; i < s->line_count; i++) {
        const struct line *line = &s->lines[i];
        bool choice = line->op == OP_OPTION || line->op == OP_AGREE || line->op == OP_REFUSE;
        if (choice && on_medium(f, line) && worst_option(f->w, line, 0, f->language).outside)
            return true;
        for (size_t k = 0; line->op == OP_LANGUAGES && k < f->p->settings->language_count; k++)
            if (worst_option(f->w, line, (int)k, f->language).outside)
                return true;
    }
    return false;
}

static bool screen_outside(const struct alphabet *f, size_t screen)
{
    const struct menu_screen *s = &f->p->screens[screen];
    return f->comes[screen] || says_outside(f, s, 0, s->question_at, OP_SAY) ||
           says_outside(f, s, 0, s->line_count, OP_ASK) || says_outside(f, s, 0, s->line_count, OP_ERROR) ||
           options_outside(f, s) || is_outside(f, f->p->words[SYSTEM_CHOOSE]) ||
           is_outside(f, f->p->words[SYSTEM_INVALID]);
}

bool fit_alphabet(struct worst *w, const struct program *p, int language, enum medium medium, struct arena *a,
                  bool *outside)
{
    struct alphabet f = {.w = w, .p = p, .language = language, .medium = medium};
    f.comes = arena_array(a, p->screen_count, sizeof *f.comes);
    if (!f.comes)
        return false;
    do {
        f.changed = false;
        for (size_t i = 0; i < p->screen_count; i++)
            spread_from(&f, i);
    } while (f.changed);
    for (size_t i = 0; i < p->screen_count; i++)
        outside[i] |= screen_outside(&f, i);
    return true;
}

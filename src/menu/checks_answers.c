// SPDX-License-Identifier: AGPL-3.0-or-later
/* checks_answers - an answer is used only where it has been given on every path (E20). */
#include "menu/checks.h"

struct asked { /* the answer in question */
    const struct program *p;
    uint16_t slot;
};

/* Whether a line gives the slot a value whenever it is come to. */
static bool line_sets(const struct program *p, const struct line *l, uint16_t slot)
{
    if (l->when.count)
        return false;
    return (l->op == OP_SET && l->slot == slot) || (l->op == OP_REGISTER && p->cases[l->index].reference == slot);
}

static bool side_sets(const struct program *p, const struct menu_screen *s, size_t first, size_t last, uint16_t slot)
{
    for (size_t i = first; i < last; i++)
        if (line_sets(p, &s->lines[i], slot))
            return true;
    return false;
}

/* Whether going along the edge leaves the slot without a value. */
static bool takes_unset(const struct graph *g, const struct edge *e, void *ctx)
{
    const struct asked *a = ctx;
    const struct menu_screen *s = &g->p->screens[e->from];
    bool answered = e->how == EDGE_ANSWER || e->how == EDGE_CHOICE;
    bool sets = side_sets(a->p, s, 0, s->question_at, a->slot) ||
                (answered && side_sets(a->p, s, s->question_at, s->line_count, a->slot));
    return !sets && !(answered && s->question.slot == a->slot) && !check_edge_proves(g->p, e, TEST_HAS, a->slot);
}

/* A keyword with {name} brings its answer along. */
static bool enters_unset(const struct graph *g, const struct trigger *t, void *ctx)
{
    (void)g;
    const struct asked *a = ctx;
    for (size_t i = 0; i < t->phrase_count; i++)
        if (t->phrases[i].slot != a->slot)
            return true;
    return !t->phrase_count;
}

static bool text_uses(const struct program *p, uint16_t text, uint16_t slot)
{
    const struct rendition *r = &p->texts[text].renditions[0];
    for (size_t i = 0; i < r->count; i++) {
        const struct piece *piece = &r->pieces[i];
        if (piece->kind == PIECE_SLOT && piece->index == slot)
            return true;
        if (piece->kind == PIECE_FACT && piece->field == FACT_TEXT &&
            (text_uses(p, p->facts[piece->index].text, slot) || text_uses(p, p->facts[piece->index].expired, slot)))
            return true; // a fact quotes no fact, so this ends
    }
    const struct piece *number = &p->texts[text].number;
    return p->texts[text].plural.len && number->kind == PIECE_SLOT && number->index == slot;
}

static bool line_uses(const struct program *p, const struct line *l, uint16_t slot)
{
    for (size_t i = 0; i < l->when.count; i++)
        if (l->when.tests[i].kind == TEST_COMPARE && l->when.tests[i].index == slot)
            return true;
    return ((l->op == OP_FIND || l->op == OP_LOOKUP) && l->slot == slot) ||
           (l->text != PROGRAM_NONE && text_uses(p, l->text, slot));
}

/* Whether the slot has its value by the time the line is done, on a screen that was come to without it. */
static bool set_before(const struct program *p, const struct menu_screen *s, size_t at, uint16_t slot)
{
    enum op op = s->lines[at].op;
    bool asks = op == OP_ASK || op == OP_ERROR || op == OP_OPTION || op == OP_LANGUAGES;
    bool after = at >= s->question_at && !asks;
    if (check_proves(&s->lines[at].when, true, TEST_HAS, slot) || (after && s->question.slot == slot))
        return true;
    size_t last = after || at < s->question_at ? at : s->question_at;
    for (size_t i = 0; i < last; i++)
        if (s->lines[i].op == OP_GO && check_proves(&s->lines[i].when, false, TEST_HAS, slot))
            return true;
    return side_sets(p, s, 0, last, slot);
}

static void check_slot(struct checking *c, const struct walk *w, const struct asked *a, uint16_t screen)
{
    const struct menu_screen *s = &c->p->screens[screen];
    for (size_t i = 0; i < s->line_count; i++) {
        if (!line_uses(c->p, &s->lines[i], a->slot) || set_before(c->p, s, i, a->slot))
            continue;
        struct span way = check_way(c, w, screen), name = c->p->slots[a->slot].name;
        check_error(
            c, "E20", s->lines[i].at,
            "\"%.*s\" may not have been answered here\nthe way is %.*s; ask for it first, or say: when has %.*s:",
            SPAN_ARG(name), SPAN_ARG(way), SPAN_ARG(name));
        return; // once a screen is enough
    }
}

void check_answers(struct checking *c)
{
    for (uint16_t slot = 0; slot < c->p->slot_count && !c->failed; slot++) {
        struct asked a = {.p = c->p, .slot = slot};
        struct walk w = {.ctx = &a, .takes = takes_unset, .enters = enters_unset};
        if (!check_walk(c, &w))
            return;
        for (size_t i = 0; i < c->p->screen_count; i++)
            if (w.reached[i])
                check_slot(c, &w, &a, (uint16_t)i);
    }
}

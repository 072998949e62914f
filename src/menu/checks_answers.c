// SPDX-License-Identifier: AGPL-3.0-or-later
/* checks_answers - an answer is used only where it has been given on every path (E20).
 *
 * Most answers are used soon after they were asked for, so each is followed backwards first, from where it is used to
 * where it is given: a few screens. Only where that comes to a beginning without it does a walk over everything decide,
 * which knows what parts do and tells the way.
 */
#include "menu/checks.h"

/** A screen that names an answer, in a line, a condition, a text or its question. */
struct naming {
    uint16_t screen;
    const struct naming *next;
};

struct asked { /* the answer in question */
    const struct program *p;
    uint16_t slot;
    const bool *named; /* [screen_count]: the screens that name it */
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
    if (!a->named[e->from])
        return true;
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

/* The first line of a screen that uses the answer where it was come to without it; NULL: none. */
static const struct line *first_use(const struct asked *a, uint16_t screen)
{
    const struct menu_screen *s = &a->p->screens[screen];
    for (size_t i = 0; i < s->line_count; i++)
        if (line_uses(a->p, &s->lines[i], a->slot) && !set_before(a->p, s, i, a->slot))
            return &s->lines[i];
    return NULL;
}

static void tell_unset(struct checking *c, const struct walk *w, const struct asked *a, uint16_t screen)
{
    const struct line *use = first_use(a, screen); // once a screen is enough
    if (!use || !w->reached[screen])
        return;
    struct span way = check_way(c, w, screen), name = c->p->slots[a->slot].name;
    check_error(c, "E20", use->at,
                "\"%.*s\" may not have been answered here\nthe way is %.*s; ask for it first, or say: when has %.*s:",
                SPAN_ARG(name), SPAN_ARG(way), SPAN_ARG(name));
}

/* ---- which screens name which answers ---- */

struct namings {
    struct checking *c;
    const struct naming **of; /* [slot_count] */
    uint16_t screen;          /* the one that is read */
};

static void add_naming(struct namings *n, uint16_t slot)
{
    if (slot >= n->c->p->slot_count || (n->of[slot] && n->of[slot]->screen == n->screen))
        return;
    struct naming *one = arena_alloc(n->c->a, sizeof *one);
    n->c->failed |= !one;
    if (!one)
        return;
    *one = (struct naming){.screen = n->screen, .next = n->of[slot]};
    n->of[slot] = one;
}

static void add_text(struct namings *n, uint16_t text)
{
    const struct program *p = n->c->p;
    const struct rendition *r = &p->texts[text].renditions[0];
    for (size_t i = 0; i < r->count; i++) {
        const struct piece *piece = &r->pieces[i];
        if (piece->kind == PIECE_SLOT)
            add_naming(n, piece->index);
        if (piece->kind == PIECE_FACT && piece->field == FACT_TEXT) {
            add_text(n, p->facts[piece->index].text);
            add_text(n, p->facts[piece->index].expired);
        }
    }
    if (p->texts[text].plural.len && p->texts[text].number.kind == PIECE_SLOT)
        add_naming(n, p->texts[text].number.index);
}

/* Rather one too many than one too few: what a line does with the answer is looked at in the walk. */
static void add_line(struct namings *n, const struct line *l)
{
    for (size_t i = 0; i < l->when.count; i++)
        if (l->when.tests[i].kind == TEST_COMPARE || l->when.tests[i].kind == TEST_HAS)
            add_naming(n, l->when.tests[i].index);
    if (l->op == OP_SET || l->op == OP_FIND || l->op == OP_LOOKUP)
        add_naming(n, l->slot);
    if (l->op == OP_REGISTER)
        add_naming(n, n->c->p->cases[l->index].reference);
    if (l->text != PROGRAM_NONE)
        add_text(n, l->text);
}

static void read_namings(struct namings *n)
{
    for (size_t i = 0; i < n->c->p->screen_count; i++) {
        const struct menu_screen *s = &n->c->p->screens[i];
        n->screen = (uint16_t)i;
        add_naming(n, s->question.slot);
        for (size_t k = 0; k < s->line_count; k++)
            add_line(n, &s->lines[k]);
    }
}

/* ---- backwards ---- */

struct arrival { /* an edge that leads to a screen */
    const struct edge *by;
    const struct arrival *next;
};

/** What leads to each screen, what comes after a part too: as if every part could be left, and gave nothing. So ways
 * are followed that do not exist, but none is missed. */
struct backwards {
    const struct arrival **to; /* [screen_count] */
    bool *begins;              /* [screen_count]: a dial or a keyword leads there */
    bool *seen;                /* [screen_count]; all false between two answers */
    uint16_t *queue;           /* [screen_count] */
};

static void add_arrival(struct checking *c, struct backwards *b, uint16_t screen, const struct edge *by)
{
    struct arrival *one = arena_alloc(c->a, sizeof *one);
    c->failed |= !one;
    if (!one)
        return;
    *one = (struct arrival){.by = by, .next = b->to[screen]};
    b->to[screen] = one;
}

static void read_backwards(struct checking *c, struct backwards *b)
{
    size_t screens = c->p->screen_count;
    b->to = arena_array(c->a, screens, sizeof *b->to);
    b->begins = arena_array(c->a, screens, sizeof *b->begins);
    b->seen = arena_array(c->a, screens, sizeof *b->seen);
    b->queue = arena_array(c->a, screens, sizeof *b->queue);
    c->failed |= !b->to || !b->begins || !b->seen || !b->queue;
    if (c->failed)
        return;
    b->begins[c->p->start] = true;
    for (size_t i = 0; i < c->p->trigger_count; i++)
        b->begins[c->p->triggers[i].screen] = true;
    for (size_t i = 0; i < c->graph->edge_count; i++) {
        const struct edge *e = &c->graph->edges[i];
        if (e->to.kind == PLACE_SCREEN)
            add_arrival(c, b, e->to.screen, e);
        if (e->to.kind == PLACE_SCREEN && e->to.then_kind == PLACE_SCREEN)
            add_arrival(c, b, e->to.then_screen, e);
    }
}

static void look_at(struct backwards *b, size_t *count, uint16_t screen)
{
    if (!b->seen[screen])
        b->queue[(*count)++] = screen;
    b->seen[screen] = true;
}

/* Whether some way from a beginning may come to a use without the answer. */
static bool may_be_unset(struct backwards *b, const struct graph *g, struct asked *a, const struct naming *first)
{
    size_t count = 0, at = 0;
    for (const struct naming *n = first; n; n = n->next)
        if (first_use(a, n->screen))
            look_at(b, &count, n->screen);
    while (at < count && !b->begins[b->queue[at]]) {
        for (const struct arrival *way = b->to[b->queue[at]]; way; way = way->next)
            if (takes_unset(g, way->by, a))
                look_at(b, &count, way->by->from);
        at++;
    }
    for (size_t i = 0; i < count; i++)
        b->seen[b->queue[i]] = false;
    return at < count;
}

/* ---- one answer after the other ---- */

static void walk_unset(struct checking *c, struct asked *a, const struct naming *first, struct arena *arena)
{
    struct walk w = {.g = c->graph, .ctx = a, .takes = takes_unset, .enters = enters_unset};
    if (!graph_walk(&w, arena)) {
        c->failed = true;
        return;
    }
    for (const struct naming *n = first; n; n = n->next)
        tell_unset(c, &w, a, n->screen);
}

static void mark_named(bool *named, const struct naming *first, bool value)
{
    for (const struct naming *n = first; n; n = n->next)
        named[n->screen] = value;
}

void check_answers(struct checking *c)
{
    struct backwards b = {0};
    struct namings all = {.c = c, .of = arena_array(c->a, c->p->slot_count, sizeof *all.of)};
    bool *named = arena_array(c->a, c->p->screen_count, sizeof *named);
    struct arena *arena = arena_new(MENU_ARENA_MAX); // of one walk
    c->failed |= !all.of || !named || !arena;
    if (!c->failed)
        read_backwards(c, &b);
    if (!c->failed)
        read_namings(&all);
    for (size_t slot = 0; slot < c->p->slot_count && !c->failed; slot++) {
        struct asked a = {.p = c->p, .slot = (uint16_t)slot, .named = named};
        mark_named(named, all.of[slot], true);
        if (may_be_unset(&b, c->graph, &a, all.of[slot]))
            walk_unset(c, &a, all.of[slot], arena);
        mark_named(named, all.of[slot], false);
        arena_reset(arena);
    }
    arena_free(arena);
}

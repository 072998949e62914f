// SPDX-License-Identifier: AGPL-3.0-or-later
/* checks_flow - every screen can be reached, left, and left for good. */
#include "menu/checks.h"

/* ---- E10 ---- */

void check_reachable(struct checking *c)
{
    struct walk w = {0};
    if (!check_walk(c, &w))
        return;
    for (size_t i = 0; i < c->p->screen_count; i++)
        if (!w.reached[i])
            check_error(c, "E10", c->p->screens[i].at,
                        "nobody can reach \"%.*s\"\nlead to it with an option, \"->\" or a trigger, or take it out",
                        SPAN_ARG(c->p->screens[i].name));
}

/* ---- E11 ---- */

static bool has_go(const struct menu_screen *s, size_t first, size_t last)
{
    for (size_t i = first; i < last; i++)
        if (s->lines[i].op == OP_GO && !s->lines[i].when.count)
            return true;
    return false;
}

/* A line that asks on this channel whatever happens. */
static bool asks_always(const struct menu_screen *s, unsigned medium)
{
    for (size_t i = s->question_at; i < s->line_count; i++) {
        enum op op = s->lines[i].op;
        bool asks = op == OP_ASK || op == OP_OPTION || op == OP_LANGUAGES || op == OP_AGREE || op == OP_REFUSE;
        bool takes = op != OP_ASK || s->question.asks; // an `ask` above options only says the question
        if (asks && takes && !s->lines[i].when.count && (s->lines[i].media & medium))
            return true;
    }
    return false;
}

/* Whether some answer does not say itself where it leads. */
static bool needs_go(const struct menu_screen *s)
{
    if (s->question.asks)
        return true;
    for (size_t i = s->question_at; i < s->line_count; i++)
        if (s->lines[i].op == OP_LANGUAGES || (s->lines[i].op == OP_OPTION && s->lines[i].target.kind == PLACE_NOWHERE))
            return true;
    return false;
}

static const char *dead_end(const struct menu_screen *s)
{
    if (has_go(s, 0, s->question_at))
        return NULL;
    if (!graph_waits(s))
        return "add a last line \"-> SCREEN\" or \"-> end\" without a condition";
    if (needs_go(s) && !has_go(s, s->question_at, s->line_count))
        return "add \"-> SCREEN\" without a condition below the question";
    if (!asks_always(s, ON_USSD) || !asks_always(s, ON_SMS))
        return "give one option, on each channel, no condition";
    return NULL;
}

/* The option that leads nowhere where others of its screen do; NULL where it is not for one of them. */
static const struct line *lost_option(const struct menu_screen *s)
{
    const struct line *lost = NULL;
    bool others = false;
    for (size_t i = s->question_at; i < s->line_count; i++) {
        others |= s->lines[i].op == OP_OPTION && s->lines[i].target.kind != PLACE_NOWHERE;
        if (s->lines[i].op == OP_OPTION && s->lines[i].target.kind == PLACE_NOWHERE && !lost)
            lost = &s->lines[i];
    }
    return others && !s->question.asks ? lost : NULL;
}

void check_dead_ends(struct checking *c)
{
    for (size_t i = 0; i < c->p->screen_count; i++) {
        const struct menu_screen *s = &c->p->screens[i];
        const char *hint = dead_end(s);
        const struct line *lost = hint && !has_go(s, s->question_at, s->line_count) ? lost_option(s) : NULL;
        if (lost)
            check_error(c, "E11", lost->at, "option %d of \"%.*s\" leads nowhere\nadd \"-> SCREEN\" at its end",
                        lost->number, SPAN_ARG(s->name));
        else if (hint)
            check_error(c, "E11", c->p->screens[i].at, "\"%.*s\" is a dead end\n%s", SPAN_ARG(c->p->screens[i].name),
                        hint);
    }
}

/* ---- E12: backwards from the end ---- */

struct backwards {
    const struct graph *g;
    bool *good; /* [screen_count]: the end can be reached */
};

static bool good_place(const struct backwards *b, enum place_kind kind, uint16_t screen, bool returns)
{
    return kind == PLACE_END || (kind == PLACE_SCREEN && b->good[screen]) || (kind == PLACE_RETURN && returns);
}

/* Whether some call of the part goes on to a good place. */
static bool part_leads_on(const struct backwards *b, uint16_t part)
{
    for (size_t i = 0; part != PROGRAM_NONE && i < b->g->edge_count; i++) {
        const struct edge *e = &b->g->edges[i];
        bool call = e->to.kind == PLACE_SCREEN && e->to.screen == part && e->to.then_kind != PLACE_NOWHERE;
        // What the caller's own `return` leads to is not followed: the caller then stands for it.
        if (call && (good_place(b, e->to.then_kind, e->to.then_screen, false) ||
                     (e->to.then_kind == PLACE_RETURN && b->good[e->from])))
            return true;
    }
    return false;
}

/* `back` leads to screens that lead here. */
static bool back_is_good(const struct backwards *b, uint16_t screen)
{
    for (size_t i = 0; i < b->g->edge_count; i++)
        if (b->g->edges[i].to.kind == PLACE_SCREEN && b->g->edges[i].to.screen == screen &&
            b->good[b->g->edges[i].from])
            return true;
    return false;
}

static bool edge_is_good(const struct backwards *b, const struct edge *e)
{
    if (e->to.kind == PLACE_BACK)
        return back_is_good(b, e->from);
    bool returns = e->to.kind == PLACE_RETURN && part_leads_on(b, b->g->part[e->from]);
    return good_place(b, e->to.kind, e->to.screen, returns);
}

static void spread_good(struct backwards *b)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t i = b->g->edge_count; i-- > 0;) { // mostly a screen leads further down, so upwards is quick
            const struct edge *e = &b->g->edges[i];
            if (!b->good[e->from] && edge_is_good(b, e))
                changed = b->good[e->from] = true;
        }
    }
}

/* Marks all that a bad screen leads to, so that one loop is told once. */
static void mark_told(const struct graph *g, bool *good, uint16_t *stack, uint16_t screen)
{
    size_t count = 0;
    good[screen] = true;
    stack[count++] = screen;
    while (count) {
        screen = stack[--count];
        for (size_t i = g->first[screen]; i < g->first[screen + 1]; i++) {
            uint16_t to = g->edges[i].to.kind == PLACE_SCREEN ? g->edges[i].to.screen : PROGRAM_NONE;
            if (to != PROGRAM_NONE && !good[to])
                good[to] = true, stack[count++] = to;
        }
    }
}

void check_way_out(struct checking *c)
{
    struct backwards b = {.g = c->graph, .good = arena_array(c->a, c->p->screen_count, sizeof(bool))};
    uint16_t *stack = arena_array(c->a, c->p->screen_count, sizeof *stack);
    if (!b.good || !stack) {
        c->failed = true;
        return;
    }
    for (size_t i = 0; i < c->p->screen_count; i++)
        b.good[i] = dead_end(&c->p->screens[i]) != NULL; // told as E11
    spread_good(&b);
    for (size_t i = 0; i < c->p->screen_count; i++) {
        if (b.good[i])
            continue;
        check_error(c, "E12", c->p->screens[i].at,
                    "no way from \"%.*s\" to an end except hanging up\nlet one option lead to a screen with \"-> end\"",
                    SPAN_ARG(c->p->screens[i].name));
        mark_told(c->graph, b.good, stack, (uint16_t)i);
    }
}

/* ---- E13: loops of screens that ask nothing ---- */

struct silent { /* edges taken without anybody being asked */
    const struct graph *g;
    const bool *returns; /* of a part: it can be passed in silence */
    bool *gone;          /* screens that lie on no loop */
};

static bool takes_silent(const struct graph *g, const struct edge *e, void *ctx)
{
    (void)g, (void)ctx;
    return e->how == EDGE_ARRIVE;
}

static bool stays(const struct silent *s, enum place_kind kind, uint16_t screen)
{
    return kind == PLACE_SCREEN && !s->gone[screen];
}

static bool leads_to_loop(const struct silent *s, uint16_t screen)
{
    for (size_t i = s->g->first[screen]; i < s->g->first[screen + 1]; i++) {
        const struct edge *e = &s->g->edges[i];
        if (e->how != EDGE_ARRIVE)
            continue;
        if (stays(s, e->to.kind, e->to.screen))
            return true;
        if (e->to.kind == PLACE_SCREEN && e->to.then_kind == PLACE_SCREEN && s->returns[e->to.screen] &&
            stays(s, PLACE_SCREEN, e->to.then_screen))
            return true;
    }
    return false;
}

/* Takes away screens that lead to no loop, until only loops and what leads to them are left. */
static void take_away(struct silent *s)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t i = s->g->p->screen_count; i-- > 0;)
            if (!s->gone[i] && !leads_to_loop(s, (uint16_t)i))
                changed = s->gone[i] = true;
    }
}

/* The first silent way of a screen that leads to a loop. */
static uint16_t silent_step(const struct silent *s, uint16_t screen)
{
    for (size_t i = s->g->first[screen]; i < s->g->first[screen + 1]; i++) {
        const struct target *to = &s->g->edges[i].to;
        if (s->g->edges[i].how != EDGE_ARRIVE || to->kind != PLACE_SCREEN)
            continue;
        if (!s->gone[to->screen])
            return to->screen;
        if (to->then_kind == PLACE_SCREEN && s->returns[to->screen] && !s->gone[to->then_screen])
            return to->then_screen;
    }
    return screen;
}

/* The loop that a screen leads to: its first screen in the files. */
static uint16_t first_on_loop(const struct silent *s, uint16_t screen)
{
    for (size_t steps = 0; steps < s->g->p->screen_count; steps++)
        screen = silent_step(s, screen); // after so many steps we are on it
    uint16_t first = screen;
    for (uint16_t at = silent_step(s, screen); at != screen; at = silent_step(s, at))
        first = at < first ? at : first;
    return first;
}

void check_endless(struct checking *c)
{
    struct walk w = {.takes = takes_silent};
    uint16_t *stack = arena_array(c->a, c->p->screen_count, sizeof *stack);
    bool *gone = arena_array(c->a, c->p->screen_count, sizeof *gone);
    if (!stack || !gone || !check_walk(c, &w)) {
        c->failed = true;
        return;
    }
    struct silent s = {.g = c->graph, .returns = w.returns, .gone = gone};
    take_away(&s);
    for (size_t i = 0; i < c->p->screen_count; i++) {
        if (gone[i])
            continue;
        uint16_t on = first_on_loop(&s, (uint16_t)i);
        check_error(c, "E13", c->p->screens[on].at,
                    "\"%.*s\" comes back to itself without asking anything\nput a question or an option on the way",
                    SPAN_ARG(c->p->screens[on].name));
        mark_told(c->graph, gone, stack, (uint16_t)i);
    }
}

/* ---- W21 ---- */

/* Whether an answer of the person decides over the line. */
static bool is_decided(const struct line *line)
{
    for (size_t i = 0; i < line->when.count; i++)
        if (line->when.tests[i].kind == TEST_COMPARE || line->when.tests[i].kind == TEST_HAS)
            return true;
    return false;
}

/* A way to the screen that no option and no keyword is; NULL: none. */
static const struct edge *unchosen_way(const struct graph *g, uint16_t screen)
{
    for (size_t i = 0; i < g->edge_count; i++) {
        const struct edge *e = &g->edges[i];
        bool here = (e->to.kind == PLACE_SCREEN && e->to.screen == screen) ||
                    (e->to.then_kind == PLACE_SCREEN && e->to.then_screen == screen);
        if (here && e->how != EDGE_CHOICE)
            return e;
    }
    return NULL;
}

static void check_send(struct checking *c, uint16_t screen, size_t at)
{
    const struct menu_screen *s = &c->p->screens[screen];
    const struct line *line = &s->lines[at];
    const struct edge *e = unchosen_way(c->graph, screen);
    if (is_decided(line) || (at < s->question_at && !e && screen != c->p->start))
        return;
    const struct menu_screen *from = e ? &c->p->screens[e->from] : s;
    check_warning(c, "W21", line->at,
                  "an SMS that the person did not choose, on the way from \"%.*s\"\nanother hand may hold the "
                  "phone: offer it as an option, and send it on the screen that it leads to",
                  SPAN_ARG(from->name));
}

void check_sends(struct checking *c)
{
    for (size_t i = 0; i < c->p->screen_count; i++)
        for (size_t k = 0; k < c->p->screens[i].line_count; k++)
            if (c->p->screens[i].lines[k].op == OP_SEND)
                check_send(c, (uint16_t)i, k);
}

/* ---- E14 ---- */

void check_parts_return(struct checking *c)
{
    struct walk w = {0};
    if (!check_walk(c, &w))
        return;
    for (size_t i = 0; i < c->p->screen_count; i++)
        if (c->p->screens[i].kind == SCREEN_PART && !w.returns[i])
            check_error(c, "E14", c->p->screens[i].at,
                        "the part \"%.*s\" never returns\nadd \"-> return\" to it, or make it a screen",
                        SPAN_ARG(c->p->screens[i].name));
}

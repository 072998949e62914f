// SPDX-License-Identifier: AGPL-3.0-or-later
#include "menu/graph.h"

#include "menu/build.h"

bool graph_waits(const struct menu_screen *s)
{
    return s->question_at < s->line_count;
}

/* ---- making it ---- */

struct making {
    const struct program *p;
    struct arena *a;
    struct edge *edges;
    size_t count;
    bool failed;
};

static void add_edge(struct making *m, uint16_t from, enum edge_how how, const struct line *line, struct target to)
{
    if (to.kind == PLACE_NOWHERE)
        return;
    if (to.kind == PLACE_HOME)
        to.kind = PLACE_SCREEN, to.screen = m->p->start;
    if (to.then_kind == PLACE_HOME)
        to.then_kind = PLACE_SCREEN, to.then_screen = m->p->start;
    struct edge *edges = arena_grow(m->a, m->edges, m->count, sizeof *edges);
    if (!edges) {
        m->failed = true;
        return;
    }
    m->edges = edges;
    edges[m->count++] = (struct edge){.from = from, .how = how, .to = to, .line = line};
}

/* The `->` lines of one side of the question, up to the first that always holds; true where there is such a one. */
static bool add_goes(struct making *m, uint16_t from, enum edge_how how, size_t first, size_t last)
{
    const struct menu_screen *s = &m->p->screens[from];
    for (size_t i = first; i < last; i++) {
        if (s->lines[i].op != OP_GO)
            continue;
        add_edge(m, from, how, &s->lines[i], s->lines[i].target);
        if (!s->lines[i].when.count)
            return true;
    }
    return false;
}

static void add_screen(struct making *m, uint16_t from)
{
    const struct menu_screen *s = &m->p->screens[from];
    if (add_goes(m, from, EDGE_ARRIVE, 0, s->question_at))
        return; // nobody comes to the question
    for (size_t i = s->question_at; i < s->line_count; i++)
        if (s->lines[i].op != OP_GO)
            add_edge(m, from, EDGE_CHOICE, &s->lines[i], s->lines[i].target);
    if (s->question.tries)
        add_edge(m, from, EDGE_GIVE_UP, NULL, s->question.give_up);
    add_goes(m, from, EDGE_ANSWER, s->question_at, s->line_count);
}

static void find_parts(const struct program *p, uint16_t *part)
{
    for (size_t i = 0; i < p->screen_count; i++) {
        struct span name = build_part(&p->screens[i]);
        part[i] = name.len ? program_screen(p, name) : PROGRAM_NONE;
    }
}

const struct graph *graph_new(const struct program *p, struct arena *a)
{
    struct making m = {.p = p, .a = a};
    struct graph *g = arena_alloc(a, sizeof *g);
    size_t *first = arena_array(a, p->screen_count + 1, sizeof *first);
    uint16_t *part = arena_array(a, p->screen_count, sizeof *part);
    if (!g || !first || !part)
        return NULL;
    find_parts(p, part);
    for (size_t i = 0; i < p->screen_count; i++) {
        first[i] = m.count;
        add_screen(&m, (uint16_t)i);
    }
    first[p->screen_count] = m.count;
    *g = (struct graph){.p = p, .edges = m.edges, .edge_count = m.count, .first = first, .part = part};
    return m.failed ? NULL : g;
}

/* ---- walking ---- */

struct queue {         /* first in, first out: the ways that are told are the shortest */
    uint16_t *screens; /* each screen comes into it once */
    size_t head, count;
};

static bool is_call(const struct edge *e)
{
    return e->to.kind == PLACE_SCREEN && e->to.then_kind != PLACE_NOWHERE;
}

static void reach(struct walk *w, struct queue *q, uint16_t screen, const struct edge *by)
{
    if (w->reached[screen])
        return;
    w->reached[screen] = true;
    w->by[screen] = by;
    q->screens[q->count++] = screen;
}

/* One edge of a path. Within a part (`inside`) a call steps over what it calls, as that has returns of its own. */
static bool follow(struct walk *w, struct queue *q, const struct edge *e, bool inside)
{
    bool left = e->to.kind == PLACE_RETURN;
    if (e->to.kind == PLACE_SCREEN && !(inside && is_call(e)))
        reach(w, q, e->to.screen, e);
    if (is_call(e) && w->returns[e->to.screen]) {
        if (e->to.then_kind == PLACE_SCREEN)
            reach(w, q, e->to.then_screen, e);
        left = e->to.then_kind == PLACE_RETURN;
    }
    return left;
}

/* Follows all that waits; true when a `return` was met. */
static bool drain(struct walk *w, struct queue *q, bool inside)
{
    bool left = false;
    while (q->head < q->count) {
        uint16_t screen = q->screens[q->head++];
        for (size_t i = w->g->first[screen]; i < w->g->first[screen + 1]; i++)
            if (!w->takes || w->takes(w->g, &w->g->edges[i], w->ctx))
                left |= follow(w, q, &w->g->edges[i], inside);
    }
    return left;
}

static bool begin_edges(struct walk *w, struct queue *q, uint16_t part)
{
    bool left = false;
    for (size_t i = 0; w->begins && i < w->g->edge_count; i++) {
        const struct edge *e = &w->g->edges[i];
        bool here = part == PROGRAM_NONE || w->g->part[e->from] == part;
        bool begun_inside = is_call(e) && w->begun[e->to.screen];
        if (here && (begun_inside || w->begins(w->g, e, w->ctx)))
            left |= follow(w, q, e, part != PROGRAM_NONE);
    }
    return left;
}

static void forget(struct walk *w, struct queue *q)
{
    for (size_t i = 0; i < q->count; i++)
        w->reached[q->screens[i]] = false, w->by[q->screens[i]] = NULL;
    q->head = q->count = 0;
}

/* Whether one part can be left, by what is known of the others. */
static bool part_returns(struct walk *w, struct queue *q, uint16_t part, bool entered)
{
    forget(w, q);
    if (entered)
        reach(w, q, part, NULL);
    bool left = begin_edges(w, q, part);
    return drain(w, q, true) || left;
}

static void sum_up_parts(struct walk *w, struct queue *q)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < w->g->p->screen_count; i++) {
            if (w->g->p->screens[i].kind != SCREEN_PART)
                continue;
            if (!w->returns[i] && part_returns(w, q, (uint16_t)i, true))
                changed = w->returns[i] = true;
            if (w->begins && !w->begun[i] && part_returns(w, q, (uint16_t)i, false))
                changed = w->begun[i] = true;
        }
    }
}

bool graph_walk(struct walk *w, struct arena *a)
{
    const struct program *p = w->g->p;
    struct queue q = {.screens = arena_array(a, p->screen_count, sizeof *q.screens)};
    w->reached = arena_array(a, p->screen_count, sizeof *w->reached);
    w->returns = arena_array(a, p->screen_count, sizeof *w->returns);
    w->begun = arena_array(a, p->screen_count, sizeof *w->begun);
    w->by = arena_array(a, p->screen_count, sizeof *w->by);
    if (!q.screens || !w->reached || !w->returns || !w->begun || !w->by)
        return false;
    sum_up_parts(w, &q);
    forget(w, &q);
    reach(w, &q, p->start, NULL);
    for (size_t i = 0; i < p->trigger_count; i++)
        if (!w->enters || w->enters(w->g, &p->triggers[i], w->ctx))
            reach(w, &q, p->triggers[i].screen, NULL);
    begin_edges(w, &q, PROGRAM_NONE);
    drain(w, &q, false);
    return true;
}

/* ---- telling a way ---- */

static void add_step(const struct walk *w, const struct edge *e, uint16_t to, struct str *out)
{
    const struct program *p = w->g->p;
    if (e->how == EDGE_CHOICE) {
        struct span label = p->texts[e->line->text].source;
        str_addf(out, " -> (%d %.*s)", e->line->number, SPAN_ARG(label));
    }
    if (is_call(e) && e->to.screen != to)
        str_addf(out, " -> %.*s", SPAN_ARG(p->screens[e->to.screen].name));
    str_addf(out, " -> %.*s", SPAN_ARG(p->screens[to].name));
}

void graph_way(const struct walk *w, uint16_t screen, struct str *out)
{
    enum { STEPS = 12 }; // a longer way is told from where it comes near
    uint16_t steps[STEPS + 1] = {screen};
    size_t count = 0;
    while (count < STEPS && w->by[steps[count]]) {
        steps[count + 1] = w->by[steps[count]]->from;
        count++;
    }
    if (w->by[steps[count]])
        str_addz(out, "... -> ");
    str_add(out, w->g->p->screens[steps[count]].name);
    while (count-- > 0)
        add_step(w, w->by[steps[count]], steps[count], out);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/menumap.h"

#include "base/err.h"
#include "base/map.h"
#include "console/internal.h"

struct seen {
    int64_t seen, left;
};

/** What is being made. */
struct survey {
    struct page *page;
    struct arena *a;
    struct map *traffic; /* name -> struct seen */
    struct menumap *out;
    int rc;
};

enum map_due fact_due(int64_t review_by_day, int64_t today)
{
    int64_t left = review_by_day - today;
    return left < 0 ? DUE_PAST : left <= MAP_DUE_DAYS ? DUE_SOON : DUE_NOT;
}

/* ---- traffic ---- */

static void traffic_row(void *ctx, struct span screen, int64_t seen, int64_t left)
{
    struct survey *v = ctx;
    struct seen *row = arena_alloc(v->a, sizeof *row);
    struct span name = arena_copy(v->a, screen);
    int rc = row && name.p ? 0 : ERR_NOMEM;
    if (rc == 0) {
        *row = (struct seen){seen, left};
        rc = map_put(v->traffic, name, row);
    }
    if (rc < 0 && rc != ERR_EXISTS)
        v->rc = rc;
}

static int traffic_read(struct survey *v)
{
    struct store *s;
    int rc = readers_take(v->page->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = store_traffic(s, day_of_ms(v->page->now_ms) - MAP_DAYS + 1, traffic_row, v);
    readers_give(v->page->console->readers, s);
    return rc < 0 ? rc : v->rc;
}

/* ---- screens ---- */

static void due_of(const struct program *p, const struct menu_screen *s, int64_t today, struct mapped *m)
{
    for (size_t i = 0; i < s->line_count; i++) {
        if (s->lines[i].text == PROGRAM_NONE)
            continue;
        const struct rendition *r = &p->texts[s->lines[i].text].renditions[0];
        for (size_t k = 0; k < r->count; k++) {
            if (r->pieces[k].kind != PIECE_FACT || r->pieces[k].field != FACT_TEXT)
                continue;
            enum map_due due = fact_due(p->facts[r->pieces[k].index].review_by_day, today);
            m->due = due > m->due ? due : m->due;
        }
    }
}

static bool ends_here(const struct menu_screen *s)
{
    for (size_t i = 0; i < s->line_count; i++)
        if (s->lines[i].target.kind == PLACE_END)
            return true;
    return s->question_at == s->line_count && s->line_count && s->lines[s->line_count - 1].op != OP_GO;
}

static bool screens_map(struct survey *v, const struct program *p)
{
    int64_t today = day_of_ms(v->page->now_ms);
    struct menumap *m = v->out;
    m->count = p->screen_count;
    m->screens = arena_array(v->a, m->count + 1, sizeof *m->screens);
    for (size_t i = 0; m->screens && i < m->count; i++) {
        const struct menu_screen *s = &p->screens[i];
        struct mapped *to = &m->screens[i];
        const struct seen *t = map_get(v->traffic, s->name);
        *to = (struct mapped){.name = arena_copy(v->a, s->name),
                              .kind = s->kind,
                              .file = s->at.file ? arena_strdup(v->a, span_of(s->at.file)) : NULL,
                              .line = s->at.line,
                              .column = -1,
                              .stays = graph_waits(s) || ends_here(s) || t,
                              .seen = t ? t->seen : 0,
                              .left = t ? t->left : 0,
                              .from = PROGRAM_NONE};
        due_of(p, s, today, to);
        m->most = to->seen > m->most ? to->seen : m->most;
    }
    return m->screens;
}

/* ---- ways ---- */

struct ways {
    uint16_t (*list)[2]; // from, to
    size_t count;
};

static bool way_add(struct ways *w, struct arena *a, uint16_t from, uint16_t to)
{
    for (size_t i = w->count; i && w->list[i - 1][0] == from; i--)
        if (w->list[i - 1][1] == to)
            return true;
    uint16_t(*grown)[2] = arena_grow(a, w->list, w->count, sizeof *w->list);
    if (!grown)
        return false;
    grown[w->count][0] = from;
    grown[w->count++][1] = to;
    w->list = grown;
    return true;
}

static bool ways_map(struct survey *v, const struct graph *g)
{
    struct ways ways = {0};
    bool fine = true;
    for (size_t i = 0; i < g->edge_count && fine; i++) {
        const struct edge *e = &g->edges[i];
        if (e->to.kind == PLACE_SCREEN)
            fine = way_add(&ways, v->a, e->from, e->to.screen);
        if (fine && e->to.then_kind == PLACE_SCREEN)
            fine = way_add(&ways, v->a, e->from, e->to.then_screen);
    }
    v->out->ways = (const uint16_t(*)[2])ways.list;
    v->out->way_count = ways.count;
    return fine;
}

/* ---- places ---- */

static void root(struct menumap *m, uint16_t screen, uint16_t *queue, size_t *last)
{
    if (m->screens[screen].column >= 0)
        return;
    m->screens[screen].column = 0;
    queue[(*last)++] = screen;
}

/* Steps from the start, breadth first; then what keywords alone lead to; then the rest. */
static void columns_spread(struct menumap *m, uint16_t *queue, size_t *first, size_t *last)
{
    for (; *first < *last; ++*first) {
        uint16_t at = queue[*first];
        for (size_t i = 0; i < m->way_count; i++) {
            struct mapped *to = &m->screens[m->ways[i][1]];
            if (m->ways[i][0] != at || to->column >= 0)
                continue;
            to->column = m->screens[at].column + 1;
            to->from = at;
            queue[(*last)++] = m->ways[i][1];
        }
    }
}

/* Whoever was reached from nowhere begins a row of its own; a child stands beside its parent, later ones below the
 * whole of the one before. `queue`: parents before children. */
static bool rows_map(struct survey *v, const uint16_t *queue, size_t count)
{
    struct menumap *m = v->out;
    int *high = arena_array(v->a, m->count + 1, sizeof *high), *used = arena_array(v->a, m->count + 1, sizeof *used);
    if (!high || !used)
        return false;
    for (size_t i = count; i-- > 0;) { // rows that it and all that hangs on it take
        const struct mapped *s = &m->screens[queue[i]];
        high[queue[i]] = high[queue[i]] ? high[queue[i]] : 1;
        if (s->from != PROGRAM_NONE)
            high[s->from] += high[queue[i]];
    }
    for (size_t i = 0; i < count; i++) {
        struct mapped *s = &m->screens[queue[i]];
        s->row = m->rows;
        if (s->from == PROGRAM_NONE) {
            m->rows += high[queue[i]];
        } else {
            s->row = m->screens[s->from].row + used[s->from];
            used[s->from] += high[queue[i]];
        }
        m->columns = s->column >= m->columns ? s->column + 1 : m->columns;
    }
    return true;
}

static bool columns_map(struct survey *v, const struct program *p)
{
    struct menumap *m = v->out;
    size_t first = 0, last = 0;
    uint16_t *queue = arena_array(v->a, m->count + 1, sizeof *queue);
    if (!queue)
        return false;
    root(m, p->start, queue, &last);
    columns_spread(m, queue, &first, &last);
    for (size_t i = 0; i < p->trigger_count; i++)
        root(m, p->triggers[i].screen, queue, &last);
    columns_spread(m, queue, &first, &last);
    for (size_t i = 0; i < m->count; i++)
        root(m, (uint16_t)i, queue, &last);
    return rows_map(v, queue, last);
}

static int survey(void *ctx, const struct program *p)
{
    struct survey *v = ctx;
    const struct graph *g = graph_new(p, v->a);
    return g && screens_map(v, p) && ways_map(v, g) && columns_map(v, p) ? 0 : ERR_NOMEM;
}

int menumap_read(struct page *p, struct menumap *out)
{
    const struct console_port *port = p->console->parts.port;
    *out = (struct menumap){0};
    struct survey v = {.page = p, .a = p->arena, .traffic = map_new(), .out = out};
    int rc = v.traffic ? traffic_read(&v) : ERR_NOMEM;
    if (rc == 0)
        rc = port->menus(port->ctx, survey, &v);
    map_free(v.traffic);
    return rc;
}

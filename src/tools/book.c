// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/book.h"

#include "base/err.h"
#include "menu/graph.h"
#include "tools/explore.h"

#include <string.h>

enum { PAGES_MAX = 64, TURNS_MAX = 64, TYPED_MAX = 400, PICTURES_MAX = 2000 };

/** A way to one picture, as it was found in the first language. */
struct trail {
    uint16_t screen;
    uint64_t looks; /* what it shows: text and options */
    struct way way;
};

struct making {
    const struct book_input *in;
    struct arena *a;
    struct trail *trails[PICTURES_MAX];
    size_t count;
    int *of_screen; /* [screen]: pictures so far */
};

/* ---- finding the ways ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(0x100000001B3);
}

/** What a screen shows, without the keys: they depend on the way, not on the screen. */
static uint64_t looks_of(const struct dialogue *s)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < s->body.len; i++)
        hash = mix(hash, (unsigned char)s->body.p[i]);
    for (int i = 0; i < s->option_count; i++)
        hash = mix(hash, s->options[i] + UINT64_C(0x10000));
    return hash;
}

static bool known(const struct making *m, uint16_t screen, uint64_t looks)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->trails[i]->screen == screen && m->trails[i]->looks == looks)
            return true;
    return false;
}

static int copy_way(struct way *to, const struct way *first, const struct way *then, struct arena *a)
{
    *to = *first;
    for (size_t i = 0; then && i < then->count && to->count < EXPLORE_WAY_MAX; i++) {
        to->typed[to->count] = arena_copy(a, then->typed[i]);
        if (!to->typed[to->count++].p)
            return ERR_NOMEM;
    }
    return 0;
}

/** Where "Finish" leads: the engine's goodbye, which is no screen's. */
static bool is_goodbye(const struct making *m, const struct spot *s, uint16_t screen)
{
    return s->session.asking == ASKING_NOTHING && graph_waits(&m->in->program->screens[screen]);
}

/** A first page of a screen that looks as no picture of it does: one more picture. `then`: the way to it. */
static int note(struct making *m, const struct spot *s, const struct way *then)
{
    static const struct way nothing;
    uint16_t screen = program_screen(m->in->program, s->shown.screen_name);
    uint64_t looks = looks_of(&s->session);
    if (screen == PROGRAM_NONE || s->session.page || s->session.tries || m->of_screen[screen] == BOOK_VARIANTS_MAX ||
        m->count == PICTURES_MAX || known(m, screen, looks) || is_goodbye(m, s, screen))
        return 0;
    struct trail *t = arena_alloc(m->a, sizeof *t);
    if (!t)
        return ERR_NOMEM;
    t->screen = screen;
    t->looks = looks;
    m->of_screen[screen]++;
    m->trails[m->count++] = t;
    return copy_way(&t->way, &nothing, then, m->a);
}

static int visit(void *ctx, const struct spot *s, const struct way *way)
{
    return note(ctx, s, way);
}

static bool never_seen(void *ctx, uint16_t screen)
{
    const struct making *m = ctx;
    return m->of_screen[screen] == 0;
}

static struct explorer explorer_for(struct making *m, int language)
{
    return (struct explorer){.p = m->in->program,
                             .language = language,
                             .profile = m->in->profile,
                             .day = m->in->day,
                             .thorough = true,
                             .ctx = m};
}

static int find_ways(struct making *m, struct spot *start)
{
    struct explorer e = explorer_for(m, 0);
    struct way way;
    int rc = explore_init(&e, m->a);
    if (rc == 0)
        rc = explore_dial(&e, start, &way, m->a);
    if (rc == 0)
        rc = note(m, start, NULL);
    if (rc == 0)
        rc = explore_search(&e, start, NULL, visit, m, &way, m->a);
    e.wants_keyword = never_seen; // what only a keyword leads to comes last
    if (rc == 0)
        rc = explore_search(&e, start, NULL, visit, m, &way, m->a);
    explore_release(&e);
    return rc;
}

/* ---- going them ---- */

struct going {
    struct making *m;
    struct explorer e;
    struct spot *spot;
    struct span typed[TYPED_MAX];
    size_t count;
};

static int type(struct going *g, struct span typed)
{
    if (g->count < TYPED_MAX)
        g->typed[g->count++] = typed;
    return explore_step(&g->e, g->spot, typed, g->m->a);
}

static int go(struct going *g, const struct way *way)
{
    int rc = 0;
    for (size_t i = 0; i < way->count && rc == 0; i++) {
        struct span turn = explore_turn(&g->e, g->spot, way->typed[i], g->m->a);
        for (int n = 0; n < TURNS_MAX && turn.len && rc == 0; n++) {
            rc = type(g, turn);
            turn = explore_turn(&g->e, g->spot, way->typed[i], g->m->a);
        }
        rc = rc ? rc : type(g, way->typed[i]);
    }
    return rc;
}

static struct span copy_page(struct going *g, struct book_shot *shot)
{
    shot->most = g->spot->shown.used > shot->most ? g->spot->shown.used : shot->most;
    shot->gsm = g->spot->shown.gsm;
    return arena_copy(g->m->a, g->spot->shown.screen.text);
}

/** All pages of the screen where we are, from the first. */
static int read_pages(struct going *g, struct book_shot *shot)
{
    struct span *pages = arena_array(g->m->a, PAGES_MAX, sizeof *pages);
    int rc = pages ? 0 : ERR_NOMEM;
    while (rc == 0 && shot->page_count < PAGES_MAX) {
        pages[shot->page_count++] = copy_page(g, shot);
        if (!(g->spot->session.keys & 1u << KEY_MORE))
            break;
        rc = explore_step(&g->e, g->spot, explore_more(&g->e, g->spot, g->m->a), g->m->a);
    }
    shot->pages = pages;
    return rc;
}

static int shoot(struct making *m, const struct trail *trail, int language, struct book_shot *shot)
{
    struct way dialled;
    struct going g = {.m = m, .e = explorer_for(m, language), .spot = arena_alloc(m->a, sizeof *g.spot)};
    int rc = g.spot ? explore_dial(&g.e, g.spot, &dialled, m->a) : ERR_NOMEM;
    for (size_t i = 1; rc == 0 && i < dialled.count; i++) // what dials is no answer
        g.typed[g.count++] = dialled.typed[i];
    if (rc == 0)
        rc = go(&g, &trail->way);
    if (rc < 0)
        return rc;
    struct span *typed = arena_array(m->a, g.count + 1, sizeof *typed);
    if (!typed)
        return ERR_NOMEM;
    memcpy(typed, g.typed, g.count * sizeof *typed);
    *shot = (struct book_shot){.typed = typed, .typed_count = g.count};
    shot->same = program_screen(m->in->program, g.spot->shown.screen_name) == trail->screen;
    return shot->same ? read_pages(&g, shot) : 0;
}

static int shoot_all(struct making *m, const struct trail *trail, struct book_picture *picture)
{
    size_t count = m->in->program->settings->language_count;
    *picture =
        (struct book_picture){.screen = trail->screen, .shots = arena_array(m->a, count, sizeof *picture->shots)};
    int rc = picture->shots ? 0 : ERR_NOMEM;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = shoot(m, trail, (int)i, &picture->shots[i]);
    return rc;
}

/** In order of screens; pictures of one screen in the order in which they were found. */
static int shoot_in_order(struct making *m, struct book *out)
{
    int rc = 0;
    for (size_t screen = 0; screen < m->in->program->screen_count; screen++)
        for (size_t i = 0; i < m->count && rc == 0; i++)
            if (m->trails[i]->screen == screen)
                rc = shoot_all(m, m->trails[i], &out->pictures[out->picture_count++]);
    return rc;
}

static int name_languages(const struct book_input *in, struct arena *a, struct book *out)
{
    const struct settings *s = in->program->settings;
    struct span *names = arena_array(a, s->language_count, sizeof *names);
    out->names = names;
    for (size_t i = 0; names && i < s->language_count; i++)
        names[i] = dialogue_system(in->program, SYSTEM_LANGUAGE, s->languages[i].code, a);
    return names ? 0 : ERR_NOMEM;
}

int book_make(const struct book_input *in, struct arena *a, struct book *out)
{
    struct making *m = arena_alloc(a, sizeof *m);
    struct spot *start = arena_alloc(a, sizeof *start);
    *out = (struct book){0};
    if (!m || !start)
        return ERR_NOMEM;
    *m = (struct making){.in = in, .a = a};
    m->of_screen = arena_array(a, in->program->screen_count, sizeof *m->of_screen);
    int rc = m->of_screen ? name_languages(in, a, out) : ERR_NOMEM;
    if (rc == 0)
        rc = find_ways(m, start);
    if (rc < 0)
        return rc;
    out->pictures = arena_array(a, m->count + 1, sizeof *out->pictures);
    return out->pictures ? shoot_in_order(m, out) : ERR_NOMEM;
}

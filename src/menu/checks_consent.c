// SPDX-License-Identifier: AGPL-3.0-or-later
/* checks_consent - nothing is registered without what must come before it, and every consent can be withdrawn. */
#include "menu/checks.h"

/* ---- E40: paths on which a consent is not given ---- */

static bool ends_consent(const struct menu_screen *s, uint16_t consent)
{
    for (size_t i = 0; i < s->line_count; i++)
        if ((s->lines[i].op == OP_WITHDRAW && s->lines[i].index == consent) || s->lines[i].op == OP_ERASE)
            return true;
    return false;
}

static bool takes_without(const struct graph *g, const struct edge *e, void *ctx)
{
    uint16_t consent = *(const uint16_t *)ctx;
    bool agrees = e->line && e->line->op == OP_AGREE && e->line->index == consent;
    return !agrees && !check_edge_proves(g->p, e, TEST_CONSENT, consent);
}

/* Refusing withdraws what was agreed before, and so does a screen that withdraws. */
static bool begins_without(const struct graph *g, const struct edge *e, void *ctx)
{
    uint16_t consent = *(const uint16_t *)ctx;
    bool refuses = e->line && e->line->op == OP_REFUSE && e->line->index == consent;
    return refuses || (ends_consent(&g->p->screens[e->from], consent) && takes_without(g, e, ctx));
}

/* Whether the lines above prove it: a `->` that is taken where the consent is not in force. */
static bool line_proves(const struct menu_screen *s, const struct line *line, uint16_t consent)
{
    if (check_proves(&line->when, true, TEST_CONSENT, consent))
        return true;
    size_t at = (size_t)(line - s->lines);
    for (size_t i = at < s->question_at ? 0 : s->question_at; i < at; i++)
        if (s->lines[i].op == OP_GO && check_proves(&s->lines[i].when, false, TEST_CONSENT, consent))
            return true;
    return false;
}

static bool needs(const struct menu_case *kind, uint16_t consent)
{
    for (size_t i = 0; i < kind->needs_count; i++)
        if (kind->needs[i] == consent)
            return true;
    return false;
}

static void check_register(struct checking *c, const struct walk *w, uint16_t screen, const struct line *line,
                           uint16_t consent)
{
    const struct menu_screen *s = &c->p->screens[screen];
    const struct menu_case *kind = &c->p->cases[line->index];
    bool ended = ends_consent(s, consent);
    if (!needs(kind, consent) || (!w->reached[screen] && !ended) || line_proves(s, line, consent))
        return;
    struct span name = c->p->consents[consent].name;
    struct span way = w->reached[screen] ? check_way(c, w, screen) : s->name;
    check_error(c, "E40", line->at,
                "\"register %.*s\" can be reached without consent \"%.*s\"\nthe way is %.*s; lead it through \"%.*s\"",
                SPAN_ARG(kind->name), SPAN_ARG(name), SPAN_ARG(way), SPAN_ARG(name));
}

static void each_register(struct checking *c, const struct walk *w, uint16_t which,
                          void (*check)(struct checking *, const struct walk *, uint16_t, const struct line *,
                                        uint16_t))
{
    for (size_t i = 0; i < c->p->screen_count; i++)
        for (size_t k = 0; k < c->p->screens[i].line_count; k++)
            if (c->p->screens[i].lines[k].op == OP_REGISTER)
                check(c, w, (uint16_t)i, &c->p->screens[i].lines[k], which);
}

void check_registers(struct checking *c)
{
    for (uint16_t consent = 0; consent < c->p->consent_count; consent++) {
        struct walk w = {.ctx = &consent, .takes = takes_without, .begins = begins_without};
        if (check_walk(c, &w))
            each_register(c, &w, consent, check_register);
    }
}

/* ---- E42 ---- */

static bool withdraws(const struct menu_screen *s, uint16_t consent)
{
    for (size_t i = 0; i < s->question_at; i++)
        if (s->lines[i].op == OP_WITHDRAW && s->lines[i].index == consent && !s->lines[i].when.count)
            return true;
    return false;
}

void check_stop_words(struct checking *c)
{
    for (uint16_t consent = 0; consent < c->p->consent_count; consent++) {
        bool found = false;
        for (size_t i = 0; i < c->p->trigger_count; i++)
            found |= c->p->triggers[i].phrase_count && withdraws(&c->p->screens[c->p->triggers[i].screen], consent);
        struct span name = c->p->consents[consent].name;
        if (!found)
            check_error(c, "E42", c->p->screens[c->p->consents[consent].screen].at,
                        "no word by SMS withdraws \"%.*s\"\nadd \"trigger stopped\" with \"words en STOP\", and "
                        "\"withdraw %.*s\" to its screen",
                        SPAN_ARG(name), SPAN_ARG(name));
    }
}

/* ---- E44: paths that pass by what must have been shown or offered ---- */

static bool offers(const struct program *p, const struct edge *e, uint16_t screen)
{
    const struct menu_screen *s = &p->screens[e->from];
    for (size_t i = 0; i < s->line_count; i++)
        if (s->lines[i].op == OP_OPTION && !s->lines[i].when.count && s->lines[i].media == ON_ALL &&
            s->lines[i].target.kind == PLACE_SCREEN && s->lines[i].target.screen == screen)
            return true;
    return false;
}

/* An arrival edge leaves before the page is looked at, unless the screen asks nothing and its text is carried on. */
static bool is_read(const struct graph *g, const struct edge *e)
{
    return e->how != EDGE_ARRIVE || !graph_waits(&g->p->screens[e->from]);
}

static bool takes_unshown(const struct graph *g, const struct edge *e, void *ctx)
{
    return e->from != *(const uint16_t *)ctx || !is_read(g, e);
}

static bool takes_unoffered(const struct graph *g, const struct edge *e, void *ctx)
{
    return e->how == EDGE_ARRIVE || !offers(g->p, e, *(const uint16_t *)ctx);
}

static bool lists(const uint16_t *screens, size_t count, uint16_t screen)
{
    for (size_t i = 0; i < count; i++)
        if (screens[i] == screen)
            return true;
    return false;
}

static void check_unread(struct checking *c, const struct walk *w, uint16_t screen, const struct line *line,
                         uint16_t wanted)
{
    const struct menu_case *kind = &c->p->cases[line->index];
    bool shown = w->takes == takes_unshown;
    if (!lists(shown ? kind->shown : kind->offered, shown ? kind->shown_count : kind->offered_count, wanted) ||
        !w->reached[screen])
        return;
    struct span way = check_way(c, w, screen), name = c->p->screens[wanted].name;
    check_error(c, "E44", line->at, "\"register %.*s\" can be reached without \"%.*s\" being %s\nthe way is %.*s",
                SPAN_ARG(kind->name), SPAN_ARG(name), shown ? "shown" : "offered", SPAN_ARG(way));
}

void check_shown(struct checking *c)
{
    for (uint16_t screen = 0; screen < c->p->screen_count; screen++) {
        if (c->p->screens[screen].watch < 0)
            continue;
        struct walk shown = {.ctx = &screen, .takes = takes_unshown};
        struct walk offered = {.ctx = &screen, .takes = takes_unoffered};
        if (!check_walk(c, &shown) || !check_walk(c, &offered))
            return;
        each_register(c, &shown, screen, check_unread);
        each_register(c, &offered, screen, check_unread);
    }
}

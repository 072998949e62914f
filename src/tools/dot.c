// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/dot.h"

#include "base/clock.h"
#include "base/err.h"
#include "menu/graph.h"
#include "script/script.h"
#include "tools/child.h"

#include <inttypes.h>

enum { DOT_ARENA = 64 * 1024 * 1024, DOT_DUE_DAYS = 30, DOT_WORDS = 3, DOT_FEWEST = 5 };

struct drawing {
    const struct dot_input *in;
    const struct program *p;
    const struct graph *g;
    struct str *out;
    struct str label;
};

/* ---- strings ---- */

/** A double-quoted string of the DOT language; a newline becomes the escape for a centred line break. */
static void put_quoted(struct str *out, struct span s)
{
    str_addc(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            str_addc(out, '\\');
        if (s.p[i] == '\n')
            str_addz(out, "\\n");
        else
            str_addc(out, s.p[i]);
    }
    str_addc(out, '"');
}

/** The name of a node that is no screen: names of screens hold no blank. */
static void put_other(struct str *out, const char *what, struct span name)
{
    str_addf(out, "\"%s %.*s\"", what, SPAN_ARG(name));
}

static struct span screen_name(const struct drawing *d, uint16_t screen)
{
    return d->p->screens[screen].name;
}

static void put_label(struct drawing *d)
{
    str_addz(d->out, "label=");
    put_quoted(d->out, str_span(&d->label));
}

/* ---- conditions ---- */

static void put_test(const struct program *p, const struct test *t, struct str *out)
{
    static const char *const ops[] = {
        [TEST_EQ] = "=", [TEST_NE] = "!=", [TEST_LT] = "<", [TEST_LE] = "<=", [TEST_GT] = ">", [TEST_GE] = ">="};
    struct span slot = t->index == PROGRAM_NONE ? SPAN("lang") : (struct span){0};
    if ((t->kind == TEST_HAS || t->kind == TEST_COMPARE) && !slot.len)
        slot = p->slots[t->index].name;
    str_addz(out, t->negated ? "not " : "");
    if (t->kind == TEST_HAS)
        str_addf(out, "has %.*s", SPAN_ARG(slot));
    else if (t->kind == TEST_FOUND)
        str_addz(out, "found");
    else if (t->kind == TEST_DURING)
        str_addf(out, "during %.*s", SPAN_ARG(p->settings->hours[t->index].name));
    else if (t->kind == TEST_CONSENT)
        str_addf(out, "consent %.*s", SPAN_ARG(p->consents[t->index].name));
    else
        str_addf(out, "%.*s %s %.*s", SPAN_ARG(slot), ops[t->op], SPAN_ARG(t->word));
}

static void put_condition(const struct program *p, const struct condition *c, struct str *out)
{
    for (size_t i = 0; i < c->count; i++) {
        str_addz(out, i ? (c->any ? " or " : " and ") : out->len ? "\nwhen " : "when ");
        put_test(p, &c->tests[i], out);
    }
}

/* ---- nodes ---- */

static void put_due(struct drawing *d, uint16_t index)
{
    const struct fact *f = &d->p->facts[index];
    int64_t left = f->review_by_day - d->in->today;
    if (left > DOT_DUE_DAYS)
        return;
    struct date date = date_from_day(f->review_by_day);
    str_addf(&d->label, "\n%s: %.*s, %04d-%02d-%02d", left < 0 ? "past its date" : "due", SPAN_ARG(f->name), date.year,
             date.month, date.day);
}

static void put_facts(struct drawing *d, const struct menu_screen *s)
{
    for (size_t i = 0; i < s->line_count; i++) {
        if (s->lines[i].text == PROGRAM_NONE)
            continue;
        const struct rendition *r = &d->p->texts[s->lines[i].text].renditions[0];
        for (size_t k = 0; k < r->count; k++)
            if (r->pieces[k].kind == PIECE_FACT && r->pieces[k].field == FACT_TEXT)
                put_due(d, r->pieces[k].index);
    }
}

/** Few are not told: they could be known people. */
static void put_traffic(struct drawing *d, struct span screen)
{
    const struct dot_traffic *t = d->in->traffic ? map_get(d->in->traffic, screen) : NULL;
    if (!t || t->seen < DOT_FEWEST)
        str_addz(&d->label, d->in->traffic ? "\nseen by fewer than 5" : "");
    else if (t->left < DOT_FEWEST)
        str_addf(&d->label, "\nseen by %" PRId64, t->seen);
    else
        str_addf(&d->label, "\nseen by %" PRId64 ", left here by %" PRId64 " (%" PRId64 " %%)", t->seen, t->left,
                 100 * t->left / t->seen);
}

static void put_screen(struct drawing *d, uint16_t index)
{
    static const char *const kinds[] = {[SCREEN_SCREEN] = "", [SCREEN_PART] = "part ", [SCREEN_CONSENT] = "consent "};
    const struct menu_screen *s = &d->p->screens[index];
    str_clear(&d->label);
    str_addf(&d->label, "%s%.*s", kinds[s->kind], SPAN_ARG(s->name));
    put_facts(d, s);
    if (d->in->coverage && coverage_stays(s) && !coverage_screen(d->in->coverage, index))
        str_addz(&d->label, "\nno talk comes by");
    if (coverage_stays(s))
        put_traffic(d, s->name);
    str_addz(d->out, "  ");
    put_quoted(d->out, s->name);
    str_addz(d->out, " [");
    put_label(d);
    str_addz(d->out, s->kind == SCREEN_CONSENT ? " shape=octagon];\n" : "];\n");
}

/** The screens of a part in one frame; `part` PROGRAM_NONE: those of none. */
static void put_group(struct drawing *d, uint16_t part)
{
    if (part != PROGRAM_NONE) {
        str_addz(d->out, "  subgraph ");
        put_other(d->out, "cluster", screen_name(d, part));
        str_addz(d->out, " {\n  label=");
        str_clear(&d->label);
        str_addf(&d->label, "part %.*s", SPAN_ARG(screen_name(d, part)));
        put_quoted(d->out, str_span(&d->label));
        str_addz(d->out, " style=dashed\n  ");
        put_other(d->out, "return", screen_name(d, part));
        str_addz(d->out, " [label=return shape=plaintext];\n");
    }
    for (size_t i = 0; i < d->p->screen_count; i++)
        if (d->g->part[i] == part)
            put_screen(d, (uint16_t)i);
    str_addz(d->out, part != PROGRAM_NONE ? "  }\n" : "");
}

static void put_nodes(struct drawing *d)
{
    put_group(d, PROGRAM_NONE);
    for (size_t i = 0; i < d->p->screen_count; i++)
        if (d->g->part[i] == i)
            put_group(d, (uint16_t)i);
}

/* ---- edges ---- */

static void put_place(struct drawing *d, uint16_t from, enum place_kind kind, uint16_t screen)
{
    uint16_t part = d->g->part[from];
    if (kind == PLACE_SCREEN)
        put_quoted(d->out, screen_name(d, screen));
    else if (kind == PLACE_HOME)
        put_quoted(d->out, screen_name(d, d->p->start));
    else if (kind == PLACE_RETURN && part != PROGRAM_NONE)
        put_other(d->out, "return", screen_name(d, part));
    else
        put_other(d->out, kind == PLACE_END ? "end" : "back", SPAN(""));
}

static void label_edge(struct drawing *d, const struct edge *e)
{
    const struct program *p = d->p;
    const struct line *line = e->line;
    str_clear(&d->label);
    if (e->how == EDGE_GIVE_UP)
        str_addf(&d->label, "after %d tries", p->screens[e->from].question.tries);
    else if (e->how == EDGE_CHOICE && line->text != PROGRAM_NONE)
        str_addf(&d->label, "%d %.*s", line->number, SPAN_ARG(p->texts[line->text].source));
    else if (e->how == EDGE_ANSWER && !line->when.count)
        str_addz(&d->label, "answered");
    if (line && line->media != ON_ALL)
        str_addz(&d->label, line->media == ON_SMS ? "\nby SMS" : "\non a call");
    if (line)
        put_condition(p, &line->when, &d->label);
    bool choice = line && (line->op == OP_OPTION || line->op == OP_AGREE || line->op == OP_REFUSE);
    size_t at = choice ? (size_t)(line - p->screens[e->from].lines) : 0;
    if (d->in->coverage && choice && !coverage_option(d->in->coverage, e->from, at))
        str_addz(&d->label, "\nno talk takes it");
    else if (d->in->coverage && line && line->when.count &&
             !coverage_decided(d->in->coverage, &line->when, true, COVERAGE_ANY))
        str_addz(&d->label, "\nin no talk it holds");
}

static void put_edge(struct drawing *d, const struct edge *e)
{
    str_addz(d->out, "  ");
    put_quoted(d->out, screen_name(d, e->from));
    str_addz(d->out, " -> ");
    put_place(d, e->from, e->to.kind, e->to.screen);
    label_edge(d, e);
    str_addz(d->out, " [");
    put_label(d);
    str_addz(d->out, e->how == EDGE_GIVE_UP ? " style=dashed];\n" : "];\n");
    if (e->to.then_kind == PLACE_NOWHERE)
        return;
    str_addz(d->out, "  ");
    put_other(d->out, "return", screen_name(d, e->to.screen));
    str_addz(d->out, " -> ");
    put_place(d, e->from, e->to.then_kind, e->to.then_screen);
    str_clear(&d->label);
    str_addf(&d->label, "for %.*s", SPAN_ARG(screen_name(d, e->from)));
    str_addz(d->out, " [");
    put_label(d);
    str_addz(d->out, " style=dotted];\n");
}

static void put_trigger(struct drawing *d, const struct trigger *t)
{
    struct span name = screen_name(d, t->screen);
    str_clear(&d->label);
    for (size_t i = 0; i < t->phrase_count && i < DOT_WORDS; i++)
        str_addf(&d->label, "%s\"%.*s\"", i ? ", " : "by SMS: ", SPAN_ARG(t->phrases[i].folded));
    str_addz(&d->label, t->phrase_count > DOT_WORDS ? ", ..." : "");
    str_addz(&d->label, t->stops ? "\nstops" : "");
    str_addz(d->out, "  ");
    put_other(d->out, "words", name);
    str_addz(d->out, " [");
    put_label(d);
    str_addz(d->out, " shape=plaintext];\n  ");
    put_other(d->out, "words", name);
    str_addz(d->out, " -> ");
    put_quoted(d->out, name);
    str_addz(d->out, " [style=dashed];\n");
}

static bool goes_back(const struct graph *g)
{
    for (size_t i = 0; i < g->edge_count; i++)
        if (g->edges[i].to.kind == PLACE_BACK)
            return true;
    return false;
}

static void draw(struct drawing *d)
{
    str_addz(d->out, "digraph waymark {\n  rankdir=LR;\n  node [shape=box fontname=\"sans-serif\"];\n"
                     "  edge [fontname=\"sans-serif\" fontsize=10];\n"
                     "  \"start \" [label=start shape=plaintext];\n  \"end \" [label=end shape=doublecircle];\n");
    str_addz(d->out, goes_back(d->g) ? "  \"back \" [label=\"back\" shape=plaintext];\n" : "");
    put_nodes(d);
    str_addz(d->out, "  \"start \" -> ");
    put_quoted(d->out, screen_name(d, d->p->start));
    str_addz(d->out, ";\n");
    for (size_t i = 0; i < d->g->edge_count; i++)
        put_edge(d, &d->g->edges[i]);
    for (size_t i = 0; i < d->p->trigger_count; i++)
        put_trigger(d, &d->p->triggers[i]);
    str_addz(d->out, "}\n");
}

int dot_text(const struct dot_input *in, struct str *out)
{
    struct arena *a = arena_new(DOT_ARENA);
    struct drawing d = {.in = in, .p = in->program, .out = out, .label = STR_INIT(4 * SCRIPT_LINE_MAX)};
    d.g = a ? graph_new(in->program, a) : NULL;
    if (d.g)
        draw(&d);
    int rc = d.g && str_err(&d.label) != ERR_NOMEM ? str_err(out) : ERR_NOMEM;
    str_release(&d.label);
    arena_free(a);
    return rc;
}

struct map *dot_traffic_read(struct span lines, struct arena *a)
{
    struct map *map = map_new();
    struct span line;
    while (map && span_split(&lines, '\n', &line)) {
        if (!line.len)
            continue;
        struct dot_traffic *t = arena_alloc(a, sizeof *t);
        struct span name, seen;
        bool read = t && span_split(&line, ' ', &name) && span_split(&line, ' ', &seen) &&
                    span_int(seen, &t->seen) == 0 && span_int(line, &t->left) == 0;
        if (read && map_put(map, name, t) == 0)
            continue;
        map_free(map);
        map = NULL;
    }
    return map;
}

int dot_svg(struct span text)
{
    static const char *const args[] = {"dot", "-Tsvg", NULL};
    return child_run(args, text, NULL);
}

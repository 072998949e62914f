// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/coverage.h"

#include "base/err.h"
#include "menu/graph.h"
#include "text/fold.h"

#include <string.h>

enum { COVERAGE_WIDTH = 100, COVERAGE_LINE = 16 * 1024 };

struct item { /* a screen, a line of one, or one way of a `when` */
    uint16_t screen, line;
    const struct condition *when;
    const struct place *at; /* of the line with `when` */
    bool held;
};

struct coverage {
    const struct program *p;
    struct {
        struct item *items; /* in order of screens and lines */
        size_t count;
        bool *done; /* [language * count + item] */
    } kinds[COVERAGE_KINDS];
    bool *heard; /* by the present step, by item of COVERAGE_WHENS */
    struct dialogue_watch watch;
};

static bool is_choice(const struct line *line)
{
    return line->op == OP_OPTION || line->op == OP_AGREE || line->op == OP_REFUSE;
}

bool coverage_stays(const struct menu_screen *s)
{
    bool stays = graph_waits(s);
    for (size_t i = 0; i < s->line_count; i++)
        stays |= s->lines[i].op == OP_GO && s->lines[i].target.kind == PLACE_END;
    return stays;
}

/* ---- what there is ---- */

static void add_item(struct coverage *c, enum coverage_what what, struct item item)
{
    struct item *items = c->kinds[what].items;
    if (items) // the first pass only counts
        items[c->kinds[what].count] = item;
    c->kinds[what].count++;
}

static void add(struct coverage *c, enum coverage_what what, size_t screen, size_t line)
{
    add_item(c, what, (struct item){.screen = (uint16_t)screen, .line = (uint16_t)line});
}

static void add_when(struct coverage *c, const struct condition *when, const struct place *at)
{
    if (!when->count)
        return;
    add_item(c, COVERAGE_WHENS, (struct item){.when = when, .at = at, .held = true});
    add_item(c, COVERAGE_WHENS, (struct item){.when = when, .at = at, .held = false});
}

static void add_screen(struct coverage *c, size_t index)
{
    const struct menu_screen *s = &c->p->screens[index];
    if (coverage_stays(s))
        add(c, COVERAGE_SCREENS, index, 0);
    if (graph_waits(s))
        add(c, COVERAGE_WRONG, index, 0);
    for (size_t i = s->question_at; i < s->line_count; i++)
        if (is_choice(&s->lines[i]))
            add(c, COVERAGE_OPTIONS, index, i);
    for (size_t i = 0; i < s->line_count; i++)
        add_when(c, &s->lines[i].when, &s->lines[i].at);
}

static void add_case(struct coverage *c, const struct menu_case *kind)
{
    for (size_t i = 0; i < kind->priority_count; i++)
        add_when(c, &kind->priorities[i].when, &kind->priorities[i].at);
    for (size_t i = 0; i < kind->flag_count; i++)
        add_when(c, &kind->flags[i].when, &kind->flags[i].at);
}

static void add_all(struct coverage *c)
{
    for (int what = 0; what < COVERAGE_KINDS; what++)
        c->kinds[what].count = 0;
    for (size_t i = 0; i < c->p->screen_count; i++)
        add_screen(c, i);
    for (size_t i = 0; i < c->p->case_count; i++)
        add_case(c, &c->p->cases[i]);
}

static void hear(void *ctx, const struct condition *when, bool held)
{
    struct coverage *c = ctx;
    for (size_t i = 0; i < c->kinds[COVERAGE_WHENS].count; i++) {
        const struct item *item = &c->kinds[COVERAGE_WHENS].items[i];
        c->heard[i] |= item->when == when && item->held == held;
    }
}

struct coverage *coverage_new(const struct program *p, struct arena *a)
{
    struct coverage *c = arena_alloc(a, sizeof *c);
    if (!c)
        return NULL;
    c->p = p;
    add_all(c);
    for (int what = 0; what < COVERAGE_KINDS; what++) {
        size_t count = c->kinds[what].count;
        c->kinds[what].items = arena_array(a, count + 1, sizeof(struct item));
        c->kinds[what].done = arena_array(a, (count + 1) * p->settings->language_count, sizeof(bool));
        if (!c->kinds[what].items || !c->kinds[what].done)
            return NULL;
    }
    add_all(c);
    c->heard = arena_array(a, c->kinds[COVERAGE_WHENS].count + 1, sizeof(bool));
    c->watch = (struct dialogue_watch){hear, c};
    return c->heard ? c : NULL;
}

const struct dialogue_watch *coverage_watch(struct coverage *c)
{
    return &c->watch;
}

/* ---- what was done ---- */

static void mark(struct coverage *c, enum coverage_what what, uint16_t screen, size_t line, const char *language)
{
    int index = program_language(c->p, span_of(language));
    size_t count = c->kinds[what].count;
    for (size_t i = 0; i < count; i++)
        if (c->kinds[what].items[i].screen == screen && c->kinds[what].items[i].line == line)
            c->kinds[what].done[(index >= 0 ? (size_t)index : c->p->settings->first_language) * count + i] = true;
}

static void fold_answer(struct str *out, struct span text)
{
    struct str digits = STR_INIT(COVERAGE_LINE);
    fold_digits(&digits, text);
    fold_compare(out, str_span(&digits));
    if (str_err(&digits))
        str_clear(out);
    str_release(&digits);
}

/** Whether a line of the page, "2 Free legal help", is what was typed: by its number or by its words. */
static bool line_is(struct span line, struct span typed)
{
    struct str folded = STR_INIT(COVERAGE_LINE);
    size_t number = span_find(line, ' ');
    int64_t wanted, shown;
    bool same = span_int(typed, &wanted) == 0 && span_int(span_first(line, number), &shown) == 0 && wanted == shown;
    fold_answer(&folded, span_from(line, number + 1));
    same |= folded.len && span_eq(str_span(&folded), typed);
    str_release(&folded);
    return same;
}

/** The number of the option that was typed, as the page had it; -1: none. */
static int64_t number_typed(struct span page, struct span typed)
{
    struct span line;
    int64_t number;
    while (span_split(&page, '\n', &line))
        if (line_is(line, typed) && span_int(span_first(line, span_find(line, ' ')), &number) == 0)
            return number;
    return -1;
}

static void mark_option(struct coverage *c, const struct dialogue *before, struct span page, struct span typed)
{
    const struct menu_screen *s = &c->p->screens[before->screen];
    int64_t number = number_typed(page, typed);
    for (int i = 0; i < before->option_count; i++) {
        size_t line = before->options[i];
        if (line < s->line_count && is_choice(&s->lines[line]) && s->lines[line].number == number)
            mark(c, COVERAGE_OPTIONS, before->screen, line, before->language);
    }
}

static void mark_heard(struct coverage *c, const char *language)
{
    size_t count = c->kinds[COVERAGE_WHENS].count;
    int spoken = program_language(c->p, span_of(language));
    for (size_t i = 0; i < count; i++)
        for (int l = 0; c->heard[i] && l < (int)c->p->settings->language_count; l++)
            c->kinds[COVERAGE_WHENS].done[(size_t)l * count + i] |= l == spoken || spoken < 0;
    memset(c->heard, 0, count * sizeof *c->heard);
}

int coverage_step(struct coverage *c, const struct dialogue *before, struct span page, struct span typed,
                  const struct dialogue *after, const struct dialogue_result *result)
{
    mark_heard(c, after->language);
    uint16_t screen = program_screen(c->p, result->screen_name);
    if (screen != PROGRAM_NONE)
        mark(c, COVERAGE_SCREENS, screen, 0, after->language);
    if (before->screen >= c->p->screen_count || before->asking != ASKING_SCREEN)
        return 0;
    if (result->wrong) {
        mark(c, COVERAGE_WRONG, before->screen, 0, before->language);
        return 0;
    }
    struct str folded = STR_INIT(COVERAGE_LINE);
    fold_answer(&folded, span_first(typed, DIALOGUE_ANSWER_MAX));
    int rc = str_err(&folded);
    mark_option(c, before, page, str_span(&folded));
    str_release(&folded);
    return rc == ERR_NOMEM ? rc : 0;
}

/* ---- asking ---- */

static bool done_in(const struct coverage *c, enum coverage_what what, size_t item, int language)
{
    size_t first = language == COVERAGE_ANY ? 0 : (size_t)language;
    size_t end = language == COVERAGE_ANY ? c->p->settings->language_count : first + 1;
    for (size_t i = first; i < end; i++)
        if (c->kinds[what].done[i * c->kinds[what].count + item])
            return true;
    return false;
}

size_t coverage_count(const struct coverage *c, enum coverage_what what)
{
    return c->kinds[what].count;
}

size_t coverage_done(const struct coverage *c, enum coverage_what what, int language)
{
    size_t done = 0;
    for (size_t i = 0; i < c->kinds[what].count; i++)
        done += done_in(c, what, i, language);
    return done;
}

static bool done_at(const struct coverage *c, enum coverage_what what, uint16_t screen, size_t line)
{
    for (size_t i = 0; i < c->kinds[what].count; i++)
        if (c->kinds[what].items[i].screen == screen && c->kinds[what].items[i].line == line)
            return done_in(c, what, i, COVERAGE_ANY);
    return false;
}

bool coverage_has(const struct coverage *c, enum coverage_what what, uint16_t screen, size_t line, int language)
{
    for (size_t i = 0; i < c->kinds[what].count; i++)
        if (c->kinds[what].items[i].screen == screen && c->kinds[what].items[i].line == line)
            return done_in(c, what, i, language);
    return true;
}

bool coverage_decided(const struct coverage *c, const struct condition *when, bool held, int language)
{
    for (size_t i = 0; i < c->kinds[COVERAGE_WHENS].count; i++) {
        const struct item *item = &c->kinds[COVERAGE_WHENS].items[i];
        if (item->when == when && item->held == held)
            return done_in(c, COVERAGE_WHENS, i, language);
    }
    return true;
}

bool coverage_screen(const struct coverage *c, uint16_t screen)
{
    return done_at(c, COVERAGE_SCREENS, screen, 0);
}

bool coverage_option(const struct coverage *c, uint16_t screen, size_t line)
{
    return done_at(c, COVERAGE_OPTIONS, screen, line);
}

/* ---- as text ---- */

static const struct {
    const char *row, *missing;
} words[COVERAGE_KINDS] = {
    [COVERAGE_SCREENS] = {"screens", "Screens never come by"},
    [COVERAGE_OPTIONS] = {"options", "Options never taken"},
    [COVERAGE_WRONG] = {"wrong answers", "Questions never answered wrongly"},
    [COVERAGE_WHENS] = {"when lines", "Lines with \"when\" not seen both ways"},
};

const char *coverage_name(enum coverage_what what)
{
    return words[what].row;
}

static void put_cell(struct str *out, size_t done, size_t count)
{
    struct str cell = STR_INIT(64);
    str_addf(&cell, "%zu/%zu", done, count);
    str_addf(out, "%10s", str_z(&cell));
    str_release(&cell);
}

static void put_table(const struct coverage *c, struct str *out)
{
    const struct settings *s = c->p->settings;
    str_addf(out, "%-13s%10s", "coverage", "any");
    for (size_t i = 0; i < s->language_count; i++)
        str_addf(out, "%10.*s", SPAN_ARG(s->languages[i].code));
    for (enum coverage_what what = 0; what < COVERAGE_KINDS; what++) {
        str_addf(out, "\n%-13s", words[what].row);
        for (int i = COVERAGE_ANY; i < (int)s->language_count; i++)
            put_cell(out, coverage_done(c, what, i), coverage_count(c, what));
    }
    str_addc(out, '\n');
}

static struct span item_name(const struct coverage *c, enum coverage_what what, struct item item, struct str *room)
{
    const struct menu_screen *s = &c->p->screens[item.screen];
    str_clear(room);
    if (what == COVERAGE_WHENS) {
        str_addf(room, "%s:%d (never %s)", item.at->file, item.at->line, item.held ? "held" : "failed");
        return str_span(room);
    }
    str_add(room, s->name);
    if (what == COVERAGE_OPTIONS)
        str_addf(room, " %d", s->lines[item.line].number);
    return str_span(room);
}

/* Whether an item is to be told as missing in a language: what is missing everywhere is told once, for all. */
static bool lacks(const struct coverage *c, enum coverage_what what, size_t item, int language)
{
    if (language == COVERAGE_ANY)
        return !done_in(c, what, item, COVERAGE_ANY);
    return done_in(c, what, item, COVERAGE_ANY) && !done_in(c, what, item, language);
}

static void put_title(const struct coverage *c, enum coverage_what what, int language, struct str *out)
{
    str_addz(out, words[what].missing);
    if (language != COVERAGE_ANY)
        str_addf(out, " in %.*s", SPAN_ARG(c->p->settings->languages[language].code));
    str_addc(out, ':');
}

static void put_missing(const struct coverage *c, enum coverage_what what, int language, struct str *out)
{
    struct str name = STR_INIT(COVERAGE_LINE);
    size_t missing = 0, column = 0;
    for (size_t i = 0; i < c->kinds[what].count; i++) {
        if (!lacks(c, what, i, language))
            continue;
        struct span text = item_name(c, what, c->kinds[what].items[i], &name);
        if (!missing++)
            put_title(c, what, language, out);
        else
            str_addc(out, ',');
        bool wraps = missing == 1 || column + text.len + 2 > COVERAGE_WIDTH;
        str_addz(out, wraps ? "\n  " : " ");
        str_add(out, text);
        column = (wraps ? 2 : column + 2) + text.len;
    }
    str_addz(out, missing ? "\n" : "");
    str_release(&name);
}

/* A language that no talk is in has its column of noughts; to name everything again would say no more. */
static bool spoken(const struct coverage *c, int language)
{
    return language == COVERAGE_ANY || coverage_done(c, COVERAGE_SCREENS, language);
}

void coverage_text(const struct coverage *c, struct str *out)
{
    put_table(c, out);
    for (int language = COVERAGE_ANY; language < (int)c->p->settings->language_count; language++)
        for (enum coverage_what what = 0; spoken(c, language) && what < COVERAGE_KINDS; what++)
            put_missing(c, what, language, out);
}

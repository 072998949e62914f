// SPDX-License-Identifier: AGPL-3.0-or-later
#include "menu/checks.h"

#include "base/err.h"

#include <string.h>

static const struct menu_check checks[] = {
    {"E01", "a word or line that does not fit the grammar", NULL},
    {"E02", "a name that nothing has: screen, case, consent, flag, file or setting, or a word that no answer is",
     check_values},
    {"E03", "a name or number used twice, or a number that is also a key", check_numbers},
    {"E10", "a screen that nobody can reach", check_reachable},
    {"E11", "a dead end: no way on that is always open", check_dead_ends},
    {"E12", "a loop with no way to the end except hanging up", check_way_out},
    {"E13", "a loop that never asks anything", check_endless},
    {"E14", "a part entered without \"then\", or one that may not return", check_parts_return},
    {"E20", "an answer used where it may not have been given", check_answers},
    {"E21", "a pattern that does not work", NULL},
    {"E22", "a question without \"into\", \"error\", \"tries\" or a limit", NULL},
    {"E30", "a translation that is missing or fuzzy in a published language", NULL},
    {"E31", "a translation with other {names} than its source", NULL},
    {"E32", "a text that may not fit its page or its messages", NULL},
    {"E33", "a keyword that leads to two places, or is missing in a language", check_keywords},
    {"E34", "a translation that nobody has reviewed, at a release", NULL},
    {"E40", "a case registered without the consent it needs", check_registers},
    {"E41", "a consent text that changed without a new version", check_locked},
    {"E42", "a consent that no word by SMS withdraws", check_stop_words},
    {"E43", "a consent without \"agree\", \"refuse\" or \"version\"", NULL},
    {"E44", "a case registered without what must have been shown or offered", check_shown},
    {"E45", "a word that pushes", check_pushing},
    {"E50", "a fact without its source, owner, dates or \"expired\" text", NULL},
    {"E51", "a fact past its date", check_due},
    {"E52", "a fact or a table that is not confirmed yet, at a release", NULL},
    {"W20", "a figure straight in a text, without a source", check_uncited},
    {"W21", "an SMS that nobody chose", check_sends},
    {"W30", "a translation that is the source itself", check_same},
    {"W33", "a keyword in a language that is not configured", check_other_words},
    {"W41", "a consent whose words are not locked", NULL},
    {"W45", "a word that pushes, in a draft", NULL},
    {"W50", "a fact, a table or a row that is due soon", NULL},
};

const struct menu_check *menu_check(size_t index)
{
    return index < sizeof checks / sizeof checks[0] ? &checks[index] : NULL;
}

/* ---- messages ---- */

static struct span line_of(const struct statement *st, int line)
{
    for (size_t i = 0; i < st->line_count; i++)
        if (st->line_places[i].line == line)
            return st->lines[i];
    return st->source;
}

/* The same of a file that is no menu: a table, a translation. Sources are named relative to their folder. */
static struct span source_at(const struct program *p, struct place at)
{
    struct span file = span_of(at.file), rest, line = {0};
    for (size_t i = 0; i < p->source_count; i++) {
        struct span name = p->sources[i].name;
        if (name.len > file.len || !span_eq(span_from(file, file.len - name.len), name))
            continue;
        rest = p->sources[i].bytes;
        for (int k = 0; k < at.line; k++)
            if (!span_split(&rest, '\n', &line))
                return (struct span){0};
        return line.len && line.p[line.len - 1] == '\r' ? span_first(line, line.len - 1) : line;
    }
    return (struct span){0};
}

/* The statement of a menu that a place lies in, or NULL. */
static const struct statement *statement_at(const struct checking *c, struct place at)
{
    for (size_t i = 0; at.file && i < c->files->count; i++) {
        const struct script *script = &((const struct menu_file *)list_at(c->files, i))->script;
        if (strcmp(script->file, at.file) != 0)
            continue;
        for (size_t k = script->count; k-- > 0;)
            if (script->statements[k].at.line <= at.line)
                return &script->statements[k];
    }
    return NULL;
}

/* The line of a file, for a message; empty where it is unknown. */
static struct span source_line(const struct checking *c, struct place at)
{
    const struct statement *st = statement_at(c, at);
    return st ? line_of(st, at.line) : source_at(c->p, at);
}

struct place check_within(struct checking *c, struct place text, struct span piece)
{
    const struct statement *st = statement_at(c, text);
    bool begun = false;
    for (size_t i = 0; st && i < st->text.len; i++) {
        struct place here = script_place(st, i, NULL);
        begun |= here.line > text.line || (here.line == text.line && here.column >= text.column);
        if (begun && span_starts(span_from(st->text, i), piece))
            return here;
    }
    return text;
}

struct place check_entry(struct checking *c, const struct text *text, size_t language)
{
    struct span code = c->in->settings->languages[language].code, context, source, translation;
    struct span path = arena_printf(c->a, "%s/%.*s.po", c->in->locales ? c->in->locales : "locales", SPAN_ARG(code));
    const struct locale *l = c->p->locales[language];
    struct place at = {.file = path.p};
    size_t line;
    c->failed |= !path.p;
    for (size_t i = 0; locale_entry(l, i, &context, &source, &translation, &line); i++)
        if (span_eq(context, text->context) && span_eq(source, text->source))
            at.line = (int)line, at.column = 1;
    return at;
}

typedef void teller(struct diags *d, const char *code, struct place at, struct span source, const char *format, ...);

__attribute__((format(printf, 5, 0))) static void tell(struct checking *c, teller *how, const char *code,
                                                       struct place at, const char *format, va_list args)
{
    struct str text = STR_INIT(4 * SCRIPT_LINE_MAX);
    str_vaddf(&text, format, args);
    c->failed |= str_err(&text) == ERR_NOMEM;
    how(c->d, code, at, source_line(c, at), "%s", str_z(&text));
    str_release(&text);
}

void check_error(struct checking *c, const char *code, struct place at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(c, diag_error, code, at, format, args);
    va_end(args);
}

void check_warning(struct checking *c, const char *code, struct place at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(c, diag_warning, code, at, format, args);
    va_end(args);
}

bool check_walk(struct checking *c, struct walk *w)
{
    w->g = c->graph;
    bool done = graph_walk(w, c->a);
    c->failed |= !done;
    return done;
}

struct span check_way(struct checking *c, const struct walk *w, uint16_t screen)
{
    struct str way = STR_INIT(2 * SCRIPT_LINE_MAX);
    graph_way(w, screen, &way);
    struct span kept = arena_copy(c->a, str_span(&way));
    c->failed |= str_err(&way) == ERR_NOMEM || !kept.p;
    str_release(&way);
    return kept;
}

/* ---- conditions ---- */

static bool opposite_ops(enum test_op a, enum test_op b)
{
    static const enum test_op opposite[] = {[TEST_EQ] = TEST_NE, [TEST_NE] = TEST_EQ, [TEST_LT] = TEST_GE,
                                            [TEST_GE] = TEST_LT, [TEST_GT] = TEST_LE, [TEST_LE] = TEST_GT};
    return opposite[a] == b;
}

static bool tests_exclude(const struct test *a, const struct test *b)
{
    if (a->kind != b->kind || a->index != b->index)
        return false;
    if (a->kind != TEST_COMPARE)
        return a->negated != b->negated;
    bool same_word = span_eq(a->word, b->word);
    if (a->negated != b->negated)
        return same_word && a->op == b->op;
    if (a->negated)
        return false;
    return same_word ? opposite_ops(a->op, b->op) : a->op == TEST_EQ && b->op == TEST_EQ;
}

bool check_exclude(const struct condition *a, const struct condition *b)
{
    bool a_all = !a->any || a->count == 1, b_all = !b->any || b->count == 1;
    for (size_t i = 0; a_all && b_all && i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (tests_exclude(&a->tests[i], &b->tests[k]))
                return true;
    return false;
}

bool check_proves(const struct condition *when, bool holds, enum test_kind kind, uint16_t index)
{
    // That all of several hold proves each; that none of several holds disproves each. The other two prove nothing.
    if (when->count > 1 && when->any == holds)
        return false;
    for (size_t i = 0; i < when->count; i++) {
        const struct test *t = &when->tests[i];
        if (t->kind == kind && t->index == index && t->negated != holds)
            return true;
    }
    return false;
}

bool check_edge_proves(const struct program *p, const struct edge *e, enum test_kind kind, uint16_t index)
{
    const struct menu_screen *s = &p->screens[e->from];
    if (e->line && check_proves(&e->line->when, true, kind, index))
        return true;
    // A way on is taken only where those above it on the same side of the question were not.
    size_t at = e->line ? (size_t)(e->line - s->lines) : s->question_at;
    size_t first = e->how == EDGE_ANSWER ? s->question_at : 0;
    size_t last = e->how == EDGE_ARRIVE || e->how == EDGE_ANSWER ? at : s->question_at;
    for (size_t i = first; i < last; i++)
        if (s->lines[i].op == OP_GO && check_proves(&s->lines[i].when, false, kind, index))
            return true;
    return false;
}

/* ---- running them ---- */

void check_all(struct build *b)
{
    struct checking c = {.p = b->p, .in = b->in, .d = b->d, .files = &b->files, .a = arena_new(MENU_ARENA_MAX)};
    c.graph = c.a ? graph_new(b->p, c.a) : NULL;
    c.failed = !c.graph;
    for (size_t i = 0; !c.failed && menu_check(i); i++)
        if (menu_check(i)->run)
            menu_check(i)->run(&c);
    arena_free(c.a);
    if (c.failed)
        b->err = ERR_NOMEM;
}

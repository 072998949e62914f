// SPDX-License-Identifier: AGPL-3.0-or-later
#include "menu/parse.h"

#include "script/suggest.h"

static const struct statement_row *const row_tables[] = {parse_screen_rows, parse_data_rows};
enum { ROW_TABLES = sizeof row_tables / sizeof row_tables[0] };

static const struct {
    void (*done)(struct parse *p);
} section_ends[SECTION_KINDS] = {
    [SECTION_SCREEN] = {parse_screen_done},  [SECTION_PART] = {parse_screen_done},
    [SECTION_CONSENT] = {parse_screen_done}, [SECTION_FACT] = {parse_fact_done},
    [SECTION_CASE] = {parse_case_done},      [SECTION_TRIGGER] = {parse_trigger_done},
    [SECTION_REPLY] = {parse_reply_done},    [SECTION_TABLE] = {parse_table_done},
};

struct token token_within(const struct statement *st, struct span part)
{
    struct token t = {.text = part};
    t.at = script_place(st, (size_t)(part.p - st->text.p), &t.source);
    return t;
}

/* The row for `word` in this kind of section; *elsewhere: one that belongs to other sections. */
static const struct statement_row *find_row(enum section_kind kind, struct span word,
                                            const struct statement_row **elsewhere)
{
    for (size_t t = 0; t < ROW_TABLES; t++)
        for (const struct statement_row *row = row_tables[t]; row->word; row++) {
            if (!span_is(word, row->word))
                continue;
            if (row->sections & 1u << kind)
                return row;
            *elsewhere = row;
        }
    return NULL;
}

bool parse_knows(enum section_kind kind, struct span word)
{
    const struct statement_row *elsewhere;
    return find_row(kind, span_first(word, span_find(word, '/')), &elsewhere) != NULL || span_is(word, "when");
}

/* Words of other languages, and of other programs, for what is here said otherwise. */
static struct span known_otherwise(struct span word)
{
    static const struct {
        const char *theirs;
        struct span ours;
    } rows[] = {{"if", SPAN("when")},   {"goto", SPAN("->")},       {"go", SPAN("->")},    {"to", SPAN("->")},
                {"print", SPAN("say")}, {"show", SPAN("say")},      {"text", SPAN("say")}, {"question", SPAN("ask")},
                {"sms", SPAN("send")},  {"choice", SPAN("option")}, {"\u2192", SPAN("->")}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (span_eq_nocase(word, span_of(rows[i].theirs)))
            return rows[i].ours;
    return (struct span){0};
}

static struct span nearest_word(enum section_kind kind, struct span word)
{
    struct suggest near = suggest_start(word);
    struct span other = kind <= SECTION_CONSENT ? known_otherwise(word) : (struct span){0};
    if (other.len)
        return other;
    for (size_t t = 0; t < ROW_TABLES; t++)
        for (const struct statement_row *row = row_tables[t]; row->word; row++)
            if (row->sections & 1u << kind)
                suggest_try(&near, span_of(row->word));
    for (size_t i = 0; i < SECTION_KINDS; i++)
        suggest_try(&near, span_of(section_word((enum section_kind)i)));
    return suggest_best(&near);
}

static void put_words(struct str *out, enum section_kind kind)
{
    for (size_t t = 0; t < ROW_TABLES; t++)
        for (const struct statement_row *row = row_tables[t]; row->word; row++)
            if (row->sections & 1u << kind)
                str_addf(out, "%s%s", out->len ? ", " : "", row->word);
}

/* Nothing is near: all that fits is told. */
static void no_such_word(struct parse *p, const char *section)
{
    struct str words = STR_INIT(SCRIPT_LINE_MAX);
    put_words(&words, p->section->kind);
    build_error(p->b, "E01", p->word, "unknown word \"%.*s\" in a %s\na %s has: %s", SPAN_ARG(p->word.text), section,
                section, str_z(&words));
    str_release(&words);
}

static void unknown_word(struct parse *p, const struct statement_row *elsewhere)
{
    const char *section = section_word(p->section->kind);
    struct span near = nearest_word(p->section->kind, p->word.text);
    if (elsewhere)
        build_error(p->b, "E01", p->word, "\"%s\" does not belong in a %s\nit belongs in a %s", elsewhere->word,
                    section, section_word((enum section_kind)__builtin_ctz(elsewhere->sections)));
    else if (near.len)
        build_error(p->b, "E01", p->word, "unknown word \"%.*s\"\ndid you mean \"%.*s\"?", SPAN_ARG(p->word.text),
                    SPAN_ARG(near));
    else
        no_such_word(p, section);
}

/* Cuts "/ussd" or "/sms" off the first word. */
static bool read_media(struct parse *p, struct span *channel)
{
    size_t slash = span_find(p->word.text, '/');
    *channel = span_from(p->word.text, slash);
    p->word.text = span_first(p->word.text, slash);
    p->media = span_is(*channel, "/ussd") ? ON_USSD : span_is(*channel, "/sms") ? ON_SMS : ON_ALL;
    if (!channel->len || p->media != ON_ALL)
        return true;
    struct token at = token_within(p->st, *channel);
    if (!p->word.text.len)
        build_error(p->b, "E01", at, "a line cannot begin with \"/\"\na note begins with \"#\"");
    else
        build_error(p->b, "E01", at, "unknown channel \"%.*s\"\nwrite \"%.*s/ussd\" or \"%.*s/sms\"",
                    SPAN_ARG(*channel), SPAN_ARG(p->word.text), SPAN_ARG(p->word.text));
    return false;
}

static bool said_before(struct parse *p, const struct statement_row *row)
{
    bool data = p->section->kind > SECTION_CONSENT;
    uint64_t bit = 1ull << (row - row_tables[data]);
    bool before = p->said & bit;
    p->said |= bit;
    if (before && row->flags & ROW_ONCE)
        build_error(p->b, "E03", p->word, "\"%s\" is said twice in this %s\ntake one of the two lines out", row->word,
                    section_word(p->section->kind));
    return before && row->flags & ROW_ONCE;
}

static bool allowed(struct parse *p, const struct statement_row *row, struct span channel)
{
    if (channel.len && !(row->flags & ROW_MEDIA)) {
        build_error(p->b, "E01", token_within(p->st, channel),
                    "\"%s\" is the same on every channel\nleave \"%.*s\" out", row->word, SPAN_ARG(channel));
        return false;
    }
    if (p->when.count && !(row->flags & ROW_WHEN)) {
        build_error(p->b, "E01", p->word, "\"when\" cannot stand before \"%s\"\nwrite \"%s\" without a condition",
                    row->word, row->word);
        return false;
    }
    return !said_before(p, row);
}

static void parse_statement(struct parse *p, const struct statement *st)
{
    p->st = st;
    p->c = script_cursor(st);
    p->when = (struct condition){0};
    if (script_accept(&p->c, "when") && !parse_when(p, &p->when))
        return;
    struct span channel;
    if (!script_word(&p->c, &p->word)) {
        build_error(p->b, "E01", p->word, "nothing after the condition\nfor example: when has lang: -> main");
        return;
    }
    if (!read_media(p, &channel))
        return;
    const struct statement_row *elsewhere = NULL, *row = find_row(p->section->kind, p->word.text, &elsewhere);
    if (!row)
        unknown_word(p, elsewhere);
    else if (allowed(p, row, channel))
        row->read(p, row);
}

static void parse_section(struct build *b, const struct section *s)
{
    struct parse p = {.b = b, .section = s};
    p.question = (struct question){.slot = PROGRAM_NONE};
    size_t before = diags_errors(b->d);
    for (size_t i = 0; i < s->count && !b->err; i++)
        parse_statement(&p, &s->statements[i]);
    if (!b->err && diags_errors(b->d) == before) // what a wrong line left out is not told a second time
        section_ends[s->kind].done(&p);
}

static void parse_start(struct build *b)
{
    if (b->start.text.len) {
        b->p->start = build_find(b, NAME_SCREEN, b->start, "screen");
        return;
    }
    struct token top = {.at = {.file = b->in->start, .line = 1, .column = 1}};
    build_error(b, "E01", top, "no \"start\" line\nsay where a dial begins, for example: start welcome");
}

void parse_all(struct build *b)
{
    parse_start(b);
    for (int tables = 1; tables >= 0; tables--) // texts name columns, so directories come first
        for (size_t i = 0; i < b->sections.count && !b->err; i++) {
            const struct section *s = list_at(&b->sections, i);
            if ((s->kind == SECTION_TABLE) == tables)
                parse_section(b, s);
        }
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* parse_text - texts with {name}, {name.field} and one {n: # day | # days}. */
#include "base/err.h"
#include "menu/parse.h"
#include "script/suggest.h"

enum { TEXT_MAX = SCRIPT_FILE_MAX };

/* ---- what a name stands for ---- */

static const struct {
    const char *word;
    enum fact_field field;
} field_rows[] = {{"source", FACT_SOURCE}, {"reviewed", FACT_REVIEWED}, {"owner", FACT_OWNER}};

static bool resolve_column(const struct build *b, uint16_t index, struct span field, struct piece *out)
{
    const struct table *t = list_at(&b->tables, index);
    *out = (struct piece){.kind = PIECE_CELL, .index = index};
    for (; out->column < t->column_count; out->column++)
        if (span_eq(t->columns[out->column], field))
            return true;
    for (size_t i = 0; i < sizeof field_rows / sizeof field_rows[0]; i++)
        if (span_is(field, field_rows[i].word)) {
            *out = (struct piece){.kind = PIECE_TABLE, .index = index, .field = field_rows[i].field};
            return true;
        }
    return !t->column_count; // the table itself was refused: that is enough
}

static bool resolve_field(const struct build *b, struct span name, struct span field, struct piece *out)
{
    uint16_t fact = build_look(b, NAME_FACT, name), kind = build_look(b, NAME_CASE, name);
    for (size_t i = 0; fact != PROGRAM_NONE && i < sizeof field_rows / sizeof field_rows[0]; i++)
        if (span_is(field, field_rows[i].word)) {
            *out = (struct piece){.kind = PIECE_FACT, .index = fact, .field = field_rows[i].field};
            return true;
        }
    uint16_t table = build_look(b, NAME_TABLE, name);
    if (table != PROGRAM_NONE)
        return resolve_column(b, table, field, out);
    if (kind == PROGRAM_NONE || !span_is(field, "status"))
        return false;
    *out = (struct piece){.kind = PIECE_STATUS, .index = kind};
    return true;
}

static bool resolve_value(const struct build *b, struct span name, struct piece *out)
{
    const struct settings *s = b->in->settings;
    for (size_t i = 0; i < s->value_count; i++)
        if (span_eq(s->values[i].name, name)) {
            *out = (struct piece){.kind = PIECE_VALUE, .index = (uint16_t)i};
            return true;
        }
    return false;
}

bool text_resolve(const struct build *b, struct span name, struct piece *out)
{
    size_t dot = span_find(name, '.');
    if (dot < name.len)
        return resolve_field(b, span_first(name, dot), span_from(name, dot + 1), out);
    uint16_t slot = build_look(b, NAME_SLOT, name), fact = build_look(b, NAME_FACT, name);
    if (slot != PROGRAM_NONE)
        *out = (struct piece){.kind = PIECE_SLOT, .index = slot};
    else if (resolve_value(b, name, out))
        return true;
    else if (span_is(name, "service"))
        *out = (struct piece){.kind = PIECE_SERVICE};
    else if (fact != PROGRAM_NONE)
        *out = (struct piece){.kind = PIECE_FACT, .index = fact, .field = FACT_TEXT};
    else
        return false;
    return true;
}

static void unknown_column(struct parse *p, struct token name, const struct table *t, struct span field)
{
    struct suggest near = suggest_start(field);
    for (size_t i = 0; i < t->column_count; i++)
        suggest_try(&near, t->columns[i]);
    struct span best = suggest_best(&near);
    if (!best.len && t->column_count)
        best = t->columns[0];
    build_error(p->b, "E02", name, "no such column \"%.*s\"\nfor example: {%.*s.%.*s}", SPAN_ARG(field),
                SPAN_ARG(span_first(name.text, span_find(name.text, '.'))), SPAN_ARG(best));
}

static void unknown_name(struct parse *p, struct token name)
{
    struct build *b = p->b;
    struct suggest near = suggest_start(name.text);
    struct span known;
    size_t dot = span_find(name.text, '.');
    uint16_t table = build_look(b, NAME_TABLE, span_first(name.text, dot));
    if (table != PROGRAM_NONE) {
        unknown_column(p, name, list_at(&b->tables, table), span_from(name.text, dot + 1));
        return;
    }
    for (size_t i = 0; map_at(b->names[NAME_SLOT], i, &known); i++)
        suggest_try(&near, known);
    for (size_t i = 0; i < b->in->settings->value_count; i++)
        suggest_try(&near, b->in->settings->values[i].name);
    suggest_try(&near, SPAN("service"));
    for (size_t i = 0; map_at(b->names[NAME_FACT], i, &known); i++)
        suggest_try(&near, known);
    build_unknown(b, name, "answer, setting or fact", suggest_best(&near));
}

/* ---- cutting a text that is known to be well formed, or a translation ---- */

static int add_piece(struct build *b, struct list *l, struct piece piece)
{
    struct piece *kept = list_add(b, l, sizeof *kept);
    if (!kept)
        return ERR_NOMEM;
    *kept = piece;
    return 0;
}

int text_pieces(struct build *b, struct span text, const struct piece **pieces, size_t *count)
{
    struct list l = {0};
    int rc = 0;
    while (text.len && !rc) {
        size_t open = span_find(text, '{');
        if (open)
            rc = add_piece(b, &l, (struct piece){.kind = PIECE_LITERAL, .literal = span_first(text, open)});
        text = span_from(text, open);
        if (rc || !text.len)
            break;
        size_t close = span_find(text, '}');
        struct piece piece;
        if (close == text.len || !text_resolve(b, span_from(span_first(text, close), 1), &piece))
            return ERR_SYNTAX;
        rc = add_piece(b, &l, piece);
        text = span_from(text, close + 1);
    }
    static const struct piece nothing;
    *pieces = l.count ? l.items : &nothing; // NULL would mean "no current translation"
    *count = l.count;
    return rc;
}

/* ---- reading the operator's text ---- */

struct plural { /* `{name: one | many}` as it stands in a text */
    struct span whole, name, one, many;
};

static bool is_plain_section(const struct parse *p)
{
    return p->section->kind == SECTION_FACT || p->section->kind == SECTION_CASE || p->section->kind == SECTION_REPLY ||
           p->section->kind == SECTION_TABLE;
}

/* A row is a line, and only what is said or sent may have several. */
static bool check_cell(struct parse *p, struct token name)
{
    bool screen = p->section->kind == SECTION_SCREEN || p->section->kind == SECTION_PART;
    if (screen && (span_is(p->word.text, "say") || span_is(p->word.text, "send")))
        return true;
    build_error(p->b, "E01", name, "\"%.*s\" of a table cannot stand here\nput it into a \"say\" after its \"find\"",
                SPAN_ARG(name.text));
    return false;
}

/* A fact that quotes a fact, or a status that quotes a status, could quote itself. */
static bool check_quoted(struct parse *p, struct token name, const struct piece *piece)
{
    bool fact = piece->kind == PIECE_FACT && p->section->kind == SECTION_FACT;
    bool status = piece->kind == PIECE_STATUS && is_plain_section(p);
    if (piece->kind == PIECE_CELL || piece->kind == PIECE_TABLE)
        return check_cell(p, name);
    if (!fact && !status)
        return true;
    build_error(p->b, "E01", name, "a %s cannot quote \"%.*s\"\nsay it on the screen", section_word(p->section->kind),
                SPAN_ARG(name.text));
    return false;
}

static bool check_name(struct parse *p, struct span inner)
{
    struct piece piece;
    struct token name = token_within(p->st, inner);
    if (text_resolve(p->b, inner, &piece))
        return check_quoted(p, name, &piece);
    unknown_name(p, name);
    return false;
}

static bool read_plural(struct parse *p, struct span inner, struct plural *plural)
{
    struct span rest = span_from(inner, span_find(inner, ':') + 1), part;
    struct piece piece;
    if (plural->whole.len) {
        build_error(p->b, "E01", token_within(p->st, inner),
                    "a second choice by number in one text\nmake two texts of it");
        return false;
    }
    plural->whole = inner;
    plural->name = span_trim(span_first(inner, span_find(inner, ':')));
    span_split(&rest, '|', &plural->one);
    bool two = span_split(&rest, '|', &plural->many) && !span_split(&rest, '|', &part);
    if (!two) {
        build_error(p->b, "E01", token_within(p->st, inner),
                    "two forms with \"|\" between are missing\nfor example: {days: # day | # days}");
        return false;
    }
    plural->one = span_trim(plural->one), plural->many = span_trim(plural->many);
    if (!check_name(p, plural->name))
        return false;
    if (text_resolve(p->b, plural->name, &piece) && (piece.kind == PIECE_SLOT || piece.kind == PIECE_VALUE))
        return true;
    build_error(p->b, "E01", token_within(p->st, plural->name), "\"%.*s\" is not a number", SPAN_ARG(plural->name));
    return false;
}

/* Looks at every brace of the text; false after an error. */
static bool check_braces(struct parse *p, struct span text, struct plural *plural)
{
    bool good = true;
    while (true) {
        size_t open = span_find(text, '{'), stray = span_find(text, '}');
        if (stray < open) {
            build_error(p->b, "E01", token_within(p->st, span_first(span_from(text, stray), 1)),
                        "\"}\" without its \"{\"\nfor example: {hotline}");
            return false;
        }
        text = span_from(text, open);
        if (!text.len)
            return good;
        size_t close = span_find(text, '}');
        struct span inner = span_from(span_first(text, close), 1);
        if (close == text.len) {
            build_error(p->b, "E01", token_within(p->st, span_first(text, 1)),
                        "\"{\" without its \"}\"\nfor example: {hotline}");
            return false;
        }
        good &= span_find(inner, ':') < inner.len ? read_plural(p, inner, plural) : check_name(p, inner);
        text = span_from(text, close + 1);
    }
}

static void add_form(struct str *out, struct span form, struct span name)
{
    for (size_t i = 0; i < form.len; i++)
        if (form.p[i] == '#')
            str_addf(out, "{%.*s}", SPAN_ARG(name));
        else
            str_addc(out, form.p[i]);
}

/* Appends `s`; in a label "\->" and "\=" lose their "\". */
static void add_plain(struct str *out, struct span s, bool label)
{
    for (size_t i = 0; i < s.len; i++) {
        struct span next = span_from(s, i + 1);
        bool escape = label && s.p[i] == '\\' && (span_starts(next, SPAN("->")) || span_starts(next, SPAN("=")));
        if (!escape)
            str_addc(out, s.p[i]);
    }
}

/* The text with one form in place of its choice by number: what translators see. */
static struct span expand(struct parse *p, struct span body, const struct plural *plural, struct span form, bool label)
{
    struct str out = STR_INIT(TEXT_MAX);
    if (plural->whole.len) {
        size_t open = (size_t)(plural->whole.p - body.p) - 1;
        add_plain(&out, span_first(body, open), label);
        add_form(&out, form, plural->name);
        add_plain(&out, span_from(body, open + plural->whole.len + 2), label);
    } else {
        add_plain(&out, body, label);
    }
    struct span kept = {.p = ""};
    if (str_err(&out) == ERR_LIMIT)
        build_error(p->b, "E01", p->word, "this text is too long");
    else
        kept = str_err(&out) ? (struct span){0} : arena_copy(p->b->a, str_span(&out));
    str_release(&out);
    build_got(p->b, kept.p);
    return kept;
}

static struct text *add_text(struct build *b, uint16_t *index)
{
    *index = (uint16_t)b->texts.count;
    if (b->texts.count < PROGRAM_NONE)
        return list_add(b, &b->texts, sizeof(struct text));
    diag_error(b->d, "E03", (struct place){.file = b->in->start}, (struct span){0}, "more than %d texts",
               PROGRAM_NONE - 1);
    return NULL;
}

uint16_t parse_text(struct parse *p, struct token body, const char *suffix, bool label)
{
    struct plural plural = {0};
    if (!body.text.len) {
        build_error(p->b, "E01", body, "a text is missing after \"%.*s\"", SPAN_ARG(p->word.text));
        return PROGRAM_NONE;
    }
    if (!check_braces(p, body.text, &plural))
        return PROGRAM_NONE;
    struct text text = {.at = body.at};
    text.context = arena_printf(p->b->a, "%.*s/%s", SPAN_ARG(p->section->name.text), suffix);
    text.source = expand(p, body.text, &plural, plural.one, label);
    if (plural.whole.len) {
        text.plural = expand(p, body.text, &plural, plural.many, label);
        text_resolve(p->b, plural.name, &text.number);
    }
    uint16_t index;
    struct text *kept = build_got(p->b, text.context.p) && !p->b->err ? add_text(p->b, &index) : NULL;
    if (!kept)
        return PROGRAM_NONE;
    *kept = text;
    return index;
}

uint16_t text_plain(struct build *b, struct span context, struct span source)
{
    uint16_t index;
    struct text *text = add_text(b, &index);
    if (!text)
        return PROGRAM_NONE;
    *text = (struct text){.context = context, .source = source, .at = {.file = b->in->start}};
    return index;
}

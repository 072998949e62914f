// SPDX-License-Identifier: AGPL-3.0-or-later
/* Words of a statement: of a table, numbers, secrets. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "script/suggest.h"

bool take_word(struct parser *p, struct script_cursor *cursor, const char *what, struct token *word)
{
    if (script_word(cursor, word))
        return true;
    diag_error(p->diags, "E01", word->at, word->source, "%s is missing here\nthe form is: %s", what, p->form);
    return false;
}

static struct suggest nearest_keyword(struct span wanted, const struct keyword *table, size_t count)
{
    struct suggest s = suggest_start(wanted);
    for (size_t i = 0; i < count; i++)
        suggest_try(&s, span_of(table[i].word));
    return s;
}

static void unknown_keyword(struct parser *p, struct token word, const struct keyword *table, size_t count,
                            const char *what)
{
    struct suggest s = nearest_keyword(word.text, table, count);
    struct span best = suggest_best(&s);
    struct str all = STR_INIT(1024);
    for (size_t i = 0; i < count; i++)
        str_addf(&all, "%s%s", i ? ", " : "", table[i].word);
    if (best.len)
        diag_error(p->diags, "E02", word.at, word.source, "no such %s \"%.*s\"\ndid you mean \"%.*s\"?", what,
                   SPAN_ARG(word.text), SPAN_ARG(best));
    else
        diag_error(p->diags, "E02", word.at, word.source, "no such %s \"%.*s\"\none of: %s", what, SPAN_ARG(word.text),
                   str_z(&all));
    str_release(&all);
}

bool parse_keyword(struct parser *p, struct script_cursor *cursor, const struct keyword *table, size_t count,
                   const char *what, int *value)
{
    struct token word;
    if (!take_word(p, cursor, what, &word))
        return false;
    for (size_t i = 0; i < count; i++)
        if (span_is(word.text, table[i].word)) {
            *value = table[i].value;
            return true;
        }
    unknown_keyword(p, word, table, count, what);
    return false;
}

bool parse_maybe(struct script_cursor *cursor, const struct keyword *table, size_t count, int *value)
{
    for (size_t i = 0; i < count; i++)
        if (script_accept(cursor, table[i].word)) {
            *value = table[i].value;
            return true;
        }
    return false;
}

bool parse_number(struct parser *p, struct script_cursor *cursor, const char *what, int least, int most, int *value)
{
    struct token word;
    int64_t number;
    if (!take_word(p, cursor, what, &word))
        return false;
    int rc = span_int(word.text, &number);
    if (rc == ERR_SYNTAX) {
        diag_error(p->diags, "E01", word.at, word.source, "%s is a whole number, not \"%.*s\"\nthe form is: %s", what,
                   SPAN_ARG(word.text), p->form);
        return false;
    }
    if (rc < 0 || number < least || number > most) {
        diag_error(p->diags, "E04", word.at, word.source, "%s lies between %d and %d\nthe form is: %s", what, least,
                   most, p->form);
        return false;
    }
    *value = (int)number;
    return true;
}

bool parse_rest(struct parser *p, struct script_cursor *cursor, const char *what, struct token *text)
{
    *text = script_rest(cursor);
    if (text->text.len)
        return true;
    diag_error(p->diags, "E01", text->at, text->source, "%s is missing here\nthe form is: %s", what, p->form);
    return false;
}

bool parse_line(struct parser *p, struct script_cursor *cursor, const char *what, struct token *text)
{
    if (!parse_rest(p, cursor, what, text))
        return false;
    if (span_find(text->text, '\n') == text->text.len)
        return true;
    diag_error(p->diags, "E01", text->at, text->source, "%s is one line", what);
    return false;
}

void *parse_grow(struct parser *p, void *list, size_t count, size_t size)
{
    void *grown = arena_grow(p->c->arena, list, count, size);
    if (!grown)
        p->err = ERR_NOMEM;
    return grown;
}

bool parse_add_span(struct parser *p, struct span **list, size_t *count, struct span word)
{
    struct span *grown = parse_grow(p, *list, *count, sizeof *grown);
    if (!grown)
        return false;
    grown[(*count)++] = word;
    *list = grown;
    return true;
}

bool parse_words(struct parser *p, struct script_cursor *cursor, struct span **list, size_t *count)
{
    struct token word;
    while (take_word(p, cursor, "\" = \"", &word) && !span_is(word.text, "="))
        if (!parse_add_span(p, list, count, word.text))
            return false;
    if (word.text.len && !*count)
        diag_error(p->diags, "E01", word.at, word.source, "no word before \"=\"");
    return word.text.len && *count;
}

/* A secret that is not configured is no mistake, but one that differs in a letter most likely is. */
static void warn_near_secret(struct parser *p, struct token name, struct span wanted)
{
    const struct settings *s = p->c->settings;
    for (size_t i = 0; i < s->secret_count; i++)
        if (suggest_distance(wanted, s->secrets[i].name, 1) == 1)
            diag_warning(p->diags, "W60", name.at, name.source,
                         "secret \"%.*s\" is not configured\ndid you mean \"%.*s\"?", SPAN_ARG(wanted),
                         SPAN_ARG(s->secrets[i].name));
}

struct span parse_secret(struct parser *p, struct token name)
{
    const struct settings *s = p->c->settings;
    struct span wanted = span_starts(name.text, SPAN("$")) ? span_from(name.text, 1) : name.text;
    if (!script_is_name(wanted)) {
        diag_error(p->diags, "E01", name.at, name.source, "\"%.*s\" is not the name of a secret\nwrite $name",
                   SPAN_ARG(name.text));
        return (struct span){0};
    }
    for (size_t i = 0; i < s->secret_count; i++)
        if (span_eq(s->secrets[i].name, wanted) && s->secrets[i].text.len)
            return s->secrets[i].text;
    warn_near_secret(p, name, wanted);
    return (struct span){0};
}

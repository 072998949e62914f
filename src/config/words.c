// SPDX-License-Identifier: AGPL-3.0-or-later
/* words - taking a statement apart, and telling what is missing, unknown or doubled. */
#include "base/err.h"
#include "base/utf8.h"
#include "config/reader.h"

static bool anything(struct config_reader *r, struct token *t)
{
    if (r->row->secret)
        t->source = (struct span){0};
    if (t->text.len)
        return true;
    diag_error(r->d, "E01", t->at, t->source, "something is missing here\nwrite: %s", r->row->help.form);
    return false;
}

bool config_word(struct config_reader *r, struct token *word)
{
    script_word(&r->c, word);
    return anything(r, word);
}

bool config_item(struct config_reader *r, struct token *word)
{
    if (!script_word(&r->c, word))
        return false;
    size_t len = word->text.len;
    while (len > 1 && word->text.p[len - 1] == ',')
        len--;
    if (len == word->text.len)
        return true;
    struct place comma = word->at;
    comma.column += (int)utf8_length(span_first(word->text, len));
    diag_error(r->d, "E01", comma, word->source, "blanks divide these words, not commas\nwrite: %s", r->row->help.form);
    word->text.len = len;
    return true;
}

/* Straight or curly quotes around all of the text. */
static bool is_quoted(struct span s)
{
    static const struct span marks[][2] = {{SPAN("\""), SPAN("\"")}, {SPAN("\xE2\x80\x9C"), SPAN("\xE2\x80\x9D")}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        size_t both = marks[i][0].len + marks[i][1].len;
        if (s.len > both && span_starts(s, marks[i][0]) && span_eq(span_from(s, s.len - marks[i][1].len), marks[i][1]))
            return true;
    }
    return false;
}

bool config_rest(struct config_reader *r, struct token *rest)
{
    *rest = script_rest(&r->c);
    if (!anything(r, rest))
        return false;
    bool equals = span_is(rest->text, "=") || span_starts(rest->text, SPAN("= "));
    if (!equals && (r->row->secret || !is_quoted(rest->text)))
        return true;
    diag_error(r->d, "E01", rest->at, rest->source, "%s\nwrite: %s",
               equals ? "an \"=\" does not belong here" : "a text needs no quotes: people would see them",
               r->row->help.form);
    return false;
}

bool config_is_name(struct config_reader *r, const struct token *name)
{
    if (script_is_name(name->text) && span_find(name->text, '/') == name->text.len)
        return true;
    diag_error(r->d, "E01", name->at, name->source,
               "\"%.*s\" cannot be a name\na name starts with a-z and goes on with a-z, 0-9, \"-\" and \"_\"",
               SPAN_ARG(name->text));
    return false;
}

bool config_name(struct config_reader *r, struct token *name)
{
    return config_word(r, name) && config_is_name(r, name);
}

void config_end(struct config_reader *r)
{
    struct token extra;
    if (!script_word(&r->c, &extra))
        return;
    diag_error(r->d, "E01", extra.at, r->row->secret ? (struct span){0} : extra.source,
               "nothing may follow here\nwrite: %s", r->row->help.form);
}

void config_unknown(struct config_reader *r, const struct token *word, const char *what, const struct suggest *s,
                    const char *otherwise)
{
    struct span best = suggest_best(s);
    if (best.len)
        diag_error(r->d, "E02", word->at, word->source, "no such %s \"%.*s\"\ndid you mean \"%.*s\"?", what,
                   SPAN_ARG(word->text), SPAN_ARG(best));
    else
        diag_error(r->d, "E02", word->at, word->source, "no such %s \"%.*s\"\nwrite: %s", what, SPAN_ARG(word->text),
                   otherwise);
}

void config_twice(struct config_reader *r, const struct token *word, const char *what)
{
    diag_error(r->d, "E03", word->at, word->source, "%s \"%.*s\" stands twice\nleave one of them", what,
               SPAN_ARG(word->text));
}

int config_keep(struct config_reader *r, struct config_words *list, const struct token *word)
{
    struct token *words = arena_grow(r->a, list->words, list->count, sizeof *words);
    if (!words)
        return ERR_NOMEM;
    words[list->count++] = *word;
    list->words = words;
    return 0;
}

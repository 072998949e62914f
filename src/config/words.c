// SPDX-License-Identifier: AGPL-3.0-or-later
/* words - taking a statement apart, and telling what is missing, unknown or doubled. */
#include "base/err.h"
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

bool config_rest(struct config_reader *r, struct token *rest)
{
    *rest = script_rest(&r->c);
    return anything(r, rest);
}

bool config_name(struct config_reader *r, struct token *name)
{
    if (!config_word(r, name))
        return false;
    if (script_is_name(name->text) && span_find(name->text, '/') == name->text.len)
        return true;
    diag_error(r->d, "E01", name->at, name->source,
               "\"%.*s\" cannot be a name\na name starts with a-z and goes on with a-z, 0-9, \"-\" and \"_\"",
               SPAN_ARG(name->text));
    return false;
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

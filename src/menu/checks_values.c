// SPDX-License-Identifier: AGPL-3.0-or-later
/* checks_values - a condition asks of an answer what it can be (E02). An answer that is chosen from options, or set,
 * has one of a few words; a condition on any other word would always hold or never, and nobody would be told. */
#include "menu/checks.h"

#include "script/suggest.h"

/* Whether anything may be typed for it. */
static bool is_open(const struct program *p, uint16_t slot)
{
    for (size_t i = 0; i < p->screen_count; i++)
        if (p->screens[i].question.slot == slot && p->screens[i].question.asks)
            return true;
    for (size_t i = 0; i < p->case_count; i++)
        if (p->cases[i].reference == slot)
            return true;
    for (size_t i = 0; i < p->trigger_count; i++)
        for (size_t k = 0; k < p->triggers[i].phrase_count; k++)
            if (p->triggers[i].phrases[k].slot == slot)
                return true;
    return false;
}

/* Whether a line gives the answer its word. */
static bool gives(const struct menu_screen *s, const struct line *l, uint16_t slot)
{
    return (l->op == OP_SET && l->slot == slot) || (l->op == OP_OPTION && s->question.slot == slot);
}

/* Adds a word to those that are told, once. */
static void add_word(struct str *words, struct span word)
{
    struct span rest = str_span(words), one;
    while (rest.len && span_split(&rest, ',', &one))
        if (span_eq(span_trim(one), word))
            return;
    str_addf(words, "%s%.*s", words->len ? ", " : "", SPAN_ARG(word));
}

/* Whether the answer can be `word`; *words becomes all that it can be, *near the nearest of them. */
static bool can_be(struct checking *c, uint16_t slot, struct span word, struct str *words, struct suggest *near)
{
    *near = suggest_start(word);
    for (size_t i = 0; i < c->p->screen_count; i++) {
        const struct menu_screen *s = &c->p->screens[i];
        for (size_t k = 0; k < s->line_count; k++) {
            if (!gives(s, &s->lines[k], slot))
                continue;
            if (span_eq(s->lines[k].word, word))
                return true;
            suggest_try(near, s->lines[k].word);
            add_word(words, s->lines[k].word);
        }
    }
    return false;
}

static void check_test(struct checking *c, const struct test *t, struct place at)
{
    if (t->kind != TEST_COMPARE || t->index == PROGRAM_NONE || (t->op != TEST_EQ && t->op != TEST_NE) ||
        is_open(c->p, t->index))
        return;
    struct suggest near;
    struct str words = STR_INIT(SCRIPT_LINE_MAX);
    struct span name = c->p->slots[t->index].name;
    if (!can_be(c, t->index, t->word, &words, &near)) {
        struct span best = suggest_best(&near);
        at.column = 1;
        at = check_within(c, at, t->word);
        if (best.len)
            check_error(c, "E02", at, "\"%.*s\" is never \"%.*s\"\ndid you mean \"%.*s\"?", SPAN_ARG(name),
                        SPAN_ARG(t->word), SPAN_ARG(best));
        else
            check_error(c, "E02", at, "\"%.*s\" is never \"%.*s\"\nit can be: %s", SPAN_ARG(name), SPAN_ARG(t->word),
                        words.len ? str_z(&words) : "nothing, for nobody asks for it");
    }
    str_release(&words);
}

static void check_condition(struct checking *c, const struct condition *when, struct place at)
{
    for (size_t i = 0; i < when->count; i++)
        check_test(c, &when->tests[i], at);
}

void check_values(struct checking *c)
{
    for (size_t i = 0; i < c->p->screen_count; i++)
        for (size_t k = 0; k < c->p->screens[i].line_count; k++)
            check_condition(c, &c->p->screens[i].lines[k].when, c->p->screens[i].lines[k].at);
    for (size_t i = 0; i < c->p->case_count; i++) {
        const struct menu_case *kind = &c->p->cases[i];
        for (size_t k = 0; k < kind->priority_count; k++)
            check_condition(c, &kind->priorities[k].when, kind->priorities[k].at);
        for (size_t k = 0; k < kind->flag_count; k++)
            check_condition(c, &kind->flags[k].when, kind->flags[k].at);
    }
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* checks_names - numbers and words that must not mean two things. */
#include "menu/checks.h"

#include <string.h>

static bool is_numbered(const struct line *l)
{
    return l->op == OP_OPTION || l->op == OP_AGREE || l->op == OP_REFUSE;
}

static bool shown_together(const struct line *a, const struct line *b)
{
    return (a->media & b->media) && !check_exclude(&a->when, &b->when);
}

static void check_twice(struct checking *c, const struct menu_screen *s, size_t at)
{
    const struct line *line = &s->lines[at];
    for (size_t i = 0; i < at; i++) {
        const struct line *other = &s->lines[i];
        if (!is_numbered(other) || other->number != line->number || !shown_together(line, other))
            continue;
        check_error(c, "E03", line->at, "number %d is used twice on screen \"%.*s\"\nit is used first on line %d",
                    line->number, SPAN_ARG(s->name), other->at.line);
        return;
    }
}

/* Keys that the screen hides whatever happens. */
static unsigned hidden_keys(const struct menu_screen *s)
{
    unsigned hidden = 0;
    for (size_t i = 0; i < s->question_at; i++)
        if (s->lines[i].op == OP_HIDE && !s->lines[i].when.count)
            hidden |= s->lines[i].keys;
    return hidden;
}

static void check_key(struct checking *c, const struct menu_screen *s, const struct line *line)
{
    static const char *const names[KEY_COUNT] = {
        [KEY_BACK] = "back", [KEY_HOME] = "home", [KEY_MORE] = "more", [KEY_EXIT] = "exit"};
    struct span number = arena_printf(c->a, "%d", line->number);
    c->failed |= !number.p;
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (!(hidden_keys(s) & 1u << i) && number.p && span_eq(c->in->settings->keys[i].press, number))
            check_error(c, "E03", line->at,
                        "number %d is also the key \"%s\"\ntake another number, or another key in the configuration",
                        line->number, names[i]);
}

void check_numbers(struct checking *c)
{
    for (size_t i = 0; i < c->p->screen_count; i++) {
        const struct menu_screen *s = &c->p->screens[i];
        for (size_t k = 0; k < s->line_count; k++) {
            if (!is_numbered(&s->lines[k]))
                continue;
            check_twice(c, s, k);
            check_key(c, s, &s->lines[k]);
        }
    }
}

/* ---- keywords ---- */

/* Whether some message fits both: the same words, or the words of one where the other takes any word. */
static bool phrases_clash(const struct phrase *a, const struct phrase *b)
{
    if ((a->slot == PROGRAM_NONE) == (b->slot == PROGRAM_NONE))
        return span_eq(a->folded, b->folded);
    const struct phrase *open = a->slot != PROGRAM_NONE ? a : b, *whole = open == a ? b : a;
    struct span more = span_from(whole->folded, open->folded.len);
    return span_starts(whole->folded, open->folded) && more.len > 1 && more.p[0] == ' ' &&
           span_find(span_from(more, 1), ' ') == more.len - 1;
}

static void check_phrase(struct checking *c, size_t trigger, const struct phrase *phrase)
{
    for (size_t i = 0; i < trigger; i++) {
        const struct trigger *other = &c->p->triggers[i];
        for (size_t k = 0; k < other->phrase_count; k++) {
            if (other->screen == c->p->triggers[trigger].screen || !phrases_clash(phrase, &other->phrases[k]))
                continue;
            struct place at = other->phrases[k].at;
            check_error(c, "E33", phrase->at,
                        "this word already leads to \"%.*s\"\nit is given first at %s:%d; keywords of all languages "
                        "are looked at together",
                        SPAN_ARG(c->p->screens[other->screen].name), at.file, at.line);
            return;
        }
    }
}

static bool has_words(const struct program *p, uint16_t screen, struct span language)
{
    for (size_t i = 0; i < p->trigger_count; i++)
        for (size_t k = 0; p->triggers[i].screen == screen && k < p->triggers[i].phrase_count; k++)
            if (span_eq(p->triggers[i].phrases[k].language, language))
                return true;
    return false;
}

static void check_languages(struct checking *c, const struct trigger *t)
{
    const struct settings *s = c->in->settings;
    for (size_t i = 0; i < s->language_count; i++)
        if (!s->languages[i].draft && !has_words(c->p, t->screen, s->languages[i].code))
            check_error(c, "E33", t->at, "trigger \"%.*s\" has no word in \"%.*s\"\nadd a line: words %.*s WORD",
                        SPAN_ARG(c->p->screens[t->screen].name), SPAN_ARG(s->languages[i].code),
                        SPAN_ARG(s->languages[i].code));
}

void check_other_words(struct checking *c)
{
    for (size_t i = 0; i < c->p->trigger_count; i++) {
        const struct trigger *t = &c->p->triggers[i];
        for (size_t k = 0; k < t->phrase_count; k++) {
            struct span code = t->phrases[k].language;
            bool again = k && span_eq(t->phrases[k - 1].language, code);
            if (program_language(c->p, code) < 0 && !again)
                check_warning(c, "W33", t->phrases[k].at,
                              "\"%.*s\" is not among the languages\nadd it to \"languages\" or \"draft\" in the "
                              "configuration, or take the line out",
                              SPAN_ARG(code));
        }
    }
}

void check_keywords(struct checking *c)
{
    for (size_t i = 0; i < c->p->trigger_count; i++) {
        check_languages(c, &c->p->triggers[i]);
        for (size_t k = 0; k < c->p->triggers[i].phrase_count; k++)
            check_phrase(c, i, &c->p->triggers[i].phrases[k]);
    }
}

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

struct keyword {
    const struct phrase *phrase;
    uint16_t screen;
    size_t order;
};

/** The first keyword of some words, and the first of them that leads elsewhere: one of the two clashes with whatever
 * comes later, if any does. */
struct known_words {
    struct keyword first[2];
};

/** How words are known: as a whole message, before a word that may be any, as a whole one without its last word. */
enum known_as { KNOWN_WHOLE, KNOWN_OPEN, KNOWN_STEM, KNOWN_WAYS };

struct keywords {
    struct checking *c;
    struct map *known[KNOWN_WAYS]; /* folded words -> struct known_words */
    size_t count;
};

/* All words but the last; empty where there is one. */
static struct span stem_of(struct span words)
{
    size_t len = words.len;
    while (len && words.p[len - 1] != ' ')
        len--;
    return span_first(words, len ? len - 1 : 0);
}

static void remember(struct keywords *w, enum known_as as, struct span words, struct keyword one)
{
    struct known_words *k = map_get(w->known[as], words);
    if (!k) {
        k = arena_alloc(w->c->a, sizeof *k);
        if (!k || map_put(w->known[as], words, k) < 0) {
            w->c->failed = true;
            return;
        }
    }
    if (!k->first[0].phrase)
        k->first[0] = one;
    else if (!k->first[1].phrase && k->first[0].screen != one.screen)
        k->first[1] = one;
}

/* The earlier of `best` and what is known by these words and leads to another screen; its phrase is NULL: none. */
static struct keyword earlier(const struct keywords *w, enum known_as as, struct span words, uint16_t screen,
                              struct keyword best)
{
    const struct known_words *k = map_get(w->known[as], words);
    if (!k)
        return best;
    const struct keyword *found = &k->first[k->first[0].screen == screen];
    return found->phrase && (!best.phrase || found->order < best.order) ? *found : best;
}

/* Some message fits two keywords: the same words, or the words of one where the other takes any word. */
static void check_phrase(struct keywords *w, uint16_t screen, const struct phrase *phrase)
{
    struct keyword other = {0}, one = {.phrase = phrase, .screen = screen, .order = w->count++};
    bool open = phrase->slot != PROGRAM_NONE;
    struct span stem = open ? (struct span){0} : stem_of(phrase->folded);
    other = earlier(w, open ? KNOWN_OPEN : KNOWN_WHOLE, phrase->folded, screen, other);
    if (open)
        other = earlier(w, KNOWN_STEM, phrase->folded, screen, other);
    else if (stem.len)
        other = earlier(w, KNOWN_OPEN, stem, screen, other);
    remember(w, open ? KNOWN_OPEN : KNOWN_WHOLE, phrase->folded, one);
    if (stem.len)
        remember(w, KNOWN_STEM, stem, one);
    if (other.phrase)
        check_error(w->c, "E33", phrase->at,
                    "this word already leads to \"%.*s\"\nit is given first at %s:%d; keywords of all languages "
                    "are looked at together",
                    SPAN_ARG(w->c->p->screens[other.screen].name), other.phrase->at.file, other.phrase->at.line);
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
    struct keywords w = {.c = c};
    for (size_t i = 0; i < KNOWN_WAYS; i++)
        c->failed |= !(w.known[i] = map_new());
    for (size_t i = 0; i < c->p->trigger_count && !c->failed; i++) {
        const struct trigger *t = &c->p->triggers[i];
        check_languages(c, t);
        for (size_t k = 0; k < t->phrase_count && !c->failed; k++)
            check_phrase(&w, t->screen, &t->phrases[k]);
    }
    for (size_t i = 0; i < KNOWN_WAYS; i++)
        map_free(w.known[i]);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* checks_words - what texts say: words that push (E45), figures without a source (W20), translations that are none
 * (W30). */
#include "base/err.h"
#include "base/utf8.h"
#include "menu/checks.h"
#include "text/fold.h"
#include "text/letter.h"

#include <string.h>

enum {
    FOLD_MOST = 400 /* bytes of a text that a phrase is looked for in at once */,
    SAME_LETTERS = 12,
    DIGIT_MOST = 10
};

static bool is_letter(int32_t cp)
{
    return cp >= 0 && !letter_is_blank(cp) && !letter_is_punctuation(cp);
}

/** The text in a language as its translator wrote it; p NULL: not translated. Form 0, 1, ... of a plural. */
static struct span words_of(const struct program *p, const struct text *text, size_t language, int form)
{
    if (!language)
        return form == 0 ? text->source : form == 1 && text->plural.len ? text->plural : (struct span){0};
    if (!text->renditions[language * LOCALE_PLURALS_MAX].pieces)
        return (struct span){0};
    const struct locale *l = p->locales[language];
    if (!text->plural.len)
        return form ? (struct span){0} : locale_text(l, text->context, text->source);
    return form < locale_plural_count(l) ? locale_plural(l, text->context, text->source, form) : (struct span){0};
}

/* ---- E45 ---- */

struct avoided {
    struct span language, folded, phrase;
};

/** The length of `phrase` at the front of `text`, as written there; 0: it is not there as whole words. */
static size_t phrase_at(struct str *folded, struct span text, struct span phrase)
{
    struct span near = span_first(text, FOLD_MOST);
    near = span_first(near, utf8_valid(near));
    str_clear(folded);
    fold_compare(folded, near);
    struct span rest = span_from(str_span(folded), phrase.len);
    if (!span_starts(str_span(folded), phrase) || (rest.len && is_letter(utf8_next(&rest))))
        return 0;
    for (size_t len = phrase.len < near.len ? phrase.len : near.len; len <= near.len; len++) {
        str_clear(folded);
        fold_compare(folded, span_first(near, len));
        if (span_eq(str_span(folded), phrase))
            return len;
    }
    return phrase.len;
}

/** Where the phrase stands in a text, as written there; p NULL: nowhere. What stands in braces is not said. */
static struct span find_phrase(struct str *folded, struct span text, struct span phrase)
{
    bool inside = false, named = false;
    for (struct span rest = text; rest.len;) {
        struct span here = rest;
        int32_t cp = utf8_next(&rest);
        named = cp == '{' || (named && cp != '}');
        bool letter = is_letter(cp) && !named;
        size_t len = letter && !inside ? phrase_at(folded, here, phrase) : 0;
        if (len)
            return span_first(here, len);
        inside = letter;
    }
    return (struct span){0};
}

struct pushing {
    struct checking *c;
    struct avoided *avoided;
    size_t count;
    struct str folded, near; /* a whole text, and what is looked at closely */
};

static void tell_pushing(struct pushing *p, const struct avoided *a, bool draft, struct place at)
{
    (draft ? check_warning : check_error)(p->c, draft ? "W45" : "E45", at,
                                          "\"%.*s\" pushes, and the configuration avoids it\nsay what is so, and leave "
                                          "the choice to whoever reads it",
                                          SPAN_ARG(a->phrase));
}

/** Whether the phrase may stand in the text that was folded whole: most do not, and that is soon seen. */
static bool may_hold(const struct pushing *p, const struct avoided *a)
{
    return p->folded.len && memmem(p->folded.p, p->folded.len, a->folded.p, a->folded.len);
}

static void check_words(struct pushing *p, const struct text *text, size_t language, struct span words)
{
    const struct settings_language *l = &p->c->in->settings->languages[language];
    str_clear(&p->folded);
    fold_compare(&p->folded, words);
    for (size_t i = 0; i < p->count; i++) {
        const struct avoided *a = &p->avoided[i];
        if (!span_eq(a->language, l->code) || !may_hold(p, a))
            continue;
        struct span found = find_phrase(&p->near, words, a->folded);
        if (found.p)
            tell_pushing(p, a, l->draft,
                         language ? check_entry(p->c, text, language) : check_within(p->c, text->at, found));
    }
}

static void check_texts(struct pushing *p)
{
    struct span words;
    for (size_t l = 0; l < p->c->in->settings->language_count; l++)
        for (size_t i = 0; i < p->c->p->text_count; i++)
            for (int form = 0; form < LOCALE_PLURALS_MAX; form++)
                if ((words = words_of(p->c->p, &p->c->p->texts[i], l, form)).p)
                    check_words(p, &p->c->p->texts[i], l, words);
}

/** Cells are shown in every language, so each list is for them. */
static void check_cells(struct pushing *p, const struct table_row *row, size_t columns)
{
    for (size_t k = 0; k < columns; k++) {
        str_clear(&p->folded);
        fold_compare(&p->folded, row->cells[k]);
        for (size_t i = 0; i < p->count; i++)
            if (may_hold(p, &p->avoided[i]) && find_phrase(&p->near, row->cells[k], p->avoided[i].folded).p)
                tell_pushing(p, &p->avoided[i], false, row->at);
    }
}

static void read_avoided(struct pushing *p)
{
    const struct settings *s = p->c->in->settings;
    p->avoided = arena_array(p->c->a, s->avoid_count + 1, sizeof *p->avoided);
    for (size_t i = 0; p->avoided && i < s->avoid_count; i++) {
        str_clear(&p->folded);
        fold_compare(&p->folded, s->avoids[i].phrase);
        struct avoided a = {s->avoids[i].language, arena_copy(p->c->a, str_span(&p->folded)), s->avoids[i].phrase};
        p->c->failed |= !a.folded.p;
        if (a.folded.len)
            p->avoided[p->count++] = a;
    }
    p->c->failed |= !p->avoided;
}

void check_pushing(struct checking *c)
{
    struct pushing p = {.c = c, .folded = STR_INIT(SCRIPT_FILE_MAX), .near = STR_INIT(4 * FOLD_MOST)};
    read_avoided(&p);
    if (p.count && !c->failed)
        check_texts(&p);
    for (size_t i = 0; p.count && i < c->p->table_count; i++)
        for (size_t k = 0; k < c->p->tables[i].row_count; k++)
            check_cells(&p, &c->p->tables[i].rows[k], c->p->tables[i].column_count);
    c->failed |= str_err(&p.folded) == ERR_NOMEM || str_err(&p.near) == ERR_NOMEM;
    str_release(&p.folded);
    str_release(&p.near);
}

/* ---- W20 ---- */

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

/** A letter or digit of any script: "K7M3QX" is no number. */
static bool joins(char ch)
{
    return is_digit(ch) || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') || (unsigned char)ch >= 0x80;
}

/** Takes the next number with its "-", ".", ":", "/" or blank between digits off *rest; p NULL: none. */
static struct span next_number(struct span *rest)
{
    size_t i = 0;
    while (i < rest->len) {
        size_t from = i;
        if (!joins(rest->p[i])) {
            i++;
            continue;
        }
        while (i < rest->len && (joins(rest->p[i]) || (is_digit(rest->p[i - 1]) && strchr("-.,:/ ", rest->p[i]) &&
                                                       rest->p[i] && i + 1 < rest->len && is_digit(rest->p[i + 1]))))
            i++;
        if (!is_digit(rest->p[from]))
            continue;
        struct span number = {.p = rest->p + from, .len = i - from};
        *rest = span_from(*rest, i);
        return number;
    }
    *rest = (struct span){0};
    return *rest;
}

/** "1", "10", "1-3", "2 or 3": counted on fingers, and no figure to look up. */
static bool is_small(struct span number)
{
    size_t groups = 0;
    for (size_t i = 0; i < number.len; groups++) {
        size_t from = i;
        int64_t n = 0;
        while (i < number.len && is_digit(number.p[i]))
            i++;
        struct span digits = {.p = number.p + from, .len = i - from};
        if (!digits.len || span_int(digits, &n) < 0 || n > DIGIT_MOST || (digits.len > 1 && digits.p[0] == '0'))
            return false;
        while (i < number.len && !is_digit(number.p[i]))
            i++;
    }
    return groups <= 2;
}

static bool compares(const struct condition *when, struct span number)
{
    for (size_t i = 0; i < when->count; i++)
        if (when->tests[i].kind == TEST_COMPARE && span_eq(when->tests[i].word, number))
            return true;
    return false;
}

/** A number that the menus themselves decide by ("when age < 18") is their rule, not a figure from elsewhere. */
static bool is_rule(const struct program *p, struct span number)
{
    for (size_t i = 0; i < p->screen_count; i++)
        for (size_t k = 0; k < p->screens[i].line_count; k++)
            if (compares(&p->screens[i].lines[k].when, number))
                return true;
    return false;
}

static void check_figures(struct checking *c, const struct line *line)
{
    const struct rendition *r = &c->p->texts[line->text].renditions[0];
    for (size_t i = 0; i < r->count; i++) {
        struct span rest = r->pieces[i].literal, number;
        while (r->pieces[i].kind == PIECE_LITERAL && rest.len && (number = next_number(&rest)).p) {
            if (is_small(number) || is_rule(c->p, number))
                continue;
            check_warning(
                c, "W20", check_within(c, c->p->texts[line->text].at, number),
                "\"%.*s\" says no source\nput it into a fact, a table or a value, where somebody looks after it",
                SPAN_ARG(number));
            return;
        }
    }
}

void check_uncited(struct checking *c)
{
    for (size_t i = 0; i < c->p->screen_count; i++) {
        const struct menu_screen *s = &c->p->screens[i];
        for (size_t k = 0; s->kind != SCREEN_CONSENT && k < s->line_count; k++) // a consent's words have a version
            if (s->lines[k].op == OP_SAY || s->lines[k].op == OP_SEND)
                check_figures(c, &s->lines[k]);
    }
}

/* ---- W30 ---- */

static size_t count_letters(struct span text)
{
    size_t count = 0;
    bool named = false;
    while (text.len) {
        int32_t cp = utf8_next(&text);
        named = cp == '{' || (named && cp != '}');
        count += !named && cp != '}' && is_letter(cp);
    }
    return count;
}

void check_same(struct checking *c)
{
    for (size_t l = 1; l < c->in->settings->language_count; l++)
        for (size_t i = 0; i < c->p->text_count; i++) {
            const struct text *text = &c->p->texts[i];
            if (count_letters(text->source) <= SAME_LETTERS || !span_eq(words_of(c->p, text, l, 0), text->source))
                continue;
            struct span code = c->in->settings->languages[l].code;
            check_warning(
                c, "W30", check_entry(c, text, l),
                "the translation into \"%.*s\" is the source itself (%.*s)\ntranslate it, or empty its msgstr",
                SPAN_ARG(code), SPAN_ARG(text->context));
        }
}

/* ---- at a release ---- */

static void refuse_unconfirmed(struct diags *d, const char *what, struct span name, struct span confirm,
                               struct place at)
{
    if (confirm.len)
        diag_error(
            d, "E52", at, (struct span){0},
            "%s \"%.*s\" is not confirmed yet: %.*s\nlet somebody qualified confirm it, then take the line \"confirm\" "
            "away; or take out what says it",
            what, SPAN_ARG(name), SPAN_ARG(confirm));
}

void menu_check_release(const struct program *p, struct diags *d)
{
    for (size_t i = 0; i < p->fact_count; i++)
        refuse_unconfirmed(d, "fact", p->facts[i].name, p->facts[i].confirm, p->facts[i].at);
    for (size_t i = 0; i < p->table_count; i++)
        refuse_unconfirmed(d, "table", p->tables[i].name, p->tables[i].confirm, p->tables[i].at);
    for (size_t i = 1; i < p->settings->language_count; i++) {
        const struct settings_language *l = &p->settings->languages[i];
        char path[512];
        if (l->draft || locale_reviewer(p->locales[i]).len)
            continue;
        snprintf(path, sizeof path, "%.*s/%.*s.po", SPAN_ARG(p->settings->locales), SPAN_ARG(l->code));
        diag_error(d, "E34", (struct place){.file = path}, (struct span){0},
                   "nobody has reviewed this translation\nwhen a qualified person has, write their name into its head: "
                   "X-Reviewed-By; or call the language a draft");
    }
}

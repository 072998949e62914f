// SPDX-License-Identifier: AGPL-3.0-or-later
/* kindly - answers to a menu that are no number and no option's own words, but can mean one option only.
 *
 *     "two", "dos"            a number in words, in any language that is offered
 *     "2 (yes)", "2 👍"       the number with what else is on the page's line, or with signs
 *     "yes", "si", "wi"       how one option begins, and no other, in any language that is offered
 *
 * Looked at last: keywords know better. An option of a page that is not shown can make an answer unclear, and never be
 * chosen. What can mean two things is a wrong answer, and the screen helps.
 */
#include "dialogue/option.h"

#include "text/fold.h"

enum { KINDLY_BYTES_MAX = 200, LETTERS_MIN = 2, DIGITS_MAX = 3 };

/** What fits so far: an option, none yet, or several. */
enum { FITS_NONE = -1, FITS_SEVERAL = -2 };

struct kindly {
    struct step *st;
    const uint16_t *options; /* all that hold, of every page */
    size_t count;
    struct span words; /* of the input, fold_words */
    int number;        /* that the input is or begins with, or -1 */
    struct span rest;  /* words after the number */
    int fits;          /* an option, or FITS_... */
};

static void note(struct kindly *k, uint16_t option)
{
    if (k->fits == FITS_NONE || k->fits == option)
        k->fits = option;
    else
        k->fits = FITS_SEVERAL;
}

static bool offered(const struct step *st, int language)
{
    return st->in->drafts || !st->p->settings->languages[language].draft;
}

/** Whether `words` are the first words of `label`, or all of them. */
static bool begins(struct span label, struct span words)
{
    return span_starts(label, words) && (label.len == words.len || label.p[words.len] == ' ');
}

static bool label_begins(struct kindly *k, uint16_t option, int language, struct span words)
{
    struct step *st = k->st;
    int own = st->language;
    st->language = language;
    str_clear(&st->said);
    str_clear(&st->scratch);
    option_label(st, &st->said, option);
    fold_words(&st->scratch, str_span(&st->said));
    bool same = begins(str_span(&st->scratch), words);
    str_clear(&st->said);
    str_clear(&st->scratch);
    st->language = own;
    return same;
}

static bool in_some_language(struct kindly *k, uint16_t option, struct span words)
{
    for (size_t i = 0; i < k->st->p->settings->language_count; i++)
        if (offered(k->st, (int)i) && label_begins(k, option, (int)i, words))
            return true;
    return false;
}

/* ---- numbers ---- */

/** Whether `word` is one of "un/une". */
static bool among(struct span forms, struct span word)
{
    struct span form;
    while (span_split(&forms, '/', &form)) {
        struct str folded = STR_INIT(KINDLY_BYTES_MAX);
        fold_words(&folded, form);
        bool same = span_eq(str_span(&folded), word);
        str_release(&folded);
        if (same)
            return true;
    }
    return false;
}

/** The number that a word says in a language, or -1. */
static int number_in(struct kindly *k, int language, struct span word)
{
    struct step *st = k->st;
    str_clear(&st->said);
    render_words(st, &st->said, SYSTEM_NUMBERS, language);
    struct span list = str_span(&st->said), forms;
    int found = -1;
    for (int n = 1; found < 0 && span_split(&list, ',', &forms); n++)
        if (among(forms, word))
            found = n;
    str_clear(&st->said);
    return found;
}

/** The number that a word is, in digits or in words of any language, its own first; -1: none. */
static int number_of(struct kindly *k, struct span word)
{
    int64_t n;
    if (span_int(word, &n) == 0)
        return word.len <= DIGITS_MAX ? (int)n : -1;
    int found = number_in(k, k->st->language, word);
    for (size_t i = 0; found < 0 && i < k->st->p->settings->language_count; i++)
        if (offered(k->st, (int)i))
            found = number_in(k, (int)i, word);
    return found;
}

static void by_number(struct kindly *k)
{
    for (size_t i = 0; i < k->count; i++)
        if (option_number(k->st, k->options[i]) == k->number &&
            (!k->rest.len || in_some_language(k, k->options[i], k->rest)))
            note(k, k->options[i]);
}

/* ---- words ---- */

/** The dialogue's own language first: what is clear there need not be clear in all. */
static void by_words(struct kindly *k)
{
    for (size_t i = 0; i < k->count; i++)
        if (label_begins(k, k->options[i], k->st->language, k->words))
            note(k, k->options[i]);
    bool own = k->fits != FITS_NONE;
    for (size_t i = 0; !own && i < k->count; i++)
        if (in_some_language(k, k->options[i], k->words))
            note(k, k->options[i]);
}

static bool on_page(const struct dialogue *s, int option)
{
    for (int i = 0; i < s->option_count; i++)
        if (s->options[i] == option)
            return true;
    return false;
}

static bool read_words(struct kindly *k)
{
    struct step *st = k->st;
    str_clear(&st->scratch);
    fold_words(&st->scratch, st->in->text);
    k->words = step_keep(st);
    if (!k->words.len)
        return false;
    struct span first = span_first(k->words, span_find(k->words, ' '));
    k->number = span_starts(span_trim(st->in->text), SPAN("-")) ? -1 : number_of(k, first);
    k->rest = span_from(k->words, first.len + (first.len < k->words.len));
    return true;
}

bool accept_kindly(struct step *st)
{
    struct kindly k = {.st = st, .fits = FITS_NONE};
    if (!st->s->option_count || st->in->text.len > KINDLY_BYTES_MAX || !read_words(&k))
        return false;
    k.options = option_list(st, &k.count);
    if (!k.options)
        return false;
    if (k.number >= 0)
        by_number(&k);
    if (k.fits == FITS_NONE && k.words.len >= LETTERS_MIN)
        by_words(&k);
    if (k.fits < 0 || !on_page(st->s, k.fits))
        return false;
    option_choose(st, (uint16_t)k.fits);
    return true;
}

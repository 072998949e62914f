// SPDX-License-Identifier: AGPL-3.0-or-later
/* answer - a free answer: the menu's cleaners in order, then its kind, then its pattern.
 *
 * Kinds are read kindly and stored in one form: a number as its digits ("٢٤", "24." are 24), a date as YYYY-MM-DD
 * (also typed D.M.YYYY, D/M/YYYY or D-M-YYYY), a phone number with "+", a reference in capitals without blanks or "-".
 * Line breaks and tabs in an SMS count as blanks; any other control character, more than DIALOGUE_ANSWER_MAX bytes, or
 * words without a single letter or digit (only signs, only emoji) are simply wrong answers.
 */
#include "dialogue/step.h"

#include "base/utf8.h"
#include "text/fold.h"
#include "text/letter.h"
#include "text/phone.h"

#include <stdio.h>

enum { REFERENCE_LEN = 6, WINDOW_MIN = 2, WINDOW_MAX = 60, NUMBER_MAX = 18 };

/* ---- letters ---- */

static bool is_control(int32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0);
}

static bool has_letter(struct span text)
{
    while (text.len) {
        int32_t cp = utf8_next(&text);
        bool ascii = (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z');
        if (ascii || (cp >= 0xAA && !letter_is_sign(cp) && !letter_is_mark(cp) && !letter_is_blank(cp) &&
                      !letter_is_punctuation(cp)))
            return true;
    }
    return false;
}

/** The answer with blanks for line breaks and tabs; false for what no answer holds. */
static bool without_controls(struct step *st, struct span *text)
{
    if (text->len > DIALOGUE_ANSWER_MAX)
        return false;
    str_clear(&st->scratch);
    for (struct span rest = *text; rest.len;) {
        const char *at = rest.p;
        int32_t cp = utf8_next(&rest);
        if (cp == '\n' || cp == '\r' || cp == '\t')
            str_addc(&st->scratch, ' ');
        else if (cp < 0 || is_control(cp))
            return false;
        else
            str_add(&st->scratch, (struct span){.p = at, .len = (size_t)(rest.p - at)});
    }
    *text = step_keep(st);
    return true;
}

/* ---- cleaners ---- */

static void clean_trim(struct str *out, struct span text)
{
    struct span rest = text;
    size_t from = text.len, to = 0;
    while (rest.len) {
        size_t at = text.len - rest.len;
        if (letter_is_blank(utf8_next(&rest)))
            continue;
        from = at < from ? at : from;
        to = text.len - rest.len;
    }
    if (to > from)
        str_add(out, span_first(span_from(text, from), to - from));
}

static void clean_squeeze(struct str *out, struct span text)
{
    bool blank = false;
    while (text.len) {
        const char *at = text.p;
        bool was = blank;
        blank = letter_is_blank(utf8_next(&text));
        if (!blank)
            str_add(out, (struct span){.p = at, .len = (size_t)(text.p - at)});
        else if (!was)
            str_addc(out, ' ');
    }
}

static const struct {
    enum cleaner cleaner;
    void (*clean)(struct str *out, struct span text);
} cleaners[] = {
    {CLEAN_TRIM, clean_trim},  {CLEAN_SQUEEZE, clean_squeeze}, {CLEAN_UPPER, fold_upper},
    {CLEAN_LOWER, fold_lower}, {CLEAN_DIGITS, fold_digits},
};

static struct span cleaned(struct step *st, void (*clean)(struct str *, struct span), struct span text)
{
    str_clear(&st->scratch);
    clean(&st->scratch, text);
    return step_keep(st);
}

/** Plain digits, without blanks around and a "." behind: for the kinds that are made of digits. */
static struct span digits(struct step *st, struct span text)
{
    text = cleaned(st, clean_trim, cleaned(st, fold_digits, text));
    if (text.len > 1 && text.p[text.len - 1] == '.')
        text.len--;
    return text;
}

/* ---- kinds ---- */

static bool keep(struct step *st, struct span text, struct span *value)
{
    if (!text.p)
        st->err = ERR_NOMEM;
    *value = text;
    return text.p != NULL;
}

static bool kind_any(struct step *st, const struct question *q, struct span text, struct span *value)
{
    return (q->match || has_letter(text)) && keep(st, text, value);
}

static bool kind_number(struct step *st, const struct question *q, struct span text, struct span *value)
{
    int64_t n;
    text = digits(st, text);
    if (text.len && text.p[0] == '+')
        text = span_from(text, 1);
    if (text.len > NUMBER_MAX || span_int(text, &n) < 0 || n < q->least || n > q->most)
        return false;
    return keep(st, arena_printf(st->a, "%lld", (long long)n), value);
}

static bool kind_text(struct step *st, const struct question *q, struct span text, struct span *value)
{
    int64_t letters = (int64_t)utf8_length(text);
    return letters >= q->least && letters <= q->most && kind_any(st, q, text, value);
}

/** D.M.YYYY as numbers; the calendar is date_parse's matter. */
static bool day_first(struct span text, int64_t part[3])
{
    static const char separators[] = "./-";
    for (const char *sep = separators; *sep; sep++) {
        struct span rest = text, word;
        int i = 0;
        while (i < 3 && span_split(&rest, *sep, &word) && word.len <= 4 && span_int(word, &part[i]) == 0)
            i++;
        if (i == 3 && !rest.p)
            return part[0] > 0 && part[0] < 32 && part[1] > 0 && part[1] < 13 && part[2] > 999;
    }
    return false;
}

static bool kind_date(struct step *st, const struct question *q, struct span text, struct span *value)
{
    (void)q;
    struct date d;
    int64_t part[3] = {0};
    text = digits(st, text);
    if (day_first(text, part))
        text = arena_printf(st->a, "%04d-%02d-%02d", (int)part[2], (int)part[1], (int)part[0]);
    return date_parse(text, &d) == 0 && keep(st, text, value);
}

static bool kind_phone(struct step *st, const struct question *q, struct span text, struct span *value)
{
    (void)q;
    struct msisdn number;
    if (phone_parse(text, st->p->settings->default_country, &number) < 0)
        return false;
    return keep(st, arena_printf(st->a, "+%s", number.digits), value);
}

static bool kind_reference(struct step *st, const struct question *q, struct span text, struct span *value)
{
    (void)q;
    char letters[REFERENCE_LEN];
    size_t count = 0;
    text = digits(st, text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];
        if (c == ' ' || c == '-')
            continue;
        c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        if (count == REFERENCE_LEN || !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')))
            return false;
        letters[count++] = c;
    }
    return count == REFERENCE_LEN && keep(st, arena_copy(st->a, (struct span){.p = letters, .len = count}), value);
}

static bool kind_window(struct step *st, const struct question *q, struct span text, struct span *value)
{
    (void)q;
    text = cleaned(st, clean_trim, text);
    size_t letters = utf8_length(text);
    return letters >= WINDOW_MIN && letters <= WINDOW_MAX && has_letter(text) && keep(st, text, value);
}

static bool (*const kinds[])(struct step *, const struct question *, struct span, struct span *) = {
    [ANSWER_ANY] = kind_any,       [ANSWER_NUMBER] = kind_number, [ANSWER_TEXT] = kind_text,
    [ANSWER_DATE] = kind_date,     [ANSWER_PHONE] = kind_phone,   [ANSWER_REFERENCE] = kind_reference,
    [ANSWER_WINDOW] = kind_window,
};

bool answer_read(struct step *st, const struct question *q, struct span text, struct span *value)
{
    if (!without_controls(st, &text))
        return false;
    for (size_t i = 0; i < sizeof cleaners / sizeof cleaners[0]; i++)
        if (q->cleaners & cleaners[i].cleaner)
            text = cleaned(st, cleaners[i].clean, text);
    if (!text.len || !kinds[q->kind](st, q, text, value))
        return false;
    return !q->match || pattern_matches(q->match, *value);
}

/* ---- how long an answer can be ---- */

static int number_most(const struct question *q)
{
    int least = snprintf(NULL, 0, "%lld", (long long)q->least), most = snprintf(NULL, 0, "%lld", (long long)q->most);
    int longest = least > most ? least : most;
    return longest < NUMBER_MAX ? longest : NUMBER_MAX;
}

struct answer_most answer_most(const struct question *q)
{
    static const struct answer_most most[] = {
        [ANSWER_ANY] = {.letters = DIALOGUE_ANSWER_MAX, .unlimited = true},
        [ANSWER_DATE] = {.letters = sizeof "YYYY-MM-DD" - 1, .plain = true},
        [ANSWER_PHONE] = {.letters = (int)sizeof((struct msisdn *)0)->digits, .plain = true},
        [ANSWER_REFERENCE] = {.letters = REFERENCE_LEN, .plain = true},
        [ANSWER_WINDOW] = {.letters = WINDOW_MAX},
    };
    if (q->kind == ANSWER_NUMBER)
        return (struct answer_most){.letters = number_most(q), .plain = true};
    if (q->kind == ANSWER_TEXT)
        return (struct answer_most){.letters = q->most < DIALOGUE_ANSWER_MAX ? (int)q->most : DIALOGUE_ANSWER_MAX,
                                    .plain = q->plain};
    return most[q->kind];
}

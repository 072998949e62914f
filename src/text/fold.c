// SPDX-License-Identifier: AGPL-3.0-or-later
#include "text/fold.h"

#include "base/utf8.h"
#include "text/gsm7.h"
#include "text/letter.h"

enum { PHONE_DIGITS_LEAST = 9 }; // a date and a span of years have eight

/* The bytes from `from` up to where `left` begins. */
static struct span upto(const char *from, struct span left)
{
    return (struct span){from, (size_t)(left.p - from)};
}

/* Most text needs no folding: what stays is copied in whole stretches, and only what changes is written by itself. */
void fold_typography(struct str *out, struct span s)
{
    struct span stays = s;
    while (s.len) {
        struct span here = s;
        int32_t cp = utf8_next(&s);
        const char *sign = cp >= 0x80 || cp == '`' ? letter_typographic(cp) : NULL;
        if (!sign)
            continue;
        str_add(out, upto(stays.p, here));
        str_addz(out, sign);
        stays = s;
    }
    str_add(out, stays);
}

/* What fold_accents wrote last, for an accent that comes as a code point of its own. */
struct written {
    int32_t cp; /* the letter as it was read */
    size_t at;  /* where it stands in the output */
};

static bool in_alphabet(const char *spelling)
{
    return spelling && gsm7_count(span_of(spelling)) >= 0;
}

/* Appends the letter `cp`, of the bytes `as_is`, so that it is in the GSM alphabet where that can be. */
static void add_plain(struct str *out, int32_t cp, struct span as_is)
{
    if (gsm7_septets(cp)) {
        str_add(out, as_is);
        return;
    }
    int32_t plain = letter_plain(cp);
    const char *spelling = letter_typographic(cp);
    if (!spelling)
        spelling = letter_spelled(plain);
    if (gsm7_septets(plain))
        utf8_put(out, plain);
    else if (in_alphabet(spelling))
        str_addz(out, spelling);
    else
        str_add(out, as_is);
}

/* An accent behind a letter of the alphabet goes, or makes another letter of it; behind any other letter it stays. */
static bool absorb_accent(struct str *out, struct written last, int32_t accent)
{
    int32_t composed = letter_composed(last.cp, accent);
    if (composed) {
        str_cut(out, last.at);
        utf8_put(out, composed);
    }
    return composed || gsm7_septets(letter_plain(last.cp));
}

void fold_accents(struct str *out, struct span s)
{
    struct written last = {.cp = -1};
    while (s.len) {
        struct span here = s;
        int32_t cp = utf8_next(&s);
        if (letter_is_accent(cp) && absorb_accent(out, last, cp)) {
            last.cp = ' '; // a second accent goes as well, and finds nothing to make a letter of
            continue;
        }
        last = (struct written){.cp = cp, .at = out->len};
        add_plain(out, cp, upto(here.p, s));
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool has_right_to_left(struct span s)
{
    while (s.len)
        if (letter_is_right_to_left(utf8_next(&s)))
            return true;
    return false;
}

/* How many bytes at the front are digits and single hyphens between them, and how many of those are digits. */
static size_t number_length(struct span s, size_t *digits)
{
    size_t len = 0;
    *digits = 0;
    while (len < s.len && (is_digit(s.p[len]) || (len && s.p[len] == '-' && is_digit(s.p[len - 1]))))
        *digits += is_digit(s.p[len++]);
    return len && s.p[len - 1] == '-' ? len - 1 : len;
}

/* Behind a letter of such a script the groups of 1-202-555-0100 are shown from right to left, too, for a hyphen between
 * digits is as good as a blank there; those of 1.202.555.0100 are not (UAX #9, rules W2 and W4). */
static void dot_numbers(struct str *text)
{
    for (size_t i = 0; i < text->len;) {
        size_t digits, end = i + number_length(span_from(str_span(text), i), &digits);
        for (size_t k = i; k < end && digits >= PHONE_DIGITS_LEAST; k++)
            if (text->p[k] == '-')
                text->p[k] = '.';
        i = end > i ? end : i + 1;
    }
}

struct span fold_shown(struct str *out, struct span s, bool accents)
{
    str_clear(out);
    if (gsm7_count(s) >= 0)
        return s;
    fold_typography(out, s);
    if (accents && gsm7_count(str_span(out)) < 0) {
        str_clear(out);
        fold_accents(out, s);
    }
    if (has_right_to_left(str_span(out)))
        dot_numbers(out);
    return str_span(out);
}

static void add_lower(struct str *out, const char *text)
{
    for (; *text; text++)
        utf8_put(out, letter_lower(*text));
}

/* Letters and digits of ASCII, of which no table says anything else than that capitals have a small form. */
static bool is_common(int32_t cp)
{
    return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z');
}

/* Appends the one form that all letters alike to `cp` share. */
static void add_alike(struct str *out, int32_t cp)
{
    if (is_common(cp)) {
        str_addc(out, (char)(cp >= 'A' && cp <= 'Z' ? cp + 'a' - 'A' : cp));
        return;
    }
    int32_t plain = letter_plain(cp < 0 ? 0xFFFD : cp);
    const char *sign = letter_typographic(plain);
    const char *spelling = letter_spelled(plain);
    if (sign || spelling)
        add_lower(out, sign ? sign : spelling);
    else
        utf8_put(out, letter_lower(plain));
}

/* Appends the common form of `s`, punctuation at the ends off when `strip`; false when nothing was left. */
static bool add_common(struct str *out, struct span s, bool strip)
{
    size_t start = out->len;
    size_t end = start; // behind the last letter that is no punctuation
    for (bool gap = false; s.len;) {
        int32_t cp = utf8_next(&s);
        bool common = is_common(cp), blank = !common && letter_is_blank(cp);
        bool sign = !common && strip && letter_is_punctuation(cp);
        gap = gap || blank;
        if (!common && (blank || letter_is_mark(cp) || (sign && end == start)))
            continue;
        if (gap && end > start)
            str_addc(out, ' ');
        gap = false;
        add_alike(out, cp);
        if (!sign)
            end = out->len;
    }
    str_cut(out, end);
    return end > start;
}

void fold_compare(struct str *out, struct span s)
{
    if (!add_common(out, s, true))
        add_common(out, s, false); // "#" and "*" alone are keys of a menu, and not the same one
}

static bool divides(int32_t cp)
{
    bool ascii = cp >= 0 && cp < 0x80;
    bool letter = (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z');
    return ascii ? !letter : letter_is_punctuation(cp) || letter_is_sign(cp) || letter_is_blank(cp);
}

void fold_words(struct str *out, struct span s)
{
    bool gap = false;
    for (size_t start = out->len; s.len;) {
        int32_t cp = utf8_next(&s);
        int digit = letter_digit(cp);
        if (letter_is_mark(cp))
            continue;
        if (divides(cp)) {
            gap = out->len > start;
            continue;
        }
        if (gap)
            str_addc(out, ' ');
        gap = false;
        if (digit >= 0)
            str_addc(out, (char)('0' + digit));
        else
            add_alike(out, cp);
    }
}

/* Appends `s` letter by letter through `map`; bytes that are not UTF-8 as they are. */
static void add_mapped(struct str *out, struct span s, int32_t (*map)(int32_t))
{
    struct span stays = s;
    while (s.len) {
        struct span here = s;
        int32_t cp = utf8_next(&s);
        int32_t mapped = cp < 0 ? cp : map(cp);
        if (mapped == cp)
            continue;
        str_add(out, upto(stays.p, here));
        utf8_put(out, mapped);
        stays = s;
    }
    str_add(out, stays);
}

static int32_t ascii_digit(int32_t cp)
{
    int value = cp < 0x80 ? -1 : letter_digit(cp);
    return value < 0 ? cp : '0' + value;
}

void fold_digits(struct str *out, struct span s)
{
    add_mapped(out, s, ascii_digit);
}

void fold_upper(struct str *out, struct span s)
{
    add_mapped(out, s, letter_upper);
}

void fold_lower(struct str *out, struct span s)
{
    add_mapped(out, s, letter_lower);
}

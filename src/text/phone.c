// SPDX-License-Identifier: AGPL-3.0-or-later
#include "text/phone.h"

#include "base/err.h"
#include "base/utf8.h"
#include "text/letter.h"

#include <string.h>

/* E.164 section 6 sets the most; it has no least, and no number in use is shorter than this one. */
enum { MOST_DIGITS = 15, LEAST_DIGITS = 7, TRUNK = 1, INTERNATIONAL = 2, LEAST_SHORT = 3, MOST_SHORT = 6 };

/* A number as it was written, without what stands between its digits. */
struct written {
    char digits[MOST_DIGITS + INTERNATIONAL + 1]; /* not terminated; more than these are counted only */
    size_t count;
    bool plus;
};

static bool is_separator(int32_t cp)
{
    bool sign = cp == '-' || cp == '(' || cp == ')' || cp == '.' || (cp >= 0x2010 && cp <= 0x2015);
    return sign || letter_is_blank(cp) || letter_is_mark(cp); // address books add invisible direction marks
}

/* Takes the next letter; false where a number cannot have it. */
static bool read_letter(struct written *w, struct span *text)
{
    int32_t cp = utf8_next(text);
    int digit = cp >= '0' && cp <= '9' ? cp - '0' : letter_digit(cp);
    if (digit >= 0) {
        if (w->count < sizeof w->digits)
            w->digits[w->count] = (char)('0' + digit);
        w->count++;
        return true;
    }
    if (cp == '+' && !w->count && !w->plus) {
        w->plus = true;
        return true;
    }
    return is_separator(cp);
}

/* Reads all of `text`; false where something in it cannot be in a number. */
static bool read_written(struct written *w, struct span text)
{
    *w = (struct written){.count = 0};
    while (text.len) {
        // "+44 (0)20": the trunk zero for those at home; in front of all it is what they dial, and counts
        if (w->count && span_starts(text, SPAN("(0)")))
            text = span_from(text, 3);
        else if (!read_letter(w, &text))
            return false;
    }
    return true;
}

static bool starts_with_zeros(const struct written *w, size_t zeros)
{
    return w->count >= zeros && memcmp(w->digits, "00", zeros) == 0;
}

/* Digits that stand before the number itself: an international prefix, the trunk zero of `country`, or none. */
static size_t prefix_of(const struct written *w, struct span country)
{
    if (w->plus)
        return 0;
    if (starts_with_zeros(w, INTERNATIONAL))
        return INTERNATIONAL;
    return country.len && starts_with_zeros(w, TRUNK) ? TRUNK : 0;
}

/* A blank where a form decoder lost the "+" needs no rule of its own: digits that begin with none of the prefixes are
 * international already, and no international number begins with 0. */
int phone_parse(struct span text, struct span country, struct msisdn *number)
{
    struct written w;
    if (!read_written(&w, text) || !w.count)
        return ERR_SYNTAX;
    size_t prefix = prefix_of(&w, country);
    size_t code = prefix == TRUNK ? country.len : 0;
    size_t own = w.count - prefix;
    if (code > MOST_DIGITS || own > MOST_DIGITS - code || own + code < LEAST_DIGITS)
        return ERR_RANGE;
    struct msisdn whole = {.digits = ""};
    if (code)
        memcpy(whole.digits, country.p, code);
    memcpy(whole.digits + code, w.digits + prefix, own);
    if (whole.digits[0] == '0')
        return ERR_RANGE;
    *number = whole;
    return 0;
}

bool phone_is_service(struct span text)
{
    struct written w;
    return !read_written(&w, text) || (w.count >= LEAST_SHORT && w.count <= MOST_SHORT);
}

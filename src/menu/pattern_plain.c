// SPDX-License-Identifier: AGPL-3.0-or-later
/* pattern_plain - which letters a pattern lets through, read from its text, for the page proof.
 *
 * Only what is sure counts: literal letters, explicit sets of them, groups, alternatives and quantifiers. Whatever may
 * mean more (".", "\w", "\d" with UCP, a negated set, an option such as "(?i)") makes the answer "not sure".
 */
#include "menu/pattern.h"

#include "text/gsm7.h"

#include <string.h>

static bool is_plain(char c)
{
    return (unsigned char)c >= ' ' && (unsigned char)c < 0x7f && gsm7_septets(c) == 1;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* A letter that stands for itself, perhaps behind a backslash. */
static bool take_letter(struct span *rest, char *letter)
{
    bool escaped = rest->len && rest->p[0] == '\\';
    *rest = span_from(*rest, escaped);
    if (!rest->len || (escaped && is_alnum(rest->p[0])))
        return false;
    *letter = rest->p[0];
    *rest = span_from(*rest, 1);
    return is_plain(*letter);
}

/* "a", "a-z" or "\." of a set. Letters between two plain ones need not be plain: "Z-a" holds "[". */
static bool take_range(struct span *set)
{
    char first, last;
    if ((set->len > 1 && set->p[0] == '[' && strchr(":.=", set->p[1])) || !take_letter(set, &first))
        return false;
    if (set->len < 2 || set->p[0] != '-' || set->p[1] == ']')
        return true;
    *set = span_from(*set, 1);
    if (!take_letter(set, &last))
        return false;
    for (char c = first; c < last; c++)
        if (!is_plain(c))
            return false;
    return true;
}

/* A set, behind its "["; a "]" that comes first stands for itself and is not plain. */
static bool take_set(struct span *rest)
{
    if (!rest->len || rest->p[0] == '^' || rest->p[0] == ']')
        return false;
    while (rest->len && rest->p[0] != ']')
        if (!take_range(rest))
            return false;
    *rest = span_from(*rest, 1);
    return true;
}

static size_t digits(struct span s)
{
    size_t count = 0;
    while (count < s.len && s.p[count] >= '0' && s.p[count] <= '9')
        count++;
    return count;
}

/* "{2}", "{2,}" or "{2,4}", behind its "{". Whatever else stands in braces stands for itself, and braces are not plain;
 * "{,4}" is one or the other, by the library's age. */
static bool take_quantifier(struct span *rest)
{
    size_t least = digits(*rest);
    *rest = span_from(*rest, least);
    if (span_starts(*rest, SPAN(","))) {
        *rest = span_from(*rest, 1);
        *rest = span_from(*rest, digits(*rest));
    }
    bool closed = span_starts(*rest, SPAN("}"));
    *rest = span_from(*rest, 1);
    return least && closed;
}

static bool take_group(struct span *rest)
{
    if (!rest->len || (rest->p[0] != '?' && rest->p[0] != '*'))
        return true;
    bool bare = span_starts(*rest, SPAN("?:"));
    *rest = span_from(*rest, 2);
    return bare;
}

bool pattern_plain(struct span text)
{
    char letter;
    while (text.len) {
        char c = text.p[0];
        struct span behind = span_from(text, 1);
        bool fine = true;
        if (c == '[')
            fine = take_set(&behind);
        else if (c == '{')
            fine = take_quantifier(&behind);
        else if (c == '(')
            fine = take_group(&behind);
        else if (c == '.')
            fine = false;
        else if (!strchr("^$|)?*+", c)) {
            behind = text;
            fine = take_letter(&behind, &letter);
        }
        if (!fine)
            return false;
        text = behind;
    }
    return true;
}

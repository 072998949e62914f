// SPDX-License-Identifier: AGPL-3.0-or-later
/* Patterns of one kind: "*" stands for anything, and so does "{id}", which is then wanted. Not regular expressions:
 * whoever copies a file reads these, and no text can make one slow. */
#include "channel/channel_internal.h"

static bool same(struct span a, struct span b, bool any_case)
{
    return any_case ? span_eq_nocase(a, b) : span_eq(a, b);
}

/* Length of the wild piece at the front of a pattern, 0 where there is none. */
static size_t wild(struct span pattern, bool *named)
{
    *named = span_starts(pattern, SPAN("{id}"));
    if (*named)
        return sizeof "{id}" - 1;
    return pattern.len && pattern.p[0] == '*';
}

/* Takes what stands before the next wild piece off the front of *pattern. */
static struct span take_plain(struct span *pattern)
{
    bool named;
    size_t len = 0;
    while (len < pattern->len && !wild(span_from(*pattern, len), &named))
        len++;
    struct span plain = span_first(*pattern, len);
    *pattern = span_from(*pattern, len);
    return plain;
}

/* The first place of `plain` in `text`, or past its end. At the end of the pattern it is the last place that counts. */
static size_t place_of(struct span plain, struct span text, bool last, bool any_case)
{
    if (plain.len > text.len)
        return text.len + 1;
    size_t at = last ? text.len - plain.len : 0;
    while (at + plain.len <= text.len && !same(span_first(span_from(text, at), plain.len), plain, any_case))
        at++;
    return at + plain.len <= text.len ? at : text.len + 1;
}

bool match_text(struct span pattern, struct span text, bool any_case, struct span *id)
{
    struct span plain = take_plain(&pattern);
    if (plain.len > text.len || !same(span_first(text, plain.len), plain, any_case))
        return false;
    text = span_from(text, plain.len);
    while (pattern.len) { // a wild piece, and what stands behind it
        bool named;
        pattern = span_from(pattern, wild(pattern, &named));
        plain = take_plain(&pattern);
        size_t at = place_of(plain, text, !pattern.len, any_case);
        if (at > text.len)
            return false;
        if (named && id)
            *id = span_first(text, at);
        text = span_from(text, at + plain.len);
    }
    return !text.len;
}

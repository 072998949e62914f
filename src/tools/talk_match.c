// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/talk.h"

enum { TALK_REFERENCE = 6 };

static bool is_reference(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!((text.p[i] >= '0' && text.p[i] <= '9') || (text.p[i] >= 'A' && text.p[i] <= 'Z')))
            return false;
    return text.len == TALK_REFERENCE;
}

/** Takes one letter, or what {ref} stands for, off both; false where they differ. */
static bool take_same(struct span *expected, struct span *shown, struct span reference)
{
    static const struct span name = {"{ref}", 5};
    if (span_starts(*expected, name)) {
        size_t len = reference.len ? reference.len : TALK_REFERENCE;
        struct span word = span_first(*shown, len);
        if (reference.len ? !span_eq(word, reference) : !is_reference(word))
            return false;
        *expected = span_from(*expected, name.len);
        *shown = span_from(*shown, len);
        return true;
    }
    if (!expected->len || !shown->len || expected->p[0] != shown->p[0])
        return false;
    *expected = span_from(*expected, 1);
    *shown = span_from(*shown, 1);
    return true;
}

/** The last "..." is where to try again one letter further on: no other needs to be remembered. */
bool talk_matches(struct span expected, struct span shown, struct span reference)
{
    static const struct span anything = {"...", 3};
    struct span after = {0}, from = {0};
    while (shown.len || expected.len) {
        if (span_starts(expected, anything)) {
            expected = after = span_from(expected, anything.len);
            from = shown;
        } else if (!take_same(&expected, &shown, reference)) {
            if (!after.p || !from.len)
                return false;
            from = shown = span_from(from, 1);
            expected = after;
        }
    }
    return true;
}

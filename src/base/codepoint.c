// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/codepoint.h"

#include <string.h>

/* RFC 3629, section 4: the first byte decides the length and which second bytes are allowed (no surrogates, no overlong
 * forms, nothing above U+10FFFF). */
static const struct {
    unsigned char first, last, low, high;
    size_t len;
} codepoint_forms[] = {
    {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static unsigned char byte_at(struct span s, size_t i)
{
    return (unsigned char)s.p[i];
}

static bool tail_is_good(struct span s, size_t form)
{
    size_t len = codepoint_forms[form].len;
    if (len == 1)
        return true;
    if (s.len < len || byte_at(s, 1) < codepoint_forms[form].low || byte_at(s, 1) > codepoint_forms[form].high)
        return false;
    for (size_t i = 2; i < len; i++)
        if ((byte_at(s, i) & 0xC0) != 0x80)
            return false;
    return true;
}

size_t codepoint_len(struct span s)
{
    for (size_t i = 0; s.len && i < sizeof codepoint_forms / sizeof *codepoint_forms; i++)
        if (byte_at(s, 0) >= codepoint_forms[i].first && byte_at(s, 0) <= codepoint_forms[i].last)
            return tail_is_good(s, i) ? codepoint_forms[i].len : 0;
    return 0;
}

/* How many bytes at the front are ASCII; whole words only. */
static size_t ascii_len(struct span s)
{
    size_t n = 0;
    for (uint64_t word; s.len - n >= sizeof word; n += sizeof word) {
        memcpy(&word, s.p + n, sizeof word);
        if (word & 0x8080808080808080u)
            break;
    }
    return n;
}

size_t codepoint_valid(struct span s)
{
    size_t at = ascii_len(s); // nearly all that comes
    while (at < s.len) {
        size_t len = byte_at(s, at) < 0x80 ? 1 : codepoint_len(span_from(s, at));
        if (!len)
            break;
        at += len;
    }
    return at;
}

int codepoint_count(struct span s)
{
    int count = 0;
    for (; s.len; count++) {
        size_t len = codepoint_len(s);
        s = span_from(s, len ? len : 1);
    }
    return count;
}

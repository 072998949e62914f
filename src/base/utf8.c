// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/utf8.h"

#include <string.h>

enum { REPLACEMENT = 0xFFFD };

/* The forms of RFC 3629 section 4, by first byte. The second byte's range shuts out overlong forms, surrogates and what
 * lies past U+10FFFF; the bytes after it are always 80..BF. */
struct form {
    uint8_t first, last; /* range of the first byte */
    uint8_t low, high;   /* range of the second byte */
    uint8_t tail;        /* bytes after the first */
    uint8_t bits;        /* mask of the first byte's share */
};

static const struct form forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 1, 0x1F}, {0xE0, 0xE0, 0xA0, 0xBF, 2, 0x0F}, {0xE1, 0xEC, 0x80, 0xBF, 2, 0x0F},
    {0xED, 0xED, 0x80, 0x9F, 2, 0x0F}, {0xEE, 0xEF, 0x80, 0xBF, 2, 0x0F}, {0xF0, 0xF0, 0x90, 0xBF, 3, 0x07},
    {0xF1, 0xF3, 0x80, 0xBF, 3, 0x07}, {0xF4, 0xF4, 0x80, 0x8F, 3, 0x07},
};

static const struct form *form_of(uint8_t first)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (first >= forms[i].first && first <= forms[i].last)
            return &forms[i];
    return NULL;
}

/* The code point at the front of `s` and its bytes, or -1 and one byte. */
static int32_t decode(struct span s, size_t *bytes)
{
    uint8_t first = (uint8_t)s.p[0];
    *bytes = 1;
    if (first < 0x80)
        return first;
    const struct form *form = form_of(first);
    if (!form || s.len <= form->tail)
        return -1;
    uint8_t second = (uint8_t)s.p[1];
    if (second < form->low || second > form->high)
        return -1;
    int32_t cp = (first & form->bits) << 6 | (second & 0x3F);
    for (size_t i = 2; i <= form->tail; i++) {
        uint8_t next = (uint8_t)s.p[i];
        if ((next & 0xC0) != 0x80)
            return -1;
        cp = cp << 6 | (next & 0x3F);
    }
    *bytes = (size_t)form->tail + 1;
    return cp;
}

int32_t utf8_next(struct span *s)
{
    size_t bytes;
    int32_t cp = decode(*s, &bytes);
    s->p += bytes;
    s->len -= bytes;
    return cp;
}

void utf8_put(struct str *out, int32_t cp)
{
    char b[4];
    size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; cp >>= 6)
        b[i] = (char)(0x80 | (cp & 0x3F));
    b[0] = (char)(lead[n] | cp);
    str_add(out, (struct span){b, n});
}

size_t utf8_len(struct span s)
{
    size_t bytes = 0;
    return s.len && decode(s, &bytes) >= 0 ? bytes : 0;
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

size_t utf8_valid(struct span s)
{
    size_t at = ascii_len(s); // nearly all that comes
    while (at < s.len) {
        size_t bytes;
        if (decode(span_from(s, at), &bytes) < 0)
            break;
        at += bytes;
    }
    return at;
}

size_t utf8_length(struct span s)
{
    size_t count = 0;
    for (; s.len; count++)
        utf8_next(&s);
    return count;
}

/* Unicode category Cc, but for the line feed. */
static bool is_control(int32_t cp)
{
    return (cp < 0x20 && cp != '\n') || (cp >= 0x7F && cp <= 0x9F);
}

static bool is_direction(int32_t cp)
{
    return (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069);
}

void utf8_scrub(struct str *out, struct span s)
{
    while (s.len) {
        int32_t cp = utf8_next(&s);
        if (cp < 0)
            cp = REPLACEMENT;
        if (!is_direction(cp))
            utf8_put(out, is_control(cp) ? ' ' : cp);
    }
}

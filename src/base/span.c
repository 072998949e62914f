// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/span.h"

#include "base/err.h"

#include <string.h>

struct span span_of(const char *s)
{
    return (struct span){.p = s, .len = s ? strlen(s) : 0};
}

bool span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool span_is(struct span a, const char *s)
{
    return span_eq(a, span_of(s));
}

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool span_eq_nocase(struct span a, struct span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (a.p[i] != b.p[i] && ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
            return false;
    return true;
}

bool span_starts(struct span s, struct span prefix)
{
    return s.len >= prefix.len && span_eq(span_first(s, prefix.len), prefix);
}

struct span span_from(struct span s, size_t from)
{
    if (from >= s.len)
        return (struct span){.p = s.p ? s.p + s.len : NULL, .len = 0};
    return (struct span){.p = s.p + from, .len = s.len - from};
}

struct span span_first(struct span s, size_t len)
{
    return (struct span){.p = s.p, .len = len < s.len ? len : s.len};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
    while (s.len && is_blank(s.p[0]))
        s = span_from(s, 1);
    while (s.len && is_blank(s.p[s.len - 1]))
        s.len--;
    return s;
}

size_t span_find(struct span s, char c)
{
    const char *hit = s.len ? memchr(s.p, c, s.len) : NULL;
    return hit ? (size_t)(hit - s.p) : s.len;
}

bool span_split(struct span *rest, char sep, struct span *part)
{
    if (!rest->p)
        return false;
    size_t at = span_find(*rest, sep);
    *part = span_first(*rest, at);
    *rest = at < rest->len ? span_from(*rest, at + 1) : (struct span){0};
    return true;
}

int span_int(struct span s, int64_t *value)
{
    bool minus = s.len && s.p[0] == '-';
    if (minus)
        s = span_from(s, 1);
    if (!s.len)
        return ERR_SYNTAX;
    int64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return ERR_SYNTAX;
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, s.p[i] - '0', &n))
            return ERR_RANGE;
    }
    *value = minus ? -n : n;
    return 0;
}

int span_cmp(struct span a, struct span b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

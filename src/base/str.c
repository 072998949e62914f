// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/str.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum { STR_FIRST = 256 }; // bytes of a first allocation

void str_init(struct str *s, size_t ceiling)
{
    *s = STR_INIT(ceiling);
}

void str_release(struct str *s)
{
    mem_free(s->p);
    *s = STR_INIT(s->max);
}

void str_clear(struct str *s)
{
    str_cut(s, 0);
    s->err = 0;
}

int str_err(const struct str *s)
{
    return s->err;
}

/* Makes room for `more` bytes and a NUL; false and s->err set when that cannot be. */
static bool str_room(struct str *s, size_t more)
{
    if (s->err)
        return false;
    if (more > s->max - s->len) {
        s->err = ERR_LIMIT;
        return false;
    }
    size_t need = s->len + more + 1;
    if (need <= s->cap)
        return true;
    size_t cap = s->cap ? s->cap : STR_FIRST;
    while (cap < need)
        cap *= 2;
    char *p = mem_realloc(s->p, cap);
    if (!p) {
        s->err = ERR_NOMEM;
        return false;
    }
    s->p = p;
    s->cap = cap;
    return true;
}

char *str_extend(struct str *s, size_t len)
{
    if (!str_room(s, len))
        return NULL;
    char *room = s->p + s->len;
    s->len += len;
    s->p[s->len] = '\0';
    return room;
}

void str_add(struct str *s, struct span bytes)
{
    char *room = str_extend(s, bytes.len);
    if (room && bytes.len)
        memcpy(room, bytes.p, bytes.len);
}

void str_addz(struct str *s, const char *bytes)
{
    str_add(s, span_of(bytes));
}

void str_addc(struct str *s, char c)
{
    char *room = str_extend(s, 1);
    if (room)
        *room = c;
}

void str_addn(struct str *s, int64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do
        digits[--at] = (char)('0' + left % 10);
    while (left /= 10);
    if (n < 0)
        str_addc(s, '-');
    str_add(s, (struct span){digits + at, sizeof digits - at});
}

void str_vaddf(struct str *s, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len >= 0 && str_room(s, (size_t)len)) {
        vsnprintf(s->p + s->len, (size_t)len + 1, format, again);
        s->len += (size_t)len;
    }
    va_end(again);
}

void str_addf(struct str *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    str_vaddf(s, format, args);
    va_end(args);
}

void str_cut(struct str *s, size_t len)
{
    if (len >= s->len)
        return;
    memset(s->p + len, 0, MEM_WIPED ? s->len - len : 1);
    s->len = len;
}

struct span str_span(const struct str *s)
{
    return (struct span){.p = s->p, .len = s->len};
}

const char *str_z(const struct str *s)
{
    return s->p ? s->p : "";
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/pack.h"

#include "base/err.h"

void pack_number(struct str *out, uint64_t n)
{
    while (n >= 0x80) {
        str_addc(out, (char)(n | 0x80));
        n >>= 7;
    }
    str_addc(out, (char)n);
}

void pack_span(struct str *out, struct span s)
{
    pack_number(out, s.len);
    str_add(out, s);
}

struct unpack unpack_start(struct span bytes)
{
    return (struct unpack){.left = bytes};
}

static uint64_t broken(struct unpack *u)
{
    u->err = ERR_CORRUPT;
    u->left = (struct span){0};
    return 0;
}

/* Of more than seven bits. */
static uint64_t unpack_long(struct unpack *u, uint64_t most)
{
    uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (!u->left.len)
            return broken(u);
        unsigned char byte = (unsigned char)u->left.p[0];
        u->left = span_from(u->left, 1);
        if (shift == 63 && byte > 1)
            return broken(u);
        n |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            return n <= most ? n : broken(u);
    }
    return broken(u);
}

uint64_t unpack_number(struct unpack *u, uint64_t most)
{
    if (!u->left.len || (unsigned char)u->left.p[0] >= 0x80 || (unsigned char)u->left.p[0] > most)
        return unpack_long(u, most);
    u->left.len--;
    return (unsigned char)*u->left.p++;
}

struct span unpack_bytes(struct unpack *u, size_t len)
{
    if (u->left.len < len) {
        broken(u);
        return (struct span){0};
    }
    struct span bytes = span_first(u->left, len);
    u->left = span_from(u->left, len);
    return bytes;
}

struct span unpack_span(struct unpack *u)
{
    return unpack_bytes(u, (size_t)unpack_number(u, SIZE_MAX));
}

int unpack_err(const struct unpack *u, bool whole)
{
    return u->err || (whole && u->left.len) ? ERR_CORRUPT : 0;
}

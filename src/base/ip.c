// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/ip.h"

#include "base/err.h"

#include <arpa/inet.h>
#include <string.h>

enum { V4_PREFIX = 96 }; // bits of ::ffff:0:0

/* Reads either family; `bits` are those of its prefix that do not belong to the address itself. */
static int read_family(struct span text, struct ip *out, int *bits)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    char z[INET6_ADDRSTRLEN];
    if (text.len >= sizeof z || span_find(text, '\0') < text.len)
        return ERR_SYNTAX;
    memcpy(z, text.len ? text.p : "", text.len);
    z[text.len] = '\0';
    *bits = V4_PREFIX;
    memcpy(out->bytes, mapped, sizeof mapped);
    if (inet_pton(AF_INET, z, out->bytes + sizeof mapped) == 1)
        return 0;
    *bits = 0;
    return inet_pton(AF_INET6, z, out->bytes) == 1 ? 0 : ERR_SYNTAX;
}

int ip_read(struct span text, struct ip *out)
{
    int bits;
    return read_family(text, out, &bits);
}

static bool bit_at(const struct ip *ip, int bit)
{
    return ip->bytes[bit / 8] >> (7 - bit % 8) & 1;
}

int ip_range_read(struct span text, struct ip_range *out)
{
    size_t slash = span_find(text, '/');
    int before;
    int64_t bits = 0;
    int rc = read_family(span_first(text, slash), &out->base, &before);
    if (rc < 0)
        return rc;
    out->bits = 128;
    if (slash == text.len)
        return 0;
    if (span_int(span_from(text, slash + 1), &bits) < 0 || bits < 0 || bits > 128 - before)
        return ERR_SYNTAX;
    out->bits = before + (int)bits;
    for (int i = out->bits; i < 128; i++)
        if (bit_at(&out->base, i))
            return ERR_RANGE;
    return 0;
}

static bool holds(const struct ip_range *range, const struct ip *ip)
{
    for (int i = 0; i < range->bits; i++)
        if (bit_at(&range->base, i) != bit_at(ip, i))
            return false;
    return true;
}

bool ip_within(const struct ip *ip, const struct ip_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (holds(&ranges[i], ip))
            return true;
    return false;
}

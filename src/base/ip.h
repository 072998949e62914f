// SPDX-License-Identifier: AGPL-3.0-or-later
/* ip - addresses and ranges of addresses as values. */
#ifndef WAYMARK_BASE_IP_H
#define WAYMARK_BASE_IP_H

#include "base/span.h"

struct ip {
    unsigned char bytes[16]; /* IPv4 as ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2), so that it has one spelling */
};

struct ip_range {
    struct ip base;
    int bits; /* of the 128 that count */
};

/** Reads an IPv4 or IPv6 address. ERR_SYNTAX. */
int ip_read(struct span text, struct ip *out);

/** Reads ADDRESS or ADDRESS/BITS (RFC 4632, section 3.1). ERR_SYNTAX; ERR_RANGE where bits beyond the prefix are set,
 * which would not mean what it seems to. */
int ip_range_read(struct span text, struct ip_range *out);

/** Whether one of the ranges holds it. */
bool ip_within(const struct ip *ip, const struct ip_range *ranges, size_t count);

#endif

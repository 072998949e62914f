// SPDX-License-Identifier: AGPL-3.0-or-later
/* digest - hashes and HMACs of libcrypto, and bytes as letters; known to this room only. */
#ifndef WAYMARK_CHANNEL_DIGEST_H
#define WAYMARK_CHANNEL_DIGEST_H

#include "base/arena.h"
#include "base/span.h"

enum digest { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512, DIGEST_COUNT };

enum armor { ARMOR_TEXT, ARMOR_HEX, ARMOR_BASE64, ARMOR_BASE64URL };

enum { DIGEST_MAX = 64, DIGEST_LETTERS = 2 * DIGEST_MAX }; /* bytes of the longest one; letters of it */

/** What a hash or an HMAC came to. */
struct digest_value {
    unsigned char bytes[DIGEST_MAX];
    size_t len; /* 0: libcrypto would not */
};

struct digest_value digest_hash(enum digest d, struct span data);

/** RFC 2104. An empty key gives none. */
struct digest_value digest_hmac(enum digest d, struct span key, struct span data);

struct span digest_span(const struct digest_value *v);

/** Bytes as letters: hexadecimal in small letters, Base64 (RFC 4648, section 4) with padding, Base64URL (section 5)
 * without. ARMOR_TEXT: as they are. {NULL, 0} when out of memory. */
struct span armor_write(enum armor how, struct span bytes, struct arena *a);

/** The same back. Strict: nothing between the letters, padding where it belongs, no bits left over, so that one value
 * has one spelling (hexadecimal in capitals aside). ERR_SYNTAX, ERR_NOMEM. */
int armor_read(enum armor how, struct span text, struct arena *a, struct span *bytes);

#endif

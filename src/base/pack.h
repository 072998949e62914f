// SPDX-License-Identifier: AGPL-3.0-or-later
/* pack - numbers and byte strings in a row, compactly: how states and records become bytes.
 *
 * Numbers are unsigned LEB128 (7 bits a byte, least significant first); a string is its length and its bytes. A reader
 * that meets bytes it cannot take is "broken": it gives zeros and empty spans from then on, and unpack_err tells so at
 * the end.
 */
#ifndef WAYMARK_BASE_PACK_H
#define WAYMARK_BASE_PACK_H

#include "base/str.h"

void pack_number(struct str *out, uint64_t n);
void pack_span(struct str *out, struct span s);

struct unpack {
    struct span left; /* not read yet */
    int err;          /* 0 or ERR_CORRUPT */
};

struct unpack unpack_start(struct span bytes);

/** The next number; more than `most` is corrupt. */
uint64_t unpack_number(struct unpack *u, uint64_t most);

/** The next string, pointing into the bytes. */
struct span unpack_span(struct unpack *u);

/** `len` raw bytes. */
struct span unpack_bytes(struct unpack *u, size_t len);

/** 0, or ERR_CORRUPT when something was cut off, too large, or `whole` and bytes are left over. */
int unpack_err(const struct unpack *u, bool whole);

#endif

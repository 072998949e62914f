// SPDX-License-Identifier: AGPL-3.0-or-later
/* utf8 - reading UTF-8 strictly (RFC 3629, section 4: no overlong forms, no surrogates, nothing past U+10FFFF). What a
 * text means is text/'s matter. */
#ifndef WAYMARK_BASE_UTF8_H
#define WAYMARK_BASE_UTF8_H

#include "base/span.h"
#include "base/str.h"

/** Takes one code point off the front of *s. Returns it, or -1 and takes one byte where the bytes are not UTF-8. Needs
 * s->len > 0. */
int32_t utf8_next(struct span *s);

/** Bytes (1..4) of the code point at the front; 0 where `s` is empty or does not begin with one. */
size_t utf8_len(struct span s);

/** Appends one code point (0..0x10FFFF, no surrogate). */
void utf8_put(struct str *out, int32_t cp);

/** Bytes before the first one that is not UTF-8; s.len when all of it is. */
size_t utf8_valid(struct span s);

/** Number of code points; bytes that are not UTF-8 count one each. */
size_t utf8_length(struct span s);

/** Appends `s` with every byte that is not UTF-8 replaced by U+FFFD, control characters other than \n by a blank, and
 * the signs that turn the writing direction of what follows (U+202A-202E, U+2066-2069) left out: they would reach
 * beyond the text. */
void utf8_scrub(struct str *out, struct span s);

#endif

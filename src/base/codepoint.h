// SPDX-License-Identifier: AGPL-3.0-or-later
/* codepoint - as much of UTF-8 as the rooms on text/'s own floor need: is it well-formed, and which column is it. What
 * text means is text/'s matter. */
#ifndef WAYMARK_BASE_CODEPOINT_H
#define WAYMARK_BASE_CODEPOINT_H

#include "base/span.h"

/** Bytes (1..4) of the code point at the front of `s`, or 0 where it is empty or not well-formed (RFC 3629, section 4).
 */
size_t codepoint_len(struct span s);

/** Bytes at the front of `s` that are well-formed: s.len where all are. */
size_t codepoint_valid(struct span s);

/** Code points in `s`; each byte that belongs to none counts as one. */
int codepoint_count(struct span s);

#endif

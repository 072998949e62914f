// SPDX-License-Identifier: AGPL-3.0-or-later
/* codepoint - as much of UTF-8 as counting columns needs. What text means is text/'s matter, on the same floor. */
#ifndef WAYMARK_SCRIPT_CODEPOINT_H
#define WAYMARK_SCRIPT_CODEPOINT_H

#include "base/span.h"

/** Bytes (1..4) of the code point at the front of `s`, or 0 where it is empty or not well-formed (RFC 3629, section 4).
 */
size_t codepoint_len(struct span s);

/** Code points in `s`; each byte that belongs to none counts as one. */
int codepoint_count(struct span s);

#endif

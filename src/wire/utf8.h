// SPDX-License-Identifier: AGPL-3.0-or-later
/* utf8 - is this UTF-8? For this room only: text/ stands on the same floor and has the rest. */
#ifndef WAYMARK_WIRE_UTF8_H
#define WAYMARK_WIRE_UTF8_H

#include "base/span.h"

/** Well-formed by RFC 3629, section 4: no overlong forms, no surrogates, nothing past U+10FFFF. */
bool wire_utf8_valid(struct span text);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* pattern - a `match` line: a regular expression over a whole answer, with limits so that none takes forever (PCRE2).
 */
#ifndef WAYMARK_MENU_PATTERN_H
#define WAYMARK_MENU_PATTERN_H

#include "base/span.h"

struct pattern;

/** Compiles `text` (UTF, UCP, anchored at both ends). ERR_SYNTAX: *offset is the byte in `text` and `why` (at least 120
 * bytes) the reason; ERR_NOMEM. Free with pattern_free. */
int pattern_compile(struct span text, struct pattern **out, size_t *offset, char *why, size_t why_size);
void pattern_free(struct pattern *p);

/** Whether the whole of `answer` (valid UTF-8) matches. A match that meets a limit counts as no match. Thread-safe. */
bool pattern_matches(const struct pattern *p, struct span answer);

/** Whether all that a pattern that compiled lets through is surely made of ASCII letters and signs of one septet each
 * (GSM 03.38 without the extension table). */
bool pattern_plain(struct span text);

#endif

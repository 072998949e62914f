// SPDX-License-Identifier: AGPL-3.0-or-later
/* firstreply - how long people wait for the first word from us, as counts: when a case was opened lies in clear as a
 * day alone, so the time is taken where the key is open, and only the span it falls into is kept (table counter, events
 * FIRSTREPLY_EVENT 0.., by day, channel and language). For the statistics. */
#ifndef WAYMARK_CONSOLE_FIRSTREPLY_H
#define WAYMARK_CONSOLE_FIRSTREPLY_H

#include "console/deed.h"

/** The counter's event of a span by its index, and its words: "within an hour", ...; NULL past the last. */
const char *firstreply_event(size_t index, const char **words);

/** Within a deed that answers the person, or speaks with them: counts it where it is the first of the case. */
int firstreply_count(const struct deed *d, struct store *s);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* timeline - what happened to a case, entry by entry, as the case page, the conflict page and print show it. To add a
 * kind of entry: a row in timeline.c; whoever writes one says its word (deed.h). */
#ifndef WAYMARK_CONSOLE_TIMELINE_H
#define WAYMARK_CONSOLE_TIMELINE_H

#include "console/casebook.h"

/** Adds the entries after `after` (an entry's id; 0: all) to list `timeline`, the newest first. */
void timeline_fill(struct page *p, const struct casebook *b, int64_t after);

#endif

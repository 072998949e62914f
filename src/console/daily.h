// SPDX-License-Identifier: AGPL-3.0-or-later
/* daily - what a member does more often in a day than their work explains is written down as an alert, beside what they
 * did. It hinders nobody: a bad day has many calls. */
#ifndef WAYMARK_CONSOLE_DAILY_H
#define WAYMARK_CONSOLE_DAILY_H

#include "console/page.h"
#include "store/store.h"

/** Within the transaction that writes `action` down. `most`: so many in a day are no alert; `what`: "numbers", for the
 * alert's words. *many: it was one. */
int daily_note(struct page *p, struct store *s, const char *action, int most, const char *what, bool *many);

#endif

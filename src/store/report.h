// SPDX-License-Identifier: AGPL-3.0-or-later
/* report - delivery reports; for this room only. */
#ifndef WAYMARK_STORE_REPORT_H
#define WAYMARK_STORE_REPORT_H

#include "store/db.h"

/** What reports that came before the end of this attempt have said of it: in place of *state where that is further. */
int report_early(struct store *s, int64_t id, struct value reference, enum message_state *state);

#endif

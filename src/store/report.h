// SPDX-License-Identifier: AGPL-3.0-or-later
/* report - delivery reports; for this room only. */
#ifndef WAYMARK_STORE_REPORT_H
#define WAYMARK_STORE_REPORT_H

#include "store/db.h"

/** Our own id as the outbox hands it out: hexadecimal. False: it is none. */
bool report_key(struct span hex, struct store_index *key);

/** Whether a message in state `from` may come to be `to`. */
bool report_further(enum message_state from, enum message_state to);
bool report_says(enum message_state state); /* a delivery report may say so */
bool report_is_state(int64_t state);

/** What reports that came before the end of this attempt have said of it: in place of *state where that is further. */
int report_early(struct store *s, int64_t id, struct value reference, enum message_state *state);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* states - the sessions' last states, in memory.
 *
 * What a turn left behind never changes and a turn's id is never given twice by one process, so an entry is right as
 * long as its turn is the session's last: nothing has to be taken back after a rollback. Direct-mapped by session; ids
 * are dense, so the newest STATES_SLOTS sessions do not push each other out. At most about 8 MB; other states are read
 * from the file.
 */
#ifndef WAYMARK_STORE_STATES_H
#define WAYMARK_STORE_STATES_H

#include "store/heads.h"

enum { STATES_SLOTS = 16384, STATES_LONGEST = 4096 /* bytes; a longer state is read from the disk */ };

struct states {
    struct state_entry *slots; /* STATES_SLOTS */
};

/** ERR_NOMEM. */
int states_init(struct states *k);
void states_release(struct states *k);

/** Keeps a copy; where there is no memory for it, nothing. */
void states_put(struct states *k, struct head head, int64_t day, struct span state);

/** False: not here. `state` is valid until the next states_put. */
bool states_get(const struct states *k, struct head head, int64_t *day, struct span *state);

#endif

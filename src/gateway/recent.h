// SPDX-License-Identifier: AGPL-3.0-or-later
/* recent - the states of the newest sessions, unsealed, so that a turn need not read and open what the last one sealed.
 *
 * They lie in memory that never reaches swap or a core file; where the system grants none, nothing is kept and every
 * state is opened from its box. An entry belongs to one turn and a turn's id is never given twice by one process, so it
 * is right as long as that turn is the session's last: nothing has to be taken back after a rollback. Direct-mapped by
 * session; ids are dense, so the newest sessions do not push each other out.
 *
 * While nothing can be stored the same kind of table holds the sessions themselves (adrift.c).
 */
#ifndef WAYMARK_GATEWAY_RECENT_H
#define WAYMARK_GATEWAY_RECENT_H

#include "base/span.h"

enum { RECENT_SLOT_BYTES = 512 /* a state that is longer than fits is not kept */ };

struct recent {
    struct recent_slot *slots; /* NULL: no memory of that kind */
    size_t count;
};

void recent_open(struct recent *r, size_t slots);
void recent_close(struct recent *r);

/** Keeps the state that `turn` left its session in, until it expires. An empty one: nothing is kept of the session. */
void recent_put(struct recent *r, int64_t session, int64_t turn, int64_t expires_s, struct span state);

/** False: not here, or expired. `state` is valid until the next recent_put. */
bool recent_get(const struct recent *r, int64_t session, int64_t turn, int64_t now_s, struct span *state);

void recent_forget(struct recent *r, int64_t session, int64_t turn);

/** Wipes what has expired, or everything. */
void recent_expire(struct recent *r, int64_t now_s);
void recent_clear(struct recent *r);

#endif

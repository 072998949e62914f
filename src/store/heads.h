// SPDX-License-Identifier: AGPL-3.0-or-later
/* heads - the last turn of each session that went on since the session table was last brought up to date.
 *
 * A turn is written by appending one row, which holds the session's state after it too: a page is then shared by the
 * turns of a whole batch. To write the session's own row as well would cost a page of its own for each turn (written to
 * the log, then to the file), several times the rest of the work together. So session.last_turn and session.expires lag
 * behind by at most HEADS_LAG turns; what they miss is held here and, after a crash or a rollback, read again from the
 * end of table turn. Whatever asks table session by expires or follows last_turn in SQL calls heads_flush first.
 */
#ifndef WAYMARK_STORE_HEADS_H
#define WAYMARK_STORE_HEADS_H

#include "store/store.h"

enum { HEADS_LAG = 8192, HEADS_SLOTS = 32768 };

struct head {
    int64_t session; /* 0: a free slot */
    int64_t turn, expires_s;
};

struct heads {
    struct head *slots; /* HEADS_SLOTS, open addressing */
    int64_t flushed;    /* turns up to this one are in table session */
    bool known;         /* false: to be read again */
};

/** ERR_NOMEM. */
int heads_init(struct heads *h);
void heads_release(struct heads *h);

/** The session's last turn where it is newer than its row, else `row`. Needs heads_know. */
struct head heads_get(const struct heads *h, struct head row);

/** Reads the heads where they are not known. */
int heads_know(struct store *s);

/** Notes that `turn` is the session's last; needs an open transaction. Flushes when the lag is at its most. */
int heads_put(struct store *s, struct head head);

/** Brings table session up to date, within the open transaction. */
int heads_flush(struct store *s);

#endif

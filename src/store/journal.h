// SPDX-License-Identifier: AGPL-3.0-or-later
/* journal - stops.h's inner half: what store_commit and the writers of stops call. Nobody outside store/ includes it.
 */
#ifndef WAYMARK_STORE_JOURNAL_H
#define WAYMARK_STORE_JOURNAL_H

#include "base/str.h"
#include "store/stops.h"

struct journal {
    int fd; /* -1: not open, and nothing is appended */
    store_link_fn link;
    void *ctx;
    int64_t count;   /* records, all of them synced */
    int64_t applied; /* by the database */
    int64_t stored;  /* what the database says of `applied` */
    bool replaying;
    bool written;       /* `pending` lies in the file already, the commit is not done */
    struct str pending; /* whole records of the transaction under way */
    unsigned char last[STORE_LINK_BYTES], pending_last[STORE_LINK_BYTES];
};

void journal_init(struct journal *j);
void journal_release(struct journal *j);

/** Adds a record to the transaction under way. ERR_NOMEM. */
int journal_note(struct store *s, enum stop_kind kind, const struct store_turn *turn, int64_t day);

/** Before COMMIT: appends and syncs what the transaction noted, and puts the position into the database. */
int journal_write(struct store *s);

/** After COMMIT. */
void journal_committed(struct journal *j);

/** After ROLLBACK: what was written is taken out again. */
void journal_rolled_back(struct journal *j);

#endif

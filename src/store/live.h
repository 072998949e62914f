// SPDX-License-Identifier: AGPL-3.0-or-later
/* live - the directory of sessions, in memory: every row of table session, by session key and by caller.
 *
 * Both keys are blind indexes, that is random. An index over them in the file would cost each new session two pages of
 * its own, written to the log and then to the file, where the turns of a whole group share one. So the file keeps the
 * rows alone, they are read once at open, and this is where sessions are found.
 *
 *     live_open, live_know; then live_find, live_newest, live_earlier; live_add, live_change, live_drop
 *
 * What is changed inside a transaction is noted, and live_undo takes it back; live_settle forgets the notes. Without
 * memory for a note the directory is read again after a rollback. About 110 bytes a session.
 */
#ifndef WAYMARK_STORE_LIVE_H
#define WAYMARK_STORE_LIVE_H

#include "store/store.h"

enum { LIVE_SEGMENTS = 256 /* tables grow one by one, so that no turn waits for a large one */ };

struct live_session {
    struct store_index key, caller;
    int64_t id, number; /* number: 0 where it has no row */
    int64_t turn, expires_s;
    uint32_t earlier, later; /* the directory's own: sessions of the same caller */
};

/* The hash stands beside the handle: passing a slot by, or moving it, touches no session. */
struct live_slot {
    uint32_t handle, hash; /* handle 0: free */
};

struct live_table {
    struct live_slot *slots; /* open addressing */
    uint32_t room, count;
};

struct live {
    struct live_session **chunks;
    uint32_t made, freed; /* sessions there was ever room for; the first that is free again */
    struct live_table keys[LIVE_SEGMENTS], callers[LIVE_SEGMENTS];
    struct live_note *notes;
    size_t note_count, note_room;
    bool known;  /* false: to be read again */
    bool unsure; /* a change could not be noted */
};

void live_release(struct live *l);

/** Makes the SQL function that Q_SESSION_ALL is written with; before statements are prepared. */
int live_open(struct store *s);

/** Reads the directory from the file where it is not known. Needs heads_know. */
int live_know(struct store *s);

/** The session with this key, or NULL. A pointer is good until it is dropped. */
struct live_session *live_find(const struct live *l, const struct store_index *key);

/** The caller's session with the highest id, and the one before; or NULL. */
struct live_session *live_newest(const struct live *l, const struct store_index *caller);
struct live_session *live_earlier(const struct live *l, const struct live_session *session);

/** A new session; its key must not be there. ERR_NOMEM. */
int live_add(struct live *l, const struct live_session *session);

/** To be called before number, turn or expires_s of a session change. */
void live_change(struct live *l, const struct live_session *session);

void live_drop(struct live *l, struct live_session *session);

/** The transaction is over: its changes stay, or are taken back. */
void live_settle(struct live *l);
void live_undo(struct live *l);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* copy - the database as it is at one moment, while its writer goes on.
 *
 * A reader's snapshot holds still what is copied: turns go on, nothing is locked, and the write-ahead log is cut when
 * the copy is done. The reader never writes and never checkpoints. SQLite's backup writes the copy to a file that is no
 * file: a VFS of its own hands each piece to the caller, who must keep nothing in clear. A piece may come twice; the
 * later counts.
 */
#ifndef WAYMARK_STORE_COPY_H
#define WAYMARK_STORE_COPY_H

#include "store/store.h"

/** Takes the bytes that stand at this place of the copy. Below 0: the copy ends, and store_copy gives that. */
typedef int (*store_copy_fn)(void *ctx, uint64_t at, struct span bytes);

/** Copies DIR/waymark.db. ERR_MISSING: there is none; ERR_IO, ERR_CORRUPT, ERR_NOMEM. */
int store_copy(const char *dir, store_copy_fn put, void *ctx);

/** Whether an open database is whole (PRAGMA quick_check). ERR_CORRUPT, ERR_IO, ERR_NOMEM. */
int store_sound(struct store *s);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* reader - a connection of its own that only reads: for pages, beside the turn loop.
 *
 *     store_read_open, then (store_snapshot, functions that read, store_snapshot_end)..., store_close
 *
 * It is a `struct store` like the writer's, so every function that reads takes it; those that write give ERR_NOT_NOW.
 * One thread at a time. It is opened after the writer's (which makes the file) and closed before it, so that it never
 * checkpoints. Snapshots are short: while one is open the write-ahead log is not cut, and what was erased stays there.
 */
#ifndef WAYMARK_STORE_READER_H
#define WAYMARK_STORE_READER_H

#include "store/store.h"

/** ERR_IO, ERR_CORRUPT, ERR_NOMEM. */
int store_read_open(const char *dir, struct store **out);

/** What is read from here on is of one moment. ERR_NOT_NOW: it is not a reader's. */
int store_snapshot(struct store *s);
void store_snapshot_end(struct store *s);

#endif

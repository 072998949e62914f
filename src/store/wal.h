// SPDX-License-Identifier: AGPL-3.0-or-later
/* wal - one write a commit.
 *
 * SQLite writes the write-ahead log in two small pieces a page, some fifty system calls for a group of turns, and then
 * syncs. This is a VFS over the default one that gathers the pieces in memory and writes them as one when they are
 * synced, which is when SQLite counts on them: with synchronous=FULL each commit is synced before it is published to
 * readers (sqlite.org/wal.html; walWriteOneFrame and sqlite3WalFrames in wal.c). A write that fails is told at the
 * sync, and SQLite takes the commit back, as it would have. Whatever else is done with the log (reading, its size,
 * cutting it) first writes what was gathered.
 */
#ifndef WAYMARK_STORE_WAL_H
#define WAYMARK_STORE_WAL_H

/** Registers the VFS over the one that is the default now, and returns its name for sqlite3_open_v2. NULL: out of
 * memory. Call it once a process at least; later calls give the same. */
const char *wal_vfs(void);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* checkpoint - when the write-ahead log is carried into the database, and when it begins anew.
 *
 * A checkpoint that empties the log is dear on a slow disk: it copies, it syncs the database, and the log's first
 * commit after it syncs the new header before its own pages (ff5be73dee in SQLite's tracker). Nobody is answered
 * meanwhile. So while turns come one after the other the log is only copied, in small steps, and nothing is synced: to
 * lose what was copied costs nothing as long as the log still holds it. Once the log is long, and when it is quiet, the
 * rest is copied, the database is synced, and the log begins anew.
 *
 * SQLite does just that where a reader still needs the log: it copies what lies before the reader's snapshot, does not
 * sync, and does not let the log begin anew (walCheckpoint and walRestartLog in wal.c of 3.40.1; "Avoiding Excessively
 * Large WAL Files" in sqlite.org/wal.html). The pin is such a reader: a second connection, which can only read, used
 * by the same thread. It is put at the log's end; once something was committed behind it, what lies before it is
 * copied.
 */
#ifndef WAYMARK_STORE_CHECKPOINT_H
#define WAYMARK_STORE_CHECKPOINT_H

#include <sqlite3.h>
#include <stdbool.h>

struct store;

struct pin {
    sqlite3 *db;
    sqlite3_stmt *snapshot; /* between a row and its reset it holds one */
    int at;                 /* pages that were in the log when it was taken; 0: it is not held */
};

/** Opens the pin beside a database that is open. ERR_IO, ERR_NOMEM. */
int checkpoint_open(struct store *s, const char *path);

/** Before the writer is closed, which must be the last. */
void checkpoint_close(struct store *s);

/** What store_rest does. */
int checkpoint_rest(struct store *s, bool idle);

#endif

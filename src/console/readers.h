// SPDX-License-Identifier: AGPL-3.0-or-later
/* readers - the console's own connections to the database, which only read (store/reader.h).
 *
 *     readers_take (a snapshot begins), functions of store/ that read, readers_give (it ends)
 *
 * As few statements between them as can be, and no passphrase, no sealed text, no drawing: what was erased stays in the
 * write-ahead log as long as a snapshot is open.
 */
#ifndef WAYMARK_CONSOLE_READERS_H
#define WAYMARK_CONSOLE_READERS_H

#include "store/reader.h"

struct readers;

/** `data`: the database's folder, which outlives it. ERR_NOMEM: NULL. */
struct readers *readers_new(const char *data);

/** Closes all; nobody reads any more. NULL is allowed. */
void readers_free(struct readers *r);

/** A connection with a snapshot, for the calling thread alone. */
int readers_take(struct readers *r, struct store **out);
void readers_give(struct readers *r, struct store *s);

#endif

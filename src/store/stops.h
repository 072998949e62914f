// SPDX-License-Identifier: AGPL-3.0-or-later
/* stops - who said STOP, ERASE or START, in a file beside the database: DIR/stops.journal.
 *
 * A stop must outlive a restore of an older database. So each one is appended here too, and synced before the commit
 * that answers it; the database keeps how many records it has applied. After a crash between the two the journal is
 * ahead, and so it is after a restore: what is missing is then applied again (gateway/stops.h) before anything is sent.
 * A person's STOP or START that was written but never answered is applied as well: they asked for it.
 *
 *     store_open, store_stops_open, store_stops_next... until 0 (in a transaction), then everything else
 *
 * store_contact_set and store_person_erase append by themselves; store_commit writes. Records hold blind indexes only
 * and have a fixed length: number, day, kind, the two indexes, and a keyed link of the chain over all before it. The
 * first record is the journal's own random id, which the database keeps as well.
 */
#ifndef WAYMARK_STORE_STOPS_H
#define WAYMARK_STORE_STOPS_H

#include "store/chain.h"

enum { STOPS_RECORD = 80 /* bytes of each record of the file */ };

enum stop_kind { STOP_JOURNAL, STOP_STOP, STOP_ERASE, STOP_START, STOP_KINDS };

struct stop {
    enum stop_kind kind;
    int64_t day;                       /* of a STOP; else 0 */
    struct store_index number, caller; /* caller: all zero where there was none */
};

/** Opens DIR/stops.journal and checks all of it; makes it, from the stops that the database knows, where neither the
 * file nor a trace of it in the database exists. What a power cut left behind its last whole record is cut off.
 * ERR_MISSING: the database knows of a journal and it is not there. ERR_REFUSED: it is of another folder or another
 * master key. ERR_CORRUPT: damaged, or shorter than the database knows. ERR_IO, ERR_FULL, ERR_NOMEM. */
int store_stops_open(struct store *s, const char *dir, store_link_fn link, void *ctx);

/** Writes a new journal from the stops that the database knows, in the place of what is there: where the old one is
 * lost, or its keys have changed. Whatever was restored from an older backup before this is then not put right. */
int store_stops_renew(struct store *s, const char *dir, store_link_fn link, void *ctx);

/** How many records the database has not applied yet. */
int64_t store_stops_behind(const struct store *s);

/** The next record to be applied, within a transaction; what the caller writes from then on is not appended again until
 * this gives 0 (none is left). 1: *out is one. */
int store_stops_next(struct store *s, struct stop *out);

/** How many records the journal has. */
int64_t store_stops_count(const struct store *s);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* crate - what a backup holds: the database, and stops.journal, inside a parcel (vault/parcel.h).
 *
 * The parcel's bytes are records: kind (1) | place (8) | length (4) | bytes, numbers least significant first. Kinds:
 * 'I' says in words what made it and when; 'F' begins a file of that name; 'W' are bytes that stand at that place of
 * the file (a place may come twice: the later counts); 'Z' is the end. Files are known by name, and no other is
 * written.
 *
 * The journal is read after the database: what it then has more is applied by whoever opens the two (gateway/stops.h).
 * The master key is not in it, nor the menus: sessions that are put back go on with the newest. */
#ifndef WAYMARK_CLI_CRATE_H
#define WAYMARK_CLI_CRATE_H

#include "vault/parcel.h"

/** What was packed or unpacked. */
struct crate_report {
    uint64_t bytes; /* of the files */
    bool journal;   /* stops.journal was in it */
    char made[64];  /* when, in words */
};

/** Writes a backup of DIR to a new file. ERR_EXISTS: there is one of that name, which is left alone; ERR_MISSING: there
 * is no database; ERR_IO, ERR_FULL, ERR_CORRUPT, ERR_NOMEM. */
int crate_pack(const char *dir, const unsigned char to[VAULT_PUBLIC_BYTES], int64_t now_ms, const char *file,
               struct crate_report *report);

/** Unpacks one into an empty folder. Errors as of parcel_read; ERR_EXISTS: such a file is there. What was written
 * before a failure is of no use. */
int crate_unpack(const char *file, const struct opener *key, const char *dir, struct crate_report *report,
                 unsigned char to[VAULT_PUBLIC_BYTES]);

#endif

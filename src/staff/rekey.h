// SPDX-License-Identifier: AGPL-3.0-or-later
/* rekey - the master key is replaced: a copy of the data is put under a new one.
 *
 * Boxes are opened and closed again; blind indexes are taken over by the new key's (vault_succeed); chains get new
 * links, after the old ones were proved; open sessions end. What is sealed to people, teams and members stays as it is:
 * no master key is needed to open those. */
#ifndef WAYMARK_STAFF_REKEY_H
#define WAYMARK_STAFF_REKEY_H

#include "store/rekey.h"
#include "vault/vault.h"

struct rekey {
    const struct vault *from, *to;
    int64_t now_s;
    int64_t values; /* that were put over */
};

/** Puts an open copy over and writes the audit row. ERR_CORRUPT: a chain does not hold, see `waymark consent verify`;
 * ERR_CRYPTO: a box does not open. The copy is of no use then. */
int rekey_database(struct rekey *r, struct store *copy);

/** The journal of folder `from`, to folder `to`. */
int rekey_journal(const struct rekey *r, const char *from, const char *to);

#endif

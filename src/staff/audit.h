// SPDX-License-Identifier: AGPL-3.0-or-later
/* audit - who did what: rows that are only added, chained and keyed (store/ledger.c, vault_chain). */
#ifndef WAYMARK_STAFF_AUDIT_H
#define WAYMARK_STAFF_AUDIT_H

#include "store/store.h"
#include "vault/vault.h"

struct audit {
    int64_t at_s;
    struct span actor, action, object; /* never a phone number, never what somebody told */
};

/** Appends a row, inside the caller's transaction. */
int audit_note(const struct vault *v, struct store *s, const struct audit *row);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* outbound - how a message that is due lies in the store: number and text in one box under the outbox key. */
#ifndef WAYMARK_VAULT_OUTBOUND_H
#define WAYMARK_VAULT_OUTBOUND_H

#include "vault/vault.h"

/** Appends the box of a message to `to`. */
int outbound_box(const struct vault *v, const struct msisdn *to, struct span text, struct str *out);

/** Opens one; `plain` keeps the bytes that *text points into. ERR_CRYPTO, ERR_CORRUPT. */
int outbound_unbox(const struct vault *v, struct span box, struct str *plain, struct msisdn *to, struct span *text);

#endif

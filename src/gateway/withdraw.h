// SPDX-License-Identifier: AGPL-3.0-or-later
/* withdraw - a person's withdrawal that did not come as a turn: by voice, or from the aggregator. */
#ifndef WAYMARK_GATEWAY_WITHDRAW_H
#define WAYMARK_GATEWAY_WITHDRAW_H

#include "store/store.h"
#include "vault/vault.h"

/** Stops contact with a number and takes back every consent in force, inside the caller's transaction. */
int withdraw_number(const struct vault *v, struct store *s, const struct msisdn *number, int64_t now_ms);

#endif

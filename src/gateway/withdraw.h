// SPDX-License-Identifier: AGPL-3.0-or-later
/* withdraw - a person's withdrawal that did not come as a turn: by voice, or from the aggregator. */
#ifndef WAYMARK_GATEWAY_WITHDRAW_H
#define WAYMARK_GATEWAY_WITHDRAW_H

#include "channel/set.h"
#include "store/store.h"
#include "vault/vault.h"

/** Stops contact with a number and takes back every consent in force, inside the caller's transaction. ERR_RANGE: an
 * empty number. */
int withdraw_number(const struct vault *v, struct store *s, const struct msisdn *number, int64_t now_ms);

/** Erases whatever is kept of a number, as ERASE by the person does, with its sessions on all of these channels, inside
 * the caller's transaction. `actor`: who did it for them, for the audit log. */
int withdraw_erase(const struct vault *v, struct store *s, const struct channel_set *channels,
                   const struct msisdn *number, struct span actor, int64_t now_ms);

/** As withdraw_number where an aggregator says that the person opted out there, for a turn's number (loaded, and made
 * where there is no row). An audit row says which aggregator said so. Where contact had stopped already nothing is
 * done. */
int withdraw_opted_out(const struct vault *v, struct store *s, struct store_turn *st, struct span channel,
                       int64_t now_ms);

/** The same for a number known by its blind index only. */
int withdraw_key(const struct vault *v, struct store *s, const struct store_index *number, struct span channel,
                 int64_t now_ms);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* stops - the journal of stops (store/stops.h), opened and applied before anything else is done with the data.
 *
 * An older database that was put back knows nothing of those who stopped, erased or said START since: here each of them
 * is stopped, erased or freed again, casework's seals are destroyed again, and what waits for them is cancelled.
 */
#ifndef WAYMARK_GATEWAY_STOPS_H
#define WAYMARK_GATEWAY_STOPS_H

#include "store/stops.h"
#include "vault/vault.h"

/** Opens the journal in `dir` and applies what the database lacks, in one transaction. `applied`: how many records that
 * were. Errors as of store_stops_open and the store's. */
int stops_open(const struct vault *v, struct store *s, const char *dir, int64_t now_ms, int64_t *applied);

/** A journal made anew from the stops that the database knows; for a lost one. */
int stops_renew(const struct vault *v, struct store *s, const char *dir);

#endif

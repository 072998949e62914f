// SPDX-License-Identifier: AGPL-3.0-or-later
/* cache - which row a blind index led to last time.
 *
 * A direct-mapped table: an entry is a hint that the newer one overwrites. A row that was found through it must be
 * checked against the key (the row may be gone, or never have been committed); "absent" must be taken back by whoever
 * adds the row. Saves the descent into an index whose keys are random.
 */
#ifndef WAYMARK_STORE_CACHE_H
#define WAYMARK_STORE_CACHE_H

#include "store/store.h"

enum { CACHE_ENTRIES = 262144, CACHE_UNKNOWN = 0, CACHE_ABSENT = -1 };

struct cache {
    struct cache_entry *entries; /* CACHE_ENTRIES */
};

/** ERR_NOMEM. */
int cache_init(struct cache *c);
void cache_release(struct cache *c);

/** A row id, CACHE_ABSENT (there is no such row) or CACHE_UNKNOWN. */
int64_t cache_get(const struct cache *c, const struct store_index *key);

/** id: a row id or CACHE_ABSENT. */
void cache_put(struct cache *c, const struct store_index *key, int64_t id);

#endif

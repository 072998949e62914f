// SPDX-License-Identifier: AGPL-3.0-or-later
/* map - names to things.
 *
 * An open-addressing table whose keys are spans owned by somebody who outlives the map (an arena, mostly). map_new,
 * map_put..., map_get..., map_free. Not for keys that a caller chose freely: the hash is seeded, but not per process.
 */
#ifndef WAYMARK_BASE_MAP_H
#define WAYMARK_BASE_MAP_H

#include "base/span.h"

struct map;

/** An empty map, or NULL when out of memory. */
struct map *map_new(void);

/** Frees the map, not its values; NULL is allowed. */
void map_free(struct map *m);

/** Adds key -> value (value not NULL). ERR_EXISTS (the first value stays), ERR_NOMEM. The key's bytes are not copied.
 */
int map_put(struct map *m, struct span key, void *value);

/** The value, or NULL. */
void *map_get(const struct map *m, struct span key);

size_t map_count(const struct map *m);

/** Walks in order of insertion: returns the value at `index` and its key, NULL past the end. */
void *map_at(const struct map *m, size_t index, struct span *key);

#endif

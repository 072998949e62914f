// SPDX-License-Identifier: AGPL-3.0-or-later
/* counters - what happened, how often, without anybody in it: summed up over a batch, written with it. */
#ifndef WAYMARK_GATEWAY_COUNTERS_H
#define WAYMARK_GATEWAY_COUNTERS_H

#include "base/arena.h"
#include "base/map.h"
#include "store/store.h"

struct counters {
    struct map *map; /* one entry a distinct struct store_counter of this batch */
    struct arena *arena;
};

/** Starts a batch; the entries live in `a`. ERR_NOMEM. */
int counters_begin(struct counters *c, struct arena *a);

/** Counts one event; silently without memory (a count is not worth a turn). `menus` are the hash's bytes here. */
void counters_add(struct counters *c, const struct store_counter *what);

/** Writes them all, inside the batch's transaction. */
int counters_write(struct counters *c, struct store *s, int64_t day);

void counters_end(struct counters *c);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/cache.h"

#include "base/err.h"
#include "base/mem.h"

struct cache_entry {
    struct store_index key;
    int64_t id; // CACHE_UNKNOWN: never used
};

int cache_init(struct cache *c)
{
    c->entries = mem_calloc(CACHE_ENTRIES, sizeof *c->entries);
    return c->entries ? 0 : ERR_NOMEM;
}

void cache_release(struct cache *c)
{
    mem_free(c->entries);
    c->entries = NULL;
}

// A blind index is a keyed digest, so any of its bytes are as good as a hash.
static struct cache_entry *slot(const struct cache *c, const struct store_index *key)
{
    uint32_t hash;
    memcpy(&hash, key->bytes, sizeof hash);
    return &c->entries[hash % CACHE_ENTRIES];
}

int64_t cache_get(const struct cache *c, const struct store_index *key)
{
    const struct cache_entry *e = slot(c, key);
    return memcmp(e->key.bytes, key->bytes, STORE_INDEX_BYTES) == 0 ? e->id : CACHE_UNKNOWN;
}

void cache_put(struct cache *c, const struct store_index *key, int64_t id)
{
    *slot(c, key) = (struct cache_entry){.key = *key, .id = id};
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/map.h"

#include "base/err.h"
#include "base/mem.h"

#include <string.h>

struct entry {
    struct span key;
    void *value;
};

struct map {
    struct entry *entries; // in order of insertion
    size_t count, room;
    uint32_t *slots; // index + 1 into entries, 0: free; a power of two of them
    size_t slot_count;
};

/* Eight bytes at a time: keys are as long as what a screen says, and a turn looks several up. The constant is that of
 * Fibonacci hashing (Knuth 6.4). */
static uint64_t map_hash(struct span key)
{
    uint64_t h = key.len, word = 0;
    for (; key.len >= sizeof word; key = span_from(key, sizeof word)) {
        memcpy(&word, key.p, sizeof word);
        h = (h ^ word) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
    }
    word = 0;
    if (key.len)
        memcpy(&word, key.p, key.len);
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 32);
}

struct map *map_new(void)
{
    return mem_calloc(1, sizeof(struct map));
}

void map_free(struct map *m)
{
    if (!m)
        return;
    mem_free(m->entries);
    mem_free(m->slots);
    mem_free(m);
}

/* The slot that holds `key`, or the free one where it belongs. Needs slot_count > count. */
static uint32_t *map_slot(const struct map *m, struct span key)
{
    size_t mask = m->slot_count - 1;
    size_t i = (size_t)map_hash(key) & mask;
    while (m->slots[i] && !span_eq(m->entries[m->slots[i] - 1].key, key))
        i = (i + 1) & mask;
    return &m->slots[i];
}

static int map_widen(struct map *m)
{
    size_t wanted = m->slot_count ? m->slot_count * 2 : 16;
    uint32_t *slots = mem_calloc(wanted, sizeof *slots);
    struct entry *entries = mem_realloc(m->entries, wanted / 2 * sizeof *entries);
    if (entries)
        m->entries = entries;
    if (!slots || !entries) {
        mem_free(slots);
        return ERR_NOMEM;
    }
    mem_free(m->slots);
    m->slots = slots;
    m->slot_count = wanted;
    m->room = wanted / 2;
    for (size_t i = 0; i < m->count; i++)
        *map_slot(m, m->entries[i].key) = (uint32_t)i + 1;
    return 0;
}

int map_put(struct map *m, struct span key, void *value)
{
    if (m->count == m->room && map_widen(m) < 0)
        return ERR_NOMEM;
    uint32_t *slot = map_slot(m, key);
    if (*slot)
        return ERR_EXISTS;
    m->entries[m->count] = (struct entry){.key = key, .value = value};
    *slot = (uint32_t)++m->count;
    return 0;
}

void *map_get(const struct map *m, struct span key)
{
    if (!m->count)
        return NULL;
    uint32_t slot = *map_slot(m, key);
    return slot ? m->entries[slot - 1].value : NULL;
}

size_t map_count(const struct map *m)
{
    return m->count;
}

void *map_at(const struct map *m, size_t index, struct span *key)
{
    if (index >= m->count)
        return NULL;
    if (key)
        *key = m->entries[index].key;
    return m->entries[index].value;
}

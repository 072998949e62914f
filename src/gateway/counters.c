// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/counters.h"

#include "base/err.h"

#include <string.h>

enum { PART_COUNT = 5 };

struct counter {
    struct store_counter what; /* menus: the hash's bytes, not yet in hexadecimal */
    int64_t number;
};

int counters_begin(struct counters *c, struct arena *a)
{
    *c = (struct counters){.map = map_new(), .arena = a};
    return c->map ? 0 : ERR_NOMEM;
}

void counters_end(struct counters *c)
{
    map_free(c->map);
    c->map = NULL;
}

enum { KEY_ROOM = 256, HASH_MAX = 32 }; // bytes of a key as names go; of a menus' hash

/* The parts with a NUL behind each, in `room` or, with names that are longer than most, in the batch's arena; p NULL:
 * out of memory. */
static struct span counter_key(struct counters *c, const struct span parts[PART_COUNT], char room[KEY_ROOM])
{
    size_t len = PART_COUNT, at = 0;
    for (size_t i = 0; i < PART_COUNT; i++)
        len += parts[i].len;
    char *key = len <= KEY_ROOM ? room : arena_alloc(c->arena, len);
    for (size_t i = 0; key && i < PART_COUNT; i++) {
        if (parts[i].len)
            memcpy(key + at, parts[i].p, parts[i].len);
        at += parts[i].len;
        key[at++] = '\0';
    }
    return (struct span){key, at};
}

static struct counter *counter_new(struct counters *c, const struct span parts[PART_COUNT], struct span key)
{
    struct counter *counter = arena_alloc(c->arena, sizeof *counter);
    struct span kept = arena_copy(c->arena, key);
    if (!counter || !kept.p)
        return NULL;
    struct store_counter *what = &counter->what;
    struct span *copies[PART_COUNT] = {&what->menus, &what->channel, &what->language, &what->screen, &what->event};
    for (size_t i = 0, at = 0; i < PART_COUNT; at += parts[i].len + 1, i++)
        *copies[i] = (struct span){kept.p + at, parts[i].len};
    return map_put(c->map, kept, counter) == 0 ? counter : NULL;
}

void counters_add(struct counters *c, const struct store_counter *what)
{
    if (!c->map)
        return; // outside a batch: nothing is stored, so nothing is counted
    const struct span parts[PART_COUNT] = {what->menus, what->channel, what->language, what->screen, what->event};
    char room[KEY_ROOM];
    struct span key = counter_key(c, parts, room);
    struct counter *counter = key.p ? map_get(c->map, key) : NULL;
    if (key.p && !counter)
        counter = counter_new(c, parts, key);
    if (counter)
        counter->number++;
}

static struct span hexadecimal(struct span bytes, char out[2 * HASH_MAX])
{
    bytes = span_first(bytes, HASH_MAX);
    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = "0123456789abcdef"[(unsigned char)bytes.p[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes.p[i] & 15];
    }
    return (struct span){out, 2 * bytes.len};
}

int counters_write(struct counters *c, struct store *s, int64_t day)
{
    char hex[2 * HASH_MAX];
    for (size_t i = 0; i < map_count(c->map); i++) {
        const struct counter *n = map_at(c->map, i, NULL);
        struct store_counter what = n->what;
        what.menus = hexadecimal(what.menus, hex);
        int rc = store_count(s, day, &what, n->number);
        if (rc < 0)
            return rc;
    }
    return 0;
}

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

enum { COUNTER_KEY_MAX = 256 };

/* The parts with a NUL between, in `key`; empty where they are longer than any that a program can have. */
static struct span counter_key(const struct span parts[PART_COUNT], char key[COUNTER_KEY_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (len + parts[i].len + 1 > COUNTER_KEY_MAX)
            return (struct span){0};
        if (parts[i].len)
            memcpy(key + len, parts[i].p, parts[i].len);
        len += parts[i].len;
        key[len++] = '\0';
    }
    return (struct span){key, len};
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
    char bytes[COUNTER_KEY_MAX];
    struct span key = counter_key(parts, bytes);
    struct counter *counter = map_get(c->map, key);
    if (!counter)
        counter = counter_new(c, parts, key);
    if (counter)
        counter->number++;
}

static struct span hexadecimal(struct span bytes, char *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = "0123456789abcdef"[(unsigned char)bytes.p[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes.p[i] & 15];
    }
    return (struct span){out, 2 * bytes.len};
}

int counters_write(struct counters *c, struct store *s, int64_t day)
{
    char hex[2 * COUNTER_KEY_MAX];
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

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/readers.h"

#include "base/err.h"
#include "base/mem.h"

#include <pthread.h>

enum { READERS_IDLE = 4 }; // kept open; there are as many in use as threads that read

struct readers {
    const char *data;
    pthread_mutex_t lock;
    struct store *idle[READERS_IDLE];
    size_t count;
};

struct readers *readers_new(const char *data)
{
    struct readers *r = mem_calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->data = data;
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void readers_free(struct readers *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->count; i++)
        store_close(r->idle[i]);
    pthread_mutex_destroy(&r->lock);
    mem_free(r);
}

int readers_take(struct readers *r, struct store **out)
{
    pthread_mutex_lock(&r->lock);
    struct store *s = r->count ? r->idle[--r->count] : NULL;
    pthread_mutex_unlock(&r->lock);
    int rc = s ? 0 : store_read_open(r->data, &s);
    if (rc == 0)
        rc = store_snapshot(s);
    if (rc < 0)
        store_close(s);
    else
        *out = s;
    return rc;
}

void readers_give(struct readers *r, struct store *s)
{
    store_snapshot_end(s);
    pthread_mutex_lock(&r->lock);
    bool keep = r->count < READERS_IDLE;
    if (keep)
        r->idle[r->count++] = s;
    pthread_mutex_unlock(&r->lock);
    if (!keep)
        store_close(s);
}

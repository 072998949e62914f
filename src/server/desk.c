// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/desk.h"

#include "base/err.h"
#include "base/mem.h"
#include "server/loop.h"

enum { LANE_PAGES, LANE_PASSPHRASES, LANES };
enum { LANE_WAITING = 64 }; // requests that may wait in a lane; past it, 503

struct lane {
    struct desk *desk;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct request *first, **last;
    size_t waiting;
    bool started, closed;
};

struct desk {
    struct console *console;
    struct lane lanes[LANES];
};

static struct request *lane_take(struct lane *l)
{
    pthread_mutex_lock(&l->lock);
    while (!l->first && !l->closed)
        pthread_cond_wait(&l->filled, &l->lock);
    struct request *r = l->first;
    if (r) {
        l->first = r->next;
        l->waiting--;
        if (!l->first)
            l->last = &l->first;
    }
    pthread_mutex_unlock(&l->lock);
    return r;
}

static void *lane_main(void *lane)
{
    struct lane *l = lane;
    struct request *r;
    while ((r = lane_take(l))) {
        struct wire_response answer;
        console_serve(l->desk->console, &r->wire, r->arena, &answer);
        r->answer = answer;
        loop_back(r);
        mem_wipe_stack();
    }
    return NULL;
}

static bool lane_put(struct lane *l, struct request *r)
{
    pthread_mutex_lock(&l->lock);
    bool room = l->waiting < LANE_WAITING && !l->closed;
    if (room) {
        loop_keep(r);
        *l->last = r;
        l->last = &r->next;
        l->waiting++;
        pthread_cond_signal(&l->filled);
    }
    pthread_mutex_unlock(&l->lock);
    return room;
}

int desk_open(struct console *console, struct desk **out)
{
    struct desk *d = mem_calloc(1, sizeof *d);
    if (!d)
        return ERR_NOMEM;
    d->console = console;
    int rc = 0;
    for (size_t i = 0; i < LANES; i++) {
        struct lane *l = &d->lanes[i];
        *l = (struct lane){.desk = d, .last = &l->first};
        pthread_mutex_init(&l->lock, NULL);
        pthread_cond_init(&l->filled, NULL);
        if (rc == 0)
            rc = pthread_create(&l->thread, NULL, lane_main, l) ? ERR_NOMEM : 0;
        l->started = rc == 0;
    }
    if (rc < 0)
        desk_close(d);
    else
        *out = d;
    return rc;
}

static void lane_close(struct lane *l)
{
    pthread_mutex_lock(&l->lock);
    l->closed = true;
    pthread_cond_signal(&l->filled);
    pthread_mutex_unlock(&l->lock);
    if (l->started)
        pthread_join(l->thread, NULL);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->filled);
}

void desk_close(struct desk *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < LANES; i++)
        lane_close(&d->lanes[i]);
    mem_free(d);
}

void desk_serve(struct request *r)
{
    struct desk *d = r->loop->desk;
    if (!d)
        request_say(r, 404, "no such path");
    else if (!lane_put(&d->lanes[console_slow(&r->wire) ? LANE_PASSPHRASES : LANE_PAGES], r))
        request_say_with(r, 503, "too many wait, try again", "Retry-After", "5");
}

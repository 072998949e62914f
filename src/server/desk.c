// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/desk.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "server/loop.h"

#include <time.h>
#include <unistd.h>

enum { LANE_PAGES, LANE_PASSPHRASES, LANES };
enum { LOOK_MS = 1000, FEED_WAITING = 512 }; // the feed's
enum { LANE_WAITING = 64 };                  // requests that may wait in a lane; past it, 503

struct lane {
    struct desk *desk;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct request *first, **last;
    size_t waiting;
    bool started, closed;
};

/** Requests that wait for news. */
struct feed {
    struct desk *desk;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct request *waiting; /* the newest first */
    size_t count;
    bool started, closed;
};

struct desk {
    struct console *console;
    struct lane lanes[LANES];
    struct feed feed;
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

enum { DESK_NICE = 10 };

/* Pages come after the callers: where both want a processor, turns have it. */
static void give_way(void)
{
    int now = nice(DESK_NICE); // of this thread alone, as Linux has it (nice(2)); where it is refused, nothing is lost
    (void)now;
}

static void *lane_main(void *lane)
{
    struct lane *l = lane;
    give_way();
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

/* Under the lane's lock. */
static void lane_add(struct lane *l, struct request *r)
{
    r->next = NULL;
    *l->last = r;
    l->last = &r->next;
    l->waiting++;
    pthread_cond_signal(&l->filled);
}

static bool lane_put(struct lane *l, struct request *r)
{
    pthread_mutex_lock(&l->lock);
    bool room = l->waiting < LANE_WAITING && !l->closed;
    if (room) {
        loop_keep(r);
        lane_add(l, r);
    }
    pthread_mutex_unlock(&l->lock);
    return room;
}

/* ---- who waits for news ---- */

static bool feed_put(struct feed *f, struct request *r)
{
    pthread_mutex_lock(&f->lock);
    bool room = f->count < FEED_WAITING && !f->closed;
    if (room) {
        loop_keep(r);
        r->waits_since_ms = clock_monotonic_ms();
        r->next = f->waiting;
        f->waiting = r;
        f->count++;
    }
    pthread_mutex_unlock(&f->lock);
    return room;
}

static bool ripe(const struct feed *f, const struct request *r, int64_t news, int64_t now_ms)
{
    return f->closed || loop_quiescing(r->loop) || now_ms - r->waits_since_ms >= EVENTS_QUIET_MS ||
           console_fresh(&r->wire, r->arena, news);
}

/* Takes out of the list what is to be served now. */
static struct request *feed_ripe(struct feed *f, int64_t news)
{
    struct request *out = NULL, **at = &f->waiting;
    int64_t now_ms = clock_monotonic_ms();
    while (*at) {
        struct request *r = *at;
        if (!ripe(f, r, news, now_ms)) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        f->count--;
        r->next = out;
        out = r;
    }
    return out;
}

static void feed_serve(struct feed *f, struct request *r)
{
    struct lane *l = &f->desk->lanes[LANE_PAGES];
    pthread_mutex_lock(&l->lock);
    for (struct request *next; r; r = next) {
        next = r->next;
        lane_add(l, r); // they were counted when they came, so the lane takes them whatever waits
    }
    pthread_mutex_unlock(&l->lock);
}

static void *feed_main(void *feed)
{
    struct feed *f = feed;
    bool closed = false;
    give_way();
    while (!closed) {
        int64_t news = console_tick(f->desk->console);
        pthread_mutex_lock(&f->lock);
        struct request *r = feed_ripe(f, news);
        closed = f->closed;
        pthread_mutex_unlock(&f->lock);
        feed_serve(f, r);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += LOOK_MS / 1000;
        pthread_mutex_lock(&f->lock);
        if (!f->closed)
            pthread_cond_timedwait(&f->wake, &f->lock, &until);
        pthread_mutex_unlock(&f->lock);
    }
    return NULL;
}

static int feed_open(struct feed *f, struct desk *d)
{
    *f = (struct feed){.desk = d};
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->wake, NULL);
    f->started = pthread_create(&f->thread, NULL, feed_main, f) == 0;
    return f->started ? 0 : ERR_NOMEM;
}

static void feed_close(struct feed *f)
{
    if (!f->desk)
        return;
    pthread_mutex_lock(&f->lock);
    f->closed = true;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
    if (f->started)
        pthread_join(f->thread, NULL);
    feed_serve(f, feed_ripe(f, 0));
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->wake);
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
    if (rc == 0)
        rc = feed_open(&d->feed, d);
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
    feed_close(&d->feed); // first: what it hands over is still served
    for (size_t i = 0; i < LANES; i++)
        lane_close(&d->lanes[i]);
    mem_free(d);
}

void desk_serve(struct request *r)
{
    struct desk *d = r->loop->desk;
    if (!d && r->loop->intake)
        request_say(r, 503, "locked: the service waits for its master key");
    else if (!d)
        request_say(r, 404, "no such path");
    else if (console_waits(&r->wire) && feed_put(&d->feed, r))
        return;
    else if (console_waits(&r->wire) || !lane_put(&d->lanes[console_slow(&r->wire) ? LANE_PASSPHRASES : LANE_PAGES], r))
        request_say_with(r, 503, "too many wait, try again", "Retry-After", "5");
}

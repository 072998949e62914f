// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/desk.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "server/loop.h"

#include <time.h>
#include <unistd.h>

enum { LANE_PAGES, LANE_PASSPHRASES, LANES };
enum { LOOK_MS = 250 };     // between two looks at the streams
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

/** Streams that have nothing to say now. */
struct feed {
    struct desk *desk;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct request *waiting; /* the newest first */
    bool started, closed;
    bool hurries; /* the next look is due at once */
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

/* ---- streams ---- */

bool desk_wait(struct request *r)
{
    struct feed *f = &r->loop->desk->feed;
    pthread_mutex_lock(&f->lock);
    bool open = !f->closed;
    if (open) {
        loop_keep(r);
        r->next = f->waiting;
        f->waiting = r;
    }
    pthread_mutex_unlock(&f->lock);
    return open;
}

void desk_close_stream(struct request *r)
{
    console_stream_close(r->loop->desk->console, r->answer.stream);
    r->answer.stream = NULL;
}

/* Whether a stream has something to say, or ends. */
static bool speaks(const struct feed *f, struct request *r, int64_t news)
{
    struct span next = {0};
    bool stops = f->closed || loop_quiescing(r->loop);
    r->over = stops || !console_stream_look(f->desk->console, r->answer.stream, news, &next);
    if (!r->over && !next.len)
        return false;
    r->answer.body = next;
    r->sent = 0;
    return true;
}

/* Takes out of the list those that do. */
static struct request *feed_take(struct feed *f, int64_t news)
{
    struct request *out = NULL, **at = &f->waiting;
    while (*at) {
        struct request *r = *at;
        if (!speaks(f, r, news)) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        r->next = out;
        out = r;
    }
    return out;
}

static void feed_look(struct feed *f, int64_t news)
{
    pthread_mutex_lock(&f->lock);
    struct request *r = feed_take(f, news);
    pthread_mutex_unlock(&f->lock);
    for (struct request *next; r; r = next) {
        next = r->next; // once it is back, it is the listener's
        loop_back(r);
    }
}

static bool feed_sleep(struct feed *f)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&f->lock);
    if (!f->closed && !f->hurries)
        pthread_cond_timedwait(&f->wake, &f->lock, &until);
    f->hurries = false;
    bool closed = f->closed;
    pthread_mutex_unlock(&f->lock);
    return !closed;
}

static void *feed_main(void *feed)
{
    struct feed *f = feed;
    give_way();
    do
        feed_look(f, console_tick(f->desk->console));
    while (feed_sleep(f));
    return NULL;
}

void desk_quiesce(struct desk *d)
{
    if (!d)
        return;
    pthread_mutex_lock(&d->feed.lock);
    d->feed.hurries = true;
    pthread_cond_signal(&d->feed.wake);
    pthread_mutex_unlock(&d->feed.lock);
}

static int feed_open(struct feed *f, struct desk *d)
{
    *f = (struct feed){.desk = d};
    pthread_mutex_init(&f->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC); // a wall clock that is set back would make a look wait for it
    pthread_cond_init(&f->wake, &attr);
    pthread_condattr_destroy(&attr);
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
    feed_look(f, 0);
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
    feed_close(&d->feed);
    for (size_t i = 0; i < LANES; i++)
        lane_close(&d->lanes[i]);
    mem_free(d);
}

void desk_serve(struct request *r)
{
    struct desk *d = r->loop->desk;
    if (!d && r->loop->parts.intake)
        request_say(r, 503, "locked: the service waits for its master key");
    else if (!d)
        request_say(r, 404, "no such path");
    else if (!lane_put(&d->lanes[console_slow(&r->wire) ? LANE_PASSPHRASES : LANE_PAGES], r))
        request_say_with(r, 503, "too many wait, try again", "Retry-After", "5");
}

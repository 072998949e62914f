// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/loop.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/edge.h"
#include "server/hook.h"
#include "server/reaper.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int loop_open(struct loop *l, const struct loop_parts *parts)
{
    *l = (struct loop){.parts = *parts, .listen_fd = parts->listen_fd, .wake_fd = -1, .now_ms = clock_monotonic_ms()};
    l->fresh_end = &l->fresh;
    int rc = listen_address(l->listen_fd, l->address);
    if (rc)
        return rc;
    l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return l->wake_fd < 0 ? ERR_IO : edge_open(l, parts->connections_max);
}

static void loop_wake(struct loop *l)
{
    // an eventfd's counter cannot overflow by ones, and nobody else holds it: the write does not fail
    ssize_t written = write(l->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
    (void)written;
}

void loop_keep(struct request *r)
{
    r->stage = REQUEST_HELD;
    r->loop->held++;
    r->next = NULL;
}

void loop_hold(struct request *r)
{
    struct loop *l = r->loop;
    loop_keep(r);
    atomic_store_explicit(&r->pending, (unsigned)r->call.count, memory_order_relaxed);
    *l->fresh_end = r;
    l->fresh_end = &r->next;
}

static void done_push(struct loop *l, struct request *newest, struct request *oldest)
{
    struct request *before = atomic_load_explicit(&l->done, memory_order_relaxed);
    do
        oldest->next = before;
    while (!atomic_compare_exchange_weak(&l->done, &before, newest)); // from here on they are the listener's
    if (atomic_exchange(&l->asleep, false))
        loop_wake(l);
}

void loop_back(struct request *r)
{
    done_push(r->loop, r, r);
}

/* Whether this was the last turn of its request. */
static bool request_is_done(struct request *r)
{
    return atomic_fetch_sub_explicit(&r->pending, 1, memory_order_acq_rel) == 1;
}

void loop_done(void *loop, struct turn *first)
{
    struct request *newest = NULL, *oldest = NULL;
    for (struct turn *t = first, *next; t; t = next) {
        struct request *r = t->owner;
        next = t->next; // once its last turn is counted, another thread may have the request
        if (!request_is_done(r))
            continue;
        r->next = newest;
        newest = r;
        oldest = oldest ? oldest : r;
    }
    if (newest)
        done_push(loop, newest, oldest);
}

static struct request *reversed(struct request *r)
{
    struct request *out = NULL;
    while (r) {
        struct request *next = r->next;
        r->next = out;
        out = r;
        r = next;
    }
    return out;
}

static void resume_done(struct loop *l)
{
    struct request *r = reversed(atomic_exchange(&l->done, NULL));
    while (r) {
        struct request *next = r->next;
        l->held--;
        edge_resume(r);
        r = next;
    }
}

static void submit(struct loop *l, struct turn *const *turns, size_t count)
{
    if (l->parts.intake)
        intake_submit(l->parts.intake, turns, count);
    else
        gateway_submit(l->parts.gateway, turns, count);
}

/* What came in one pass is handed over together: the turn loop wakes once and finds a whole group. All turns of one
 * request go in one group. */
static void submit_fresh(struct loop *l)
{
    struct turn *group[LOOP_GROUP];
    size_t n = 0;
    struct request *r = l->fresh;
    l->fresh = NULL;
    l->fresh_end = &l->fresh;
    while (r) {
        struct request *next = r->next; // once submitted, `r` is not ours
        for (size_t i = 0, count = r->call.count; i < count; i++)
            group[n++] = request_turn(r, i);
        if (!next || n + next->call.count > LOOP_GROUP) {
            submit(l, group, n);
            n = 0;
        }
        r = next;
    }
}
_Static_assert((int)LOOP_GROUP >= (int)CHANNEL_ITEMS_MAX, "one request's turns are a group");

/* Sleeps until something happens. A loop_done after `asleep` was set writes the eventfd; one before it is seen here. */
static void loop_sleep(struct loop *l)
{
    int wait_ms = edge_wait_ms(l, atomic_load(&l->stopping) ? LOOP_STOP_LOOK_MS : LOOP_LOOK_MS);
    if (wait_ms < LOOP_PASS_MS && l->patient) // libmicrohttpd says 0 as long as a held connection is not suspended
        wait_ms = LOOP_PASS_MS;
    atomic_store(&l->asleep, true);
    if (atomic_load(&l->done))
        wait_ms = 0;
    struct pollfd fds[] = {{.fd = l->epoll_fd, .events = POLLIN}, {.fd = l->wake_fd, .events = POLLIN}};
    int ready = poll(fds, 2, wait_ms);
    atomic_store(&l->asleep, false);
    if (ready > 0 && fds[1].revents) {
        uint64_t count;
        ssize_t got = read(l->wake_fd, &count, sizeof count);
        (void)got;
    }
    l->now_ms = clock_monotonic_ms();
}

static void loop_look(struct loop *l)
{
    if (l->now_ms - l->looked_ms < LOOP_LOOK_MS)
        return;
    l->looked_ms = l->now_ms;
    size_t reaped = reaper_look(l->links, l->now_ms);
    if (reaped)
        log_event(LOG_INFO, "slow connections closed", LOG_INT("count", reaped));
}

/* A connection that was taken a moment ago: whoever opened it is about to ask. */
static bool expects(const struct loop *l)
{
    for (const struct link *link = l->links; link; link = link->next)
        if (link->phase == LINK_IDLE && !link->requests && l->now_ms - link->since_ms < LOOP_FRESH_MS)
            return true;
    return false;
}

static bool loop_goes_on(struct loop *l)
{
    if (atomic_load(&l->quiescing) && !l->quiesced) {
        edge_quiesce(l);
        l->quiesced = true;
    }
    if (!atomic_load(&l->stopping))
        return true;
    if (!l->stopping_ms)
        l->stopping_ms = l->now_ms;
    return l->held || ((l->busy || expects(l)) && l->now_ms - l->stopping_ms < LOOP_GRACE_MS);
}

static void *loop_main(void *loop)
{
    struct loop *l = loop;
    while (loop_goes_on(l)) {
        loop_sleep(l);
        resume_done(l);
        edge_run(l);
        submit_fresh(l);
        loop_look(l);
        if (!l->patient) // else the next pass comes at once
            mem_wipe_stack();
    }
    return NULL;
}

int loop_start(struct loop *l)
{
    int rc = pthread_create(&l->thread, NULL, loop_main, l);
    l->started = rc == 0;
    return rc ? ERR_NOMEM : 0;
}

bool loop_quiescing(const struct loop *l)
{
    return atomic_load_explicit(&l->quiescing, memory_order_relaxed);
}

void loop_quiesce(struct loop *l)
{
    atomic_store(&l->quiescing, true);
    loop_wake(l);
}

void loop_stop(struct loop *l)
{
    loop_quiesce(l);
    atomic_store(&l->stopping, true);
    loop_wake(l);
    if (l->started)
        pthread_join(l->thread, NULL);
    l->started = false;
}

static void descriptor_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void loop_close(struct loop *l)
{
    loop_stop(l);
    bool daemon = l->daemon != NULL;
    edge_close(l);
    if (daemon)
        l->listen_fd = -1; // was the daemon's
    descriptor_close(&l->listen_fd);
    descriptor_close(&l->wake_fd);
    while (l->pool) {
        struct request *r = l->pool;
        l->pool = r->next;
        request_free(r);
    }
}

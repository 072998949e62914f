// SPDX-License-Identifier: AGPL-3.0-or-later
/* loop - one listener: its socket, its libmicrohttpd daemon and the thread that runs both.
 *
 *     loop_open -> loop_start -> loop_quiesce -> loop_stop -> loop_close
 *
 * The thread polls libmicrohttpd's epoll descriptor and an eventfd. Everything here belongs to that thread but the
 * fields marked "any thread". A held request comes back through a list that loop_done pushes to and the thread takes
 * whole; the eventfd is written only when the thread sleeps, so a batch of turns costs one wake and not one each.
 */
#ifndef WAYMARK_SERVER_LOOP_H
#define WAYMARK_SERVER_LOOP_H

#include "base/clock.h"
#include "server/listen.h"
#include "server/request.h"
#include "server/routes.h"

#include <pthread.h>
#include <stdatomic.h>

struct MHD_Daemon;
struct desk;

enum {
    LOOP_GROUP = 256,       /* turns handed over at once */
    LOOP_PASS_MS = 1,       /* between two passes at most, while a request is held and nothing happens */
    LOOP_LOOK_MS = 1000,    /* between two looks of the reaper */
    LOOP_STOP_LOOK_MS = 20, /* at the end, between two looks whether anybody is still being served */
    LOOP_GRACE_MS = 3000,   /* at the end, for requests that arrive or are being answered */
    LOOP_FRESH_MS = 1000,   /* at the end, from a connection's beginning, for the first bytes of its first request */
};

struct loop_parts {
    int listen_fd; /* a socket that listens, the loop's from loop_open on */
    struct gateway *gateway;
    struct intake *intake; /* in its place, or NULL */
    const struct outbox *outbox;
    const struct channel_set *channels;
    struct clock clock;
    const struct route_table *routes;
    size_t connections_max;
};

struct loop {
    struct loop_parts parts;
    struct desk *desk; /* the console's, else NULL */
    char address[LISTEN_TEXT];
    int listen_fd, epoll_fd, wake_fd;
    struct MHD_Daemon *daemon;
    pthread_t thread;
    bool started;

    struct link *links;
    struct request *pool;
    size_t pool_count;
    struct request *fresh, **fresh_end; /* held in this pass, to be submitted at its end, in order of arrival */
    size_t busy;                        /* requests begun and not yet completed */
    size_t held;                        /* of them, with the turn loop */
    size_t patient;                     /* of them, not suspended */
    int64_t now_ms;                     /* monotonic; when the thread last woke */
    int64_t looked_ms;
    int64_t stopping_ms; /* when the thread first saw `stopping`; 0: not yet */
    bool quiesced;

    _Atomic(struct request *) done;  /* any thread; the newest first */
    atomic_bool asleep;              /* any thread: the eventfd must be written */
    atomic_bool quiescing, stopping; /* any thread */
};

/** `l` stays where it is until loop_close, which may be called after a failure too. ERR_IO, ERR_NOMEM. */
int loop_open(struct loop *l, const struct loop_parts *parts);

/** Starts the thread. */
int loop_start(struct loop *l);

/** No new connection; a request on an open one is answered and its connection closed. Any thread. */
void loop_quiesce(struct loop *l);

/** Waits until no request is held and, for LOOP_GRACE_MS, until none is under way or about to come; ends the thread. */
void loop_stop(struct loop *l);
void loop_close(struct loop *l);

bool loop_quiescing(const struct loop *l);

/** The request's connection is to be suspended when its route has served; its turn is submitted at the pass's end. */
void loop_hold(struct request *r);

/** The same for a request that somebody else works on: it is theirs until loop_back. */
void loop_keep(struct request *r);

/** A request that loop_keep gave away has its answer. Any thread. */
void loop_back(struct request *r);

/** The held requests of these turns may go on: `loop` is the struct loop they belong to. Any thread; the requests are
 * the listener's again. */
void loop_done(void *loop, struct turn *first);

#endif

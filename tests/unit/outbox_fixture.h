// SPDX-License-Identifier: AGPL-3.0-or-later
/* outbox_fixture - an aggregator of plain sockets on a port of this machine, and a door to a store.
 *
 * The aggregator finds "message=WORD" in a request and plays the act of that name (a row in `acts`). Each
 * connection has a thread; nothing sleeps: what waits, waits for the other end to close.
 */
#ifndef WAYMARK_TESTS_OUTBOX_FIXTURE_H
#define WAYMARK_TESTS_OUTBOX_FIXTURE_H

#include "base/err.h"
#include "outbox/outbox.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, REQUEST_MAX = 4096, WORD_MAX = 32, DEADLINE_S = 20 };

struct aggregator;

/* What is done to a request; `nth`: how many with this word came, this one included. */
struct act {
    const char *word;
    void (*play)(struct aggregator *g, int fd, int nth);
};

struct connection {
    struct aggregator *aggregator;
    pthread_t thread;
    int fd;
};

struct aggregator {
    const struct act *acts;
    size_t act_count;
    atomic_int *refusals;   /* of the door */
    struct outbox **outbox; /* the one that calls */
    int listener, port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int seen[32]; /* requests by act */
    bool released;
    size_t connection_count;
    struct connection connections[CONNECTIONS_MAX];
    char last[REQUEST_MAX]; /* the last request, NUL-terminated */
};

static void deadline(struct timespec *at)
{
    clock_gettime(CLOCK_REALTIME, at);
    at->tv_sec += DEADLINE_S;
}

static void say(int fd, const char *text)
{
    size_t len = strlen(text);
    while (len) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        text += n;
        len -= (size_t)n;
    }
}

/* Waits until the other end has closed, or `ms` are over; true: closed. */
static bool closed_within(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLRDHUP};
    return poll(&p, 1, ms) > 0;
}

static size_t body_begin(const char *request)
{
    const char *end = strstr(request, "\r\n\r\n");
    return end ? (size_t)(end - request) + 4 : 0;
}

static bool request_whole(const char *request, size_t len)
{
    int64_t length = 0;
    size_t body = body_begin(request);
    const char *header = strcasestr(request, "content-length: ");
    if (!body)
        return false;
    struct span number = header ? span_of(header + strlen("content-length: ")) : SPAN("0\r");
    return span_int(span_first(number, span_find(number, '\r')), &length) == 0 && len >= body + (size_t)length;
}

static bool request_read(int fd, char request[REQUEST_MAX])
{
    size_t len = 0;
    request[0] = '\0';
    while (!request_whole(request, len) && request[0] != '\x16') { // a TLS handshake, which nobody here answers
        ssize_t n = recv(fd, request + len, REQUEST_MAX - 1 - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        request[len] = '\0';
    }
    return true;
}

static const struct act *act_of(const struct aggregator *g, const char *request)
{
    const char *at = strstr(request + body_begin(request), "message=");
    struct span word = span_of(at ? at + strlen("message=") : "");
    word = span_first(word, span_find(word, '&'));
    for (size_t i = 0; i < g->act_count; i++)
        if (span_is(word, g->acts[i].word))
            return &g->acts[i];
    return NULL;
}

static void *connection_run(void *arg)
{
    struct connection *c = arg;
    struct aggregator *g = c->aggregator;
    char request[REQUEST_MAX];
    const struct act *act = request_read(c->fd, request) ? act_of(g, request) : NULL;
    if (act) {
        pthread_mutex_lock(&g->lock);
        int nth = ++g->seen[act - g->acts];
        memcpy(g->last, request, sizeof request);
        pthread_cond_broadcast(&g->changed);
        pthread_mutex_unlock(&g->lock);
        act->play(g, c->fd, nth);
    }
    close(c->fd);
    return NULL;
}

static void *aggregator_run(void *arg)
{
    struct aggregator *g = arg;
    int fd;
    while ((fd = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        pthread_mutex_lock(&g->lock);
        struct connection *c = &g->connections[g->connection_count++];
        bool room = g->connection_count < CONNECTIONS_MAX;
        pthread_mutex_unlock(&g->lock);
        *c = (struct connection){.aggregator = g, .fd = fd};
        if (!room || pthread_create(&c->thread, NULL, connection_run, c) != 0)
            abort();
    }
    return NULL;
}

static int bound_socket(int *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) < 0 || getsockname(fd, (struct sockaddr *)&at, &len) < 0)
        abort();
    *port = ntohs(at.sin_port);
    return fd;
}

static __attribute__((unused)) void aggregator_start(struct aggregator *g, const struct act *acts, size_t count,
                                                     atomic_int *refusals, struct outbox **outbox)
{
    memset(g, 0, sizeof *g);
    g->acts = acts;
    g->act_count = count;
    g->refusals = refusals;
    g->outbox = outbox;
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
    g->listener = bound_socket(&g->port);
    if (listen(g->listener, 64) < 0 || pthread_create(&g->thread, NULL, aggregator_run, g) != 0)
        abort();
}

/* An act waits here until the test lets it go on. */
static void aggregator_hold(struct aggregator *g)
{
    pthread_mutex_lock(&g->lock);
    while (!g->released)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void aggregator_release(struct aggregator *g)
{
    pthread_mutex_lock(&g->lock);
    g->released = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

/* After the outbox has been closed, so that every connection comes to its end. */
static __attribute__((unused)) void aggregator_stop(struct aggregator *g)
{
    aggregator_release(g);
    shutdown(g->listener, SHUT_RDWR);
    pthread_join(g->thread, NULL);
    for (size_t i = 0; i < g->connection_count; i++)
        pthread_join(g->connections[i].thread, NULL);
    close(g->listener);
    pthread_cond_destroy(&g->changed);
    pthread_mutex_destroy(&g->lock);
}

static __attribute__((unused)) int aggregator_seen(struct aggregator *g, const char *word)
{
    int seen = 0;
    pthread_mutex_lock(&g->lock);
    for (size_t i = 0; i < g->act_count; i++)
        if (strcmp(g->acts[i].word, word) == 0)
            seen = g->seen[i];
    pthread_mutex_unlock(&g->lock);
    return seen;
}

/* Waits until this many connections with a whole request of that act have come. */
static __attribute__((unused)) bool aggregator_wait(struct aggregator *g, const char *word, int count)
{
    struct timespec at;
    size_t i = 0;
    deadline(&at);
    while (strcmp(g->acts[i].word, word) != 0)
        i++;
    pthread_mutex_lock(&g->lock);
    int rc = 0;
    while (g->seen[i] < count && rc == 0)
        rc = pthread_cond_timedwait(&g->changed, &g->lock, &at);
    pthread_mutex_unlock(&g->lock);
    return rc == 0;
}

/* ---- the acts ---- */

#define RECIPIENTS          "{\"SMSMessageData\":{\"Recipients\":[{\"status\":\"Success\",\"id\":\"AT_1\"}]}}"
#define CREATED             "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nConnection: close\r\n"
#define ACCEPTED            CREATED "Content-Length: 68\r\n\r\n" RECIPIENTS
#define EMPTY(status, more) "HTTP/1.1 " status "\r\n" more "Content-Length: 0\r\nConnection: close\r\n\r\n"

static void play_good(struct aggregator *g, int fd, int nth)
{
    (void)g, (void)nth;
    say(fd, ACCEPTED);
}

static void play_busy(struct aggregator *g, int fd, int nth)
{
    (void)g, (void)nth;
    say(fd, EMPTY("500 Internal Server Error", ""));
}

static void play_slowdown(struct aggregator *g, int fd, int nth)
{
    (void)g;
    say(fd, nth == 1 ? EMPTY("429 Too Many Requests", "Retry-After: 1\r\n") : ACCEPTED);
}

static void play_bad(struct aggregator *g, int fd, int nth)
{
    (void)g, (void)nth;
    say(fd, EMPTY("400 Bad Request", ""));
}

static void play_optedout(struct aggregator *g, int fd, int nth)
{
    (void)g, (void)nth;
    say(fd, EMPTY("406 Not Acceptable", ""));
}

static void play_redirect(struct aggregator *g, int fd, int nth)
{
    char text[256];
    (void)nth;
    snprintf(text, sizeof text, EMPTY("307 Temporary Redirect", "Location: http://127.0.0.1:%d/\r\n"), g->port);
    say(fd, text);
}

static void play_silent(struct aggregator *g, int fd, int nth)
{
    (void)g, (void)fd, (void)nth; // it is closed behind this
}

static void play_hang(struct aggregator *g, int fd, int nth)
{
    (void)g, (void)nth;
    closed_within(fd, -1);
}

static void play_drip(struct aggregator *g, int fd, int nth)
{
    (void)g, (void)nth;
    say(fd, "HTTP/1.1 201 Created\r\n");
    while (!closed_within(fd, 20))
        say(fd, "X");
}

/* A good answer, but for its length. */
static void play_huge(struct aggregator *g, int fd, int nth)
{
    char block[1025];
    (void)g, (void)nth;
    memset(block, ' ', sizeof block - 1);
    block[sizeof block - 1] = '\0';
    say(fd, CREATED "\r\n");
    for (int i = 0; i < 2 * OUTBOX_ANSWER_MAX / 1024; i++)
        say(fd, block);
    say(fd, RECIPIENTS);
}

static void play_headers(struct aggregator *g, int fd, int nth)
{
    (void)g, (void)nth;
    say(fd, CREATED);
    for (int i = 0; i < 2 * OUTBOX_ANSWER_MAX / 64; i++)
        say(fd, "X-Filler: 0123456789012345678901234567890123456789012345678901\r\n");
    say(fd, "\r\n" RECIPIENTS);
}

/* The store fails just when there is something to record. */
static void play_fulldisk(struct aggregator *g, int fd, int nth)
{
    (void)nth;
    atomic_store(g->refusals, 2);
    say(fd, ACCEPTED);
}

static void play_held(struct aggregator *g, int fd, int nth)
{
    (void)nth;
    closed_within(fd, 1000);
    outbox_wake(*g->outbox); // by now it is being stopped
    if (!closed_within(fd, 50))
        say(fd, ACCEPTED);
}

static void play_heldbusy(struct aggregator *g, int fd, int nth)
{
    (void)nth;
    aggregator_hold(g);
    say(fd, EMPTY("500 Internal Server Error", ""));
}

/* Dead for the first while, then back. */
static void play_down(struct aggregator *g, int fd, int nth)
{
    (void)g;
    say(fd, nth <= 6 ? EMPTY("503 Service Unavailable", "") : ACCEPTED);
}

static void play_tomorrow(struct aggregator *g, int fd, int nth)
{
    (void)g, (void)nth;
    say(fd, EMPTY("503 Service Unavailable", "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT\r\n"));
}

static const struct act acts[] = {
    {"good", play_good},         {"busy", play_busy},         {"slowdown", play_slowdown}, {"bad", play_bad},
    {"optedout", play_optedout}, {"redirect", play_redirect}, {"silent", play_silent},     {"hang", play_hang},
    {"drip", play_drip},         {"huge", play_huge},         {"headers", play_headers},   {"fulldisk", play_fulldisk},
    {"down", play_down},         {"tomorrow", play_tomorrow}, {"held", play_held},         {"heldbusy", play_heldbusy},
};

/* ---- the door ---- */

/* Stands for the turn loop: one job at a time, each in its own transaction. */
struct door {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* something was committed */
    struct store *store;
    atomic_int refusals; /* so many jobs are done and then rolled back */
};

static __attribute__((unused)) int door_call(void *ctx, int (*fn)(void *ctx, struct store *s), void *job)
{
    struct door *d = ctx;
    pthread_mutex_lock(&d->lock);
    int rc = store_begin(d->store);
    if (rc == 0)
        rc = fn(job, d->store);
    if (rc == 0 && atomic_load(&d->refusals) > 0) {
        atomic_fetch_sub(&d->refusals, 1);
        rc = ERR_FULL;
    }
    if (rc == 0)
        rc = store_commit(d->store);
    else
        store_rollback(d->store);
    pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->lock);
    return rc;
}

#endif

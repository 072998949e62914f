// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/queue.h"

#include <time.h>

void queue_init(struct queue *q, size_t max)
{
    *q = (struct queue){.max = max};
    q->last = &q->first;
    q->last_job = &q->first_job;
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&q->filled, &attr);
    pthread_condattr_destroy(&attr);
}

void queue_destroy(struct queue *q)
{
    pthread_cond_destroy(&q->filled);
    pthread_mutex_destroy(&q->lock);
}

static size_t queue_room(const struct queue *q, const struct turn *t)
{
    if (t->urgent)
        return SIZE_MAX;
    return t->in.medium == MEDIUM_SMS ? q->max + q->max / 8 : q->max;
}

struct turn *queue_put(struct queue *q, struct turn *const *turns, size_t count)
{
    struct turn *refused = NULL, **last_refused = &refused;
    pthread_mutex_lock(&q->lock);
    bool wake = !q->first;
    for (size_t i = 0; i < count; i++) {
        struct turn *t = turns[i];
        bool fits = !q->closed && q->count < queue_room(q, t);
        struct turn ***end = fits ? &q->last : &last_refused;
        t->next = NULL;
        **end = t;
        *end = &t->next;
        q->count += fits;
    }
    wake = wake && q->first;
    pthread_mutex_unlock(&q->lock);
    if (wake)
        pthread_cond_signal(&q->filled);
    return refused;
}

bool queue_put_job(struct queue *q, struct gateway_job *job)
{
    pthread_mutex_lock(&q->lock);
    bool open = !q->closed;
    if (open) {
        job->next = NULL;
        *q->last_job = job;
        q->last_job = &job->next;
    }
    pthread_mutex_unlock(&q->lock);
    if (open)
        pthread_cond_signal(&q->filled);
    return open;
}

static void queue_wait(struct queue *q, int wait_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    while (!q->first && !q->first_job && !q->closed)
        if (pthread_cond_timedwait(&q->filled, &q->lock, &until) != 0)
            return;
}

/* Cuts the first `most` turns off. Needs the lock. */
static struct turn *queue_cut(struct queue *q, size_t most)
{
    struct turn *first = q->first, **end = &q->first;
    size_t n = 0;
    while (*end && n < most) {
        end = &(*end)->next;
        n++;
    }
    q->count -= n;
    if (end == &q->first)
        return NULL;
    struct turn *rest = *end;
    *end = NULL;
    q->first = rest;
    if (!rest)
        q->last = &q->first;
    return first;
}

bool queue_take(struct queue *q, size_t most, int wait_ms, struct turn **turns, struct gateway_job **jobs)
{
    pthread_mutex_lock(&q->lock);
    queue_wait(q, wait_ms);
    *turns = queue_cut(q, most);
    *jobs = q->first_job;
    q->first_job = NULL;
    q->last_job = &q->first_job;
    bool going = !q->closed || *turns || *jobs;
    pthread_mutex_unlock(&q->lock);
    return going;
}

void queue_close(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_mutex_unlock(&q->lock);
    pthread_cond_broadcast(&q->filled);
}

size_t queue_count(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    size_t n = q->count;
    pthread_mutex_unlock(&q->lock);
    return n;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* queue - turns and jobs that wait for the loop, in order of arrival, bounded.
 *
 * queue_put refuses an ordinary turn when settings->queue_max wait, an SMS only past an eighth more (an SMS is often
 * not sent again), and a turn marked urgent (a word that stops or erases) never. Thread-safe.
 */
#ifndef WAYMARK_GATEWAY_QUEUE_H
#define WAYMARK_GATEWAY_QUEUE_H

#include "gateway/gateway.h"

#include <pthread.h>

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct turn *first, **last;
    struct gateway_job *first_job, **last_job;
    size_t count, max;
    bool closed;
};

void queue_init(struct queue *q, size_t max);
void queue_destroy(struct queue *q);

/** Puts turns at the end, in their order. Returns the list of those without room (or all, when it is closed); they are
 * still the caller's. */
struct turn *queue_put(struct queue *q, struct turn *const *turns, size_t count);

/** False: closed. */
bool queue_put_job(struct queue *q, struct gateway_job *job);

/** Waits up to `wait_ms` until something is there; takes at most `most` turns and all jobs. False when it is closed and
 * empty. */
bool queue_take(struct queue *q, size_t most, int wait_ms, struct turn **turns, struct gateway_job **jobs);

/** No more is taken in; queue_take gives out what is left. */
void queue_close(struct queue *q);

/** Turns that wait now. */
size_t queue_count(struct queue *q);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* loop - the turn loop's thread: takes what waits, does it as one group, commits, and only then says so.
 *
 * A group is walked in rounds; no person appears twice in a round, so each input sees what the one before it left. When
 * a group fails for a reason that lies in one of its turns, its turns are done again one by one, each in a transaction
 * of its own, so that a bad one fails alone. When the disk is what failed, all are told that nothing could be saved.
 */
#include "gateway/internal.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/retention.h"
#include "store/statistics.h"

#include <string.h>

enum {
    LOOP_IDLE_MS = 200,            /* without work: time for a checkpoint and for deleting what is over */
    LOOP_EXPIRE_EVERY_S = 60,      /* between two passes of deleting, when idle */
    LOOP_STATISTICS_EVERY_S = 600, /* between two looks whether a day is over */
    LOOP_STATISTICS_MS = 20,       /* of work at once, where days are behind */
    LOOP_EXPIRE_BUSY_S = 300,      /* the same where there is always work: what is over must go all the same */
};

static int64_t now_ms(const struct gateway *g)
{
    return g->parts.clock.now_ms(g->parts.clock.ctx);
}

struct screen polite_screen(const struct gateway *g, enum system_text which, struct arena *a)
{
    return (struct screen){.text = dialogue_system(g->bundles.newest, which, (struct span){0}, a)};
}

/* ---- rounds ---- */

struct batch {
    struct turn **turns; /* in order of arrival */
    size_t count;
    struct turn **twins; /* twins[i]: the turn in this batch that answers for turns[i], or NULL */
    bool *done;
    struct turn **slots; /* finds two turns of one person in a round */
    size_t slot_count;   /* a power of two, twice the turns at least */
};

static uint64_t person_hash(const struct turn *t)
{
    uint64_t h;
    memcpy(&h, t->number_key.bytes, sizeof h); // already uniform
    return h;
}

/* A turn that may be done beside any other: a delivery report, an event without a person. */
static bool nobody(const struct turn *t)
{
    return t->in.kind == INBOUND_DELIVERY || t->in.kind == INBOUND_IGNORED || !t->in.from.digits[0];
}

/* The slot of this person in the round's table: their turn, or empty. */
static struct turn **person_slot(const struct batch *b, const struct turn *t)
{
    size_t i = (size_t)person_hash(t) & (b->slot_count - 1);
    while (b->slots[i] && memcmp(&b->slots[i]->number_key, &t->number_key, sizeof t->number_key) != 0)
        i = (i + 1) & (b->slot_count - 1);
    return &b->slots[i];
}

/* Without any id of its own a request can only be known as a repeat while the same one is still under way. */
static bool same_request(const struct turn *a, const struct turn *b)
{
    return a->in.repeat == REPEAT_NONE && b->in.repeat == REPEAT_NONE && a->channel == b->channel &&
           a->in.kind == b->in.kind && memcmp(&a->session_key, &b->session_key, sizeof a->session_key) == 0 &&
           a->in.part.number == b->in.part.number && span_eq(a->received, b->received);
}

/* Picks the turns of the next round: the first that is left of each person. Returns how many. */
static size_t round_pick(struct batch *b, struct turn **picked)
{
    memset(b->slots, 0, b->slot_count * sizeof *b->slots);
    size_t n = 0;
    for (size_t i = 0; i < b->count; i++) {
        struct turn *t = b->turns[i];
        if (b->done[i])
            continue;
        if (!nobody(t)) {
            struct turn **slot = person_slot(b, t);
            if (*slot && same_request(*slot, t)) {
                b->twins[i] = *slot;
                b->done[i] = true;
                continue;
            }
            if (*slot)
                continue;
            *slot = t;
        }
        b->done[i] = true;
        picked[n++] = t;
    }
    return n;
}

void keys_fill(struct store_turn *st, const struct turn *t)
{
    index_copy(&st->session_key, &t->session_key);
    index_copy(&st->number_key, &t->number_key);
    index_copy(&st->event_key, &t->event_key);
    st->by_event = t->in.repeat == REPEAT_ID && t->in.event.len && t->in.kind == INBOUND_TURN;
}

static int round_do(struct gateway *g, struct turn **picked, size_t count, int64_t now)
{
    struct store_turn *loads = arena_array(g->arena, count, sizeof *loads);
    if (!loads)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        keys_fill(&loads[i], picked[i]);
    int rc = store_load(g->parts.store, loads, count, now / 1000, g->arena);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = turn_do(g, picked[i], &loads[i], now);
    return rc;
}

/* ---- a batch ---- */

static int batch_rounds(struct gateway *g, struct batch *b, int64_t now)
{
    struct turn **picked = arena_array(g->arena, b->count, sizeof *picked);
    b->slot_count = 2;
    while (b->slot_count < 2 * b->count)
        b->slot_count *= 2;
    b->slots = arena_array(g->arena, b->slot_count, sizeof *b->slots);
    b->twins = arena_array(g->arena, b->count, sizeof *b->twins);
    b->done = arena_array(g->arena, b->count, sizeof *b->done);
    if (!picked || !b->slots || !b->twins || !b->done)
        return ERR_NOMEM;
    int rc = 0;
    for (size_t n; rc == 0 && (n = round_pick(b, picked)) > 0;)
        rc = round_do(g, picked, n, now);
    return rc;
}

/* Everything up to the commit; on failure nothing was stored. */
static int batch_try(struct gateway *g, struct batch *b)
{
    int64_t now = now_ms(g);
    arena_reset(g->arena);
    g->queued_messages = false;
    g->opted_out = NULL;
    clock_local(now, &g->local.weekday, &g->local.minute, &g->local.day);
    int rc = keys_day_begin(&g->keys, g->parts.store, day_of_ms(now));
    if (rc == 0)
        rc = counters_begin(&g->counters, g->arena);
    if (rc < 0)
        return rc;
    rc = store_begin(g->parts.store);
    if (rc == 0) {
        rc = batch_rounds(g, b, now);
        if (rc == 0)
            rc = events_finish(g, now);
        if (rc == 0)
            rc = counters_write(&g->counters, g->parts.store, day_of_ms(now));
        if (rc == 0)
            rc = store_commit(g->parts.store);
        else
            store_rollback(g->parts.store);
    }
    counters_end(&g->counters);
    return rc;
}

/* Gives turns back to their owners: those that share a sink as one list, so that whoever waits is woken once a group.
 */
static void turns_give_back(struct turn **turns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!turns[i])
            continue;
        struct turn *first = turns[i], **end = &first->next;
        for (size_t k = i + 1; k < count; k++) {
            if (!turns[k] || turns[k]->sink != first->sink || turns[k]->done != first->done)
                continue;
            *end = turns[k];
            end = &turns[k]->next;
            turns[k] = NULL;
        }
        *end = NULL;
        first->done(first->sink, first);
    }
}

static void turn_refuse(struct gateway *g, struct turn *t, enum turn_outcome outcome, enum system_text which)
{
    t->outcome = outcome;
    t->has_screen = true;
    t->screen = polite_screen(g, which, t->arena);
}

/* A screen leaves in its turn's own arena: the batch's is used again before it was sent. */
static void batch_release(struct gateway *g, struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        struct turn *t = b->turns[i], *twin = b->twins[i];
        if (twin) {
            t->outcome = twin->outcome;
            t->has_screen = twin->has_screen;
            t->screen = twin->screen;
            atomic_fetch_add_explicit(&g->repeats, 1, memory_order_relaxed);
        }
        if (t->has_screen)
            t->screen.text = arena_copy(t->arena, t->screen.text);
        adrift_over(g, t);
    }
    turns_give_back(b->turns, b->count);
}

static bool disk_error(int rc)
{
    return rc == ERR_FULL || rc == ERR_IO || rc == ERR_BUSY;
}

/* Nothing can be stored: who dials is informed all the same, whatever else came is to be sent again. */
static void batch_adrift(struct gateway *g, struct batch *b)
{
    int64_t now = now_ms(g);
    for (size_t i = 0; i < b->count; i++) {
        struct turn *t = b->turns[i];
        arena_reset(g->arena);
        if (turn_adrift(g, t, now) == 0) {
            t->screen.text = arena_copy(t->arena, t->screen.text);
            continue;
        }
        atomic_fetch_add(&g->failed, 1);
        turn_refuse(g, t, TURN_FAILED, SYSTEM_NOT_STORED);
    }
    turns_give_back(b->turns, b->count);
}

static void batch_fail(struct gateway *g, struct batch *b, int rc)
{
    if (disk_error(rc)) {
        if (atomic_exchange(&g->ready, false))
            log_event(LOG_ERROR, "nothing can be stored", LOG_ERR(rc));
        g->probed_at_s = now_ms(g) / 1000;
        batch_adrift(g, b);
        return;
    }
    log_event(LOG_ERROR, "turns could not be stored", LOG_INT("turns", b->count), LOG_ERR(rc));
    atomic_fetch_add(&g->failed, b->count);
    for (size_t i = 0; i < b->count; i++)
        turn_refuse(g, b->turns[i], TURN_FAILED, SYSTEM_FAULT);
    turns_give_back(b->turns, b->count);
}

static void made_ready(struct gateway *g)
{
    if (!atomic_exchange(&g->ready, true))
        log_event(LOG_INFO, "turns are stored again");
}

static void batch_done(struct gateway *g, struct batch *b)
{
    atomic_fetch_add_explicit(&g->commits, 1, memory_order_relaxed);
    made_ready(g);
    batch_release(g, b);
    if (g->queued_messages && g->parts.outbox_wake)
        g->parts.outbox_wake(g->parts.outbox_ctx);
}

/* One turn alone: again with other random numbers where its reference was taken. */
static void turn_alone(struct gateway *g, struct turn *t)
{
    struct batch one = {.turns = &t, .count = 1};
    int rc = ERR_EXISTS;
    for (int i = 0; i < GATEWAY_TRIES && rc == ERR_EXISTS; i++)
        rc = batch_try(g, &one);
    if (rc == 0)
        batch_done(g, &one);
    else
        batch_fail(g, &one, rc);
}

/* A store that failed is tried again once a second, and for every word that stops or erases. */
static bool worth_trying(const struct gateway *g, const struct batch *b)
{
    bool worth = gateway_ready(g) || now_ms(g) / 1000 != g->probed_at_s;
    for (size_t i = 0; i < b->count && !worth; i++)
        worth = b->turns[i]->urgent;
    return worth;
}

/* What was typed and shown does not wait in memory for the next group. */
static void scratch_wipe(struct gateway *g)
{
    arena_reset(g->arena);
    str_clear(&g->plain);
    str_clear(&g->state);
    str_clear(&g->shown);
}

static void group_do(struct gateway *g, struct turn **turns, size_t count)
{
    struct batch b = {.turns = turns, .count = count};
    if (!worth_trying(g, &b)) {
        batch_adrift(g, &b);
        return;
    }
    int rc = batch_try(g, &b);
    if (rc == 0) {
        batch_done(g, &b);
    } else if (disk_error(rc)) {
        batch_fail(g, &b, rc);
    } else {
        for (size_t i = 0; i < count; i++)
            turn_alone(g, turns[i]);
    }
}

static void batch_do(struct gateway *g, struct turn **turns, size_t count)
{
    group_do(g, turns, count);
    scratch_wipe(g);
}

/* ---- the thread ---- */

static void jobs_do(struct gateway *g, struct gateway_job *jobs)
{
    while (jobs) {
        struct gateway_job *job = jobs;
        jobs = job->next; // the job is its owner's again once done was called
        int rc = store_begin(g->parts.store);
        if (rc == 0) {
            rc = job->fn(job->ctx, g->parts.store);
            if (rc == 0)
                rc = store_commit(g->parts.store);
            else
                store_rollback(g->parts.store);
        }
        job->done(job->ctx, rc);
    }
}

/* Answers those that waited too long, and returns the rest in `turns`. A word that stops or erases is always done. */
static size_t take_in_time(struct gateway *g, struct turn *list, struct turn **turns)
{
    int64_t now = clock_monotonic_ms();
    size_t n = 0;
    for (struct turn *t = list, *next; t; t = next) {
        next = t->next;
        if (t->deadline_ms < now && !t->urgent) {
            atomic_fetch_add(&g->late, 1);
            turn_refuse(g, t, TURN_LATE, SYSTEM_BUSY);
            turns_give_back(&t, 1);
        } else {
            turns[n++] = t;
        }
    }
    return n;
}

/* Whoever reads /readyz sends no turns to a service that is not ready, so it has to find out by itself that the disk
 * has room again: it counts its attempts, which is a commit like any other. */
static void probe(struct gateway *g, int64_t now_s)
{
    if (gateway_ready(g) || now_s == g->probed_at_s)
        return;
    g->probed_at_s = now_s;
    int rc = store_begin(g->parts.store);
    if (rc == 0)
        rc = store_count(g->parts.store, day_of_ms(now_s * 1000), &(struct store_counter){.event = SPAN("probed")}, 1);
    if (rc == 0)
        rc = store_commit(g->parts.store);
    else
        store_rollback(g->parts.store);
    if (rc == 0)
        made_ready(g);
}

/* Long messages whose missing parts never came: once a second is often enough. */
static void overdue(struct gateway *g, int64_t now_s)
{
    struct turn *turns[PARTS_OVERDUE_MAX];
    if (!gateway_ready(g) || now_s == g->overdue_at_s)
        return;
    g->overdue_at_s = now_s;
    arena_reset(g->parts_arena);
    size_t n = parts_overdue(g, now_s * 1000, g->parts_arena, turns);
    if (n)
        batch_do(g, turns, n);
    arena_reset(g->parts_arena);
}

/* What is over goes step by step; once a day the proof of it is written. */
static int purge(struct gateway *g, const struct retention *keep, int64_t now)
{
    struct purge_counts counts = {0};
    bool again;
    int rc = store_begin(g->parts.store);
    if (rc < 0)
        return rc;
    rc = retention_step(keep, g->parts.store, now, false, &counts, &again);
    if (rc == 0 && g->proved_day != day_of_ms(now))
        rc = retention_prove(keep, g->parts.store, now, SPAN("service"));
    if (rc == 0)
        rc = store_commit(g->parts.store);
    else
        store_rollback(g->parts.store);
    if (rc == 0)
        g->proved_day = day_of_ms(now);
    return rc;
}

/* Statistics take in a day an hour after its end, when nobody counts in it any more. That is some milliseconds of work
 * once a day; what is behind after a stop goes day by day. */
static int statistics(struct gateway *g, int64_t now_s, bool *more)
{
    int rc = store_begin(g->parts.store);
    if (rc < 0)
        return rc;
    rc = statistics_step(g->parts.store, day_of_ms((now_s - 3600) * 1000));
    *more = rc == 1;
    if (rc == 1)
        rc = store_commit(g->parts.store);
    else
        store_rollback(g->parts.store);
    return rc;
}

/* Whether so much time has gone by; also where the clock was set back meanwhile, for how long ago that was is not known
 * then. */
static bool gone_by(int64_t now_s, int64_t since_s, int64_t least_s)
{
    return now_s < since_s || now_s - since_s >= least_s;
}

static void statistics_look(struct gateway *g, int64_t now_s)
{
    if (!gateway_ready(g) || !gone_by(now_s, g->statistics_at_s, LOOP_STATISTICS_EVERY_S))
        return;
    bool more = false;
    int64_t end_ms = clock_monotonic_ms() + LOOP_STATISTICS_MS;
    int rc = statistics(g, now_s, &more);
    while (rc == 0 && more && clock_monotonic_ms() < end_ms)
        rc = statistics(g, now_s, &more);
    if (rc < 0)
        log_event(LOG_WARN, "statistics were not brought up to date", LOG_ERR(rc));
    if (rc < 0 || !more)
        g->statistics_at_s = now_s;
}

static void rest(struct gateway *g, bool idle)
{
    store_rest(g->parts.store, idle);
    int64_t now_s = now_ms(g) / 1000;
    if (idle)
        probe(g, now_s);
    erasing_look(g, now_s);
    overdue(g, now_s);
    statistics_look(g, now_s);
    if (!gone_by(now_s, g->expired_at_s, idle ? LOOP_EXPIRE_EVERY_S : LOOP_EXPIRE_BUSY_S))
        return;
    g->expired_at_s = now_s;
    const struct retention keep = {g->parts.settings, g->parts.channels, g->parts.vault};
    int rc = purge(g, &keep, now_s * 1000);
    if (rc < 0)
        log_event(LOG_WARN, "what is over was not deleted", LOG_ERR(rc));
    keys_forget(&g->keys, g->parts.store);
    recent_expire(&g->recent, now_s);
    recent_expire(&g->adrift, now_s);
    bundles_expire(&g->bundles, now_s - retention_session_s(&keep) - 86400);
}

void *loop_main(void *gateway)
{
    struct gateway *g = gateway;
    pthread_setname_np(pthread_self(), "waymark-turns");
    size_t most = (size_t)g->parts.settings->batch_max;
    struct turn **turns = mem_calloc(most, sizeof *turns);
    struct turn *list;
    struct gateway_job *jobs;
    while (turns && queue_take(&g->queue, most, LOOP_IDLE_MS, &list, &jobs)) {
        size_t n = take_in_time(g, list, turns);
        if (n)
            batch_do(g, turns, n);
        jobs_do(g, jobs);
        rest(g, !n && !jobs);
        mem_wipe_stack();
    }
    atomic_store(&g->ready, false);
    mem_free(turns);
    return NULL;
}

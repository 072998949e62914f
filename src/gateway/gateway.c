// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/internal.h"

#include "base/err.h"
#include "base/mem.h"

#include <string.h>

int gateway_open(const struct gateway_parts *parts, struct gateway **out)
{
    struct gateway *g = mem_calloc(1, sizeof *g);
    if (!g)
        return ERR_NOMEM;
    g->parts = *parts;
    g->arena = arena_new(GATEWAY_ARENA);
    g->parts_arena = arena_new(GATEWAY_ARENA);
    g->plain = STR_INIT(SESSION_MAX);
    g->state = g->shown = STR_INIT(2 * SESSION_MAX);
    pthread_rwlock_init(&g->menus_lock, NULL);
    queue_init(&g->queue, (size_t)parts->settings->queue_max);
    recent_open(&g->recent, RECENT_SLOTS);
    bundles_open(&g->bundles, parts->program, parts->settings, parts->data);
    keys_open(&g->keys, parts->vault);
    int rc = g->arena && g->parts_arena ? 0 : ERR_NOMEM;
    if (rc == 0)
        rc = keys_day_begin(&g->keys, parts->store, day_of_ms(parts->clock.now_ms(parts->clock.ctx)));
    if (rc < 0) {
        gateway_close(g);
        return rc;
    }
    *out = g;
    return 0;
}

void gateway_close(struct gateway *g)
{
    if (!g)
        return;
    recent_close(&g->recent);
    recent_close(&g->adrift);
    keys_close(&g->keys);
    bundles_close(&g->bundles);
    queue_destroy(&g->queue);
    pthread_rwlock_destroy(&g->menus_lock);
    arena_free(g->arena);
    arena_free(g->parts_arena);
    str_release(&g->plain);
    str_release(&g->state);
    str_release(&g->shown);
    mem_free(g);
}

int gateway_start(struct gateway *g)
{
    atomic_store(&g->ready, true);
    if (pthread_create(&g->thread, NULL, loop_main, g) != 0)
        return ERR_NOMEM;
    g->started = true;
    return 0;
}

void gateway_stop(struct gateway *g)
{
    queue_close(&g->queue);
    if (g->started)
        pthread_join(g->thread, NULL);
    g->started = false;
}

bool gateway_named(const struct turn *t)
{
    return t->in.medium == MEDIUM_USSD && t->in.session.len;
}

struct blind gateway_caller(const struct gateway *g, const struct channel *c, const struct turn *t)
{
    return vault_blind(g->parts.vault, BLIND_SESSION, channel_name(c), span_of(t->in.from.digits));
}

/* Blind indexes are made on the submitter's thread, so that the loop only moves rows. */
static void turn_keys(const struct gateway *g, struct turn *t)
{
    const struct vault *v = g->parts.vault;
    struct span name = channel_name(t->channel);
    t->number_key = vault_blind_number(v, &t->in.from);
    // An id that comes with another number is another session.
    t->session_key =
        gateway_named(t) ? vault_session(v, &t->number_key, name, t->in.session) : gateway_caller(g, t->channel, t);
    if (t->in.repeat == REPEAT_ID && t->in.event.len)
        t->event_key = vault_blind(v, BLIND_EVENT, name, t->in.event);
}

static void turn_shed(struct gateway *g, struct turn *t)
{
    atomic_fetch_add(&g->shed, 1);
    t->outcome = TURN_SHED;
    t->has_screen = true;
    t->screen = polite_screen(g, SYSTEM_BUSY, t->arena);
    t->next = NULL;
    t->done(t->sink, t);
}

void gateway_prepare(const struct gateway *g, struct turn *t)
{
    turn_keys(g, t);
    t->received = t->in.text;
    t->deadline_ms = clock_monotonic_ms() + GATEWAY_DEADLINE_MS;
    t->urgent = t->in.kind == INBOUND_OPTOUT || t->in.opted_out ||
                (t->in.kind == INBOUND_TURN && dialogue_is_stop(g->bundles.newest, t->in.text));
}

void gateway_submit(struct gateway *g, struct turn *const *turns, size_t count)
{
    pthread_rwlock_rdlock(&g->menus_lock);
    for (size_t i = 0; i < count; i++)
        gateway_prepare(g, turns[i]);
    struct turn *refused = queue_put(&g->queue, turns, count);
    while (refused) {
        struct turn *next = refused->next; // once shed, it is its owner's again
        turn_shed(g, refused);
        refused = next;
    }
    pthread_rwlock_unlock(&g->menus_lock);
}

void gateway_post(struct gateway *g, struct gateway_job *job)
{
    if (!queue_put_job(&g->queue, job))
        job->done(job->ctx, ERR_NOT_NOW);
}

/* ---- waiting for a job ---- */

struct call {
    struct gateway_job job;
    int (*fn)(void *ctx, struct store *s);
    void *ctx;
    pthread_mutex_t lock;
    pthread_cond_t over;
    bool finished;
    int rc;
};

static int call_run(void *ctx, struct store *s)
{
    struct call *c = ctx;
    return c->fn(c->ctx, s);
}

static void call_done(void *ctx, int rc)
{
    struct call *c = ctx;
    pthread_mutex_lock(&c->lock);
    c->rc = rc;
    c->finished = true;
    pthread_cond_signal(&c->over);
    pthread_mutex_unlock(&c->lock);
}

int gateway_call(struct gateway *g, int (*fn)(void *ctx, struct store *s), void *ctx)
{
    struct call c = {.fn = fn, .ctx = ctx, .lock = PTHREAD_MUTEX_INITIALIZER, .over = PTHREAD_COND_INITIALIZER};
    c.job = (struct gateway_job){.fn = call_run, .done = call_done, .ctx = &c};
    gateway_post(g, &c.job);
    pthread_mutex_lock(&c.lock);
    while (!c.finished)
        pthread_cond_wait(&c.over, &c.lock);
    pthread_mutex_unlock(&c.lock);
    pthread_cond_destroy(&c.over);
    pthread_mutex_destroy(&c.lock);
    return c.rc;
}

struct reload {
    struct gateway *g;
    struct edition newer;
    bool swapped;
};

static int reload_run(void *ctx, struct store *s)
{
    (void)s;
    struct reload *r = ctx;
    pthread_rwlock_wrlock(&r->g->menus_lock);
    bundles_replace(&r->g->bundles, &r->newer);
    r->swapped = true;
    pthread_rwlock_unlock(&r->g->menus_lock);
    return 0;
}

int gateway_reload(struct gateway *g, const struct gateway_menus *menus)
{
    struct reload r = {.g = g, .newer = {.program = menus->program, .release = menus->release, .ctx = menus->ctx}};
    int rc = gateway_call(g, reload_run, &r);
    return r.swapped ? 0 : rc; // what the disk says of the empty transaction around it does not take the menus back
}

void gateway_erased(struct gateway *g)
{
    recent_clear(&g->recent);
    g->erasing = true;
}

bool gateway_ready(const struct gateway *g)
{
    return atomic_load(&g->ready);
}

void gateway_stats(const struct gateway *g, struct gateway_stats *out)
{
    *out = (struct gateway_stats){.turns = atomic_load(&g->turns),
                                  .shed = atomic_load(&g->shed),
                                  .late = atomic_load(&g->late),
                                  .failed = atomic_load(&g->failed),
                                  .adrift = atomic_load(&g->adrift_turns),
                                  .repeats = atomic_load(&g->repeats),
                                  .commits = atomic_load(&g->commits),
                                  .opt_outs = atomic_load(&g->opt_outs),
                                  .looped = atomic_load(&g->looped),
                                  .echoes = atomic_load(&g->echoes),
                                  .automatic = atomic_load(&g->automatic),
                                  .unanswerable = atomic_load(&g->unanswerable),
                                  .incomplete = atomic_load(&g->incomplete),
                                  .erase_pending = atomic_load(&g->erase_pending),
                                  .waiting = (uint32_t)queue_count((struct queue *)&g->queue)};
}

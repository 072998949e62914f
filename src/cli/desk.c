// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/desk.h"

#include "base/err.h"
#include "gateway/versions.h"
#include "gateway/withdraw.h"

#include <pthread.h>

static int port_call(void *ctx, int (*fn)(void *fn_ctx, struct store *s), void *fn_ctx)
{
    return gateway_call(((struct desk_parts *)ctx)->gateway, fn, fn_ctx);
}

/* ---- a turn that somebody waits for ---- */

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
};

static void turn_done(void *sink, struct turn *first)
{
    (void)sink;
    for (struct turn *t = first, *next; t; t = next) {
        next = t->next;
        struct waiter *w = t->owner;
        pthread_mutex_lock(&w->lock);
        w->is_done = true;
        pthread_cond_signal(&w->done);
        pthread_mutex_unlock(&w->lock);
    }
}

static void turn_wait(struct gateway *g, struct turn *t)
{
    struct waiter w = {.lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
    t->owner = &w;
    gateway_submit(g, &t, 1);
    pthread_mutex_lock(&w.lock);
    while (!w.is_done)
        pthread_cond_wait(&w.done, &w.lock);
    pthread_mutex_unlock(&w.lock);
}

/* Where a screen is written. The menus in force are asked, under the lock that a reload takes. */
static void place_find(struct reloader *r, struct port_turn *t, struct arena *a)
{
    pthread_mutex_lock(&r->lock);
    uint16_t index = t->screen.len ? program_screen(r->current, t->screen) : PROGRAM_NONE;
    if (index != PROGRAM_NONE) {
        t->file = arena_strdup(a, span_of(r->current->screens[index].at.file));
        t->line = r->current->screens[index].at.line;
    }
    pthread_mutex_unlock(&r->lock);
}

static int port_turn(void *ctx, struct port_turn *p, struct arena *a)
{
    struct desk_parts *parts = ctx;
    const struct channel *channel = channel_set_get(parts->app->channels, SPAN("phone"));
    if (!channel)
        return ERR_MISSING;
    struct turn_place place = {0};
    struct turn t = {.channel = channel,
                     .in = {.kind = INBOUND_TURN,
                            .medium = p->medium,
                            .repeat = REPEAT_SEQUENCE,
                            .from = p->from,
                            .session = p->medium == MEDIUM_USSD ? p->session : (struct span){0},
                            .event = arena_printf(a, "%lld", (long long)p->sequence),
                            .text = p->text,
                            .begins = p->begins},
                     .arena = a,
                     .done = turn_done,
                     .place = &place};
    turn_wait(parts->gateway, &t);
    struct profile profile = channel_profile(channel, p->medium);
    p->stored = t.outcome == TURN_ANSWERED || t.outcome == TURN_ACCEPTED;
    p->shown = t.has_screen ? t.screen.text : (struct span){0};
    p->more = t.has_screen && t.screen.more;
    p->screen = place.screen;
    p->page = place.pages ? place.page + 1 : 0;
    p->pages = place.pages;
    p->used = place.used;
    p->gsm = place.gsm;
    p->limit = place.gsm ? profile.septets : profile.units;
    place_find(parts->reloader, p, a);
    return 0;
}

/* ---- menus ---- */

static int port_menus(void *ctx, int (*fn)(void *fn_ctx, const struct program *p), void *fn_ctx)
{
    struct reloader *r = ((struct desk_parts *)ctx)->reloader;
    pthread_mutex_lock(&r->lock);
    int rc = fn(fn_ctx, r->current);
    pthread_mutex_unlock(&r->lock);
    return rc;
}

static int port_reload(void *ctx, struct str *answer)
{
    return reload_menus(((struct desk_parts *)ctx)->reloader, answer);
}

static int port_checkup(void *ctx, bool again, struct arena *a, struct port_checkup *out)
{
    struct reloader *r = ((struct desk_parts *)ctx)->reloader;
    if (again)
        reload_check(r);
    pthread_mutex_lock(&r->lock);
    int rc = checkup_copy(&r->checked, a, out);
    pthread_mutex_unlock(&r->lock);
    return rc;
}

static int port_versions(void *ctx, struct arena *a, struct port_version **rows, size_t *count)
{
    struct reloader *r = ((struct desk_parts *)ctx)->reloader;
    struct version *found;
    pthread_mutex_lock(&r->lock);
    int rc = versions_list(r->data, r->current, a, &found, count);
    pthread_mutex_unlock(&r->lock);
    *rows = rc == 0 ? arena_array(a, *count + 1, sizeof **rows) : NULL;
    for (size_t i = 0; *rows && i < *count; i++)
        (*rows)[i] = (struct port_version){span_of(found[i].name), found[i].last_s, found[i].now, found[i].differs};
    return rc == 0 && !*rows ? ERR_NOMEM : rc;
}

static int port_go_back(void *ctx, struct span name, struct str *answer)
{
    return reload_version(((struct desk_parts *)ctx)->reloader, name, answer);
}

static bool port_went_back(void *ctx)
{
    struct reloader *r = ((struct desk_parts *)ctx)->reloader;
    pthread_mutex_lock(&r->lock);
    bool so = r->went_back;
    pthread_mutex_unlock(&r->lock);
    return so;
}

/* ---- the rest ---- */

static bool port_lane(void *ctx, size_t index, struct port_lane *out)
{
    struct outbox_lane_stats s;
    if (!outbox_stats(((struct desk_parts *)ctx)->outbox, index, &s))
        return false;
    *out = (struct port_lane){.channel = s.channel,
                              .pauses = s.breaker != OUTBOX_CLOSED,
                              .served = s.served,
                              .fetched_ms = s.fetched_ms,
                              .waiting = s.waiting,
                              .under_way = s.under_way,
                              .accepted = s.counts[OUTBOX_COUNT_ACCEPTED],
                              .retried = s.counts[OUTBOX_COUNT_RETRIED],
                              .refused = s.counts[OUTBOX_COUNT_REFUSED],
                              .given_up = s.counts[OUTBOX_COUNT_GIVEN_UP],
                              .unknown = s.counts[OUTBOX_COUNT_UNKNOWN],
                              .expired = s.counts[OUTBOX_COUNT_EXPIRED],
                              .paused = s.counts[OUTBOX_COUNT_OPENED]};
    return true;
}

static int port_withdraw(void *ctx, struct store *s, const struct msisdn *number)
{
    struct clock clock = clock_system();
    return withdraw_number(((struct desk_parts *)ctx)->app->vault, s, number, clock.now_ms(clock.ctx));
}

static int port_erase(void *ctx, struct store *s, const struct msisdn *number, struct span actor)
{
    const struct desk_parts *parts = ctx;
    struct clock clock = clock_system();
    int rc = withdraw_erase(parts->app->vault, s, parts->app->channels, number, actor, clock.now_ms(clock.ctx));
    if (rc == 0)
        gateway_erased(parts->gateway);
    return rc;
}

static void port_stats(void *ctx, struct port_stats *out)
{
    struct gateway *g = ((struct desk_parts *)ctx)->gateway;
    struct gateway_stats s;
    gateway_stats(g, &s);
    *out = (struct port_stats){.turns = s.turns,
                               .shed = s.shed,
                               .late = s.late,
                               .failed = s.failed,
                               .repeats = s.repeats,
                               .commits = s.commits,
                               .adrift = s.adrift,
                               .incomplete = s.incomplete,
                               .erase_pending = s.erase_pending,
                               .waiting = s.waiting,
                               .ready = gateway_ready(g)};
}

static void port_wake(void *ctx)
{
    struct desk_parts *parts = ctx;
    parts->wake(parts->wake_ctx);
}

struct console_port desk_port(struct desk_parts *parts)
{
    return (struct console_port){.ctx = parts,
                                 .call = port_call,
                                 .turn = port_turn,
                                 .menus = port_menus,
                                 .reload = port_reload,
                                 .checkup = port_checkup,
                                 .versions = port_versions,
                                 .go_back = port_go_back,
                                 .went_back = port_went_back,
                                 .lane = port_lane,
                                 .withdraw = port_withdraw,
                                 .erase = port_erase,
                                 .stats = port_stats,
                                 .wake = port_wake};
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* The thread: claims what is due on each lane into free slots, lets libcurl work on them, and records the ends
 * together.
 *
 * A slot is free, under way, or done. A done slot keeps its settlement until the store has taken it, and so also keeps
 * its place: when the store does not take what happened, the outbox soon stops claiming.
 */
#include "outbox/outbox.h"

#include "base/err.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "outbox/claim.h"
#include "outbox/lane.h"
#include "outbox/leave.h"
#include "outbox/serve.h"
#include "outbox/token.h"
#include "outbox/transfer.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

enum {
    CLAIM_BYTES_MAX = 1024 * 1024,
    PLAIN_BYTES_MAX = 16 * 1024,
    NAMES_BYTES_MAX = 64 * 1024,
    WAIT_MOST_MS = 60 * 1000,     /* the wall clock may have been set meanwhile */
    STORE_PAUSE_MS = 500,         /* after the store has refused something */
    CHANNEL_PAUSE_MS = 60 * 1000, /* after a channel could not send */
    COUNT_EVERY_MS = 5000,        /* between two counts of what waits */
    LOOK_EVERY_MS = 2000,         /* between two looks at what was fetched, where anything is */
};

enum slot_state { SLOT_FREE, SLOT_UNDER_WAY, SLOT_DONE };

struct slot {
    enum slot_state state;
    struct transfer transfer;
    struct lane *lane;
    int64_t id;
    struct attempt attempt; /* while under way */
    unsigned token;         /* which one it went with */
    struct settlement settlement;
};

struct outbox {
    struct outbox_parts parts;
    struct hosts *hosts;
    CURLM *multi;
    struct slot slots[OUTBOX_IN_FLIGHT];
    struct lane *lanes;         /* of the channels that can send, in order of names */
    struct token_cache *tokens; /* one a lane */
    struct claim *claims;
    struct serve *serve;       /* the channels whose messages are fetched; nothing is claimed for them here */
    int64_t look_at;           /* at those, monotonic */
    size_t lane_count, first;  /* first: whose turn it is when slots are few */
    struct arena *claim_arena; /* rows of the last claim */
    struct arena *names_arena;
    struct map *cannot_send;     /* names of channels of which it was said */
    int64_t claim_at, settle_at; /* not before, monotonic: the store refused the last one */
    int64_t count_at;            /* monotonic */
    pthread_t thread;
    bool started;
    atomic_bool woken;
    _Atomic int64_t stop_at; /* monotonic; INT64_MAX: not stopping */
};

static int64_t wall_ms(const struct outbox *o)
{
    return o->parts.clock.now_ms(o->parts.clock.ctx);
}

static size_t slots_in(const struct outbox *o, enum slot_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < OUTBOX_IN_FLIGHT; i++)
        n += o->slots[i].state == state;
    return n;
}

static struct token_cache *token_of(const struct outbox *o, const struct lane *l)
{
    return &o->tokens[l - o->lanes];
}

static struct transfer_limits limits_of(const struct outbox *o)
{
    return (struct transfer_limits){.hosts = o->hosts, .timeout_ms = o->parts.timeout_ms};
}

static bool stopping(struct outbox *o)
{
    return atomic_load(&o->stop_at) != INT64_MAX;
}

/* ---- the end of an attempt ---- */

static const char *const outcome_names[] = {
    [SEND_ACCEPTED] = "accepted",   [SEND_RETRY] = "not accepted", [SEND_PERMANENT] = "refused",
    [SEND_OPTED_OUT] = "opted out", [SEND_THROTTLED] = "too fast", [SEND_UNKNOWN] = "answer lost",
};

static void log_attempt(const struct slot *slot, enum send_outcome outcome)
{
    bool good = outcome == SEND_ACCEPTED;
    log_event(good ? LOG_DEBUG : LOG_WARN, good ? "message sent" : "message not sent",
              LOG_SPAN("channel", slot->attempt.channel),
              LOG_NAME("outcome", slot->transfer.refused ? "address refused" : outcome_names[outcome]),
              LOG_INT("status", slot->transfer.status), LOG_INT("attempt", slot->attempt.attempts));
}

static void slot_conclude(struct outbox *o, struct slot *slot, const struct send_result *result)
{
    bool uncounted = lane_end(slot->lane, result, clock_monotonic_ms(), o->parts.entropy);
    log_attempt(slot, result->outcome);
    slot->settlement = claim_verdict(&o->parts, &slot->attempt, result, uncounted);
    if (slot->settlement.state == MESSAGE_FAILED && slot->attempt.attempts >= OUTBOX_ATTEMPTS)
        lane_count(slot->lane, OUTBOX_COUNT_GIVEN_UP, 1);
    slot->state = SLOT_DONE;
}

/* It was the token that was refused: the message leaves with the next one, and nothing of this counts. */
static void slot_again(struct outbox *o, struct slot *slot)
{
    log_event(LOG_WARN, "token refused; another is asked for", LOG_SPAN("channel", slot->attempt.channel));
    lane_return(slot->lane);
    slot->settlement =
        (struct settlement){.id = slot->id, .state = MESSAGE_QUEUED, .untried = true, .next_ms = wall_ms(o)};
    slot->state = SLOT_DONE;
}

/* A 401 to a token that is new is no word about the message either, and must not be its end. */
static void slot_end(struct outbox *o, struct slot *slot, CURLcode code)
{
    struct send_result result = {.id = slot->id};
    struct token_cache *token = token_of(o, slot->lane);
    transfer_end(&slot->transfer, o->multi, code, &result);
    if (token->channel && slot->transfer.status == 401 && result.outcome != SEND_ACCEPTED)
        result.outcome = SEND_RETRY;
    if (token_refused(token, slot->token, slot->transfer.status))
        slot_again(o, slot);
    else
        slot_conclude(o, slot, &result);
    transfer_clear(&slot->transfer);
}

/* A message's, or else a token's. */
static void transfer_over(struct outbox *o, const CURL *easy, CURLcode code)
{
    for (size_t i = 0; i < OUTBOX_IN_FLIGHT; i++)
        if (o->slots[i].transfer.easy == easy) {
            slot_end(o, &o->slots[i], code);
            return;
        }
    for (size_t i = 0; i < o->lane_count; i++)
        if (o->tokens[i].channel && o->tokens[i].transfer.easy == easy)
            token_end(&o->tokens[i], o->multi, code, o->parts.entropy);
}

static void collect(struct outbox *o)
{
    int running, left;
    CURLMsg *message;
    curl_multi_perform(o->multi, &running);
    while ((message = curl_multi_info_read(o->multi, &left)))
        if (message->msg == CURLMSG_DONE)
            transfer_over(o, message->easy_handle, message->data.result);
}

static void break_off(struct outbox *o)
{
    for (size_t i = 0; i < OUTBOX_IN_FLIGHT; i++)
        if (o->slots[i].state == SLOT_UNDER_WAY)
            slot_end(o, &o->slots[i], CURLE_ABORTED_BY_CALLBACK);
}

/* ---- the beginning of an attempt ---- */

static void say_once(struct outbox *o, struct span channel, int why)
{
    if (map_get(o->cannot_send, channel))
        return;
    struct span name = arena_copy(o->names_arena, channel);
    if (name.p && map_put(o->cannot_send, name, o) == 0)
        log_event(LOG_ERROR, "channel cannot send; its messages wait", LOG_SPAN("channel", channel), LOG_ERR(why));
}

/* Nothing is wrong with the message: it waits until its channel is there again. */
static void slot_postpone(struct outbox *o, struct slot *slot, int why)
{
    say_once(o, slot->attempt.channel, why);
    lane_return(slot->lane);
    slot->settlement = (struct settlement){.id = slot->id, .untried = true, .next_ms = wall_ms(o) + CHANNEL_PAUSE_MS};
    slot->state = SLOT_DONE;
}

static int slot_start(struct outbox *o, struct slot *slot, const struct store_due *row, struct str *plain)
{
    const struct channel *c = channel_set_get(o->parts.channels, row->channel);
    if (!c)
        return ERR_MISSING;
    struct message m;
    int rc = claim_open(&o->parts, row, plain, &m);
    struct transfer_limits limits = limits_of(o);
    const struct token_cache *token = token_of(o, slot->lane);
    struct channel_pass pass = {.token = token_span(token), .now_s = wall_ms(o) / 1000, .entropy = o->parts.entropy};
    slot->token = token->which;
    if (rc == 0)
        rc = transfer_start(&slot->transfer, o->multi, c, &m, &pass, &limits);
    vault_wipe(&m.to, sizeof m.to);
    slot->attempt.channel = channel_name(c); // the row's own name does not live as long
    return rc;
}

/* Nothing is wrong with the channel. */
static void slot_refuse(struct slot *slot, int why)
{
    log_event(LOG_ERROR, "message does not open: its row was changed, and nothing is sent",
              LOG_INT("message", slot->id), LOG_ERR(why));
    lane_return(slot->lane);
    lane_count(slot->lane, OUTBOX_COUNT_GIVEN_UP, 1);
    slot->settlement = (struct settlement){.id = slot->id, .state = MESSAGE_FAILED, .moved = true};
    slot->state = SLOT_DONE;
}

/* A box that does not open was changed in the file, or moved there: the message ends here, and the audit log says so.
 * Everything else that keeps a message from starting lies in its channel. */
static void slot_take(struct outbox *o, struct slot *slot, struct lane *lane, const struct store_due *row)
{
    struct str plain = STR_INIT(PLAIN_BYTES_MAX);
    slot->id = row->id;
    slot->lane = lane;
    slot->attempt = (struct attempt){.channel = row->channel, .class = row->class, .attempts = row->attempts + 1};
    int rc = slot_start(o, slot, row, &plain);
    if (plain.p)
        vault_wipe(plain.p, plain.len);
    str_release(&plain);
    if (rc == 0) {
        slot->state = SLOT_UNDER_WAY;
        return;
    }
    if (rc == ERR_CRYPTO || rc == ERR_CORRUPT)
        slot_refuse(slot, rc);
    else
        slot_postpone(o, slot, rc);
    transfer_clear(&slot->transfer);
}

/* ---- claiming ---- */

static size_t least_room(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many a lane may claim now. */
static size_t room_of(struct outbox *o, const struct lane *l, int64_t now, int64_t wall)
{
    struct transfer_limits limits = limits_of(o);
    size_t room = l->next_ms <= wall ? lane_room(l, now) : 0;
    return room && token_ready(token_of(o, l), o->multi, &limits, o->parts.entropy) ? room : 0;
}

/* Which lanes have something due and room for it; each round another one comes first. */
static size_t claims_fill(struct outbox *o)
{
    int64_t now = clock_monotonic_ms(), wall = wall_ms(o);
    bool counted = now >= o->count_at;
    size_t free_slots = slots_in(o, SLOT_FREE), n = 0;
    for (size_t i = 0; i < o->lane_count; i++) {
        struct lane *l = &o->lanes[(o->first + i) % o->lane_count];
        size_t room = free_slots ? least_room(room_of(o, l, now, wall), free_slots) : 0;
        if (!room)
            continue;
        free_slots -= room;
        o->claims[n++] =
            (struct claim){.leave = leave_now(o->parts.settings, l->channel, wall, room), .counted = counted};
    }
    o->first++;
    return n;
}

static struct lane *lane_of(struct outbox *o, struct span channel)
{
    size_t i = 0;
    while (!span_eq(o->lanes[i].channel, channel))
        i++;
    return &o->lanes[i];
}

static void claim_take(struct outbox *o, const struct claim *c, struct slot **slot)
{
    struct lane *l = lane_of(o, c->leave.channel);
    l->next_ms = c->next_ms;
    if (c->counted)
        atomic_store(&l->waiting, c->waiting);
    lane_count(l, OUTBOX_COUNT_CANCELLED, (uint64_t)c->claimed.cancelled);
    lane_count(l, OUTBOX_COUNT_QUIET, (uint64_t)c->claimed.quiet);
    lane_count(l, OUTBOX_COUNT_CAPPED, (uint64_t)c->claimed.capped);
    lane_count(l, OUTBOX_COUNT_EXPIRED, (uint64_t)c->claimed.expired);
    lane_take(l, c->claimed.count, clock_monotonic_ms());
    for (size_t i = 0; i < c->claimed.count; i++) {
        while ((*slot)->state != SLOT_FREE)
            ++*slot;
        slot_take(o, *slot, l, &c->claimed.rows[i]);
    }
}

/* What was queued may be on any lane. */
static void take_wake(struct outbox *o)
{
    if (!atomic_exchange(&o->woken, false))
        return;
    for (size_t i = 0; i < o->lane_count; i++)
        o->lanes[i].next_ms = INT64_MIN;
}

static void claim(struct outbox *o)
{
    take_wake(o);
    if (stopping(o) || clock_monotonic_ms() < o->claim_at)
        return;
    size_t count = claims_fill(o);
    if (!count)
        return;
    int rc = claim_due(&o->parts.door, o->claims, count, o->claim_arena);
    if (rc < 0) {
        log_event(LOG_ERROR, "messages could not be claimed", LOG_ERR(rc));
        o->claim_at = clock_monotonic_ms() + STORE_PAUSE_MS;
        return;
    }
    if (o->claims[0].counted)
        o->count_at = clock_monotonic_ms() + COUNT_EVERY_MS;
    struct slot *slot = o->slots;
    for (size_t i = 0; i < count; i++)
        claim_take(o, &o->claims[i], &slot);
}

/* ---- recording ---- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void settle(struct outbox *o)
{
    const struct settlement *list[OUTBOX_IN_FLIGHT];
    size_t count = 0;
    for (size_t i = 0; i < OUTBOX_IN_FLIGHT; i++)
        if (o->slots[i].state == SLOT_DONE)
            list[count++] = &o->slots[i].settlement;
    if (!count || clock_monotonic_ms() < o->settle_at)
        return;
    int rc = claim_settle(&o->parts, list, count);
    if (rc < 0) {
        log_event(LOG_ERROR, "results of messages wait to be stored", LOG_INT("count", count), LOG_ERR(rc));
        o->settle_at = clock_monotonic_ms() + STORE_PAUSE_MS;
        return;
    }
    for (size_t i = 0; i < OUTBOX_IN_FLIGHT; i++)
        if (o->slots[i].state == SLOT_DONE) {
            struct lane *l = o->slots[i].lane;
            if (o->slots[i].settlement.state == MESSAGE_QUEUED)
                l->next_ms = least(l->next_ms, o->slots[i].settlement.next_ms);
            o->slots[i].state = SLOT_FREE;
        }
}

/* ---- what is fetched ---- */

static void look(struct outbox *o)
{
    int64_t now = clock_monotonic_ms();
    if (stopping(o) || now < o->look_at)
        return;
    o->look_at = serve_any(o->serve) ? now + LOOK_EVERY_MS : INT64_MAX;
    int rc = serve_look(o->serve);
    if (rc < 0)
        log_event(LOG_ERROR, "what was fetched could not be looked at", LOG_ERR(rc));
}

struct serve *outbox_serve(const struct outbox *o)
{
    return o->serve;
}

/* ---- the thread ---- */

/* Milliseconds until a lane has something due and room for it. */
static int64_t lanes_wait(const struct outbox *o, int64_t now)
{
    int64_t wait = WAIT_MOST_MS, wall = wall_ms(o);
    for (size_t i = 0; i < o->lane_count; i++) {
        const struct lane *l = &o->lanes[i];
        int64_t due = l->next_ms <= wall ? 0 : l->next_ms == INT64_MAX ? INT64_MAX : l->next_ms - wall;
        wait = least(wait, most(due, most(lane_wait(l, now), token_wait(token_of(o, l), now))));
    }
    return wait;
}

/* Milliseconds until there is something to do that libcurl does not know of. */
static int wait_ms(struct outbox *o)
{
    int64_t now = clock_monotonic_ms(), wait = least(WAIT_MOST_MS, o->look_at - now);
    if (slots_in(o, SLOT_DONE))
        wait = least(wait, o->settle_at - now);
    if (stopping(o))
        wait = least(wait, atomic_load(&o->stop_at) - now);
    else if (slots_in(o, SLOT_FREE))
        wait = least(wait, most(o->claim_at - now, atomic_load(&o->woken) ? 0 : lanes_wait(o, now)));
    return (int)most(wait, 0);
}

static bool over(struct outbox *o)
{
    return stopping(o) && (!slots_in(o, SLOT_UNDER_WAY) || clock_monotonic_ms() >= atomic_load(&o->stop_at));
}

/* What is still unknown now is settled as such; the store has until the grace is over to take it. */
static void finish(struct outbox *o)
{
    break_off(o);
    o->settle_at = 0;
    for (settle(o); slots_in(o, SLOT_DONE) && clock_monotonic_ms() < atomic_load(&o->stop_at); settle(o))
        curl_multi_poll(o->multi, NULL, 0, wait_ms(o), NULL);
    if (slots_in(o, SLOT_DONE))
        log_event(LOG_ERROR, "results of messages were not stored", LOG_INT("count", slots_in(o, SLOT_DONE)));
}

static void *run(void *arg)
{
    struct outbox *o = arg;
    sigset_t all;
    sigfillset(&all); // SIGPIPE above all: with CURLOPT_NOSIGNAL it is ours to hold back
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    while (!over(o)) {
        claim(o);
        look(o);
        mem_wipe_stack();
        curl_multi_poll(o->multi, NULL, 0, wait_ms(o), NULL);
        collect(o);
        settle(o);
    }
    finish(o);
    return NULL;
}

/* ---- opening and closing ---- */

/* A channel that cannot send has no lane: what was queued for it waits until it can. */
static int lanes_fill(struct outbox *o)
{
    const struct channel *c;
    size_t count = 0;
    while (channel_set_at(o->parts.channels, count))
        count++;
    o->lanes = mem_calloc(count + 1, sizeof *o->lanes);
    o->claims = mem_calloc(count + 1, sizeof *o->claims);
    o->tokens = mem_calloc(count + 1, sizeof *o->tokens);
    if (!o->lanes || !o->claims || !o->tokens)
        return ERR_NOMEM;
    int threshold = o->parts.settings ? o->parts.settings->breaker : 0, rc = 0;
    for (size_t i = 0; rc == 0 && (c = channel_set_at(o->parts.channels, i)); i++)
        if (channel_can_send(c)) {
            lane_init(&o->lanes[o->lane_count], channel_name(c), channel_rate(c), threshold, clock_monotonic_ms());
            rc = token_init(&o->tokens[o->lane_count++], c);
        }
    return rc;
}

static int outbox_fill(struct outbox *o)
{
    o->multi = curl_multi_init();
    o->claim_arena = arena_new(CLAIM_BYTES_MAX);
    o->names_arena = arena_new(NAMES_BYTES_MAX);
    o->cannot_send = map_new();
    int rc = o->multi && o->claim_arena && o->names_arena && o->cannot_send ? lanes_fill(o) : ERR_NOMEM;
    for (size_t i = 0; i < OUTBOX_IN_FLIGHT && rc == 0; i++)
        rc = transfer_init(&o->slots[i].transfer);
    if (rc == 0)
        rc = serve_open(&o->parts, &o->serve);
    return rc < 0 ? rc : hosts_new(o->parts.channels, &o->hosts);
}

int outbox_open(const struct outbox_parts *parts, struct outbox **out)
{
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, mem_alloc, mem_free, mem_realloc, mem_strdup, mem_calloc))
        return ERR_NOMEM;
    struct outbox *o = mem_calloc(1, sizeof *o);
    if (!o) {
        curl_global_cleanup();
        return ERR_NOMEM;
    }
    o->parts = *parts;
    if (!o->parts.timeout_ms)
        o->parts.timeout_ms = OUTBOX_TIMEOUT_MS;
    atomic_init(&o->woken, true); // there may be rows from before
    atomic_init(&o->stop_at, INT64_MAX);
    int rc = outbox_fill(o);
    if (rc < 0)
        outbox_close(o);
    else
        *out = o;
    return rc;
}

int outbox_start(struct outbox *o)
{
    int rc = claim_recover(&o->parts.door, wall_ms(o));
    if (rc < 0)
        return rc;
    if (pthread_create(&o->thread, NULL, run, o) != 0)
        return ERR_NOMEM;
    o->started = true;
    return 0;
}

void outbox_wake(struct outbox *o)
{
    atomic_store(&o->woken, true);
    curl_multi_wakeup(o->multi);
}

void outbox_stop(struct outbox *o, int grace_ms)
{
    if (!o->started)
        return;
    atomic_store(&o->stop_at, clock_monotonic_ms() + grace_ms);
    curl_multi_wakeup(o->multi);
    pthread_join(o->thread, NULL);
    o->started = false;
}

bool outbox_stats(const struct outbox *o, size_t index, struct outbox_lane_stats *out)
{
    if (index >= o->lane_count)
        return serve_stats(o->serve, index - o->lane_count, out);
    lane_stats(&o->lanes[index], out);
    return true;
}

void outbox_close(struct outbox *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < OUTBOX_IN_FLIGHT; i++)
        transfer_release(&o->slots[i].transfer);
    for (size_t i = 0; i < o->lane_count; i++)
        token_release(&o->tokens[i], o->multi);
    if (o->multi)
        curl_multi_cleanup(o->multi);
    hosts_free(o->hosts);
    serve_close(o->serve);
    mem_free(o->lanes);
    mem_free(o->tokens);
    mem_free(o->claims);
    map_free(o->cannot_send);
    arena_free(o->names_arena);
    arena_free(o->claim_arena);
    mem_free(o);
    curl_global_cleanup();
}

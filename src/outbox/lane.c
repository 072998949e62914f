// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/lane.h"

#include "base/log.h"

enum { TOKEN = 1000, OPENINGS_MAX = 16 };

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void lane_init(struct lane *l, struct span channel, int rate, int threshold, int64_t now)
{
    *l = (struct lane){
        .channel = channel, .rate = rate, .tokens = (int64_t)rate * TOKEN, .filled_at = now, .threshold = threshold};
}

void lane_count(struct lane *l, enum outbox_count what, uint64_t more)
{
    atomic_fetch_add_explicit(&l->counts[what], more, memory_order_relaxed);
}

/* ---- how many ---- */

static int64_t tokens_at(const struct lane *l, int64_t now)
{
    return least(l->tokens + (now - l->filled_at) * l->rate, (int64_t)l->rate * TOKEN);
}

size_t lane_tokens(const struct lane *l, int64_t now)
{
    return l->rate ? (size_t)most(tokens_at(l, now) / TOKEN, 0) : SIZE_MAX;
}

static int64_t token_wait(const struct lane *l, int64_t now)
{
    int64_t lack = l->rate ? TOKEN - tokens_at(l, now) : 0;
    return lack > 0 ? (lack + l->rate - 1) / l->rate : 0;
}

/* Behind a breaker that has been open one tries alone. */
static size_t ceiling(const struct lane *l)
{
    return atomic_load(&l->breaker) == OUTBOX_CLOSED ? LANE_IN_FLIGHT : 1;
}

size_t lane_room(const struct lane *l, int64_t now)
{
    size_t most_at_once = ceiling(l), tokens = lane_tokens(l, now);
    if (now < l->shut_to || now < l->pause_to || l->in_flight >= most_at_once)
        return 0;
    return tokens < most_at_once - l->in_flight ? tokens : most_at_once - l->in_flight;
}

int64_t lane_wait(const struct lane *l, int64_t now)
{
    if (l->in_flight >= ceiling(l))
        return INT64_MAX;
    return most(most(most(l->shut_to, l->pause_to) - now, token_wait(l, now)), 0);
}

void lane_spend(struct lane *l, size_t count, int64_t now)
{
    l->tokens = tokens_at(l, now) - (int64_t)count * TOKEN;
    l->filled_at = now;
}

void lane_take(struct lane *l, size_t count, int64_t now)
{
    lane_spend(l, count, now);
    l->in_flight += count;
    atomic_store(&l->under_way, (int64_t)l->in_flight);
    if (count && atomic_load(&l->breaker) == OUTBOX_OPEN)
        atomic_store(&l->breaker, OUTBOX_TRYING);
}

void lane_return(struct lane *l)
{
    l->in_flight--;
    atomic_store(&l->under_way, (int64_t)l->in_flight);
    if (!l->in_flight && atomic_load(&l->breaker) == OUTBOX_TRYING)
        atomic_store(&l->breaker, OUTBOX_OPEN); // nobody has tried
}

/* ---- the breaker ---- */

/* Half of the time is sure and half of it drawn, so that lanes which failed together do not come back together. */
static int64_t open_ms(const struct lane *l, struct entropy entropy)
{
    int64_t whole = least((int64_t)LANE_OPEN_BASE_MS << least(l->openings, OPENINGS_MAX), LANE_OPEN_CAP_MS);
    uint32_t draw;
    entropy.fill(entropy.ctx, &draw, sizeof draw);
    return whole / 2 + (int64_t)draw % (whole / 2 + 1);
}

static void breaker_open(struct lane *l, int64_t now, struct entropy entropy)
{
    int64_t wait = open_ms(l, entropy);
    l->shut_to = now + wait;
    l->openings++;
    atomic_store(&l->breaker, OUTBOX_OPEN);
    lane_count(l, OUTBOX_COUNT_OPENED, 1);
    log_event(LOG_ERROR, "aggregator does not take messages; they wait", LOG_SPAN("channel", l->channel),
              LOG_INT("seconds", (wait + 999) / 1000));
}

static void breaker_close(struct lane *l)
{
    if (atomic_exchange(&l->breaker, OUTBOX_CLOSED) != OUTBOX_CLOSED)
        log_event(LOG_INFO, "aggregator takes messages again", LOG_SPAN("channel", l->channel));
    l->failures = l->openings = 0;
    l->shut_to = 0;
}

/* What an outcome says about the aggregator, rather than about the message. */
static const struct {
    bool failed, answered;
    enum outbox_count count;
} ends[] = {
    [SEND_ACCEPTED] = {.answered = true, .count = OUTBOX_COUNT_ACCEPTED},
    [SEND_RETRY] = {.failed = true, .count = OUTBOX_COUNT_RETRIED},
    [SEND_PERMANENT] = {.answered = true, .count = OUTBOX_COUNT_REFUSED},
    [SEND_OPTED_OUT] = {.answered = true, .count = OUTBOX_COUNT_OPTED_OUT},
    [SEND_THROTTLED] = {.count = OUTBOX_COUNT_THROTTLED},
    [SEND_UNKNOWN] = {.failed = true, .count = OUTBOX_COUNT_UNKNOWN},
};

/* A failure while the breaker is open was under way before it opened. */
static void failed(struct lane *l, int64_t now, struct entropy entropy)
{
    int breaker = atomic_load(&l->breaker);
    l->failures++;
    if (breaker == OUTBOX_TRYING || (breaker == OUTBOX_CLOSED && l->threshold && l->failures >= l->threshold))
        breaker_open(l, now, entropy);
}

bool lane_end(struct lane *l, const struct send_result *result, int64_t now, struct entropy entropy)
{
    enum send_outcome outcome = result->outcome;
    l->in_flight--;
    atomic_store(&l->under_way, (int64_t)l->in_flight);
    lane_count(l, ends[outcome].count, 1);
    if (ends[outcome].answered)
        breaker_close(l);
    if (ends[outcome].failed)
        failed(l, now, entropy);
    if (outcome == SEND_THROTTLED)
        l->pause_to = most(l->pause_to, now + least((int64_t)result->after_s * 1000, LANE_PAUSE_CAP_MS));
    if (outcome == SEND_THROTTLED && atomic_load(&l->breaker) == OUTBOX_TRYING)
        breaker_close(l); // it is there, and says when
    return outcome == SEND_THROTTLED || (outcome == SEND_RETRY && atomic_load(&l->breaker) != OUTBOX_CLOSED);
}

void lane_stats(const struct lane *l, struct outbox_lane_stats *out)
{
    *out = (struct outbox_lane_stats){.channel = l->channel,
                                      .breaker = (enum outbox_breaker)atomic_load(&l->breaker),
                                      .waiting = atomic_load(&l->waiting),
                                      .under_way = atomic_load(&l->under_way)};
    for (size_t i = 0; i < OUTBOX_COUNTS; i++)
        out->counts[i] = atomic_load_explicit(&l->counts[i], memory_order_relaxed);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/claim.h"

#include "base/err.h"
#include "base/log.h"

#include <string.h>

static int through(const struct outbox_door *door, int (*job)(void *ctx, struct store *s), void *ctx)
{
    return door->call(door->door, job, ctx);
}

/* ---- recovering ---- */

static int recover_job(void *ctx, struct store *s)
{
    const int64_t *now_ms = ctx;
    return store_outbox_recover(s, *now_ms);
}

int claim_recover(const struct outbox_door *door, int64_t now_ms)
{
    return through(door, recover_job, &now_ms);
}

/* ---- claiming ---- */

struct due {
    int64_t now_ms;
    size_t most;
    struct arena *arena;
    struct claimed *out;
};

static int due_job(void *ctx, struct store *s)
{
    struct due *d = ctx;
    arena_reset(d->arena);
    *d->out = (struct claimed){.next_ms = INT64_MAX};
    int rc = store_outbox_claim(s, d->now_ms, d->most, d->arena, &d->out->rows, &d->out->count);
    return rc < 0 ? rc : store_outbox_next(s, &d->out->next_ms);
}

int claim_due(const struct outbox_door *door, int64_t now_ms, size_t most, struct arena *a, struct claimed *out)
{
    return through(door, due_job, &(struct due){.now_ms = now_ms, .most = most, .arena = a, .out = out});
}

/* ---- settling ---- */

struct batch {
    const struct settlement *const *list;
    size_t count;
};

static int settle_job(void *ctx, struct store *s)
{
    const struct batch *b = ctx;
    for (size_t i = 0; i < b->count; i++) {
        const struct settlement *one = b->list[i];
        int rc = one->untried ? store_outbox_release(s, one->id, one->next_ms)
                              : store_outbox_settle(s, one->id, one->state, one->next_ms,
                                                    one->has_reference ? &one->reference : NULL);
        if (rc == ERR_MISSING ||
            rc == ERR_NOT_NOW) // nobody else settles; were it so, one row must not hold up the rest
            log_event(LOG_ERROR, "message was not ours to settle", LOG_ERR(rc));
        else if (rc < 0)
            return rc;
    }
    return 0;
}

int claim_settle(const struct outbox_door *door, const struct settlement *const *list, size_t count)
{
    return through(door, settle_job, &(struct batch){.list = list, .count = count});
}

/* ---- what an outcome means ---- */

/* The aggregator says that this person opted out there. Contact should stop here too, as gateway/turn.c does for an
 * opt-out callback; a claimed row does not tell whose number it is, so for now this message alone ends. */
static void opted_out(const struct attempt *attempt)
{
    log_event(LOG_WARN, "person has opted out at the aggregator", LOG_SPAN("channel", attempt->channel));
}

static const struct {
    enum message_state last; /* the row's state when there is no further attempt */
    bool again;
} fates[] = {
    [SEND_ACCEPTED] = {MESSAGE_SENT, false},    [SEND_RETRY] = {MESSAGE_FAILED, true},
    [SEND_PERMANENT] = {MESSAGE_FAILED, false}, [SEND_OPTED_OUT] = {MESSAGE_FAILED, false},
    [SEND_THROTTLED] = {MESSAGE_FAILED, true},  [SEND_UNKNOWN] = {MESSAGE_UNKNOWN, false},
};

static bool tried_again(const struct attempt *attempt, enum send_outcome outcome)
{
    bool twice = outcome == SEND_UNKNOWN && attempt->class == MESSAGE_ANSWER; // rather twice than never
    return (fates[outcome].again || twice) && attempt->attempts < OUTBOX_ATTEMPTS;
}

static void take_reference(const struct outbox_parts *parts, struct span channel, struct span reference,
                           struct settlement *s)
{
    struct blind key = vault_blind(parts->vault, BLIND_MESSAGE, channel, reference);
    _Static_assert(sizeof key.bytes == sizeof s->reference.bytes, "a blind index is what the store keeps");
    memcpy(s->reference.bytes, key.bytes, sizeof key.bytes);
    s->has_reference = true;
}

struct settlement claim_verdict(const struct outbox_parts *parts, const struct attempt *attempt,
                                const struct send_result *result)
{
    struct settlement s = {.id = result->id, .state = fates[result->outcome].last};
    if (tried_again(attempt, result->outcome)) {
        s.state = MESSAGE_QUEUED;
        s.next_ms =
            parts->clock.now_ms(parts->clock.ctx) + outbox_backoff(attempt->attempts, result->after_s, parts->entropy);
    }
    if (result->outcome == SEND_ACCEPTED && result->reference.len)
        take_reference(parts, attempt->channel, result->reference, &s);
    if (result->outcome == SEND_OPTED_OUT)
        opted_out(attempt);
    return s;
}

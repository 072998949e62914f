// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/claim.h"

#include "base/err.h"
#include "base/log.h"
#include "staff/audit.h"
#include "vault/outbound.h"

#include <inttypes.h>
#include <stdio.h>
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

struct round {
    struct claim *list;
    size_t count;
    struct arena *arena;
};

static int claim_one(struct store *s, struct claim *c, struct arena *a)
{
    int rc = store_outbox_claim(s, &c->leave, a, &c->claimed);
    if (rc == 0)
        rc = store_outbox_next(s, c->leave.channel, &c->next_ms);
    return rc < 0 || !c->counted ? rc : store_outbox_waiting(s, c->leave.channel, &c->waiting);
}

static int due_job(void *ctx, struct store *s)
{
    struct round *r = ctx;
    int rc = 0;
    arena_reset(r->arena);
    for (size_t i = 0; i < r->count && rc == 0; i++)
        rc = claim_one(s, &r->list[i], r->arena);
    return rc;
}

int claim_due(const struct outbox_door *door, struct claim *list, size_t count, struct arena *a)
{
    return through(door, due_job, &(struct round){.list = list, .count = count, .arena = a});
}

int claim_open(const struct outbox_parts *parts, const struct store_due *row, struct str *plain, struct message *m)
{
    struct outbound_row bound = {.class = row->class, .epoch = row->epoch};
    struct blind number;
    *m = (struct message){
        .id = row->id, .channel = row->channel, .key = row->key, .class = row->class, .attempts = row->attempts};
    _Static_assert(sizeof bound.key == sizeof row->key_bytes && sizeof number.bytes == sizeof row->number_key.bytes,
                   "a box is bound to what the store keeps");
    memcpy(bound.key, row->key_bytes, sizeof bound.key);
    memcpy(number.bytes, row->number_key.bytes, sizeof number.bytes);
    return outbound_unbox(parts->vault, &bound, &number, row->box, plain, &m->to, &m->text);
}

/* ---- settling ---- */

struct batch {
    const struct outbox_parts *parts;
    const struct settlement *const *list;
    size_t count;
};

static int settle_row(struct store *s, const struct settlement *one)
{
    if (one->untried)
        return store_outbox_release(s, one->id, one->next_ms);
    return store_outbox_settle(s, one->id, one->state, one->next_ms, one->has_reference ? &one->reference : NULL);
}

/* Nobody else settles; were it so, one row must not hold up the rest. */
static bool passed_over(int rc)
{
    return rc == ERR_MISSING || rc == ERR_NOT_NOW;
}

static int note_moved(const struct outbox_parts *parts, struct store *s, const struct settlement *one)
{
    char object[48];
    snprintf(object, sizeof object, "message %" PRId64 ": not this row's", one->id);
    return audit_note(parts->vault, s,
                      &(struct audit){.at_s = parts->clock.now_ms(parts->clock.ctx) / 1000,
                                      .actor = SPAN("service"),
                                      .action = SPAN("refuse to send"),
                                      .object = span_of(object)});
}

int claim_settle_one(const struct outbox_parts *parts, struct store *s, const struct settlement *one)
{
    struct store_index number;
    int rc = settle_row(s, one);
    if (passed_over(rc))
        log_event(LOG_ERROR, "message was not ours to settle", LOG_ERR(rc));
    if (rc == 0 && one->moved)
        rc = note_moved(parts, s, one);
    if (rc == 0 && one->opted_out && parts->stop.withdraw) {
        rc = store_outbox_whose(s, one->id, &number);
        if (rc == 0)
            rc = parts->stop.withdraw(parts->stop.ctx, s, &number, one->channel);
    }
    return passed_over(rc) ? 0 : rc;
}

static int settle_job(void *ctx, struct store *s)
{
    const struct batch *b = ctx;
    int rc = 0;
    for (size_t i = 0; i < b->count && rc == 0; i++)
        rc = claim_settle_one(b->parts, s, b->list[i]);
    return rc;
}

int claim_settle(const struct outbox_parts *parts, const struct settlement *const *list, size_t count)
{
    return through(&parts->door, settle_job, &(struct batch){.parts = parts, .list = list, .count = count});
}

/* ---- what an outcome means ---- */

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
                                const struct send_result *result, bool uncounted)
{
    struct settlement s = {.id = result->id,
                           .state = fates[result->outcome].last,
                           .channel = attempt->channel,
                           .opted_out = result->outcome == SEND_OPTED_OUT,
                           .untried = uncounted};
    if (uncounted || tried_again(attempt, result->outcome)) {
        s.state = MESSAGE_QUEUED;
        s.next_ms =
            parts->clock.now_ms(parts->clock.ctx) + outbox_backoff(attempt->attempts, result->after_s, parts->entropy);
    }
    if (result->outcome == SEND_ACCEPTED && result->reference.len)
        take_reference(parts, attempt->channel, result->reference, &s);
    return s;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/serve.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "outbox/claim.h"
#include "outbox/lane.h"
#include "outbox/leave.h"

enum { PLAIN_BYTES_MAX = 16 * 1024, DAY_MS = 24 * 3600 * 1000 };

struct served { // of one channel
    const struct channel *channel;
    struct lane lane;
    size_t fits; // messages of an answer, where one was too long; 0: as many as its file says
    _Atomic int64_t fetched_ms;
};

struct serve {
    const struct outbox_parts *parts;
    struct served *list;
    size_t count;
};

static int64_t wall_ms(const struct serve *s)
{
    return s->parts->clock.now_ms(s->parts->clock.ctx);
}

static struct served *find(struct serve *s, const struct channel *c)
{
    size_t i = 0;
    while (i < s->count && s->list[i].channel != c)
        i++;
    return i < s->count ? &s->list[i] : NULL;
}

/* ---- handing out ---- */

/* What was fetched too long ago. */
static int overdue(const struct serve *s, struct store *store, const struct channel *c, int counts[OUTBOX_COUNTS])
{
    int64_t now = wall_ms(s);
    struct store_overdue o = {.channel = channel_name(c),
                              .before_ms = now - channel_serve_wait_ms(c),
                              .now_ms = now,
                              .tries = OUTBOX_ATTEMPTS};
    int rc = store_outbox_overdue(store, &o);
    counts[OUTBOX_COUNT_RETRIED] += (int)o.again;
    counts[OUTBOX_COUNT_UNKNOWN] += (int)o.unknown;
    return rc;
}

/* A box that does not open was changed in the file, or moved there: it ends here, and the audit log says so. */
static int refuse(const struct serve *s, struct serve_request *q, struct store *store, const struct store_due *row)
{
    log_event(LOG_ERROR, "message does not open: its row was changed, and nothing is handed out",
              LOG_INT("message", row->id));
    q->counts[OUTBOX_COUNT_GIVEN_UP]++;
    return claim_settle_one(s->parts, store,
                            &(struct settlement){.id = row->id, .state = MESSAGE_FAILED, .moved = true});
}

static int hand_out(const struct serve *s, struct serve_request *q, struct store *store, const struct store_due *row,
                    struct message *list)
{
    struct str plain = STR_INIT(PLAIN_BYTES_MAX);
    struct message *m = &list[q->handed_out];
    int rc = claim_open(s->parts, row, &plain, m);
    if (rc == 0) {
        m->text = arena_copy(q->arena, m->text);
        rc = m->text.p ? 0 : ERR_NOMEM;
        q->handed_out++;
    } else if (rc == ERR_CRYPTO || rc == ERR_CORRUPT) {
        rc = refuse(s, q, store, row);
    }
    vault_forget(&plain);
    return rc;
}

static int claim_some(const struct serve *s, struct serve_request *q, struct store *store, size_t most,
                      struct message *list, bool *more)
{
    struct store_leave leave =
        leave_now(s->parts->settings, channel_name(q->channel), wall_ms(s), most - q->handed_out);
    struct store_claimed claimed;
    int rc = store_outbox_claim(store, &leave, q->arena, &claimed);
    for (size_t i = 0; rc == 0 && i < claimed.count; i++)
        rc = hand_out(s, q, store, &claimed.rows[i], list);
    q->counts[OUTBOX_COUNT_CANCELLED] += claimed.cancelled;
    q->counts[OUTBOX_COUNT_QUIET] += claimed.quiet;
    q->counts[OUTBOX_COUNT_CAPPED] += claimed.capped;
    q->counts[OUTBOX_COUNT_EXPIRED] += claimed.expired;
    size_t seen = claimed.count + (size_t)(claimed.cancelled + claimed.quiet + claimed.capped + claimed.expired);
    *more = seen == leave.most && q->handed_out < most;
    return rc;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int fetch(const struct serve *s, struct serve_request *q, struct store *store)
{
    int64_t now = clock_monotonic_ms();
    size_t most = least((size_t)channel_serve_most(q->channel), lane_tokens(&q->served->lane, now));
    most = q->served->fits ? least(most, q->served->fits) : most;
    struct message *list = arena_array(q->arena, most + 1, sizeof *list);
    bool more = most > 0;
    if (!list)
        return ERR_NOMEM;
    if (now - q->asked_ms > SERVE_LATE_MS)
        return ERR_NOT_NOW;
    int rc = overdue(s, store, q->channel, q->counts);
    for (int i = 0; rc == 0 && more && i < SERVE_ROUNDS; i++)
        rc = claim_some(s, q, store, most, list, &more);
    return rc < 0 ? rc : channel_encode_served(q->channel, q->call, list, q->handed_out, q->arena, &q->answer);
}

/* ---- what is told ---- */

static void count_taken(struct serve_request *q, const struct store_fetched *f)
{
    static const enum outbox_count counts[] = {[MESSAGE_SENT] = OUTBOX_COUNT_ACCEPTED,
                                               [MESSAGE_FAILED] = OUTBOX_COUNT_EXPIRED,
                                               [MESSAGE_CANCELLED] = OUTBOX_COUNT_CANCELLED};
    if (f->changed)
        q->counts[counts[f->state]]++;
}

/* The answer names those that may leave; of what we do not know nothing is said. */
static int taken(const struct serve *s, struct serve_request *q, struct store *store)
{
    struct message *list = arena_array(q->arena, q->call->count, sizeof *list);
    size_t count = 0;
    int rc = list ? 0 : ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < q->call->count; i++) {
        struct store_fetched f = {0};
        rc = store_outbox_taken(store, channel_name(q->channel), q->call->items[i].key, wall_ms(s), &f);
        rc = rc == ERR_MISSING ? 0 : rc;
        count_taken(q, &f);
        if (f.goes)
            list[count++].key = q->call->items[i].key;
    }
    return rc < 0 ? rc : channel_encode_served(q->channel, q->call, list, count, q->arena, &q->answer);
}

static int awaited(const struct serve *s, struct serve_request *q, struct store *store)
{
    struct span *keys;
    size_t count;
    int rc = store_outbox_awaited(store, channel_name(q->channel), wall_ms(s) - SERVE_AWAITED_DAYS * (int64_t)DAY_MS,
                                  SERVE_AWAITED_MOST, q->arena, &keys, &count);
    struct message *list = arena_array(q->arena, count, sizeof *list);
    if (rc == 0 && !list)
        rc = ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < count; i++)
        list[i].key = keys[i];
    return rc < 0 ? rc : channel_encode_served(q->channel, q->call, list, count, q->arena, &q->answer);
}

/* Who opted out where the phone is has withdrawn here too, in the same transaction. */
static int opted_out(const struct serve *s, struct serve_request *q, struct store *store, int64_t id)
{
    struct store_index number;
    int rc = store_outbox_whose(store, id, &number);
    if (rc == 0 && s->parts->stop.withdraw)
        rc = s->parts->stop.withdraw(s->parts->stop.ctx, store, &number, channel_name(q->channel));
    return rc == ERR_MISSING ? 0 : rc;
}

static int report_one(const struct serve *s, struct serve_request *q, struct store *store, const struct inbound *in)
{
    struct store_fetched f = {0};
    if (in->delivery == DELIVERY_UNKNOWN)
        return 0;
    int rc = store_outbox_told(store, channel_name(q->channel), in->key, store_reported(in->delivery), &f);
    if (rc == ERR_MISSING) // of what we do not know: acknowledged, or it would come again
        return 0;
    bool out = in->delivery == DELIVERY_OPTED_OUT;
    if (f.changed && f.was != MESSAGE_SENT && f.was != MESSAGE_DELIVERED) // the end of its attempt
        q->counts[out                         ? OUTBOX_COUNT_OPTED_OUT
                  : f.state == MESSAGE_FAILED ? OUTBOX_COUNT_REFUSED
                                              : OUTBOX_COUNT_ACCEPTED]++;
    return rc == 0 && out ? opted_out(s, q, store, f.id) : rc;
}

static int report(const struct serve *s, struct serve_request *q, struct store *store)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < q->call->count; i++)
        if (q->call->items[i].kind == INBOUND_DELIVERY)
            rc = report_one(s, q, store, &q->call->items[i]);
    return rc < 0 ? rc : channel_encode(q->channel, q->call, NULL, q->arena, &q->answer);
}

int serve_do(struct serve *s, struct serve_request *q, struct store *store)
{
    static int (*const kinds[])(const struct serve *, struct serve_request *, struct store *) = {
        [SERVE_FETCH] = fetch, [SERVE_TAKEN] = taken, [SERVE_AWAITED] = awaited, [SERVE_REPORT] = report};
    enum serve_kind kind = channel_call_serves(q->channel, q->call);
    q->served = find(s, q->channel);
    return q->served && kind ? kinds[kind](s, q, store) : ERR_NOT_NOW;
}

/* What happened is stored. */
static void count(struct lane *l, const int counts[OUTBOX_COUNTS])
{
    for (size_t i = 0; i < OUTBOX_COUNTS; i++)
        lane_count(l, (enum outbox_count)i, (uint64_t)counts[i]);
    int unconfirmed = counts[OUTBOX_COUNT_RETRIED] + counts[OUTBOX_COUNT_UNKNOWN];
    if (unconfirmed)
        log_event(LOG_WARN, "messages were fetched and not confirmed", LOG_SPAN("channel", l->channel),
                  LOG_INT("count", unconfirmed), LOG_INT("again", counts[OUTBOX_COUNT_RETRIED]));
}

/* So that long texts do not hold up the queue: what does not fit in one answer comes in several. */
static void note_fit(struct served *c, size_t handed_out, int rc)
{
    if (rc == 0)
        c->fits = 2 * c->fits < (size_t)channel_serve_most(c->channel) ? 2 * c->fits : 0;
    else if (rc == ERR_LIMIT || rc == ERR_NOMEM)
        c->fits = handed_out / 2 ? handed_out / 2 : 1;
}

void serve_done(struct serve *s, const struct serve_request *q, int rc)
{
    struct served *c = q->served;
    bool fetched = channel_call_serves(q->channel, q->call) == SERVE_FETCH;
    if (fetched && c)
        note_fit(c, q->handed_out, rc);
    if (rc < 0 || !c)
        return;
    count(&c->lane, q->counts);
    if (!fetched)
        return;
    lane_spend(&c->lane, q->handed_out, clock_monotonic_ms());
    atomic_store(&c->fetched_ms, wall_ms(s));
}

/* ---- looking ---- */

struct look {
    struct serve *s;
    struct looked {
        int counts[OUTBOX_COUNTS];
        int64_t waiting, under_way;
    } * list;
};

static int look_job(void *ctx, struct store *store)
{
    struct look *l = ctx;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < l->s->count; i++) {
        struct looked *one = &l->list[i];
        const struct channel *c = l->s->list[i].channel;
        rc = overdue(l->s, store, c, one->counts);
        if (rc == 0)
            rc = store_outbox_waiting(store, channel_name(c), &one->waiting);
        if (rc == 0)
            rc = store_outbox_under_way(store, channel_name(c), &one->under_way);
    }
    return rc;
}

int serve_look(struct serve *s)
{
    if (!s->count)
        return 0;
    struct look l = {.s = s, .list = mem_calloc(s->count, sizeof *l.list)};
    int rc = l.list ? s->parts->door.call(s->parts->door.door, look_job, &l) : ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < s->count; i++) {
        struct lane *lane = &s->list[i].lane;
        atomic_store(&lane->waiting, l.list[i].waiting);
        atomic_store(&lane->under_way, l.list[i].under_way);
        count(lane, l.list[i].counts);
    }
    mem_free(l.list);
    return rc;
}

bool serve_any(const struct serve *s)
{
    return s->count;
}

bool serve_stats(const struct serve *s, size_t index, struct outbox_lane_stats *out)
{
    if (index >= s->count)
        return false;
    lane_stats(&s->list[index].lane, out);
    out->served = true;
    out->fetched_ms = atomic_load(&s->list[index].fetched_ms);
    return true;
}

/* ---- opening and closing ---- */

int serve_open(const struct outbox_parts *parts, struct serve **out)
{
    const struct channel *c;
    size_t count = 0;
    while (channel_set_at(parts->channels, count))
        count++;
    struct serve *s = mem_calloc(1, sizeof *s);
    struct served *list = mem_calloc(count + 1, sizeof *list);
    if (!s || !list) {
        mem_free(s);
        mem_free(list);
        return ERR_NOMEM;
    }
    *s = (struct serve){.parts = parts, .list = list};
    for (size_t i = 0; (c = channel_set_at(parts->channels, i)); i++)
        if (channel_serves(c)) {
            struct served *one = &list[s->count++];
            one->channel = c;
            lane_init(&one->lane, channel_name(c), channel_rate(c), 0, clock_monotonic_ms());
        }
    *out = s;
    return 0;
}

void serve_close(struct serve *s)
{
    if (s)
        mem_free(s->list);
    mem_free(s);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* events - what an aggregator tells besides turns: delivery reports, and opt-outs that it took itself.
 *
 * Who opted out at the aggregator has withdrawn: contact stops, what waits is cancelled, an audit row says why. A
 * delivery report may say so too; whose it is shows only when its message is found, so those are done when all other
 * turns of the batch are.
 */
#include "gateway/internal.h"

#include "base/err.h"
#include "gateway/withdraw.h"

#include <string.h>

enum { EARLY_KEEP_S = 86400 }; /* a report that came before the answer to its POST */

struct opted_out {
    struct store_index number;
    struct span channel;
    struct opted_out *next;
};

/* The number that a report is about: its message's, else the one it names. */
static int whose(struct work *w, int64_t id, struct store_index *number)
{
    if (id)
        return store_outbox_whose(w->g->parts.store, id, number);
    *number = w->st->number_key;
    return w->t->in.from.digits[0] ? 0 : ERR_MISSING;
}

static int later(struct work *w, int64_t id)
{
    struct opted_out *one = arena_alloc(w->g->arena, sizeof *one);
    if (!one)
        return ERR_NOMEM;
    *one = (struct opted_out){.channel = channel_name(w->t->channel), .next = w->g->opted_out};
    int rc = whose(w, id, &one->number);
    if (rc == 0)
        w->g->opted_out = one;
    return rc == ERR_MISSING ? 0 : rc;
}

int events_delivery(struct work *w)
{
    const struct inbound *in = &w->t->in;
    w->t->outcome = TURN_ACCEPTED;
    if (in->delivery == DELIVERY_UNKNOWN)
        return 0;
    struct span channel = channel_name(w->t->channel);
    struct blind key = vault_blind(w->g->parts.vault, BLIND_MESSAGE, channel, in->reference);
    struct store_index reference;
    memcpy(reference.bytes, key.bytes, sizeof reference.bytes);
    struct store_report report = {.channel = channel,
                                  .reference = in->reference.len ? &reference : NULL,
                                  .key = in->key,
                                  .state = store_reported(in->delivery),
                                  .expires_s = w->now_ms / 1000 + EARLY_KEEP_S};
    int64_t id = 0;
    int rc = store_outbox_report(w->g->parts.store, &report, &id);
    if (rc == ERR_MISSING) // of what we do not know: acknowledged, or it would come again
        rc = 0;
    return rc == 0 && in->delivery == DELIVERY_OPTED_OUT ? later(w, id) : rc;
}

static void count(struct gateway *g, struct span channel)
{
    counters_add(&g->counters, &(struct store_counter){.channel = channel, .event = SPAN("opted out")});
    atomic_fetch_add_explicit(&g->opt_outs, 1, memory_order_relaxed);
}

int events_optout(struct work *w)
{
    w->t->outcome = TURN_ACCEPTED;
    count(w->g, channel_name(w->t->channel));
    return withdraw_opted_out(w->g->parts.vault, w->g->parts.store, w->st, channel_name(w->t->channel), w->now_ms);
}

int events_finish(struct gateway *g, int64_t now_ms)
{
    int rc = 0;
    for (const struct opted_out *o = g->opted_out; o && rc == 0; o = o->next) {
        count(g, o->channel);
        rc = withdraw_key(g->parts.vault, g->parts.store, &o->number, o->channel, now_ms);
    }
    return rc;
}

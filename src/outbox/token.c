// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/token.h"

#include "base/err.h"
#include "base/log.h"
#include "vault/vault.h"

#include <string.h>

enum { DOUBLINGS_MAX = 16, UNAUTHORIZED = 401 };

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int token_init(struct token_cache *t, const struct channel *c)
{
    *t = (struct token_cache){0};
    if (!channel_needs_token(c))
        return 0;
    t->channel = c;
    t->bytes = vault_locked_new(CHANNEL_TOKEN_MAX);
    int rc = transfer_init(&t->transfer);
    return t->bytes ? rc : ERR_NOMEM;
}

void token_release(struct token_cache *t, CURLM *multi)
{
    if (!t->channel)
        return;
    if (t->asking)
        curl_multi_remove_handle(multi, t->transfer.easy);
    transfer_release(&t->transfer);
    vault_locked_free(t->bytes);
}

struct span token_span(const struct token_cache *t)
{
    return (struct span){t->bytes, t->len};
}

static void drop(struct token_cache *t)
{
    vault_wipe(t->bytes, t->len);
    t->len = 0;
}

static void keep(struct token_cache *t, const struct channel_token *got)
{
    int64_t life = (int64_t)got->life_s * 1000, now = clock_monotonic_ms();
    drop(t);
    memcpy(t->bytes, got->token.p, got->token.len);
    t->len = got->token.len;
    t->which++;
    t->good_to = now + life;
    t->refresh_at = t->good_to - least(TOKEN_MARGIN_MS, life / 4);
    t->ask_at = 0;
    t->failures = 0;
}

/* Half of the time is sure and half of it drawn, as in lane.c. What the aggregator says comes on top. */
static void fail(struct token_cache *t, int why, int after_s, struct entropy entropy)
{
    int64_t whole = least((int64_t)TOKEN_PAUSE_BASE_MS << least(t->failures, DOUBLINGS_MAX), TOKEN_PAUSE_CAP_MS);
    uint32_t draw;
    entropy.fill(entropy.ctx, &draw, sizeof draw);
    int64_t wait = whole / 2 + (int64_t)draw % (whole / 2 + 1) + (int64_t)after_s * 1000;
    t->failures++;
    t->ask_at = clock_monotonic_ms() + wait;
    log_event(LOG_ERROR, "aggregator gives no token; messages wait", LOG_SPAN("channel", channel_name(t->channel)),
              LOG_INT("status", t->transfer.status), LOG_ERR(why), LOG_INT("seconds", (wait + 999) / 1000));
}

static void ask(struct token_cache *t, CURLM *multi, const struct transfer_limits *limits, struct entropy entropy)
{
    int rc = transfer_start_token(&t->transfer, multi, t->channel, limits);
    t->asking = rc == 0;
    if (rc == 0)
        return;
    fail(t, rc, 0, entropy);
    transfer_clear(&t->transfer);
}

bool token_ready(struct token_cache *t, CURLM *multi, const struct transfer_limits *limits, struct entropy entropy)
{
    int64_t now = clock_monotonic_ms();
    if (!t->channel)
        return true;
    if (t->len && now >= t->good_to)
        drop(t);
    if (!t->asking && now >= t->ask_at && (!t->len || now >= t->refresh_at))
        ask(t, multi, limits, entropy);
    return t->len;
}

int64_t token_wait(const struct token_cache *t, int64_t now)
{
    if (!t->channel || (t->len && now < t->good_to))
        return 0;
    return t->asking ? INT64_MAX : most(t->ask_at - now, 0);
}

void token_end(struct token_cache *t, CURLM *multi, CURLcode code, struct entropy entropy)
{
    struct channel_token got;
    int rc = transfer_end_token(&t->transfer, multi, code, &got);
    t->asking = false;
    if (rc == 0) {
        keep(t, &got);
        vault_wipe((void *)(uintptr_t)got.token.p, got.token.len);
    } else {
        fail(t, rc, got.after_s, entropy);
    }
    if (t->transfer.answer.p)
        vault_wipe(t->transfer.answer.p, t->transfer.answer.len);
    transfer_clear(&t->transfer);
}

bool token_refused(struct token_cache *t, unsigned which, int status)
{
    if (!t->channel || !status)
        return false;
    if (status != UNAUTHORIZED) {
        t->doubted = t->doubted && which != t->which;
        return false;
    }
    if (which != t->which || !t->len)
        return true; // it is gone already
    bool again = !t->doubted;
    t->doubted = true;
    drop(t);
    return again;
}

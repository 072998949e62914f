// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/keys.h"

#include "base/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { KEYS_WRAPPED_MAX = 256, KEYS_ARENA = 4096 };

void keys_open(struct keys *k, const struct vault *v)
{
    *k = (struct keys){.vault = v, .today = INT64_MIN};
}

void keys_close(struct keys *k)
{
    for (size_t i = 0; i < KEYS_DAYS; i++)
        vault_secret_free(k->days[i].secret);
    memset(k->days, 0, sizeof k->days);
}

static struct day_key *day_slot(struct keys *k, int64_t day)
{
    return &k->days[(uint64_t)day % KEYS_DAYS];
}

static void day_keep(struct keys *k, int64_t day, struct vault_secret *secret)
{
    struct day_key *slot = day_slot(k, day);
    vault_secret_free(slot->secret);
    *slot = (struct day_key){.day = day, .secret = secret};
}

/* What a wrapped day key is bound to. */
static struct span day_context(int64_t day, char text[32])
{
    return (struct span){text, (size_t)snprintf(text, 32, "day %" PRId64, day)};
}

static int day_load(struct keys *k, struct store *s, int64_t day)
{
    struct arena *a = arena_new(KEYS_ARENA);
    if (!a)
        return ERR_NOMEM;
    struct span wrapped;
    struct vault_secret *secret = NULL;
    char text[32];
    int rc = store_day_key_get(s, day, a, &wrapped);
    if (rc == 0)
        rc = vault_secret_unwrap(k->vault, day_context(day, text), wrapped, &secret);
    if (rc == 0)
        day_keep(k, day, secret);
    arena_free(a);
    return rc;
}

static int day_make(struct keys *k, struct store *s, int64_t day)
{
    struct vault_secret *secret = vault_secret_new();
    struct str wrapped = STR_INIT(KEYS_WRAPPED_MAX);
    char text[32];
    int rc = secret ? vault_secret_wrap(k->vault, secret, day_context(day, text), &wrapped) : ERR_NOMEM;
    if (rc == 0)
        rc = store_day_key_put(s, day, str_span(&wrapped));
    if (rc == 0)
        day_keep(k, day, secret);
    else
        vault_secret_free(secret);
    str_release(&wrapped);
    return rc;
}

int keys_day_begin(struct keys *k, struct store *s, int64_t day)
{
    if (k->today == day)
        return 0;
    int rc = day_load(k, s, day);
    if (rc == ERR_MISSING)
        rc = day_make(k, s, day);
    if (rc == 0)
        k->today = day;
    return rc;
}

const struct vault_secret *keys_day(struct keys *k, struct store *s, int64_t day)
{
    struct day_key *slot = day_slot(k, day);
    if (slot->secret && slot->day == day)
        return slot->secret;
    return day_load(k, s, day) == 0 ? slot->secret : NULL;
}

static bool destroyed(struct store *s, int64_t day)
{
    struct arena *a = arena_new(KEYS_ARENA);
    struct span wrapped;
    bool gone = a && store_day_key_get(s, day, a, &wrapped) == ERR_MISSING;
    arena_free(a);
    return gone;
}

void keys_forget(struct keys *k, struct store *s)
{
    for (size_t i = 0; i < KEYS_DAYS; i++) {
        struct day_key *slot = &k->days[i];
        if (!slot->secret || !destroyed(s, slot->day))
            continue;
        if (slot->day == k->today)
            k->today = INT64_MIN;
        vault_secret_free(slot->secret);
        *slot = (struct day_key){0};
    }
}

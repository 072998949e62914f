// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/keys.h"

#include "base/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const team_names[KEYS_TEAMS] = {"casework", "safeguarding"};

enum { KEYS_WRAPPED_MAX = 256, KEYS_ARENA = 4096 };

/* A pair of its own for a team; the secret half lies under the master key until members hold it. */
static int team_make(struct team_key *team, const struct vault *v, struct store *s)
{
    struct vault_pair pair;
    vault_pair_new(&pair);
    struct str wrapped = STR_INIT(KEYS_WRAPPED_MAX);
    struct span secret = {(const char *)pair.secret_key, sizeof pair.secret_key};
    int rc = vault_box(v, VAULT_KEYS, span_of(team->name), secret, 1, &wrapped);
    if (rc == 0)
        rc = store_team_put(s, span_of(team->name), pair.public_key, str_span(&wrapped));
    memcpy(team->public_key, pair.public_key, sizeof team->public_key);
    vault_wipe(&pair, sizeof pair);
    str_release(&wrapped);
    return rc;
}

static int team_open(struct team_key *team, const struct vault *v, struct store *s, struct arena *a)
{
    struct span wrapped;
    int rc = store_team_get(s, span_of(team->name), a, team->public_key, &wrapped);
    return rc == ERR_MISSING ? team_make(team, v, s) : rc;
}

int keys_open(struct keys *k, const struct vault *v, struct store *s)
{
    *k = (struct keys){.vault = v, .today = INT64_MIN};
    struct arena *a = arena_new(KEYS_ARENA);
    if (!a)
        return ERR_NOMEM;
    int rc = store_begin(s);
    for (size_t i = 0; i < KEYS_TEAMS && rc == 0; i++) {
        k->teams[i].name = team_names[i];
        k->teams[i].generation = 1;
        rc = team_open(&k->teams[i], v, s, a);
    }
    if (rc == 0)
        rc = store_commit(s);
    else
        store_rollback(s);
    arena_free(a);
    return rc;
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

const struct team_key *keys_team(const struct keys *k, struct span name)
{
    for (size_t i = 0; i < KEYS_TEAMS; i++)
        if (span_is(name, k->teams[i].name))
            return &k->teams[i];
    return &k->teams[0];
}

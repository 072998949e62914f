// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/stops.h"

#include "base/err.h"
#include "base/log.h"
#include "gateway/consent.h"

enum { STOPS_ARENA = 16 * 1024 * 1024, DAY_S = 86400 };

static void stops_link(void *vault, const unsigned char *previous, struct span row, unsigned char *next)
{
    vault_chain(vault, previous, row, next);
}

struct again {
    const struct vault *vault;
    struct store *store;
    int64_t now_s;
    struct arena *arena;
};

static int stop_again(const struct again *a, const struct stop *stop, struct store_turn *st)
{
    struct consent_note note = {.channel = SPAN("journal"), .at_s = stop->day * DAY_S};
    bool owed = true;
    int rc = st->stopped ? store_confirm_owed(a->store, st, &owed) : 0;
    if (rc == 0)
        rc = consent_withdraw(a->vault, a->store, st, &note);
    return rc == 0 && owed ? store_confirm_owe(a->store, st, a->now_s * 1000) : rc;
}

static int erase_again(const struct again *a, const struct stop *stop, struct store_turn *st)
{
    (void)stop;
    struct consent_note note = {.channel = SPAN("journal"), .at_s = a->now_s};
    return consent_erase(a->vault, a->store, st, &note);
}

static int start_again(const struct again *a, const struct stop *stop, struct store_turn *st)
{
    (void)stop;
    return st->stopped ? store_contact_set(a->store, st, 0) : 0;
}

static int (*const kinds[STOP_KINDS])(const struct again *, const struct stop *, struct store_turn *) = {
    [STOP_STOP] = stop_again,
    [STOP_ERASE] = erase_again,
    [STOP_START] = start_again,
};

static int apply(const struct again *a, const struct stop *stop)
{
    if (!kinds[stop->kind])
        return ERR_CORRUPT;
    struct store_turn st = {.number_key = stop->number, .caller_key = stop->caller};
    arena_reset(a->arena);
    int rc = store_load(a->store, &st, 1, a->now_s, a->arena);
    return rc < 0 ? rc : kinds[stop->kind](a, stop, &st);
}

static int apply_all(const struct again *a, int64_t *applied)
{
    struct stop stop;
    int rc = store_begin(a->store);
    if (rc < 0)
        return rc;
    for (; (rc = store_stops_next(a->store, &stop)) == 1; ++*applied)
        if ((rc = apply(a, &stop)) < 0)
            break;
    if (rc == 0)
        return store_commit(a->store);
    store_rollback(a->store);
    return rc;
}

int stops_open(const struct vault *v, struct store *s, const char *dir, int64_t now_ms, int64_t *applied)
{
    *applied = 0;
    int rc = store_stops_open(s, dir, stops_link, (void *)v);
    if (rc < 0 || !store_stops_behind(s))
        return rc;
    struct again a = {.vault = v, .store = s, .now_s = now_ms / 1000, .arena = arena_new(STOPS_ARENA)};
    rc = a.arena ? apply_all(&a, applied) : ERR_NOMEM;
    arena_free(a.arena);
    if (rc == 0)
        log_event(LOG_WARN, "stops of the journal applied to a database that lacked them",
                  LOG_INT("records", *applied));
    return rc;
}

int stops_renew(const struct vault *v, struct store *s, const char *dir)
{
    return store_stops_renew(s, dir, stops_link, (void *)v);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/recent.h"

#include "vault/vault.h"

#include <string.h>

struct recent_slot {
    int64_t session, turn, expires_s; // turn 0: free
    uint32_t len;
    char state[RECENT_SLOT_BYTES - 28];
};

_Static_assert(sizeof(struct recent_slot) == RECENT_SLOT_BYTES, "slots are of one size");

void recent_open(struct recent *r, size_t slots)
{
    r->slots = vault_locked_new(slots * sizeof *r->slots);
    r->count = r->slots ? slots : 0;
}

void recent_close(struct recent *r)
{
    vault_locked_free(r->slots);
    *r = (struct recent){0};
}

static struct recent_slot *slot(const struct recent *r, int64_t session)
{
    return &r->slots[(uint64_t)session % r->count];
}

void recent_put(struct recent *r, int64_t session, int64_t turn, int64_t expires_s, struct span state)
{
    if (!r->slots)
        return;
    struct recent_slot *s = slot(r, session);
    if (s->len > state.len || state.len > sizeof s->state)
        vault_wipe(s, sizeof *s);
    if (!state.len || state.len > sizeof s->state)
        return;
    s->session = session;
    s->turn = turn;
    s->expires_s = expires_s;
    s->len = (uint32_t)state.len;
    memcpy(s->state, state.p, state.len);
}

bool recent_get(const struct recent *r, int64_t session, int64_t turn, int64_t now_s, struct span *state)
{
    const struct recent_slot *s = r->slots ? slot(r, session) : NULL;
    if (!s || !turn || s->turn != turn || s->session != session || s->expires_s <= now_s)
        return false;
    *state = (struct span){s->state, s->len};
    return true;
}

void recent_forget(struct recent *r, int64_t session, int64_t turn)
{
    struct span state;
    if (recent_get(r, session, turn, INT64_MIN, &state))
        vault_wipe(slot(r, session), sizeof(struct recent_slot));
}

void recent_expire(struct recent *r, int64_t now_s)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->slots[i].turn && r->slots[i].expires_s <= now_s)
            vault_wipe(&r->slots[i], sizeof r->slots[i]);
}

void recent_clear(struct recent *r)
{
    recent_expire(r, INT64_MAX);
}

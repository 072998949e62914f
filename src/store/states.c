// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/states.h"

#include "base/err.h"
#include "base/mem.h"

struct state_entry {
    int64_t turn, day; // turn 0: free
    size_t len, cap;
    char *p;
};

int states_init(struct states *k)
{
    k->slots = mem_calloc(STATES_SLOTS, sizeof *k->slots);
    return k->slots ? 0 : ERR_NOMEM;
}

void states_release(struct states *k)
{
    for (size_t i = 0; k->slots && i < STATES_SLOTS; i++)
        mem_free(k->slots[i].p);
    mem_free(k->slots);
    k->slots = NULL;
}

static struct state_entry *slot(const struct states *k, int64_t session)
{
    return &k->slots[(uint64_t)session % STATES_SLOTS];
}

static bool grow(struct state_entry *e, size_t len)
{
    if (len <= e->cap)
        return true;
    char *p = mem_realloc(e->p, len);
    if (!p)
        return false;
    e->p = p;
    e->cap = len;
    return true;
}

void states_put(struct states *k, struct head head, int64_t day, struct span state)
{
    struct state_entry *e = slot(k, head.session);
    e->turn = 0;
    if (!state.len || state.len > STATES_LONGEST || !grow(e, state.len))
        return;
    memcpy(e->p, state.p, state.len);
    e->len = state.len;
    e->turn = head.turn;
    e->day = day;
}

bool states_get(const struct states *k, struct head head, int64_t *day, struct span *state)
{
    const struct state_entry *e = slot(k, head.session);
    if (e->turn != head.turn)
        return false;
    *day = e->day;
    *state = (struct span){e->p, e->len};
    return true;
}

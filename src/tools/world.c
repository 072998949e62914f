// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/world.h"

void world_init(struct world *w, struct arena *a)
{
    *w = (struct world){.arena = a};
}

void world_copy(struct world *to, const struct world *from, struct arena *a)
{
    *to = *from;
    to->arena = a;
    to->person.cases = to->open_cases;
    to->person.consents = to->in_force;
}

static void fill(void *ctx, void *bytes, size_t len)
{
    unsigned char *seed = ctx;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)bytes)[i] = *seed = (unsigned char)(*seed * 5 + 37);
}

struct entropy world_entropy(struct world *w)
{
    return (struct entropy){fill, &w->seed};
}

const struct person *world_person(const struct world *w)
{
    return &w->person;
}

static struct span keep(struct world *w, struct span s)
{
    return arena_copy(w->arena, s);
}

static void ledger_add(struct world *w, struct span name, struct span version, bool agreed)
{
    if (w->consent_count < WORLD_ROWS)
        w->consents[w->consent_count++] = (struct world_consent){name, version, agreed};
}

static void do_agree(struct world *w, const struct program *p, const struct effect *e)
{
    (void)p;
    struct span name = keep(w, e->name), version = keep(w, e->version);
    ledger_add(w, name, version, true);
    if (w->person.consent_count < WORLD_ROWS)
        w->in_force[w->person.consent_count++] = (struct person_consent){name, version, w->today};
    w->person.stopped = false;
}

static void do_withdraw(struct world *w, const struct program *p, const struct effect *e)
{
    (void)p, (void)e;
    for (size_t i = 0; i < w->person.consent_count; i++)
        ledger_add(w, w->in_force[i].name, w->in_force[i].version, false);
    w->person.consent_count = 0;
    w->person.stopped = true;
}

/* A no takes back this consent only where it had been given. */
static void do_refuse(struct world *w, const struct program *p, const struct effect *e)
{
    bool given = false;
    for (size_t i = 0; i < w->person.consent_count; i++)
        given |= span_eq(w->in_force[i].name, e->name);
    if (given)
        do_withdraw(w, p, e);
}

static void do_erase(struct world *w, const struct program *p, const struct effect *e)
{
    do_withdraw(w, p, e);
    w->person.case_count = 0;
}

static void do_restart(struct world *w, const struct program *p, const struct effect *e)
{
    (void)p, (void)e;
    w->person.stopped = false;
}

static struct span first_status(const struct program *p, struct span kind)
{
    uint16_t index = program_case(p, kind);
    bool known = index != PROGRAM_NONE && p->cases[index].status_count;
    return known ? p->cases[index].statuses[0].word : SPAN("new");
}

/* The case that a registration corrects, a new one, or NULL where there is no room. */
static struct world_case *case_of(struct world *w, const struct effect *e)
{
    for (size_t i = 0; e->correction && i < w->case_count; i++)
        if (span_eq(w->cases[i].reference, e->reference))
            return &w->cases[i];
    return e->correction || w->case_count == WORLD_ROWS ? NULL : &w->cases[w->case_count++];
}

static void do_register(struct world *w, const struct program *p, const struct effect *e)
{
    struct world_case *c = case_of(w, e);
    if (!c)
        return;
    struct span *flags = arena_array(w->arena, e->flag_count + 1, sizeof *flags);
    for (size_t i = 0; flags && i < e->flag_count; i++)
        flags[i] = keep(w, e->flags[i]);
    *c = (struct world_case){.kind = keep(w, e->name),
                             .reference = keep(w, e->reference),
                             .priority = keep(w, e->priority),
                             .flags = flags,
                             .flag_count = flags ? e->flag_count : 0,
                             .anonymous = e->anonymous};
    if (!e->anonymous && !e->correction)
        w->open_cases[w->person.case_count++] =
            (struct person_case){.kind = c->kind,
                                 .reference = c->reference,
                                 .status = first_status(p, c->kind),
                                 .open = true,
                                 .kept_until = w->today + p->settings->keep_case_days};
}

static void do_send(struct world *w, const struct program *p, const struct effect *e)
{
    (void)p;
    if (w->message_count < WORLD_ROWS)
        w->messages[w->message_count++] = keep(w, e->text);
}

static void do_forward(struct world *w, const struct program *p, const struct effect *e)
{
    (void)p;
    if (w->told_count < WORLD_ROWS)
        w->told[w->told_count++] = keep(w, e->text);
}

void world_apply(struct world *w, const struct program *p, int64_t today, const struct effect *effects, size_t count)
{
    static void (*const table[])(struct world *, const struct program *, const struct effect *) = {
        [EFFECT_AGREE] = do_agree, [EFFECT_REFUSE] = do_refuse,   [EFFECT_WITHDRAW] = do_withdraw,
        [EFFECT_ERASE] = do_erase, [EFFECT_RESTART] = do_restart, [EFFECT_REGISTER] = do_register,
        [EFFECT_SEND] = do_send,   [EFFECT_FORWARD] = do_forward,
    };
    w->today = today;
    for (size_t i = 0; i < count; i++)
        table[effects[i].kind](w, p, &effects[i]);
    w->person.cases = w->open_cases;
    w->person.consents = w->in_force;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* An office over a store and a vault of its own, and short ways to use it; for the tests of staff/. */
#ifndef WAYMARK_TESTS_STAFF_FIXTURE_H
#define WAYMARK_TESTS_STAFF_FIXTURE_H

#include "staff/office.h"
#include "store_fixture.h"
#include "vault/told.h"
#include "vault_fixture.h"

#include <string.h>

struct place {
    struct fixture *f;
    struct vault *v;
    struct office o;
    int64_t now_ms;
};

static const struct span admin = {.p = "command", .len = 7};

static inline int64_t place_now(void *ctx)
{
    return ((struct place *)ctx)->now_ms;
}

static inline int place_call(void *door, int (*fn)(void *ctx, struct store *s), void *ctx)
{
    struct store *s = ((struct place *)door)->f->store;
    int rc = store_begin(s);
    assert_int_equal(rc, 0);
    rc = fn(ctx, s);
    if (rc == 0)
        return store_commit(s);
    store_rollback(s);
    return rc;
}

static inline int place_setup(void **state)
{
    struct place *p = mem_calloc(1, sizeof *p);
    void *f;
    if (fixture_setup(&f) < 0)
        return -1;
    p->f = f;
    p->v = fresh_vault();
    p->now_ms = 1800000000000;
    p->o = (struct office){
        .vault = p->v, .call = place_call, .door = p, .clock = {place_now, p}, .service = SPAN("Waymark Test")};
    *state = p;
    return gate_new(1, &p->o.gate);
}

static inline int place_teardown(void **state)
{
    struct place *p = *state;
    void *f = p->f;
    gate_free(p->o.gate);
    vault_close(p->v);
    fixture_teardown(&f);
    mem_free(p);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_setup, place_teardown)

static inline struct span words_of(const char *name)
{
    static char text[128];
    snprintf(text, sizeof text, "the long way of %c%c%zu", name[1], name[0], strlen(name));
    return span_of(text);
}

static inline struct office_teams join(struct place *p, const char *name, unsigned roles)
{
    struct office_teams teams;
    const struct office_member m = {.name = span_of(name), .passphrase = words_of(name), .roles = roles};
    assert_int_equal(office_add(&p->o, admin, &m, &teams), 0);
    return teams;
}

static inline int enter_with(struct place *p, const char *name, struct span passphrase, struct signin *in)
{
    return office_sign_in(&p->o,
                          &(struct signin_words){.name = span_of(name), .passphrase = passphrase, .place = "here"},
                          p->f->arena, in);
}

static inline void enter(struct place *p, const char *name, struct signin *in)
{
    assert_int_equal(enter_with(p, name, words_of(name), in), 0);
}

/* Somebody who registered: their secret is sealed to the team's newest key. What they told comes back as a seal. */
static inline struct opener *person_of(struct place *p, int n, const char *team, struct store_turn *turn)
{
    struct opener *person;
    struct str seal = STR_INIT(512);
    struct team_generation t;
    *turn = turn_of(n, n);
    assert_int_equal(opener_new(&person), 0);
    begin(p->f);
    load(p->f, turn, NOW);
    struct store_person row = {.language_box = SPAN("l"), .number_seal = SPAN("n")};
    memcpy(row.public_key, opener_public(person), sizeof row.public_key);
    assert_int_equal(store_number_need(p->f->store, turn, DAY), 0);
    assert_int_equal(store_person_add(p->f->store, turn, &row, DAY), 0);
    assert_int_equal(store_team_newest(p->f->store, span_of(team), p->f->arena, &t), 0);
    assert_int_equal(opener_pass(person, t.public_key, &seal), 0);
    const struct held_seal held = {span_of(team), t.generation, str_span(&seal)};
    assert_int_equal(store_person_seal(p->f->store, turn->person_id, &held), 0);
    commit(p->f);
    str_release(&seal);
    return person;
}

/* Whether a member who is in can open that person's key. */
static inline int opens(struct place *p, const struct signin *in, const struct store_turn *turn)
{
    struct held_seal *held;
    struct opener *key;
    size_t count;
    assert_int_equal(store_person_held(p->f->store, turn->person_id, p->f->arena, &held, &count), 0);
    int rc = keyring_take(&in->keyring, turn->person_public, held, count, &key);
    if (rc == 0)
        opener_close(key);
    return rc;
}

#endif

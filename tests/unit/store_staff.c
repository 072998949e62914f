// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/staff.h"

#include "store_fixture.h"

static struct staff add(struct fixture *f, const char *name, unsigned roles)
{
    struct staff m = {.name = span_of(name), .roles = roles, .record = SPAN("record"), .public_key = {1}};
    begin(f);
    assert_int_equal(store_staff_add(f->store, &m), 0);
    commit(f);
    return m;
}

static struct staff get(struct fixture *f, const char *name)
{
    struct staff m;
    assert_int_equal(store_staff_get(f->store, span_of(name), f->arena, &m), 0);
    return m;
}

static void roles_are_words_and_back(void **state)
{
    (void)state;
    struct str words = STR_INIT(256);
    unsigned roles;
    for (unsigned all = 1; all <= ROLE_ALL; all++) {
        str_clear(&words);
        staff_roles_write(all, &words);
        assert_int_equal(staff_roles_read(str_span(&words), &roles), 0);
        assert_int_equal(roles, all);
    }
    assert_int_equal(staff_roles_read(SPAN("caseworker supervisor"), &roles), 0);
    assert_int_equal(roles, ROLE_CASEWORKER | ROLE_SUPERVISOR);
    assert_int_equal(staff_roles_read(SPAN("caseworker,boss"), &roles), ERR_SYNTAX);
    assert_int_equal(staff_roles_read(SPAN(" , "), &roles), ERR_RANGE);
    str_release(&words);
}

static void a_member_is_kept_under_one_name(void **state)
{
    struct fixture *f = *state;
    struct staff ana = add(f, "ana", ROLE_CASEWORKER | ROLE_SUPERVISOR), again = ana, back = get(f, "ana");
    assert_int_equal(back.id, ana.id);
    assert_int_equal(back.roles, ana.roles);
    assert_true(span_is(back.record, "record"));
    assert_memory_equal(back.public_key, ana.public_key, sizeof ana.public_key);
    begin(f);
    assert_int_equal(store_staff_add(f->store, &again), ERR_EXISTS);
    commit(f);
    assert_int_equal(store_staff_get(f->store, SPAN("Ana"), f->arena, &back), ERR_MISSING);
    struct staff *all;
    size_t count;
    add(f, "aaron", ROLE_OPERATOR);
    assert_int_equal(store_staff_list(f->store, f->arena, &all, &count), 0);
    assert_int_equal(count, 2);
    assert_true(span_is(all[0].name, "aaron") && span_is(all[1].name, "ana"));
}

static void a_name_is_locked_at_the_last_failed_try_and_no_sooner(void **state)
{
    struct fixture *f = *state;
    struct staff ana = add(f, "ana", ROLE_CASEWORKER);
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(get(f, "ana").locked_until_s, 0);
        begin(f);
        assert_int_equal(store_staff_failed(f->store, ana.id, 3, 500), 0);
        commit(f);
    }
    assert_int_equal(get(f, "ana").locked_until_s, 500);
    begin(f);
    assert_int_equal(store_staff_signed_in(f->store, ana.id, 499, 0), ERR_MISSING);
    assert_int_equal(store_staff_signed_in(f->store, ana.id, 500, 0), 0);
    commit(f);
    assert_int_equal(get(f, "ana").failed, 0);
    assert_int_equal(get(f, "ana").signed_in_s, 500);
}

static void a_code_is_used_once(void **state)
{
    struct fixture *f = *state;
    struct staff ana = add(f, "ana", ROLE_CASEWORKER);
    begin(f);
    assert_int_equal(store_staff_signed_in(f->store, ana.id, 1, 77), 0);
    assert_int_equal(store_staff_signed_in(f->store, ana.id, 2, 77), ERR_MISSING);
    assert_int_equal(store_staff_signed_in(f->store, ana.id, 2, 76), ERR_MISSING);
    assert_int_equal(store_staff_signed_in(f->store, ana.id, 3, 78), 0);
    assert_int_equal(store_staff_signed_in(f->store, ana.id, 4, 0), 0); // a demonstration asks for none
    commit(f);
    assert_int_equal(get(f, "ana").totp_step, 78);
}

static void whoever_is_disabled_does_not_sign_in(void **state)
{
    struct fixture *f = *state;
    struct staff ana = add(f, "ana", ROLE_CASEWORKER);
    begin(f);
    assert_int_equal(store_staff_disable(f->store, ana.id, true), 0);
    assert_int_equal(store_staff_signed_in(f->store, ana.id, 1, 0), ERR_MISSING);
    assert_int_equal(store_staff_disable(f->store, ana.id + 9, true), ERR_MISSING);
    commit(f);
}

static struct team_generation team_of(const char *name, int64_t generation)
{
    struct team_generation t = {span_of(name), generation, {5}, SPAN("proof"), {6}, SPAN("recovery")};
    t.public_key[1] = (unsigned char)generation;
    return t;
}

static void teams_add(struct fixture *f, int64_t generations)
{
    begin(f);
    for (int64_t g = 1; g <= generations; g++) {
        struct team_generation t = team_of("casework", g);
        assert_int_equal(store_team_add(f->store, &t), 0);
    }
    commit(f);
}

static void the_newest_generation_of_a_team_is_found(void **state)
{
    struct fixture *f = *state;
    struct team_generation t;
    assert_int_equal(store_team_newest(f->store, SPAN("casework"), f->arena, &t), ERR_MISSING);
    teams_add(f, 3);
    assert_int_equal(store_team_newest(f->store, SPAN("casework"), f->arena, &t), 0);
    assert_int_equal(t.generation, 3);
    assert_int_equal(t.public_key[1], 3);
    assert_true(span_is(t.proof, "proof") && span_is(t.recovery, "recovery"));
    assert_int_equal(store_team_newest(f->store, SPAN("safeguarding"), f->arena, &t), ERR_MISSING);
}

static void hold(struct fixture *f, int64_t staff, int64_t generation)
{
    struct team_seal seal = {.team = SPAN("casework"), .generation = generation, .staff_id = staff, .seal = SPAN("s")};
    assert_int_equal(store_team_seal_put(f->store, &seal), 0);
}

static void an_old_generation_goes_only_when_nothing_is_under_it(void **state)
{
    struct fixture *f = *state;
    struct store_turn turn = turn_of(1, 1);
    struct staff ana = add(f, "ana", ROLE_CASEWORKER);
    teams_add(f, 2);
    begin(f);
    load(f, &turn, NOW);
    person_add(f, &turn, "x");
    const struct held_seal old = {SPAN("casework"), 1, SPAN("seal")}, fresh = {SPAN("casework"), 2, SPAN("seal")};
    assert_int_equal(store_person_seal(f->store, turn.person_id, &old), 0);
    hold(f, ana.id, 1);
    hold(f, ana.id, 2);
    assert_int_equal(store_team_drop(f->store, SPAN("casework"), 2), ERR_NOT_NOW);
    assert_int_equal(store_person_seal(f->store, turn.person_id, &fresh), 0);
    assert_int_equal(store_team_drop(f->store, SPAN("casework"), 2), 0);
    commit(f);
    assert_int_equal(ask(f, "SELECT count(*) FROM team_seal"), 1);
    assert_int_equal(ask(f, "SELECT generation FROM team_key"), 2);
}

static void a_leaver_loses_every_generation(void **state)
{
    struct fixture *f = *state;
    struct staff ana = add(f, "ana", ROLE_CASEWORKER), ben = add(f, "ben", ROLE_CASEWORKER);
    struct team_seal *seals;
    size_t count;
    teams_add(f, 2);
    begin(f);
    for (int64_t g = 1; g <= 2; g++) {
        hold(f, ana.id, g);
        hold(f, ben.id, g);
    }
    assert_int_equal(store_team_seal_drop(f->store, ana.id, SPAN("safeguarding")), 0);
    assert_int_equal(store_team_seals(f->store, ana.id, f->arena, &seals, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(seals[1].public_key[1], 2);
    assert_int_equal(store_team_seal_drop(f->store, ana.id, (struct span){0}), 0);
    commit(f);
    assert_int_equal(store_team_seals(f->store, 0, f->arena, &seals, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(seals[0].staff_id, ben.id);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(roles_are_words_and_back),
        TEST(a_member_is_kept_under_one_name),
        TEST(a_name_is_locked_at_the_last_failed_try_and_no_sooner),
        TEST(a_code_is_used_once),
        TEST(whoever_is_disabled_does_not_sign_in),
        TEST(the_newest_generation_of_a_team_is_found),
        TEST(an_old_generation_goes_only_when_nothing_is_under_it),
        TEST(a_leaver_loses_every_generation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

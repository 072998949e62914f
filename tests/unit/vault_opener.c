// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/opener.h"

#include "vault_fixture.h"

static struct opener *fresh(void)
{
    struct opener *o;
    assert_int_equal(opener_new(&o), 0);
    return o;
}

/* The ladder: member, team, person; each holds the next in a seal. */
static void a_key_sealed_to_a_holder_opens_what_was_sealed_to_it(void **state)
{
    struct keyed *k = *state;
    struct opener *team = fresh(), *person = fresh(), *back;
    struct str told = STR_INIT(1024);
    assert_int_equal(opener_pass(person, opener_public(team), &k->box), 0);
    assert_int_equal(vault_seal(opener_public(person), SPAN("answers"), SPAN("safe after six"), 64, &told), 0);
    assert_int_equal(opener_take(team, opener_public(person), str_span(&k->box), &back), 0);
    assert_int_equal(opener_unseal(back, SPAN("answers"), str_span(&told), &k->plain), 0);
    assert_string_equal(str_z(&k->plain), "safe after six");
    str_release(&told);
    opener_close(team);
    opener_close(person);
    opener_close(back);
}

static void somebody_else_cannot_take_it(void **state)
{
    struct keyed *k = *state;
    struct opener *team = fresh(), *other = fresh(), *person = fresh(), *back;
    assert_int_equal(opener_pass(person, opener_public(team), &k->box), 0);
    assert_int_equal(opener_take(other, opener_public(person), str_span(&k->box), &back), ERR_CRYPTO);
    opener_close(team);
    opener_close(other);
    opener_close(person);
}

static void a_seal_moved_to_another_row_is_refused(void **state)
{
    struct keyed *k = *state;
    struct opener *team = fresh(), *one = fresh(), *two = fresh(), *back;
    assert_int_equal(opener_pass(one, opener_public(team), &k->box), 0);
    assert_int_equal(opener_take(team, opener_public(two), str_span(&k->box), &back), ERR_CRYPTO);
    opener_close(team);
    opener_close(one);
    opener_close(two);
}

/* Whoever may write to the disk can seal anything to a team, but not the secret of somebody's public key. */
static void a_secret_that_is_not_of_the_public_key_is_refused(void **state)
{
    struct keyed *k = *state;
    struct opener *team = fresh(), *person = fresh(), *back;
    const struct span name = {(const char *)opener_public(person), VAULT_PUBLIC_BYTES};
    const char forged[VAULT_KEY_BYTES] = {9};
    assert_int_equal(vault_seal(opener_public(team), name, (struct span){forged, sizeof forged}, 1, &k->box), 0);
    assert_int_equal(opener_take(team, opener_public(person), str_span(&k->box), &back), ERR_CRYPTO);
    opener_close(team);
    opener_close(person);
}

static struct opener *holder, *held;

static int take(struct keyed *k, struct span seal)
{
    (void)k;
    struct opener *back = NULL;
    int rc = opener_take(holder, opener_public(held), seal, &back);
    opener_close(back);
    return rc;
}

static void a_damaged_seal_is_refused(void **state)
{
    struct keyed *k = *state;
    holder = fresh();
    held = fresh();
    assert_int_equal(opener_pass(held, opener_public(holder), &k->box), 0);
    refuses_damage(k, &k->box, take);
    opener_close(holder);
    opener_close(held);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, keyed_setup, keyed_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_key_sealed_to_a_holder_opens_what_was_sealed_to_it),
        TEST(somebody_else_cannot_take_it),
        TEST(a_seal_moved_to_another_row_is_refused),
        TEST(a_secret_that_is_not_of_the_public_key_is_refused),
        TEST(a_damaged_seal_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

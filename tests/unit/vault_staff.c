// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/staff.h"

#include "vault_fixture.h"

static const struct span ana = SPAN("ana"), right = SPAN("four grey herons wade"), wrong = SPAN("four grey herons fly");
static struct gate *gate;

static int gated_setup(void **state)
{
    assert_int_equal(gate_new(1, &gate), 0);
    return keyed_setup(state);
}

static int gated_teardown(void **state)
{
    gate_free(gate);
    return keyed_teardown(state);
}

static struct opener *member(struct keyed *k)
{
    struct opener *o;
    str_clear(&k->box);
    assert_int_equal(identity_make(gate, k->v, ana, right, &k->box, &o), 0);
    return o;
}

static int open_as(struct keyed *k, const struct vault *v, struct span name, const struct opener *of, struct span words)
{
    struct opener *o;
    int rc = identity_open(gate, v, name, opener_public(of), str_span(&k->box), words, &o);
    if (rc == 0) {
        assert_memory_equal(opener_public(o), opener_public(of), VAULT_PUBLIC_BYTES);
        opener_close(o);
    }
    return rc;
}

static void the_passphrase_opens_the_members_own_key(void **state)
{
    struct keyed *k = *state;
    struct opener *o = member(k);
    assert_int_equal(open_as(k, k->v, ana, o, right), 0);
    assert_int_equal(open_as(k, k->v, ana, o, wrong), ERR_AUTH);
    assert_int_equal(open_as(k, k->v, ana, o, (struct span){0}), ERR_AUTH);
    opener_close(o);
}

static void without_the_master_key_no_passphrase_can_even_be_tried(void **state)
{
    struct keyed *k = *state;
    struct opener *o = member(k);
    assert_int_equal(open_as(k, k->other, ana, o, right), ERR_CRYPTO);
    opener_close(o);
}

static void a_record_put_under_another_name_or_key_does_not_open(void **state)
{
    struct keyed *k = *state;
    struct opener *o = member(k), *other;
    assert_int_equal(opener_new(&other), 0);
    assert_int_equal(open_as(k, k->v, SPAN("ben"), o, right), ERR_CRYPTO);
    assert_int_equal(open_as(k, k->v, ana, other, right), ERR_CRYPTO);
    opener_close(o);
    opener_close(other);
}

static void nobody_is_refused_as_a_wrong_passphrase_is(void **state)
{
    struct keyed *k = *state;
    struct opener *o = member(k);
    str_clear(&k->box);
    assert_int_equal(open_as(k, k->v, SPAN("nobody"), o, right), ERR_AUTH);
    opener_close(o);
}

static void a_new_passphrase_opens_the_same_key_and_the_old_one_no_more(void **state)
{
    struct keyed *k = *state;
    struct opener *o = member(k);
    str_clear(&k->box);
    assert_int_equal(identity_rewrap(gate, k->v, ana, wrong, o, &k->box), 0);
    assert_int_equal(open_as(k, k->v, ana, o, right), ERR_AUTH);
    assert_int_equal(open_as(k, k->v, ana, o, wrong), 0);
    opener_close(o);
}

static void the_cost_stands_in_the_record(void **state)
{
    struct keyed *k = *state;
    struct opener *o = member(k);
    gate_free(gate);
    assert_int_equal(gate_new(2, &gate), 0); // the setting was changed since
    assert_int_equal(open_as(k, k->v, ana, o, right), 0);
    opener_close(o);
}

static void weak_passphrases_are_refused(void **state)
{
    static const struct {
        const char *words;
        int rc;
    } rows[] = {
        {"", ERR_RANGE},
        {"eleven char", ERR_RANGE},
        {"twelve chars", 0},
        {"aaaaaaaaaaaaaaaa", ERR_REFUSED},
        {"abababababababab", ERR_REFUSED},
        {"my name is ANA, yes", ERR_REFUSED},
        {"q1w2e3r4t5y6", ERR_REFUSED}, /* among the most used of this length */
        {"Q1W2E3R4T5Y6", ERR_REFUSED},
        {"q1w2e3r4t5y7", 0},
        {"qwerty123456", ERR_REFUSED},
        {"q1w2e3r4t5y6 and more", 0},
        {"\xC3\xA9\xC3\xA8\xC3\xAA\xC3\xAB\xC3\xA9\xC3\xA8", ERR_RANGE}, /* six letters, twelve bytes */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(passphrase_check(span_of(rows[i].words), ana), rows[i].rc);
    char longest[PASSPHRASE_MOST + 1];
    for (size_t i = 0; i < sizeof longest; i++)
        longest[i] = (char)('b' + i % 20);
    assert_int_equal(passphrase_check((struct span){longest, PASSPHRASE_MOST}, ana), 0);
    assert_int_equal(passphrase_check((struct span){longest, PASSPHRASE_MOST + 1}, ana), ERR_RANGE);
}

static const struct opener *damaged;

static int open_damaged(struct keyed *k, struct span record)
{
    struct opener *o = NULL;
    int rc = record.len ? identity_open(gate, k->v, ana, opener_public(damaged), record, right, &o) : ERR_AUTH;
    opener_close(o);
    return rc;
}

static void a_damaged_record_is_refused(void **state)
{
    struct keyed *k = *state;
    struct opener *o = member(k);
    damaged = o;
    refuses_damage(k, &k->box, open_damaged);
    opener_close(o);
}

static void a_gate_has_limits(void **state)
{
    (void)state;
    struct gate *g;
    assert_int_equal(gate_new(0, &g), ERR_RANGE);
    assert_int_equal(gate_new(1025, &g), ERR_RANGE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, gated_setup, gated_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_passphrase_opens_the_members_own_key),
        TEST(without_the_master_key_no_passphrase_can_even_be_tried),
        TEST(a_record_put_under_another_name_or_key_does_not_open),
        TEST(nobody_is_refused_as_a_wrong_passphrase_is),
        TEST(a_new_passphrase_opens_the_same_key_and_the_old_one_no_more),
        TEST(the_cost_stands_in_the_record),
        TEST(weak_passphrases_are_refused),
        TEST(a_damaged_record_is_refused),
        TEST(a_gate_has_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

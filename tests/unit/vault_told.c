// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/told.h"

#include "vault/outbound.h"

#include "vault_fixture.h"

static const struct span reference = SPAN("WM-4F7K"), elsewhere = SPAN("WM-4F7L");
static struct opener *person;

static int told_setup(void **state)
{
    return opener_new(&person) < 0 ? -1 : keyed_setup(state);
}

static int told_teardown(void **state)
{
    opener_close(person);
    return keyed_teardown(state);
}

static const struct effect_field fields[] = {{SPAN("time"), SPAN("after six")}, {SPAN("alias"), SPAN("")}};
static const unsigned char turn_key[VAULT_KEY_BYTES] = {3, 1, 4};

static void seal_answers(struct keyed *k)
{
    const struct told_answers t = {SPAN("es"), fields, 2, {(const char *)turn_key, sizeof turn_key}};
    assert_int_equal(told_answers_seal(opener_public(person), reference, &t, &k->box), 0);
}

static void answers_come_back_as_they_were_told(void **state)
{
    struct keyed *k = *state;
    struct told_answers t;
    seal_answers(k);
    assert_int_equal(told_answers_unseal(person, reference, str_span(&k->box), &k->plain, k->arena, &t), 0);
    assert_true(span_is(t.language, "es"));
    assert_int_equal(t.field_count, 2);
    assert_true(span_is(t.fields[0].name, "time") && span_is(t.fields[0].value, "after six"));
    assert_true(span_is(t.fields[1].name, "alias") && t.fields[1].value.len == 0);
    assert_memory_equal(t.turn_key.p, turn_key, sizeof turn_key);
}

/* Two cases of one person are sealed to one key: only the reference inside tells them apart. */
static void answers_moved_to_another_case_of_the_same_person_are_refused(void **state)
{
    struct keyed *k = *state;
    struct told_answers t;
    seal_answers(k);
    assert_int_equal(told_answers_unseal(person, elsewhere, str_span(&k->box), &k->plain, k->arena, &t), ERR_CRYPTO);
}

static int open_answers(struct keyed *k, struct span seal)
{
    struct told_answers t;
    str_clear(&k->plain);
    return told_answers_unseal(person, reference, seal, &k->plain, k->arena, &t);
}

static void damaged_answers_are_refused(void **state)
{
    struct keyed *k = *state;
    seal_answers(k);
    refuses_damage(k, &k->box, open_answers);
}

static void a_note_is_read_in_its_own_place_only(void **state)
{
    struct keyed *k = *state;
    const struct told_place here = {reference, 7}, others[] = {{elsewhere, 7}, {reference, 8}, {reference, 0}};
    int64_t at_ms;
    assert_int_equal(told_note_seal(opener_public(person), &here, SPAN("call me"), &k->box), 0);
    assert_int_equal(open_answers(k, str_span(&k->box)), ERR_CRYPTO);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(told_note_unseal(person, &others[i], str_span(&k->box), &k->plain), ERR_CRYPTO);
    assert_int_equal(told_note_unseal(person, &here, str_span(&k->box), &k->plain), 0);
    str_clear(&k->box);
    assert_int_equal(told_message_seal(opener_public(person), &here, 1234567890123, SPAN("call me"), &k->box), 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(told_message_unseal(person, &others[i], str_span(&k->box), &k->plain, &at_ms), ERR_CRYPTO);
    str_clear(&k->plain);
    assert_int_equal(told_message_unseal(person, &here, str_span(&k->box), &k->plain, &at_ms), 0);
    assert_int_equal(at_ms, 1234567890123);
    assert_string_equal(str_z(&k->plain), "call me");
    str_clear(&k->plain);
    assert_int_equal(told_note_unseal(person, &here, str_span(&k->box), &k->plain), 0);
    assert_string_equal(str_z(&k->plain), "call me");
}

static void a_word_is_bound_to_whom_it_is_of(void **state)
{
    struct keyed *k = *state;
    const struct span key = SPAN("0123456789abcdef0123456789abcdef"), other = SPAN("0123456789abcdef0123456789abcdeg");
    assert_int_equal(told_kind_box(k->v, reference, SPAN("callback"), &k->box), 0);
    assert_int_equal(told_kind_unbox(k->v, elsewhere, str_span(&k->box), &k->plain), ERR_CRYPTO);
    assert_int_equal(told_kind_unbox(k->v, reference, str_span(&k->box), &k->plain), 0);
    assert_string_equal(str_z(&k->plain), "callback");
    str_clear(&k->box);
    str_clear(&k->plain);
    assert_int_equal(told_language_box(k->v, key, SPAN("ht"), &k->box), 0);
    assert_int_equal(told_language_unbox(k->v, other, str_span(&k->box), &k->plain), ERR_CRYPTO);
    assert_int_equal(told_kind_unbox(k->v, key, str_span(&k->box), &k->plain), ERR_CRYPTO);
    assert_int_equal(told_language_unbox(k->v, key, str_span(&k->box), &k->plain), 0);
    assert_string_equal(str_z(&k->plain), "ht");
}

static int message_open(struct keyed *k, const struct outbound_row *row, const char *number, struct msisdn *to,
                        struct span *text)
{
    struct msisdn whose = {{0}};
    snprintf(whose.digits, sizeof whose.digits, "%s", number);
    struct blind index = vault_blind_number(k->v, &whose);
    str_clear(&k->plain);
    return outbound_unbox(k->v, row, &index, str_span(&k->box), &k->plain, to, text);
}

static void a_message_is_bound_to_its_row_and_its_number(void **state)
{
    struct keyed *k = *state;
    const struct outbound_row row = {.key = "fifteen letters", .class = MESSAGE_NOTICE, .epoch = 3};
    struct outbound_row others[] = {row, row, row}, carried = row;
    const struct msisdn number = {"12025550143"};
    struct msisdn to;
    struct span text;
    others[0].key[15] = 1;
    others[1].class = MESSAGE_ANSWER;
    others[2].epoch = 4;
    assert_int_equal(outbound_box(k->v, &row, &number, SPAN("hello"), &k->box), 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(message_open(k, &others[i], number.digits, &to, &text), ERR_CRYPTO);
    assert_int_equal(message_open(k, &row, "12025550144", &to, &text), ERR_CRYPTO);
    assert_int_equal(message_open(k, &row, number.digits, &to, &text), 0);
    assert_true(span_is(text, "hello"));
    assert_memory_equal(&to, &number, sizeof to);
    // a STOP after a STOP is confirmed once: that box opens under the new epoch
    carried.class = MESSAGE_CONFIRM;
    str_clear(&k->box);
    assert_int_equal(outbound_box(k->v, &carried, &number, SPAN("stopped"), &k->box), 0);
    carried.epoch++;
    assert_int_equal(message_open(k, &carried, number.digits, &to, &text), 0);
}

static void a_summary_is_bound_to_its_case(void **state)
{
    struct keyed *k = *state;
    const struct span flags[] = {SPAN("minor")};
    const struct told_summary in = {SPAN("callback"), SPAN("urgent"), flags, 1, 0};
    struct told_summary out;
    assert_int_equal(told_summary_box(k->v, reference, &in, &k->box), 0);
    assert_int_equal(told_summary_unbox(k->v, elsewhere, str_span(&k->box), &k->plain, k->arena, &out), ERR_CRYPTO);
    assert_int_equal(told_summary_unbox(k->other, reference, str_span(&k->box), &k->plain, k->arena, &out), ERR_CRYPTO);
    assert_int_equal(told_summary_unbox(k->v, reference, str_span(&k->box), &k->plain, k->arena, &out), 0);
    assert_true(span_is(out.kind, "callback") && span_is(out.priority, "urgent"));
    assert_int_equal(out.flag_count, 1);
    assert_true(span_is(out.flags[0], "minor"));
}

static void what_staff_marked_is_known_from_what_was_said(void **state)
{
    struct keyed *k = *state;
    const struct span flags[] = {SPAN("special-needs"), SPAN("minor"), SPAN("trafficking")};
    struct told_summary in = {SPAN("callback"), SPAN("urgent"), flags, 3, 2}, out;
    assert_int_equal(told_summary_box(k->v, reference, &in, &k->box), 0);
    assert_int_equal(told_summary_unbox(k->v, reference, str_span(&k->box), &k->plain, k->arena, &out), 0);
    assert_int_equal(out.flag_count, 3);
    assert_int_equal(out.marked, 2);
    in.marked = 4; // more than there are
    str_clear(&k->box), str_clear(&k->plain);
    assert_int_equal(told_summary_box(k->v, reference, &in, &k->box), 0);
    assert_int_equal(told_summary_unbox(k->v, reference, str_span(&k->box), &k->plain, k->arena, &out), ERR_CORRUPT);
}

static void a_number_comes_back_to_the_persons_key_alone(void **state)
{
    struct keyed *k = *state;
    const struct msisdn number = {"12025550143"};
    struct msisdn back = {"x"};
    struct opener *other;
    assert_int_equal(opener_new(&other), 0);
    assert_int_equal(told_number_seal(opener_public(person), &number, &k->box), 0);
    assert_int_equal(told_number_unseal(other, str_span(&k->box), &back), ERR_CRYPTO);
    assert_int_equal(told_number_unseal(person, str_span(&k->box), &back), 0);
    assert_memory_equal(&back, &number, sizeof number);
    opener_close(other);
}

static void a_turn_is_read_at_its_own_place_only(void **state)
{
    struct keyed *k = *state;
    const struct told_turn in = {1700000000123, SPAN("welcome"), SPAN("2"), SPAN("1. Help\n2. More")};
    struct told_turn out;
    assert_int_equal(told_turn_box(turn_key, 3, &in, &k->plain, &k->box), 0);
    str_clear(&k->plain);
    assert_int_equal(told_turn_unbox(turn_key, 4, str_span(&k->box), &k->plain, &out), ERR_CRYPTO);
    assert_int_equal(told_turn_unbox(turn_key, 3, str_span(&k->box), &k->plain, &out), 0);
    assert_int_equal(out.at_ms, in.at_ms);
    assert_true(span_eq(out.screen, in.screen) && span_eq(out.typed, in.typed) && span_eq(out.shown, in.shown));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, told_setup, told_teardown)
    const struct CMUnitTest tests[] = {
        TEST(answers_come_back_as_they_were_told),
        TEST(answers_moved_to_another_case_of_the_same_person_are_refused),
        TEST(damaged_answers_are_refused),
        TEST(a_note_is_read_in_its_own_place_only),
        TEST(a_word_is_bound_to_whom_it_is_of),
        TEST(a_message_is_bound_to_its_row_and_its_number),
        TEST(a_summary_is_bound_to_its_case),
        TEST(a_number_comes_back_to_the_persons_key_alone),
        TEST(what_staff_marked_is_known_from_what_was_said),
        TEST(a_number_comes_back_to_the_persons_key_alone),
        TEST(a_turn_is_read_at_its_own_place_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

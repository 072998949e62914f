// SPDX-License-Identifier: AGPL-3.0-or-later
#include "dialogue_phone.h"

static struct program *example;

static int load(void **state)
{
    (void)state;
    example = phone_example();
    return 0;
}

static int unload(void **state)
{
    (void)state;
    program_free(example);
    return 0;
}

/* In the middle of a form, in a part, after a wrong answer. */
static void far_in(struct phone *ph)
{
    phone_open_for(ph, example);
    phone_dial(ph);
    phone_types(ph, "1|2|98|1|1|24|Ghana|2|2|!");
    phone_at(ph, "safe-contact/time");
}

static void a_session_is_the_same_after_its_bytes(void **state)
{
    (void)state;
    struct phone ph;
    far_in(&ph);
    struct str one = STR_INIT(100000), two = STR_INIT(100000);
    struct dialogue s;
    assert_int_equal(dialogue_encode(&ph.s, &one), 0);
    assert_int_equal(dialogue_decode(str_span(&one), ph.a, &s), 0);
    assert_int_equal(s.value_count, ph.s.value_count);
    assert_int_equal(s.history_count, ph.s.history_count);
    assert_int_equal(s.return_count, 1);
    assert_int_equal(s.tries, 1);
    assert_true(span_eq(s.body, ph.s.body));
    assert_true(span_eq(s.error, ph.s.error));
    assert_string_equal(s.language, "en");
    assert_int_equal(dialogue_encode(&s, &two), 0);
    assert_true(span_eq(str_span(&one), str_span(&two)));
    assert_true(one.len < 512);
    str_release(&one);
    str_release(&two);
    phone_close(&ph);
}

static void any_bytes_are_safe(struct phone *ph, struct span bytes)
{
    struct dialogue s;
    const char *const answers[] = {"1", "98", "0", "stop please", "24"};
    if (dialogue_decode(bytes, ph->a, &s) < 0)
        return;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        ph->in.kind = INPUT_TEXT;
        ph->in.text = span_of(answers[i]);
        assert_int_equal(dialogue_step(example, &s, &ph->in, ph->a, &ph->out), 0);
        assert_true(ph->out.screen.text.len > 0);
    }
}

static void cut_off_bytes_are_corrupt(void **state)
{
    (void)state;
    struct phone ph;
    far_in(&ph);
    struct str bytes = STR_INIT(100000);
    struct dialogue s;
    assert_int_equal(dialogue_encode(&ph.s, &bytes), 0);
    for (size_t i = 0; i < bytes.len; i++)
        assert_int_equal(dialogue_decode(span_first(str_span(&bytes), i), ph.a, &s), ERR_CORRUPT);
    str_addc(&bytes, 0);
    assert_int_equal(dialogue_decode(str_span(&bytes), ph.a, &s), ERR_CORRUPT);
    str_release(&bytes);
    phone_close(&ph);
}

static void a_changed_byte_is_corrupt_or_harmless(void **state)
{
    (void)state;
    static const unsigned char changes[] = {0x01, 0x02, 0x10, 0x40, 0x80, 0xFF};
    struct phone ph;
    far_in(&ph);
    struct str bytes = STR_INIT(100000);
    assert_int_equal(dialogue_encode(&ph.s, &bytes), 0);
    char *copy = malloc(bytes.len); // of just this size, so that reading past it is seen
    struct arena *old = ph.a;
    for (size_t i = 0; i < bytes.len; i++)
        for (size_t k = 0; k < sizeof changes; k++) {
            memcpy(copy, bytes.p, bytes.len);
            copy[i] = (char)(copy[i] ^ changes[k]);
            ph.a = arena_new(1 << 22);
            any_bytes_are_safe(&ph, (struct span){.p = copy, .len = bytes.len});
            arena_free(ph.a);
        }
    ph.a = old;
    free(copy);
    str_release(&bytes);
    phone_close(&ph);
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    struct phone ph;
    struct str bytes = STR_INIT(100000);
    far_in(&ph);
    assert_int_equal(dialogue_encode(&ph.s, &bytes), 0);
    int rc = ERR_NOMEM;
    for (long nth = 0; rc == ERR_NOMEM; nth++) {
        struct dialogue s;
        struct arena *a = arena_new(1 << 20);
        assert_int_equal(dialogue_decode(str_span(&bytes), a, &s), 0);
        ph.in.kind = INPUT_TEXT;
        ph.in.text = SPAN("Mon after 18");
        mem_fail_after(nth);
        rc = dialogue_step(example, &s, &ph.in, a, &ph.out);
        mem_fail_after(-1);
        assert_true(rc == 0 || rc == ERR_NOMEM);
        arena_free(a);
        assert_true(nth < 1000);
    }
    assert_int_equal(ph.out.effect_count, 2);
    str_release(&bytes);
    phone_close(&ph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_the_same_after_its_bytes),
        cmocka_unit_test(cut_off_bytes_are_corrupt),
        cmocka_unit_test(a_changed_byte_is_corrupt_or_harmless),
        cmocka_unit_test(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, load, unload);
}

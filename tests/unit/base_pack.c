// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "base/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void what_was_packed_comes_out(void **state)
{
    (void)state;
    const uint64_t numbers[] = {0, 1, 127, 128, 300, 1ULL << 35, UINT64_MAX};
    struct str s = STR_INIT(1000);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        pack_number(&s, numbers[i]);
    pack_span(&s, SPAN("abc"));
    pack_span(&s, SPAN(""));
    struct unpack u = unpack_start(str_span(&s));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_true(unpack_number(&u, UINT64_MAX) == numbers[i]);
    assert_true(span_is(unpack_span(&u), "abc"));
    assert_int_equal(unpack_span(&u).len, 0);
    assert_int_equal(unpack_err(&u, true), 0);
    for (size_t cut = 0; cut < s.len; cut++) { // any cut is noticed at the latest at the end
        u = unpack_start(span_first(str_span(&s), cut));
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            unpack_number(&u, UINT64_MAX);
        unpack_span(&u);
        unpack_span(&u);
        assert_int_equal(unpack_err(&u, true), ERR_CORRUPT);
    }
    str_release(&s);
}

static void too_much_is_corrupt(void **state)
{
    (void)state;
    const struct {
        struct span bytes;
        uint64_t most;
    } rows[] = {
        {SPAN("\x05"), 4},
        {SPAN("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"), UINT64_MAX},             // 65 bits
        {SPAN("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), UINT64_MAX}, // too long
        {SPAN("\x80"), UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct unpack u = unpack_start(rows[i].bytes);
        assert_true(unpack_number(&u, rows[i].most) == 0);
        assert_int_equal(unpack_err(&u, false), ERR_CORRUPT);
    }
    struct unpack u = unpack_start(SPAN("\x09only"));
    assert_int_equal(unpack_span(&u).len, 0);
    assert_int_equal(unpack_err(&u, false), ERR_CORRUPT);
    u = unpack_start(SPAN("\x01xleft"));
    unpack_span(&u);
    assert_int_equal(unpack_err(&u, false), 0);
    assert_int_equal(unpack_err(&u, true), ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_packed_comes_out),
                                       cmocka_unit_test(too_much_is_corrupt)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/span.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void str_keeps_what_fits_and_says_why_not(void **state)
{
    (void)state;
    struct str s = STR_INIT(5);
    str_addz(&s, "abc");
    str_addz(&s, "def");
    assert_int_equal(str_err(&s), ERR_LIMIT);
    assert_string_equal(str_z(&s), "abc");
    str_addz(&s, "d"); // broken strings take nothing more, so that no piece is left out silently
    assert_string_equal(str_z(&s), "abc");
    str_clear(&s);
    str_addf(&s, "%d", 12345);
    assert_int_equal(str_err(&s), 0);
    assert_string_equal(str_z(&s), "12345");
    str_release(&s);
}

static void numbers_are_written_in_digits(void **state)
{
    (void)state;
    const int64_t numbers[] = {0, 7, -7, 10, 1234567890123456789, INT64_MIN};
    struct str s = STR_INIT(100);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "%lld", (long long)numbers[i]);
        str_clear(&s);
        str_addn(&s, numbers[i]);
        assert_string_equal(str_z(&s), expected);
    }
    str_release(&s);
}

static void str_survives_failing_allocation(void **state)
{
    (void)state;
    struct str s = STR_INIT(1000);
    mem_fail_after(0);
    str_addz(&s, "x");
    mem_fail_after(-1);
    assert_int_equal(str_err(&s), ERR_NOMEM);
    assert_string_equal(str_z(&s), "");
    str_release(&s);
}

static void arena_holds_its_ceiling(void **state)
{
    (void)state;
    struct arena *a = arena_new(100000);
    char *first = arena_alloc(a, 10);
    assert_non_null(first);
    assert_int_equal(first[9], 0);
    assert_null(arena_alloc(a, 100000));
    assert_non_null(arena_alloc(a, 90000));
    arena_reset(a);
    assert_ptr_equal(arena_alloc(a, 10), first); // the first block is used again
    int *numbers = NULL;
    for (size_t i = 0; i < 100; i++) {
        numbers = arena_grow(a, numbers, i, sizeof *numbers);
        numbers[i] = (int)i;
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(numbers[i], i);
    arena_free(a);
}

static void map_finds_what_was_put_first(void **state)
{
    (void)state;
    struct map *m = map_new();
    char keys[500][8];
    for (int i = 0; i < 500; i++) {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        assert_int_equal(map_put(m, span_of(keys[i]), &keys[i]), 0);
    }
    assert_int_equal(map_put(m, SPAN("k7"), &keys[0]), ERR_EXISTS);
    for (int i = 0; i < 500; i++)
        assert_ptr_equal(map_get(m, span_of(keys[i])), &keys[i]);
    assert_null(map_get(m, SPAN("k500")));
    assert_ptr_equal(map_at(m, 499, NULL), &keys[499]);
    map_free(m);
}

static void spans_split_and_read_numbers(void **state)
{
    (void)state;
    struct span rest = SPAN("a**b"), part;
    const char *expected[] = {"a", "", "b"};
    for (int i = 0; i < 3; i++) {
        assert_true(span_split(&rest, '*', &part));
        assert_true(span_is(part, expected[i]));
    }
    assert_false(span_split(&rest, '*', &part));
    int64_t n;
    assert_int_equal(span_int(SPAN("-42"), &n), 0);
    assert_int_equal(n, -42);
    assert_int_equal(span_int(SPAN("9223372036854775808"), &n), ERR_RANGE);
    assert_int_equal(span_int(SPAN(""), &n), ERR_SYNTAX);
    assert_int_equal(span_int(SPAN("4 "), &n), ERR_SYNTAX);
}

static void dates_go_there_and_back(void **state)
{
    (void)state;
    struct date d;
    assert_int_equal(date_parse(SPAN("2024-02-29"), &d), 0);
    assert_int_equal(date_to_day(d), 19782);
    assert_int_equal(date_parse(SPAN("2023-02-29"), &d), ERR_RANGE);
    assert_int_equal(date_parse(SPAN("2023-2-09"), &d), ERR_SYNTAX);
    for (int64_t day = -200000; day < 200000; day += 37)
        assert_int_equal(date_to_day(date_from_day(day)), day);
    assert_int_equal(day_of_ms(-1), -1);
    assert_int_equal(day_of_ms(86400000), 1);
    assert_int_equal(date_weekday(0), 3); // a Thursday
    assert_int_equal(date_weekday(-1), 2);
    assert_int_equal(date_weekday(date_to_day((struct date){.year = 2026, .month = 11, .day = 30})), 0);
    assert_int_equal(date_weekday(-4), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(str_keeps_what_fits_and_says_why_not),
        cmocka_unit_test(str_survives_failing_allocation),
        cmocka_unit_test(numbers_are_written_in_digits),
        cmocka_unit_test(arena_holds_its_ceiling),
        cmocka_unit_test(map_finds_what_was_put_first),
        cmocka_unit_test(spans_split_and_read_numbers),
        cmocka_unit_test(dates_go_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Numbers to be drawn, one after the other. */
struct draws {
    const uint64_t *numbers;
    size_t count, used;
};

static void draw_next(void *ctx, void *bytes, size_t len)
{
    struct draws *d = ctx;
    assert_int_equal(len, sizeof *d->numbers);
    assert_true(d->used < d->count);
    memcpy(bytes, &d->numbers[d->used++], len);
}

static int64_t backoff(int attempts, int after_s, uint64_t number)
{
    struct draws d = {.numbers = &number, .count = 1};
    return outbox_backoff(attempts, after_s, (struct entropy){.fill = draw_next, .ctx = &d});
}

static void the_draw_goes_from_nothing_to_a_ceiling_that_doubles(void **state)
{
    (void)state;
    static const struct {
        int attempts;
        int64_t ceiling_ms;
    } rows[] = {{1, 4000}, {2, 8000}, {3, 16000}, {4, 32000}, {8, 512000}, {9, 15 * 60000}, {1000000, 15 * 60000},
                {-1, 2000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t ceiling = (uint64_t)rows[i].ceiling_ms;
        assert_int_equal(backoff(rows[i].attempts, 0, 0), 0);
        assert_int_equal(backoff(rows[i].attempts, 0, ceiling), rows[i].ceiling_ms);
        assert_int_equal(backoff(rows[i].attempts, 0, ceiling + 1), 0);
    }
}

static void what_the_aggregator_asks_for_is_the_least(void **state)
{
    (void)state;
    assert_int_equal(backoff(1, 30, 0), 30000);
    assert_int_equal(backoff(1, 30, 4000), 34000);
    assert_int_equal(backoff(1, -1, 7), 7);
    assert_int_equal(backoff(1, INT32_MAX, 0), 86400000); // more than a day is not believed
}

static void numbers_that_would_favour_small_draws_are_drawn_again(void **state)
{
    (void)state;
    // 2^64 mod 4001 is 2499: the last 2499 numbers would make 0..2498 likelier than the rest.
    static const uint64_t numbers[] = {UINT64_MAX, UINT64_MAX - 2498, UINT64_MAX - 2499};
    assert_int_equal((UINT64_MAX % 4001 + 1) % 4001, 2499);
    struct draws d = {.numbers = numbers, .count = 3};
    assert_int_equal(outbox_backoff(1, 0, (struct entropy){.fill = draw_next, .ctx = &d}), 4000);
    assert_int_equal(d.used, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_draw_goes_from_nothing_to_a_ceiling_that_doubles),
        cmocka_unit_test(what_the_aggregator_asks_for_is_the_least),
        cmocka_unit_test(numbers_that_would_favour_small_draws_are_drawn_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/lane.h"
#include "outbox/leave.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { THRESHOLD = 3, START = 1000000 };

static void draw_nothing(void *ctx, void *bytes, size_t len)
{
    (void)ctx;
    memset(bytes, 0, len);
}

static void draw_most(void *ctx, void *bytes, size_t len)
{
    (void)ctx;
    memset(bytes, 0xff, len);
}

static const struct entropy nothing = {.fill = draw_nothing}, most = {.fill = draw_most};

static bool end(struct lane *l, enum send_outcome outcome, int after_s, int64_t now)
{
    struct send_result result = {.outcome = outcome, .after_s = after_s};
    return lane_end(l, &result, now, nothing);
}

static struct lane closed(int rate)
{
    struct lane l;
    lane_init(&l, SPAN("test"), rate, THRESHOLD, START);
    return l;
}

/* With its breaker open since START. */
static struct lane opened(void)
{
    struct lane l = closed(0);
    lane_take(&l, THRESHOLD, START);
    for (int i = 0; i < THRESHOLD; i++)
        end(&l, SEND_RETRY, 0, START);
    return l;
}

static void a_bucket_holds_one_second_and_fills_by_the_rate(void **state)
{
    (void)state;
    struct lane l = closed(4);
    assert_int_equal(lane_room(&l, START), 4);
    lane_take(&l, 4, START);
    assert_int_equal(lane_room(&l, START), 0);
    assert_int_equal(lane_wait(&l, START), 250);
    assert_int_equal(lane_room(&l, START + 249), 0);
    assert_int_equal(lane_room(&l, START + 250), 1);
    assert_int_equal(lane_room(&l, START + 900), 3);
    assert_int_equal(lane_room(&l, START + 60000), 4);
    assert_int_equal(lane_room(&(struct lane){.rate = 0}, START), LANE_IN_FLIGHT);
}

static void so_many_are_under_way_at_once(void **state)
{
    (void)state;
    struct lane l = closed(0);
    assert_int_equal(lane_room(&l, START), LANE_IN_FLIGHT);
    lane_take(&l, LANE_IN_FLIGHT, START);
    assert_int_equal(lane_room(&l, START), 0);
    assert_true(lane_wait(&l, START) == INT64_MAX);
    end(&l, SEND_ACCEPTED, 0, START);
    assert_int_equal(lane_room(&l, START), 1);
}

static void the_breaker_opens_after_failures_in_a_row_only(void **state)
{
    (void)state;
    static const struct {
        enum send_outcome ends[4];
        enum outbox_breaker then;
    } rows[] = {
        {{SEND_RETRY, SEND_RETRY, SEND_RETRY, SEND_RETRY}, OUTBOX_OPEN},
        {{SEND_UNKNOWN, SEND_RETRY, SEND_UNKNOWN, SEND_RETRY}, OUTBOX_OPEN},
        {{SEND_RETRY, SEND_RETRY, SEND_ACCEPTED, SEND_RETRY}, OUTBOX_CLOSED},
        {{SEND_RETRY, SEND_RETRY, SEND_PERMANENT, SEND_RETRY}, OUTBOX_CLOSED}, // it answers: it is there
        {{SEND_RETRY, SEND_RETRY, SEND_THROTTLED, SEND_PERMANENT}, OUTBOX_CLOSED},
        {{SEND_OPTED_OUT, SEND_OPTED_OUT, SEND_OPTED_OUT, SEND_OPTED_OUT}, OUTBOX_CLOSED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lane l = closed(0);
        lane_take(&l, 4, START);
        for (int k = 0; k < 4; k++)
            end(&l, rows[i].ends[k], 0, START);
        assert_int_equal(atomic_load(&l.breaker), rows[i].then);
    }
    struct lane never;
    lane_init(&never, SPAN("test"), 0, 0, START);
    lane_take(&never, 16, START);
    for (int i = 0; i < 16; i++)
        assert_false(end(&never, SEND_RETRY, 0, START));
    assert_int_equal(atomic_load(&never.breaker), OUTBOX_CLOSED);
}

static void behind_an_open_breaker_one_tries(void **state)
{
    (void)state;
    struct lane l = opened();
    assert_int_equal(lane_wait(&l, START), LANE_OPEN_BASE_MS / 2);
    assert_int_equal(lane_room(&l, START + LANE_OPEN_BASE_MS / 2 - 1), 0);
    assert_int_equal(lane_room(&l, START + LANE_OPEN_BASE_MS / 2), 1);
    lane_take(&l, 1, START + LANE_OPEN_BASE_MS);
    assert_int_equal(atomic_load(&l.breaker), OUTBOX_TRYING);
    assert_int_equal(lane_room(&l, START + LANE_OPEN_BASE_MS), 0);
    assert_false(end(&l, SEND_ACCEPTED, 0, START + LANE_OPEN_BASE_MS));
    assert_int_equal(atomic_load(&l.breaker), OUTBOX_CLOSED);
    assert_int_equal(lane_room(&l, START + LANE_OPEN_BASE_MS), LANE_IN_FLIGHT);
}

static void each_failed_try_waits_longer_up_to_a_ceiling(void **state)
{
    (void)state;
    struct lane l = opened();
    int64_t now = START;
    for (int64_t whole = (int64_t)LANE_OPEN_BASE_MS * 2; whole < 100 * LANE_OPEN_CAP_MS; whole *= 2) {
        int64_t expected = whole < LANE_OPEN_CAP_MS ? whole : LANE_OPEN_CAP_MS;
        now = l.shut_to;
        lane_take(&l, 1, now);
        struct send_result failure = {.outcome = SEND_RETRY};
        assert_true(lane_end(&l, &failure, now, most)); // the aggregator failed, not the message
        assert_in_range(l.shut_to - now, expected / 2, expected);
        assert_int_equal(atomic_load(&l.breaker), OUTBOX_OPEN);
    }
}

static void a_try_that_never_left_leaves_the_breaker_open(void **state)
{
    (void)state;
    struct lane l = opened();
    lane_take(&l, 1, l.shut_to);
    lane_return(&l);
    assert_int_equal(atomic_load(&l.breaker), OUTBOX_OPEN);
    assert_int_equal(lane_room(&l, l.shut_to), 1);
}

static void too_fast_pauses_the_lane_for_as_long_as_was_said(void **state)
{
    (void)state;
    struct lane l = closed(0);
    lane_take(&l, 2, START);
    assert_true(end(&l, SEND_THROTTLED, 7, START));
    assert_true(end(&l, SEND_THROTTLED, 3, START));
    assert_int_equal(lane_room(&l, START + 6999), 0);
    assert_int_equal(lane_wait(&l, START), 7000);
    assert_int_equal(lane_room(&l, START + 7000), LANE_IN_FLIGHT);
    lane_take(&l, 1, START);
    end(&l, SEND_THROTTLED, 86400, START);
    assert_int_equal(lane_wait(&l, START), LANE_PAUSE_CAP_MS);
}

static void quiet_hours_hold_over_midnight(void **state)
{
    (void)state;
    enum { MINUTE = 60000, HOUR = 60 * MINUTE };
    static const struct {
        int from, to;
        int64_t now, until;
    } rows[] = {
        {21 * 60, 8 * 60, 20 * HOUR + 59 * MINUTE, 0},
        {21 * 60, 8 * 60, 21 * HOUR, 32 * HOUR},
        {21 * 60, 8 * 60, 23 * HOUR + 30 * MINUTE + 17, 32 * HOUR},
        {21 * 60, 8 * 60, 7 * HOUR + 59 * MINUTE + 59999, 8 * HOUR},
        {21 * 60, 8 * 60, 8 * HOUR, 0},
        {12 * 60, 14 * 60, 13 * HOUR, 14 * HOUR},
        {12 * 60, 14 * 60, 14 * HOUR, 0},
        {0, 0, 0, 0}, // never
    };
    assert_int_equal(clock_zone("UTC"), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct settings settings = {.quiet_from = rows[i].from, .quiet_to = rows[i].to};
        assert_int_equal(clock_daily_until(rows[i].now, settings.quiet_from, settings.quiet_to), rows[i].until);
    }
    assert_int_equal(clock_zone("America/New_York"), 0); // in January five hours behind
    struct settings settings = {.quiet_from = 21 * 60, .quiet_to = 8 * 60};
    assert_int_equal(clock_daily_until(20 * (int64_t)24 * HOUR + 12 * HOUR, settings.quiet_from, settings.quiet_to),
                     20 * (int64_t)24 * HOUR + 13 * HOUR);
    assert_int_equal(clock_daily_until(20 * (int64_t)24 * HOUR + 13 * HOUR, settings.quiet_from, settings.quiet_to), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_holds_one_second_and_fills_by_the_rate),
        cmocka_unit_test(so_many_are_under_way_at_once),
        cmocka_unit_test(the_breaker_opens_after_failures_in_a_row_only),
        cmocka_unit_test(behind_an_open_breaker_one_tries),
        cmocka_unit_test(each_failed_try_waits_longer_up_to_a_ceiling),
        cmocka_unit_test(a_try_that_never_left_leaves_the_breaker_open),
        cmocka_unit_test(too_fast_pauses_the_lane_for_as_long_as_was_said),
        cmocka_unit_test(quiet_hours_hold_over_midnight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

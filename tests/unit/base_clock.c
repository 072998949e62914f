// SPDX-License-Identifier: AGPL-3.0-or-later
/* The zone's clock on days of 23, 24 and 25 hours. */
#include "base/clock.h"
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MINUTE_MS = 60000, DAY_MINUTES = 1440 };

/* Milliseconds of a time in UTC. */
static int64_t utc(int year, int month, int day, int hour, int minute)
{
    int64_t days = date_to_day((struct date){.year = year, .month = month, .day = day});
    return (days * DAY_MINUTES + hour * 60 + minute) * MINUTE_MS;
}

static int64_t find(int year, int month, int day, int hour, int minute, bool last)
{
    return clock_find(date_to_day((struct date){.year = year, .month = month, .day = day}), hour * 60 + minute, last);
}

static void a_time_is_found_that_the_clock_shows_once_twice_or_never(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int year, month, day, hour, minute;      /* as the clock shows it */
        int first_day, first_hour, first_minute; /* in UTC, of the same month */
        int last_day, last_hour, last_minute;
    } rows[] = {
        {"UTC", 2026, 3, 8, 2, 30, 8, 2, 30, 8, 2, 30},
        {"America/New_York", 2026, 3, 7, 18, 0, 7, 23, 0, 7, 23, 0},
        {"America/New_York", 2026, 3, 8, 1, 59, 8, 6, 59, 8, 6, 59},
        {"America/New_York", 2026, 3, 8, 2, 0, 8, 7, 0, 8, 7, 0}, // never: at 2:00 it is 3:00
        {"America/New_York", 2026, 3, 8, 2, 30, 8, 7, 0, 8, 7, 0},
        {"America/New_York", 2026, 3, 8, 2, 59, 8, 7, 0, 8, 7, 0},
        {"America/New_York", 2026, 3, 8, 3, 0, 8, 7, 0, 8, 7, 0},
        {"America/New_York", 2026, 3, 8, 18, 0, 8, 22, 0, 8, 22, 0},
        {"America/New_York", 2027, 3, 14, 2, 30, 14, 7, 0, 14, 7, 0},
        {"America/New_York", 2026, 11, 1, 0, 59, 1, 4, 59, 1, 4, 59},
        {"America/New_York", 2026, 11, 1, 1, 0, 1, 5, 0, 1, 6, 0}, // twice
        {"America/New_York", 2026, 11, 1, 1, 59, 1, 5, 59, 1, 6, 59},
        {"America/New_York", 2026, 11, 1, 2, 0, 1, 7, 0, 1, 7, 0},
        {"America/New_York", 2026, 10, 31, 25, 30, 32, 5, 30, 32, 6,
         30}, // past the day's end: half past one of the next
        {"Australia/Lord_Howe", 2026, 4, 5, 1, 45, 4, 14, 45, 4, 15, 15}, // half an hour, the other way round
        {"Australia/Lord_Howe", 2026, 10, 4, 2, 15, 3, 15, 30, 3, 15, 30},
        {"Africa/Cairo", 2026, 4, 24, 0, 30, 23, 22, 0, 23, 22, 0}, // midnight itself is left out
        {"Pacific/Kiritimati", 2026, 7, 1, 0, 0, 0, 10, 0, 0, 10, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(clock_zone(rows[i].zone), 0);
        int64_t first = find(rows[i].year, rows[i].month, rows[i].day, rows[i].hour, rows[i].minute, false);
        int64_t last = find(rows[i].year, rows[i].month, rows[i].day, rows[i].hour, rows[i].minute, true);
        int64_t month = utc(rows[i].year, rows[i].month, 1, 0, 0) - (int64_t)DAY_MINUTES * MINUTE_MS;
        int64_t want_first = rows[i].first_day * DAY_MINUTES + rows[i].first_hour * 60 + rows[i].first_minute;
        int64_t want_last = rows[i].last_day * DAY_MINUTES + rows[i].last_hour * 60 + rows[i].last_minute;
        if (first != month + want_first * MINUTE_MS || last != month + want_last * MINUTE_MS)
            fail_msg("row %zu: %lld and %lld minutes of the month", i, (long long)((first - month) / MINUTE_MS),
                     (long long)((last - month) / MINUTE_MS));
    }
}

/* Each minute of a year is found again at one of the times at which the clock shows it. */
static void what_the_clock_shows_is_found_where_it_was_seen(void **state)
{
    (void)state;
    static const char *const zones[] = {"America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata"};
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        assert_int_equal(clock_zone(zones[z]), 0);
        for (int64_t at = utc(2026, 1, 1, 0, 0); at < utc(2027, 1, 1, 0, 0); at += 7 * MINUTE_MS) {
            int weekday, minute;
            int64_t day;
            clock_local(at, &weekday, &minute, &day);
            int64_t first = clock_find(day, minute, false), last = clock_find(day, minute, true);
            assert_true(first <= last);
            assert_true(at == first || at == last);
        }
    }
}

static void quiet_hours_end_by_the_clock(void **state)
{
    (void)state;
    enum { FROM = 21 * 60, TO = 8 * 60 };
    assert_int_equal(clock_zone("America/New_York"), 0);
    assert_int_equal(clock_daily_until(utc(2026, 3, 7, 3, 0), FROM, TO), utc(2026, 3, 7, 13, 0));
    assert_int_equal(clock_daily_until(utc(2026, 3, 8, 3, 0), FROM, TO),
                     utc(2026, 3, 8, 12, 0)); // a night of ten hours
    assert_int_equal(clock_daily_until(utc(2026, 11, 1, 2, 0), FROM, TO), utc(2026, 11, 1, 13, 0)); // of twelve
    assert_int_equal(clock_daily_until(utc(2026, 3, 8, 12, 0), FROM, TO), 0);
    // until half past one, which comes twice
    assert_int_equal(clock_daily_until(utc(2026, 11, 1, 5, 10), FROM, 90), utc(2026, 11, 1, 6, 30));
    assert_int_equal(clock_daily_until(utc(2026, 11, 1, 6, 10), FROM, 90), utc(2026, 11, 1, 6, 30));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_found_that_the_clock_shows_once_twice_or_never),
        cmocka_unit_test(what_the_clock_shows_is_found_where_it_was_seen),
        cmocka_unit_test(quiet_hours_end_by_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

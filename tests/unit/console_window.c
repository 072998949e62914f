// SPDX-License-Identifier: AGPL-3.0-or-later
/* The hours that are safe for somebody, over the days on which summer time begins and ends in New York. */
#include "base/clock.h"
#include "base/str.h"
#include "console/calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* "2026-03-08 18:00" of UTC, in seconds. */
static int64_t at(const char *utc)
{
    struct date d;
    int64_t minutes;
    assert_int_equal(date_parse((struct span){utc, 10}, &d), 0);
    assert_true(call_minutes_read(span_of(utc + 11), &minutes));
    return date_to_day(d) * 86400 + minutes * 60;
}

static struct call_window window(const char *text)
{
    struct call_window w;
    assert_true(call_window_read(span_of(text), &w));
    return w;
}

/* ---- as it is sealed ---- */

static void a_window_is_read_as_it_was_written(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "daily 18:00-21:00 our clock", "Mon Wed 22:00-02:30 our clock", "daily 00:00-00:00 our clock",
        "daily 18:00-21:00 UTC-05:00", "Sat Sun 06:30-07:30 UTC+14:00", "Tue 00:01-23:58 UTC+05:30",
        "daily 06:11-07:13 UTC+00:00",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct call_window w = window(texts[i]);
        struct str out = STR_INIT(CALL_DETAIL_MAX);
        call_window_write(&w, &out);
        assert_string_equal(str_z(&out), texts[i]);
        assert_int_equal(w.ours, i < 3);
        str_release(&out);
    }
    assert_int_equal(window("daily 18:00-21:00 UTC-05:00").offset, -300);
}

static void what_is_no_window_is_not_read(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "daily",
        "18:00-21:00 our clock",
        "daily 18:00-21:00",
        "daily 18:00-21:00 ",
        "daily 18:00-21:00 our",
        "daily 18:00-21:00 our clock ",
        "daily 18:00-21:00 ours",
        "daily 18:00-24:00 our clock",
        "daily 18:00-21:00 UTC-5",
        "daily 18:00-21:00 UTC-05:00 our clock",
        "Someday 18:00-21:00 our clock",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct call_window w = {.known = true};
        assert_false(call_window_read(span_of(texts[i]), &w));
        assert_false(w.known);
    }
}

/* ---- when it is ---- */

static void hours_go_with_the_services_clock_or_stay(void **state)
{
    (void)state;
    static const struct {
        const char *window, *now, *begins, *ends; /* by UTC */
    } rows[] = {
        // the evening before summer time begins, that of the day, and the one after
        {"daily 18:00-20:00 our clock", "2026-03-07 12:00", "2026-03-07 23:00", "2026-03-08 01:00"},
        {"daily 18:00-20:00 our clock", "2026-03-08 02:00", "2026-03-08 22:00", "2026-03-09 00:00"},
        {"daily 18:00-20:00 our clock", "2026-03-09 02:00", "2026-03-09 22:00", "2026-03-10 00:00"},
        {"daily 18:00-20:00 UTC-05:00", "2026-03-08 02:00", "2026-03-08 23:00", "2026-03-09 01:00"},
        {"Sat 18:00-20:00 our clock", "2026-03-08 02:00", "2026-03-14 22:00", "2026-03-15 00:00"},
        // and ends
        {"daily 18:00-20:00 our clock", "2026-10-31 12:00", "2026-10-31 22:00", "2026-11-01 00:00"},
        {"daily 18:00-20:00 our clock", "2026-11-01 02:00", "2026-11-01 23:00", "2026-11-02 01:00"},
        {"daily 18:00-20:00 UTC-04:00", "2026-11-01 02:00", "2026-11-01 22:00", "2026-11-02 00:00"},
        {"Sun 18:00-20:00 our clock", "2027-03-08 12:00", "2027-03-14 22:00", "2027-03-15 00:00"},
        // a stretch in which it begins: six hours instead of seven; in which it ends: eight
        {"daily 22:00-05:00 our clock", "2026-03-08 02:00", "2026-03-08 03:00", "2026-03-08 09:00"},
        {"daily 22:00-05:00 our clock", "2026-03-08 08:30", "2026-03-08 08:30", "2026-03-08 09:00"},
        {"daily 22:00-05:00 our clock", "2026-11-01 01:00", "2026-11-01 02:00", "2026-11-01 10:00"},
        {"Sat 22:00-05:00 our clock", "2026-11-01 09:30", "2026-11-01 09:30", "2026-11-01 10:00"},
        // it begins in the hour that is left out, ends in it, or lies in it
        {"daily 02:30-04:00 our clock", "2026-03-08 06:30", "2026-03-08 07:00", "2026-03-08 08:00"},
        {"daily 02:30-04:00 our clock", "2027-03-14 06:30", "2027-03-14 07:00", "2027-03-14 08:00"},
        {"daily 01:00-02:30 our clock", "2026-03-08 06:30", "2026-03-08 06:30", "2026-03-08 07:00"},
        {"daily 22:00-02:30 our clock", "2026-03-08 06:30", "2026-03-08 06:30", "2026-03-08 07:00"},
        {"daily 02:10-02:50 our clock", "2026-03-08 05:00", "2026-03-09 06:10", "2026-03-09 06:50"},
        {"Sun 02:10-02:50 our clock", "2026-03-08 05:00", "2026-03-15 06:10", "2026-03-15 06:50"},
        // in the hour that comes twice only what is safe both times counts
        {"daily 01:30-04:00 our clock", "2026-11-01 05:40", "2026-11-01 06:30", "2026-11-01 09:00"},
        {"daily 22:00-01:30 our clock", "2026-11-01 05:29", "2026-11-01 05:29", "2026-11-01 05:30"},
        {"daily 22:00-01:30 our clock", "2026-11-01 06:10", "2026-11-02 03:00", "2026-11-02 06:30"},
        {"daily 01:10-01:50 our clock", "2026-11-01 05:20", "2026-11-02 06:10", "2026-11-02 06:50"},
        {"daily 00:30-02:30 our clock", "2026-11-01 06:10", "2026-11-01 06:10", "2026-11-01 07:30"},
        // whole days have 23 and 25 hours
        {"Sun 00:00-00:00 our clock", "2026-03-07 12:00", "2026-03-08 05:00", "2026-03-09 04:00"},
        {"Sun 00:00-00:00 our clock", "2026-11-01 00:00", "2026-11-01 04:00", "2026-11-02 05:00"},
    };
    assert_int_equal(clock_zone("America/New_York"), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct call_window w = window(rows[i].window);
        int64_t until_s, next_s = call_window_next(&w, at(rows[i].now), &until_s);
        if (next_s != at(rows[i].begins) || until_s != at(rows[i].ends))
            fail_msg("row %zu: %lld minutes from now, %lld from then", i, (long long)(next_s - at(rows[i].now)) / 60,
                     (long long)(until_s - next_s) / 60);
        assert_true(call_window_holds(&w, next_s) && !call_window_holds(&w, until_s));
        assert_int_equal(call_window_holds(&w, at(rows[i].now)), next_s == at(rows[i].now));
    }
}

static void their_clock_shows(const char *text, const char *now, int hour, int minute, unsigned weekday)
{
    struct call_window w = window(text);
    int64_t day;
    int shown;
    call_window_clock(&w, at(now), &day, &shown);
    assert_int_equal(shown, hour * 60 + minute);
    assert_int_equal(date_weekday(day), weekday);
}

static void their_clock_shows_what_ours_does_or_stays_behind(void **state)
{
    (void)state;
    enum { SATURDAY = 5, SUNDAY = 6 };
    assert_int_equal(clock_zone("America/New_York"), 0);
    their_clock_shows("daily 18:00-20:00 our clock", "2026-03-08 06:59", 1, 59, SUNDAY);
    their_clock_shows("daily 18:00-20:00 our clock", "2026-03-08 07:00", 3, 0, SUNDAY);
    their_clock_shows("daily 18:00-20:00 UTC-05:00", "2026-03-08 07:00", 2, 0, SUNDAY);
    their_clock_shows("daily 18:00-20:00 our clock", "2026-11-01 03:59", 23, 59, SATURDAY);
    their_clock_shows("daily 18:00-20:00 our clock", "2026-11-01 06:00", 1, 0, SUNDAY);
    their_clock_shows("daily 18:00-20:00 UTC+14:00", "2026-10-31 10:00", 0, 0, SUNDAY);
}

/* Every minute of a year: it is safe exactly when their clock shows one of the hours, but for the hour that comes
 * twice. */
static void safe_is_what_their_clock_shows(void **state)
{
    (void)state;
    static const char *const texts[] = {"daily 18:00-20:00 our clock", "daily 22:00-02:30 our clock",
                                        "Sun 01:15-02:45 our clock", "daily 18:00-20:00 UTC-05:00"};
    assert_int_equal(clock_zone("America/New_York"), 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct call_window w = window(texts[i]);
        for (int64_t now = at("2026-01-01 00:00"); now < at("2027-04-01 00:00"); now += 300) {
            int minute;
            int64_t day;
            call_window_clock(&w, now, &day, &minute);
            bool over = w.to < w.from, early = over && minute < w.to;
            bool within = over ? minute >= w.from || early : minute >= w.from && minute < w.to;
            bool shown = within && w.days & 1U << date_weekday(day - early);
            bool twice = now >= at("2026-11-01 05:00") && now < at("2026-11-01 07:00");
            assert_true(twice ? shown || !call_window_holds(&w, now) : shown == call_window_holds(&w, now));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_is_read_as_it_was_written),
        cmocka_unit_test(what_is_no_window_is_not_read),
        cmocka_unit_test(hours_go_with_the_services_clock_or_stay),
        cmocka_unit_test(their_clock_shows_what_ours_does_or_stays_behind),
        cmocka_unit_test(safe_is_what_their_clock_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

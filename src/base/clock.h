// SPDX-License-Identifier: AGPL-3.0-or-later
/* clock - time and randomness as arguments, so that everything can be replayed.
 *
 * Times are int64_t: `_ms` is milliseconds since 1970-01-01 UTC, `_s` seconds; a `day` is days since 1970-01-01 in UTC.
 */
#ifndef WAYMARK_BASE_CLOCK_H
#define WAYMARK_BASE_CLOCK_H

#include "base/span.h"

struct clock {
    int64_t (*now_ms)(void *ctx);
    void *ctx;
};

struct entropy {
    void (*fill)(void *ctx, void *bytes, size_t len);
    void *ctx;
};

/** A civil date of the proleptic Gregorian calendar. */
struct date {
    int year;       /* 1..9999 */
    int month, day; /* 1..12, 1..31 */
};

/** The system's clock. */
struct clock clock_system(void);

/** Milliseconds of a clock that never steps back; for deadlines only. */
int64_t clock_monotonic_ms(void);

/** Days since 1970-01-01 of a civil date. */
int64_t date_to_day(struct date d);
struct date date_from_day(int64_t day);

/** The weekday of a day since 1970-01-01, also of one before it: Monday = 0. */
unsigned date_weekday(int64_t day);

/** Reads YYYY-MM-DD, checked against the calendar. ERR_SYNTAX, ERR_RANGE. */
int date_parse(struct span text, struct date *d);

/** The day (UTC) in which a time lies; rounds down for times before 1970. */
int64_t day_of_ms(int64_t ms);

/** Sets the zone (IANA name) for clock_local in this process; call once at start, before threads. ERR_MISSING: unknown
 * zone. */
int clock_zone(const char *name);

/** Weekday (Monday = 0), minute of the day and day since 1970-01-01 of a time in that zone. Thread-safe. */
void clock_local(int64_t ms, int *weekday, int *minute, int64_t *day);

/** The time (ms) at which the clock of that zone shows this minute of this day; minutes past its end are the next
 * day's. Where it shows it twice, as summer time ends: the first, or the last. Where it never does, as summer time
 * begins: when it jumps past it. */
int64_t clock_find(int64_t day, int64_t minute, bool last);

/** When a daily span in that zone (minutes of the day; `to` before `from`: over midnight; the same: none) that holds at
 * `now_ms` is over; 0: it does not hold. An hour that comes twice is waited for twice. */
int64_t clock_daily_until(int64_t now_ms, int from, int to);

#endif

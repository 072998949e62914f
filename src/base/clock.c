// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/clock.h"

#include "base/err.h"
#include "base/str.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

static const int64_t MS_PER_DAY = 86400000;
enum { DAY_MINUTES = 24 * 60, MINUTE_MS = 60 * 1000 };

static int64_t system_now(void *ctx)
{
    (void)ctx;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct clock clock_system(void)
{
    return (struct clock){.now_ms = system_now};
}

int64_t clock_monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Days from civil and back: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". Years count from March. */
int64_t date_to_day(struct date d)
{
    int64_t y = d.year - (d.month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

struct date date_from_day(int64_t day)
{
    int64_t z = day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (struct date){
        .year = (int)(yoe + era * 400 + (month <= 2)), .month = month, .day = (int)(doy - (153 * mp + 2) / 5 + 1)};
}

unsigned date_weekday(int64_t day)
{
    return (unsigned)((day % 7 + 10) % 7); // 1970-01-01 was a Thursday
}

int date_parse(struct span text, struct date *d)
{
    int64_t y, m, day;
    if (text.len != 10 || text.p[4] != '-' || text.p[7] != '-')
        return ERR_SYNTAX;
    if (span_int(span_first(text, 4), &y) || span_int((struct span){text.p + 5, 2}, &m) ||
        span_int((struct span){text.p + 8, 2}, &day) || y < 0 || m < 0 || day < 0)
        return ERR_SYNTAX;
    struct date read = {.year = (int)y, .month = (int)m, .day = (int)day};
    if (y < 1 || m < 1 || m > 12 || day < 1 || day > 31)
        return ERR_RANGE;
    struct date back = date_from_day(date_to_day(read));
    if (back.month != read.month || back.day != read.day) // 31 April comes back as 1 May
        return ERR_RANGE;
    *d = read;
    return 0;
}

int64_t day_of_ms(int64_t ms)
{
    return ms >= 0 ? ms / MS_PER_DAY : -((-ms + MS_PER_DAY - 1) / MS_PER_DAY);
}

int clock_zone(const char *name)
{
    struct str path = STR_INIT(512);
    str_addf(&path, "/usr/share/zoneinfo/%s", name);
    struct stat st;
    bool known = str_err(&path) == 0 && stat(str_z(&path), &st) == 0 && S_ISREG(st.st_mode);
    str_release(&path);
    if (!known)
        return ERR_MISSING;
    setenv("TZ", name, 1);
    tzset();
    return 0;
}

void clock_local(int64_t ms, int *weekday, int *minute, int64_t *day)
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm;
    localtime_r(&t, &tm);
    *weekday = (tm.tm_wday + 6) % 7;
    *minute = tm.tm_hour * 60 + tm.tm_min;
    *day = date_to_day((struct date){.year = tm.tm_year + 1900, .month = tm.tm_mon + 1, .day = tm.tm_mday});
}

/* What the clock shows at a minute since 1970, in minutes since its own 1970. */
static int64_t shown_at(int64_t at)
{
    int weekday, minute;
    int64_t day;
    clock_local(at * MINUTE_MS, &weekday, &minute, &day);
    return day * DAY_MINUTES + minute;
}

/* No zone changes its clock twice within two days, so it is ahead of UTC either as it is a day before or a day after.
 */
int64_t clock_find(int64_t day, int64_t minute, bool last)
{
    int64_t want = day * DAY_MINUTES + minute, before = want - DAY_MINUTES, after = want + DAY_MINUTES;
    int64_t a = want - (shown_at(before) - before), b = want - (shown_at(after) - after);
    int64_t early = a < b ? a : b, late = a < b ? b : a;
    int64_t rather = last ? late : early, else_at = last ? early : late;
    if (shown_at(rather) == want)
        return rather * MINUTE_MS;
    if (shown_at(else_at) == want)
        return else_at * MINUTE_MS;
    while (late - early > 1) { // it is not shown: early comes before the jump, late after it
        int64_t middle = early + (late - early) / 2;
        if (shown_at(middle) < want)
            early = middle;
        else
            late = middle;
    }
    return late * MINUTE_MS;
}

int64_t clock_daily_until(int64_t now_ms, int from, int to)
{
    int weekday, minute;
    int64_t day;
    clock_local(now_ms, &weekday, &minute, &day);
    int length = (to - from + DAY_MINUTES) % DAY_MINUTES, gone = (minute - from + DAY_MINUTES) % DAY_MINUTES;
    if (gone >= length)
        return 0;
    return clock_find(day, minute + length - gone, true);
}

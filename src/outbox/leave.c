// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/leave.h"

#include "base/clock.h"

enum { DAY_MINUTES = 24 * 60, MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

int64_t leave_quiet_until(const struct settings *settings, int64_t now_ms)
{
    int weekday, minute, from = settings->quiet_from, to = settings->quiet_to;
    int64_t day;
    clock_local(now_ms, &weekday, &minute, &day);
    int length = (to - from + DAY_MINUTES) % DAY_MINUTES, gone = (minute - from + DAY_MINUTES) % DAY_MINUTES;
    if (gone >= length)
        return 0;
    return now_ms - now_ms % MINUTE_MS + (int64_t)(length - gone) * MINUTE_MS;
}

struct store_leave leave_now(const struct settings *settings, struct span channel, int64_t now_ms, size_t most)
{
    struct store_leave leave = {.channel = channel, .now_ms = now_ms, .most = most};
    if (!settings)
        return leave;
    leave.quiet_until_ms = leave_quiet_until(settings, now_ms);
    leave.hourly = settings->hourly_max;
    if (settings->expire_hours)
        leave.before_ms = now_ms - (int64_t)settings->expire_hours * HOUR_MS;
    return leave;
}

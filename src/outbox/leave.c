// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/leave.h"

#include "base/clock.h"

enum { HOUR_MS = 3600 * 1000 };

struct store_leave leave_now(const struct settings *settings, struct span channel, int64_t now_ms, size_t most)
{
    struct store_leave leave = {.channel = channel, .now_ms = now_ms, .most = most};
    if (!settings)
        return leave;
    leave.quiet_until_ms = clock_daily_until(now_ms, settings->quiet_from, settings->quiet_to);
    leave.hourly = settings->hourly_max;
    if (settings->expire_hours)
        leave.before_ms = now_ms - (int64_t)settings->expire_hours * HOUR_MS;
    return leave;
}

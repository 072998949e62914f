// SPDX-License-Identifier: AGPL-3.0-or-later
/* statistics - sums over days, without anybody in them: from the counters, and from what lies in clear of cases,
 * messages and consents. Small ones are not hidden here; console/statistics.c does that. To add one: a name, and its
 * statement in statistics.c. */
#ifndef WAYMARK_STORE_STATISTICS_H
#define WAYMARK_STORE_STATISTICS_H

#include "base/arena.h"
#include "store/store.h"

enum statistic {
    STAT_WEEKS,     /* requests by week: days since 1970-01-01 of its Monday */
    STAT_CHANNELS,  /* requests by channel */
    STAT_LANGUAGES, /* requests by language */
    STAT_STATUSES,  /* cases opened then, by their status now */
    STAT_REPLIES,   /* first replies, by the counter's event (console/firstreply.h) */
    STAT_DELIVERY,  /* messages due then, by enum message_state */
    STAT_CONSENTS,  /* people by what they did: "agree", "refuse", "withdraw", "erase" */
    STATISTICS
};

struct statistic_row {
    struct span label;
    int64_t number;
};

/** Between two days, both included; in `a`. */
int statistics_read(struct store *s, enum statistic which, int64_t from_day, int64_t to_day, struct arena *a,
                    struct statistic_row **rows, size_t *count);

/** Of each screen, in a language and a version of the menus (its hash in hexadecimal): how many sessions saw it and how
 * many ended on it. Those that most saw first, at most `most`. */
struct statistic_screen {
    struct span menus, language, screen;
    int64_t seen, ended;
};
int statistics_screens(struct store *s, int64_t from_day, int64_t to_day, size_t most, struct arena *a,
                       struct statistic_screen **rows, size_t *count);

#endif

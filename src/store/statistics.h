// SPDX-License-Identifier: AGPL-3.0-or-later
/* statistics - what may be told of what was counted, week by week, without anybody in it.
 *
 * The counters (table counter: store_count) know each day to the last digit. What leaves the house is told in fives: at
 * the end of each week the counts since the beginning, cell by cell, are rounded down to a multiple of STATISTIC_STEP;
 * what that is more than was told before is the week's number (table statistic), what is left over waits in table tally
 * for the weeks that follow. A cell is one topic with its menus, channel, language and `what`, as far as the topic has
 * them; every table, total and file is a sum of told cells, and nothing is told in another way or before its week ends.
 *
 * Why that hides people: every number that is told is a multiple of five, and so is each sum and each difference of
 * them, whatever ranges and tables they are taken from; none is ever 1, 2, 3 or 4. Of a week that tells nothing of a
 * cell there may have been none, or as many as four, and whichever it was, the same numbers can be told before and
 * after it. At most four of a cell are ever behind.
 *
 * Topics: "case" (opened; what: its kind), "status" (given to a case; what: which), "reply" (the first to a case; what:
 * after how long, console/firstreply.h), "message" (what: the enum message_state that it came to), "consent" (what was
 * done), each counted as an event "TOPIC-WHAT" without a screen; and of screens "ended" (sessions that ended there) and
 * "went" (that saw it and went on). To add one: count such an event, and name its topic in Q_TALLY_EVENTS.
 */
#ifndef WAYMARK_STORE_STATISTICS_H
#define WAYMARK_STORE_STATISTICS_H

#include "base/arena.h"
#include "store/store.h"

enum {
    STATISTIC_STEP = 5,
    STATISTIC_COUNTERS_DAYS = 92, /* how long counters are kept to the digit: for the map of the menus */
};

/** Takes in the next day that is over, if it lies before `before_day`; with a Sunday its week is told. Inside a
 * transaction. 1: there was one; 0: there is none. A day is to be taken in when nobody counts in it any more. */
int statistics_step(struct store *s, int64_t before_day);

/* ---- reading, from any connection; weeks by the day of their Monday, both ends included; all of it in `a` ---- */

/** The last week that is told. ERR_MISSING: none is yet. */
int statistics_last(struct store *s, int64_t *week);

enum statistic_by { STAT_BY_WEEK, STAT_BY_CHANNEL, STAT_BY_LANGUAGE, STAT_BY_WHAT };

struct statistic_sum {
    struct span label; /* by week: its Monday's day */
    int64_t number;
};

/** Weeks in their order, all else the highest first. What tells nothing is not among them. */
int statistics_sums(struct store *s, const char *topic, enum statistic_by by, int64_t from, int64_t to, struct arena *a,
                    struct statistic_sum **rows, size_t *count);

struct statistic_row {
    int64_t week;
    struct span channel, language, what;
    int64_t number;
};

/** The cells as they are told, in order, at most `most`. */
int statistics_rows(struct store *s, const char *topic, int64_t from, int64_t to, size_t most, struct arena *a,
                    struct statistic_row **rows, size_t *count);

/** Of each screen, in a language and a version of the menus (its hash in hexadecimal): sessions that ended on it, and
 * that went on from it, and since which of the weeks. Those that most saw first, at most `most`. */
struct statistic_screen {
    struct span menus, language, screen;
    int64_t ended, went, since;
};
int statistics_screens(struct store *s, int64_t from, int64_t to, size_t most, struct arena *a,
                       struct statistic_screen **rows, size_t *count);

#endif

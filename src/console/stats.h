// SPDX-License-Identifier: AGPL-3.0-or-later
/* stats - what the page of statistics (statistics.c) and its files (statfile.c) share: the tables, the weeks that are
 * asked for, and words for what is counted. What may be told at all is decided where it is stored: store/statistics.h.
 */
#ifndef WAYMARK_CONSOLE_STATS_H
#define WAYMARK_CONSOLE_STATS_H

#include "console/page.h"
#include "store/statistics.h"

enum { STATS_WEEKS_MOST = 104, STATS_WEEKS_SHOWN = 13, STATS_ROWS_MOST = 10000 };

/** Mondays' days, both included. Only weeks that are told: `to` lies before `from` where none is. */
struct stats_range {
    int64_t from, to;
};

/** What the address asks for, as far as there is something; else the last STATS_WEEKS_SHOWN. */
int stats_range_asked(struct page *p, struct stats_range *r);

/** How each part of a cell is called. */
struct span stats_channel(struct page *p, struct span name);
struct span stats_language(struct page *p, struct span code);
struct span stats_what(struct page *p, struct span topic, struct span what);

/** "2026-11-30" */
struct span stats_day(struct page *p, int64_t day);

/** Of a hundred, where both parts are told; else -1. */
int stats_share(const struct statistic_screen *s);

#endif

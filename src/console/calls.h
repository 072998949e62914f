// SPDX-License-Identifier: AGPL-3.0-or-later
/* calls - calls that were promised: booked on a case, listed by when they are due, made, and what came of them.
 *
 * A call is a record of its own (store/callback.h). What says something about the person, when it is safe, is sealed to
 * the case. Times are shown by the service's clock, and by the person's where that is another. Files: calls.c lists
 * them, callbook.c books and moves one, callmade.c is one call being made, callwindow.c reckons what is safe,
 * calltime.c shows it and reads forms. To add an outcome: a row of OUTCOMES in callmade.c.
 */
#ifndef WAYMARK_CONSOLE_CALLS_H
#define WAYMARK_CONSOLE_CALLS_H

#include "console/casebook.h"
#include "store/callback.h"

enum { CALL_ATTEMPTS = 3, CALL_AHEAD_DAYS = 60, CALL_DETAIL_MAX = 1024 };
enum { CALL_WEEK = 7, CALL_EVERY_DAY = (1 << CALL_WEEK) - 1 };

/** When it is safe, by the person's own clock. */
struct call_window {
    bool known;
    bool ours;        /* their clock is the service's, whose zone says when summer time begins and ends */
    unsigned days;    /* on which it begins; bit 0: Monday */
    int64_t offset;   /* else: minutes that it is ahead of UTC, all the year; 0 where it is ours */
    int64_t from, to; /* minutes of their day; to before from: on the next day; the same: at any hour */
};

/** As it is sealed, "daily 18:00-21:00 our clock" or "Mon Wed 18:00-21:00 UTC-05:00", and read back. False: it is not
 * of that form. */
void call_window_write(const struct call_window *w, struct str *out);
bool call_window_read(struct span text, struct call_window *w);

/** Parts of that: the days with something between them, the clock, and "14:30" as minutes. */
void call_days_write(struct str *out, unsigned days, const char *between);
void call_clock_write(const struct call_window *w, struct str *out);
bool call_minutes_read(struct span text, int64_t *minutes);

/** Every day at any hour, by our clock. */
struct call_window call_window_any(void);

/** What their clock shows at that time: the day since 1970-01-01, and the minute of it. */
void call_window_clock(const struct call_window *w, int64_t at_s, int64_t *day, int *minute);

/** Opens what lies beside a call. Unknown where it does not open. */
struct call_window call_window_open(const struct opener *key, const struct callback *c);

/** The first time from `at_s` on that is safe; *until_s: when that is over, 0: never. A window that is not known is
 * open. */
int64_t call_window_next(const struct call_window *w, int64_t at_s, int64_t *until_s);
bool call_window_holds(const struct call_window *w, int64_t at_s);

/** Fills ours and ours_day, outside, safe_theirs (the window), same_clock; where theirs is another clock: theirs (the
 * time), their_clock, safe_ours. */
void call_times_fill(struct page *p, struct view *v, const struct call_window *w, int64_t at_s);

/** What was sealed (call_window_write) as it is told: "Mon, Wed 18:00 to 21:00, by their clock, UTC-05:00". What does
 * not read is told as it stands. */
struct span call_window_told(struct page *p, struct span sealed);

/** The time of fields `date` and `time`, by the service's clock; what is wrong is told. 0: something is. */
int64_t call_time_need(struct page *p);

/** Fills the fields of a form with a time. */
void call_time_fill(struct page *p, int64_t at_s);

/** "today 14:30", "Tue 1 Dec 2026, 09:00". */
struct span call_time_short(struct page *p, int64_t at_s);

/** The window of fields `zone`, `from`, `to`, `day0` (Monday) to `day6`; what is wrong is told, and a time outside it,
 * unless the form says that it is meant. */
struct call_window call_window_need(struct page *p, int64_t at_s);
void call_window_fill(struct page *p, const struct call_window *w);

/** The next call of a member's list, 0: none. */
int64_t calls_next(struct page *p);

/** Fills the calls of a case, and whether one may be booked. */
void calls_of_case(struct page *p, const struct casebook *b);

/** What came of a call, in words. */
struct span call_outcome(struct span word);

/** A call, and the case that it is about, opened; else answered already. Path: the call's id. */
struct casebook *call_need(struct page *p, struct callback *out);

/** The page of one call. */
void call_draw(struct page *p, struct casebook *b, const struct callback *c);

#endif

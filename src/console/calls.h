// SPDX-License-Identifier: AGPL-3.0-or-later
/* calls - calls that were promised: booked on a case, listed by when they are due, made, and what came of them.
 *
 * A call is a record of its own (store/callback.h). What says something about the person, when it is safe, is sealed to
 * the case. Times are shown twice, by the service's clock and by the person's. Files: calls.c lists them, callbook.c
 * books and moves one, callmade.c is one call being made. To add an outcome: a row of OUTCOMES in callmade.c.
 */
#ifndef WAYMARK_CONSOLE_CALLS_H
#define WAYMARK_CONSOLE_CALLS_H

#include "console/casebook.h"
#include "store/callback.h"

enum { CALL_ATTEMPTS = 3, CALL_AHEAD_DAYS = 60, CALL_DETAIL_MAX = 1024 };

/** When it is safe, by the person's own clock. */
struct call_window {
    bool known;
    unsigned days;    /* on which it begins; bit 0: Monday */
    int64_t offset;   /* minutes that their clock is ahead of UTC */
    int64_t from, to; /* minutes of their day; to before from: on the next day; the same: at any hour */
};

/** As it is sealed, "Mon Wed 18:00-21:00 UTC-05:00" or "daily 18:00-21:00 UTC-05:00", and read back. False: it is not
 * of that form. */
void call_window_write(const struct call_window *w, struct str *out);
bool call_window_read(struct span text, struct call_window *w);

/** Every day at any hour, by a clock that shows what ours does. */
struct call_window call_window_any(int64_t now_ms);

/** Opens what lies beside a call. Unknown where it does not open. */
struct call_window call_window_open(const struct opener *key, const struct callback *c);

/** The first time from `at_s` on that is safe; *until_s: when that is over, 0: never. A window that is not known is
 * open. */
int64_t call_window_next(const struct call_window *w, int64_t at_s, int64_t *until_s);
bool call_window_holds(const struct call_window *w, int64_t at_s);

/** Fills ours, theirs (the time by both clocks), safe_theirs, safe_ours (the window), outside. */
void call_times_fill(struct page *p, struct view *v, const struct call_window *w, int64_t at_s);

/** The time of fields `date` and `time`, by the service's clock; what is wrong is told. 0: wrong. */
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

// SPDX-License-Identifier: AGPL-3.0-or-later
/* callwindow - the hours that are safe for a person, as they are sealed, and when they are.
 *
 * A stretch of hours goes from what their clock shows to what it shows later. Where a clock shows the same hour twice,
 * as summer time ends, only what is safe both times counts; where it leaves an hour out, a stretch begins or ends as it
 * jumps, and one that lies wholly in that hour is none.
 */
#include "base/clock.h"
#include "base/err.h"
#include "console/calls.h"
#include "console/wording.h"

enum { DAY_MINUTES = 1440, WEEK = CALL_WEEK, EVERY_DAY = CALL_EVERY_DAY };

static const char OURS[] = "our clock"; /* in the sealed text */

/* ---- as it is sealed ---- */

void call_days_write(struct str *out, unsigned days, const char *between)
{
    const char *before = "";
    for (unsigned i = 0; i < WEEK; i++) {
        if (!(days & 1U << i))
            continue;
        str_addf(out, "%s%s", before, wording_weekday(i));
        before = between;
    }
}

void call_clock_write(const struct call_window *w, struct str *out)
{
    int ahead = (int)(w->offset < 0 ? -w->offset : w->offset);
    if (w->ours)
        str_addz(out, OURS);
    else
        str_addf(out, "UTC%c%02d:%02d", w->offset < 0 ? '-' : '+', ahead / 60, ahead % 60);
}

void call_window_write(const struct call_window *w, struct str *out)
{
    if (w->days == EVERY_DAY)
        str_addz(out, "daily");
    else
        call_days_write(out, w->days, " ");
    str_addf(out, " %02d:%02d-%02d:%02d ", (int)(w->from / 60), (int)(w->from % 60), (int)(w->to / 60),
             (int)(w->to % 60));
    call_clock_write(w, out);
}

bool call_minutes_read(struct span text, int64_t *minutes)
{
    struct span hour, minute;
    int64_t h, m;
    if (!span_split(&text, ':', &hour) || !span_split(&text, ':', &minute) || text.len)
        return false;
    if (span_int(hour, &h) < 0 || span_int(minute, &m) < 0 || h < 0 || h > 23 || m < 0 || m > 59)
        return false;
    *minutes = h * 60 + m;
    return true;
}

static bool day_read(struct span word, unsigned *days)
{
    if (span_is(word, "daily"))
        *days = EVERY_DAY;
    for (unsigned i = 0; i < WEEK; i++)
        if (span_is(word, wording_weekday(i))) {
            *days |= 1U << i;
            return true;
        }
    return span_is(word, "daily");
}

/* "our clock", or "UTC-05:00". */
static bool clock_read(struct span text, struct call_window *w)
{
    bool west = span_starts(text, SPAN("UTC-"));
    w->ours = span_is(text, OURS);
    if (w->ours)
        return true;
    if ((!west && !span_starts(text, SPAN("UTC+"))) || !call_minutes_read(span_from(text, 4), &w->offset))
        return false;
    w->offset = west ? -w->offset : w->offset;
    return true;
}

bool call_window_read(struct span text, struct call_window *w)
{
    struct span word = {0}, from;
    *w = (struct call_window){0};
    while (span_split(&text, ' ', &word) && day_read(word, &w->days))
        ;
    w->known = w->days && span_split(&word, '-', &from) && call_minutes_read(from, &w->from) &&
               call_minutes_read(word, &w->to) && clock_read(text, w);
    return w->known;
}

struct call_window call_window_open(const struct opener *key, const struct callback *c)
{
    struct call_window w = {0};
    struct str text = STR_INIT(CALL_DETAIL_MAX);
    if (key && c->seal.len && told_call_unseal(key, c->reference, c->seal, &text) == 0)
        call_window_read(str_span(&text), &w);
    vault_forget(&text);
    return w;
}

struct call_window call_window_any(void)
{
    return (struct call_window){.known = true, .ours = true, .days = EVERY_DAY};
}

/* ---- when it is ---- */

void call_window_clock(const struct call_window *w, int64_t at_s, int64_t *day, int *minute)
{
    int weekday;
    int64_t theirs_ms = (at_s + w->offset * 60) * 1000;
    *day = day_of_ms(theirs_ms);
    *minute = (int)(theirs_ms / 60000 - *day * DAY_MINUTES);
    if (w->ours)
        clock_local(at_s * 1000, &weekday, minute, day);
}

/* When their clock shows this minute of this day: the first time, or the last. */
static int64_t shows_s(const struct call_window *w, int64_t day, int64_t minute, bool last)
{
    return w->ours ? clock_find(day, minute, last) / 1000 : (day * DAY_MINUTES + minute - w->offset) * 60;
}

/* The stretch of safe hours that begins on this day of theirs. False: there is none. */
static bool stretch_on(const struct call_window *w, int64_t day, int64_t *begin_s, int64_t *end_s)
{
    bool any = w->from == w->to, next_day = w->to < w->from;
    if (!(w->days & 1U << date_weekday(day)))
        return false;
    *begin_s = shows_s(w, day, any ? 0 : w->from, true);
    *end_s = shows_s(w, day, any ? DAY_MINUTES : w->to + (next_day ? DAY_MINUTES : 0), false);
    return *begin_s < *end_s;
}

int64_t call_window_next(const struct call_window *w, int64_t at_s, int64_t *until_s)
{
    int64_t today, begin_s, end_s;
    int minute;
    *until_s = 0;
    if (!w->known || !w->days || (w->from == w->to && w->days == EVERY_DAY))
        return at_s;
    call_window_clock(w, at_s, &today, &minute);
    for (int64_t day = today - 1;; day++) { // it began yesterday, where it goes over midnight
        if (!stretch_on(w, day, &begin_s, &end_s) || end_s <= at_s)
            continue;
        *until_s = end_s;
        return begin_s <= at_s ? at_s : begin_s;
    }
}

bool call_window_holds(const struct call_window *w, int64_t at_s)
{
    int64_t until_s;
    return call_window_next(w, at_s, &until_s) == at_s;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* calltime - times of calls, by two clocks: the service's and the person's. */
#include "base/clock.h"
#include "base/err.h"
#include "console/calls.h"
#include "console/internal.h"
#include "console/wording.h"

enum {
    DAY_MINUTES = 1440,
    WEEK = CALL_WEEK,
    EVERY_DAY = CALL_EVERY_DAY,
    ZONE_FIRST = -12 * 60,
    ZONE_LAST = 14 * 60,
    ZONE_STEP = 30
};

static int64_t mod(int64_t n)
{
    return (n % DAY_MINUTES + DAY_MINUTES) % DAY_MINUTES;
}

/* Of the service's own clock, in minutes ahead of UTC. */
static int64_t our_zone(int64_t now_ms)
{
    int weekday, minute;
    int64_t day;
    clock_local(now_ms, &weekday, &minute, &day);
    return day * DAY_MINUTES + minute - now_ms / 60000;
}

/* The window by a clock that is so many minutes ahead of theirs: "Mon, Wed 18:00 to 21:00". */
static void window_write(const struct call_window *w, int64_t ahead, struct str *text)
{
    int64_t from = mod(w->from + ahead), to = mod(w->to + ahead);
    int64_t shift = (w->from + ahead - from) / DAY_MINUTES;
    unsigned by = (unsigned)((shift + WEEK) % WEEK), days = (w->days << by | w->days >> (WEEK - by)) & EVERY_DAY;
    if (days != EVERY_DAY)
        call_days_write(text, days, ", ");
    if (w->from == w->to)
        str_add(text, days == EVERY_DAY ? SPAN("at any hour") : SPAN(", at any hour"));
    else
        str_addf(text, "%s%02d:%02d to %02d:%02d", days == EVERY_DAY ? "" : " ", (int)(from / 60), (int)(from % 60),
                 (int)(to / 60), (int)(to % 60));
}

static void window_fill(struct page *p, struct view *v, const char *name, const struct call_window *w, int64_t ahead)
{
    struct str text = STR_INIT(256);
    window_write(w, ahead, &text);
    view_set(v, name, arena_copy(p->arena, str_span(&text)));
    str_release(&text);
}

struct span call_window_told(struct page *p, struct span sealed)
{
    struct call_window w;
    struct str text = STR_INIT(256);
    if (!call_window_read(sealed, &w))
        return sealed;
    window_write(&w, 0, &text);
    str_addz(&text, w.ours ? ", by " : ", by their clock, ");
    call_clock_write(&w, &text);
    struct span told = arena_copy(p->arena, str_span(&text));
    str_release(&text);
    return told;
}

static void other_clock_fill(struct page *p, struct view *v, const struct call_window *w, int64_t at_s)
{
    int minute;
    int64_t day;
    struct str name = STR_INIT(16);
    call_window_clock(w, at_s, &day, &minute);
    view_setf(v, "theirs", "%s %02d:%02d", wording_weekday(date_weekday(day)), minute / 60, minute % 60);
    call_clock_write(w, &name);
    view_set(v, "their_clock", arena_copy(p->arena, str_span(&name)));
    str_release(&name);
    if (w->from != w->to)
        window_fill(p, v, "safe_ours", w, our_zone(at_s * 1000) - w->offset);
}

void call_times_fill(struct page *p, struct view *v, const struct call_window *w, int64_t at_s)
{
    int weekday, minute;
    int64_t day;
    clock_local(at_s * 1000, &weekday, &minute, &day);
    view_setf(v, "ours", "%02d:%02d", minute / 60, minute % 60);
    view_set(v, "ours_day", wording_day(p->arena, day));
    if (!w->known)
        return;
    view_flag(v, "outside", !call_window_holds(w, at_s));
    view_flag(v, "same_clock", w->ours);
    window_fill(p, v, "safe_theirs", w, 0);
    if (!w->ours)
        other_clock_fill(p, v, w, at_s);
}

/* ---- fields ---- */

static int minute_here(int64_t at_s)
{
    int weekday, minute;
    int64_t day;
    clock_local(at_s * 1000, &weekday, &minute, &day);
    return minute;
}

int64_t call_time_need(struct page *p)
{
    struct date date;
    int64_t minute = 0, now = p->now_ms / 1000;
    view_set(p->view, "date", page_form(p, "date"));
    view_set(p->view, "time", page_form(p, "time"));
    bool dated = date_parse(page_form(p, "date"), &date) == 0;
    if (!dated)
        page_error(p, "date", "Choose the day");
    bool timed = call_minutes_read(page_form(p, "time"), &minute);
    if (!timed)
        page_error(p, "time", "Choose the time, as 14:30");
    if (!dated || !timed)
        return 0;
    int64_t at = clock_find(date_to_day(date), minute, false) / 1000;
    if (minute_here(at) != minute)
        page_error(p, "time", "Summer time begins on that day, and no clock shows this time. Choose another");
    else if (at >= now - 60 && at < now + (int64_t)CALL_AHEAD_DAYS * 86400)
        return at;
    else
        page_error(p, "date", "Choose a time that is still to come, within 60 days");
    return 0;
}

void call_time_fill(struct page *p, int64_t at_s)
{
    int weekday, minute;
    int64_t day;
    clock_local(at_s * 1000, &weekday, &minute, &day);
    struct date d = date_from_day(day);
    view_setf(p->view, "date", "%04d-%02d-%02d", d.year, d.month, d.day);
    view_setf(p->view, "time", "%02d:%02d", minute / 60, minute % 60);
}

struct span call_time_short(struct page *p, int64_t at_s)
{
    int weekday, minute;
    int64_t day, today;
    clock_local(p->now_ms, &weekday, &minute, &today);
    clock_local(at_s * 1000, &weekday, &minute, &day);
    return day == today ? arena_printf(p->arena, "today %02d:%02d", minute / 60, minute % 60)
                        : wording_time(p->arena, at_s);
}

static void zone_add(struct page *p, struct span zone, struct span label, bool chosen)
{
    struct view *row = view_add(p->view, "zones");
    view_set(row, "zone", zone);
    view_set(row, "label", label);
    view_flag(row, "chosen", chosen);
}

static void zones_fill(struct page *p, const struct call_window *w)
{
    int here = minute_here(p->now_ms / 1000);
    bool ours = !w->known || w->ours;
    zone_add(p, SPAN("ours"), arena_printf(p->arena, "The same as ours: %02d:%02d now", here / 60, here % 60), ours);
    for (int64_t zone = ZONE_FIRST; zone <= ZONE_LAST; zone += ZONE_STEP) {
        int64_t there = mod(p->now_ms / 60000 + zone), ahead = zone < 0 ? -zone : zone;
        zone_add(p, arena_printf(p->arena, "%d", (int)zone),
                 arena_printf(p->arena, "%02d:%02d now (UTC%s%d:%02d)", (int)(there / 60), (int)(there % 60),
                              zone < 0 ? "-" : "+", (int)(ahead / 60), (int)(ahead % 60)),
                 !ours && zone == w->offset);
    }
    view_flag(p->view, "as_ours_now", !ours && w->offset == our_zone(p->now_ms));
}

static void days_fill(struct page *p, unsigned days)
{
    for (unsigned i = 0; i < WEEK; i++) {
        struct view *row = view_add(p->view, "days");
        view_setn(row, "weekday", i);
        view_setz(row, "label", wording_weekday(i));
        view_flag(row, "chosen", days & 1U << i);
    }
}

void call_window_fill(struct page *p, const struct call_window *w)
{
    zones_fill(p, w);
    days_fill(p, w->known ? w->days : EVERY_DAY);
    if (!w->known)
        return;
    view_setf(p->view, "from", "%02d:%02d", (int)(w->from / 60), (int)(w->from % 60));
    view_setf(p->view, "to", "%02d:%02d", (int)(w->to / 60), (int)(w->to % 60));
}

static bool zone_read(struct span word, struct call_window *w)
{
    w->ours = span_is(word, "ours");
    return w->ours || (span_int(word, &w->offset) == 0 && w->offset >= ZONE_FIRST && w->offset <= ZONE_LAST);
}

struct call_window call_window_need(struct page *p, int64_t at_s)
{
    struct call_window w = {0};
    view_set(p->view, "from", page_form(p, "from"));
    view_set(p->view, "to", page_form(p, "to"));
    bool zone = zone_read(page_form(p, "zone"), &w);
    if (!zone)
        page_error(p, "zone", "Choose what their clock shows now");
    bool from = call_minutes_read(page_form(p, "from"), &w.from), to = call_minutes_read(page_form(p, "to"), &w.to);
    if (!from)
        page_error(p, "from", "Say from what time it is safe, as 18:00");
    if (!to)
        page_error(p, "to", "Say until what time it is safe, as 20:00");
    for (unsigned i = 0; i < WEEK; i++)
        if (span_is(page_form(p, (const char[]){'d', 'a', 'y', (char)('0' + i), 0}), "yes"))
            w.days |= 1U << i;
    if (!w.days)
        page_error(p, "days", "Choose the days on which it is safe");
    w.known = zone; // for the list of zones
    days_fill(p, w.days);
    zones_fill(p, &w);
    w.known = zone && from && to && w.days;
    if (w.known && at_s && !call_window_holds(&w, at_s) && !span_is(page_form(p, "meant"), "yes")) {
        page_error(p, "time",
                   "That is outside the hours that are safe for them. Choose another time, or say that it "
                   "is meant");
        view_flag(p->view, "ask_outside", true);
    }
    return w;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* calltime - times of calls, by two clocks: the service's and the person's. */
#include "base/err.h"
#include "console/calls.h"
#include "console/internal.h"
#include "console/wording.h"

enum { DAY_MINUTES = 1440, ZONE_FIRST = -12 * 60, ZONE_LAST = 14 * 60, ZONE_STEP = 30 };

static int64_t mod(int64_t n)
{
    return (n % DAY_MINUTES + DAY_MINUTES) % DAY_MINUTES;
}

/* ---- the window ---- */

void call_window_write(const struct call_window *w, struct str *out)
{
    str_addf(out, "%lld %lld %lld", (long long)w->offset, (long long)w->from, (long long)w->to);
}

bool call_window_read(struct span text, struct call_window *w)
{
    int64_t *const parts[] = {&w->offset, &w->from, &w->to};
    struct span word;
    *w = (struct call_window){0};
    for (size_t i = 0; i < 3; i++)
        if (!span_split(&text, ' ', &word) || span_int(word, parts[i]) < 0)
            return false;
    w->known = w->offset >= ZONE_FIRST && w->offset <= ZONE_LAST && w->from == mod(w->from) && w->to == mod(w->to);
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

static int64_t their_minute(const struct call_window *w, int64_t at_s)
{
    return mod(at_s / 60 + w->offset);
}

bool call_window_holds(const struct call_window *w, int64_t at_s)
{
    int64_t at = their_minute(w, at_s);
    if (!w->known || w->from == w->to)
        return true;
    return w->from < w->to ? at >= w->from && at < w->to : at >= w->from || at < w->to;
}

static void span_fill(struct view *v, const char *name, int64_t from, int64_t to)
{
    view_setf(v, name, "%02d:%02d to %02d:%02d", (int)(from / 60), (int)(from % 60), (int)(to / 60), (int)(to % 60));
}

static struct span weekday_name(int64_t day)
{
    static const char *const NAMES[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    return span_of(NAMES[((day + 3) % 7 + 7) % 7]); // 1970-01-01 was a Thursday
}

void call_times_fill(struct page *p, struct view *v, const struct call_window *w, int64_t at_s)
{
    int weekday, minute;
    int64_t day;
    clock_local(at_s * 1000, &weekday, &minute, &day);
    view_setf(v, "ours", "%02d:%02d", minute / 60, minute % 60);
    view_setf(v, "ours_day", "%.*s %.*s", SPAN_ARG(weekday_name(day)), SPAN_ARG(wording_day(p->arena, day)));
    if (!w->known)
        return;
    int64_t theirs = their_minute(w, at_s), ahead = minute - theirs;
    int64_t their_day = day_of_ms((at_s + w->offset * 60) * 1000);
    view_setf(v, "theirs", "%.*s %02d:%02d", SPAN_ARG(weekday_name(their_day)), (int)(theirs / 60), (int)(theirs % 60));
    view_flag(v, "outside", !call_window_holds(w, at_s));
    if (w->from == w->to) {
        view_setz(v, "safe_theirs", "at any hour");
        return;
    }
    span_fill(v, "safe_theirs", w->from, w->to);
    span_fill(v, "safe_ours", mod(w->from + ahead), mod(w->to + ahead));
}

/* ---- fields ---- */

/* "14:30" as minutes. */
static bool minutes_read(struct span text, int64_t *minutes)
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

/* The time at which the service's clock shows this; where it never does (the hour that summer time leaves out), the
 * time beside it. */
static int64_t local_time(int64_t day, int64_t minute)
{
    int64_t want = day * DAY_MINUTES + minute, at = want;
    for (int i = 0; i < 2; i++) {
        int weekday, shown;
        int64_t shown_day;
        clock_local(at * 60000, &weekday, &shown, &shown_day);
        at += want - (shown_day * DAY_MINUTES + shown);
    }
    return at * 60;
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
    if (!minutes_read(page_form(p, "time"), &minute))
        page_error(p, "time", "Choose the time, as 14:30");
    else if (dated) {
        int64_t at = local_time(date_to_day(date), minute);
        if (at >= now - 60 && at < now + (int64_t)CALL_AHEAD_DAYS * 86400)
            return at;
        page_error(p, "date", "Choose a time that is still to come, within 60 days");
    }
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
    return day == today ? arena_printf(p->arena, "%02d:%02d", minute / 60, minute % 60) : wording_time(p->arena, at_s);
}

static void zones_fill(struct page *p, int64_t chosen)
{
    for (int64_t zone = ZONE_FIRST; zone <= ZONE_LAST; zone += ZONE_STEP) {
        struct view *row = view_add(p->view, "zones");
        int64_t there = mod(p->now_ms / 60000 + zone), ahead = zone < 0 ? -zone : zone;
        view_setn(row, "zone", zone);
        view_setf(row, "label", "%02d:%02d now (UTC%s%d:%02d)", (int)(there / 60), (int)(there % 60),
                  zone < 0 ? "-" : "+", (int)(ahead / 60), (int)(ahead % 60));
        view_flag(row, "chosen", zone == chosen);
    }
}

/* Of the service's own clock, to the half hour. */
static int64_t our_zone(int64_t now_ms)
{
    int weekday, minute;
    int64_t day;
    clock_local(now_ms, &weekday, &minute, &day);
    return day * DAY_MINUTES + minute - now_ms / 60000;
}

void call_window_fill(struct page *p, const struct call_window *w)
{
    zones_fill(p, w->known ? w->offset : our_zone(p->now_ms));
    if (!w->known)
        return;
    view_setf(p->view, "from", "%02d:%02d", (int)(w->from / 60), (int)(w->from % 60));
    view_setf(p->view, "to", "%02d:%02d", (int)(w->to / 60), (int)(w->to % 60));
}

struct call_window call_window_need(struct page *p, int64_t at_s)
{
    struct call_window w = {0};
    view_set(p->view, "from", page_form(p, "from"));
    view_set(p->view, "to", page_form(p, "to"));
    bool zone = span_int(page_form(p, "zone"), &w.offset) == 0 && w.offset >= ZONE_FIRST && w.offset <= ZONE_LAST;
    if (!zone)
        page_error(p, "zone", "Choose what their clock shows now");
    bool from = minutes_read(page_form(p, "from"), &w.from), to = minutes_read(page_form(p, "to"), &w.to);
    if (!from)
        page_error(p, "from", "Say from what time it is safe, as 18:00");
    if (!to)
        page_error(p, "to", "Say until what time it is safe, as 20:00");
    w.known = zone && from && to;
    zones_fill(p, zone ? w.offset : our_zone(p->now_ms));
    if (w.known && at_s && !call_window_holds(&w, at_s) && !span_is(page_form(p, "meant"), "yes")) {
        page_error(p, "time",
                   "That is outside the hours that are safe for them. Choose another time, or say that it "
                   "is meant");
        view_flag(p->view, "ask_outside", true);
    }
    return w;
}

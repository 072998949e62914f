// SPDX-License-Identifier: AGPL-3.0-or-later
/* calltime - times of calls, by two clocks: the service's and the person's. */
#include "base/clock.h"
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

enum { WEEK = 7, EVERY_DAY = (1 << WEEK) - 1 };

static void days_add(struct str *out, unsigned days, const char *between)
{
    const char *before = "";
    for (unsigned i = 0; i < WEEK; i++) {
        if (!(days & 1U << i))
            continue;
        str_addf(out, "%s%s", before, wording_weekday(i));
        before = between;
    }
}

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

void call_window_write(const struct call_window *w, struct str *out)
{
    int ahead = (int)(w->offset < 0 ? -w->offset : w->offset);
    if (w->days == EVERY_DAY)
        str_addz(out, "daily");
    else
        days_add(out, w->days, " ");
    str_addf(out, " %02d:%02d-%02d:%02d UTC%c%02d:%02d", (int)(w->from / 60), (int)(w->from % 60), (int)(w->to / 60),
             (int)(w->to % 60), w->offset < 0 ? '-' : '+', ahead / 60, ahead % 60);
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

/* "UTC-05:00" */
static bool offset_read(struct span word, int64_t *offset)
{
    bool west = span_starts(word, SPAN("UTC-"));
    if ((!west && !span_starts(word, SPAN("UTC+"))) || !minutes_read(span_from(word, 4), offset))
        return false;
    *offset = west ? -*offset : *offset;
    return true;
}

bool call_window_read(struct span text, struct call_window *w)
{
    struct span word = {0}, from;
    *w = (struct call_window){0};
    while (span_split(&text, ' ', &word) && day_read(word, &w->days))
        ;
    w->known = w->days && span_split(&word, '-', &from) && minutes_read(from, &w->from) && minutes_read(word, &w->to) &&
               span_split(&text, ' ', &word) && offset_read(word, &w->offset) && !text.len;
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

/* The minutes of their clock since 1970 at which a stretch of safe hours begins on this day, and ends. False: none. */
static bool stretch_on(const struct call_window *w, int64_t day, int64_t *begin, int64_t *end)
{
    *begin = day * DAY_MINUTES + (w->from == w->to ? 0 : w->from);
    *end = *begin + (w->from == w->to ? DAY_MINUTES : mod(w->to - w->from));
    return w->days & 1U << date_weekday(day);
}

int64_t call_window_next(const struct call_window *w, int64_t at_s, int64_t *until_s)
{
    int64_t at = at_s / 60 + w->offset, today = day_of_ms((at_s + w->offset * 60) * 1000), begin, end;
    *until_s = 0;
    if (!w->known || !w->days || (w->from == w->to && w->days == EVERY_DAY))
        return at_s;
    for (int64_t day = today - 1;; day++) { // it began yesterday, where it goes over midnight
        if (!stretch_on(w, day, &begin, &end) || end <= at)
            continue;
        *until_s = (end - w->offset) * 60;
        return begin <= at ? at_s : (begin - w->offset) * 60;
    }
}

bool call_window_holds(const struct call_window *w, int64_t at_s)
{
    int64_t until_s;
    return call_window_next(w, at_s, &until_s) == at_s;
}

/* Of the service's own clock, in minutes ahead of UTC. */
static int64_t our_zone(int64_t now_ms)
{
    int weekday, minute;
    int64_t day;
    clock_local(now_ms, &weekday, &minute, &day);
    return day * DAY_MINUTES + minute - now_ms / 60000;
}

struct call_window call_window_any(int64_t now_ms)
{
    return (struct call_window){.known = true, .days = EVERY_DAY, .offset = our_zone(now_ms)};
}

/* The window by a clock that is so many minutes ahead of theirs: "Mon, Wed 18:00 to 21:00". */
static void window_fill(struct page *p, struct view *v, const char *name, const struct call_window *w, int64_t ahead)
{
    struct str text = STR_INIT(256);
    int64_t from = mod(w->from + ahead), to = mod(w->to + ahead);
    int64_t shift = (w->from + ahead - from) / DAY_MINUTES;
    unsigned by = (unsigned)((shift + WEEK) % WEEK), days = (w->days << by | w->days >> (WEEK - by)) & EVERY_DAY;
    if (days != EVERY_DAY)
        days_add(&text, days, ", ");
    if (w->from == w->to)
        str_add(&text, days == EVERY_DAY ? SPAN("at any hour") : SPAN(", at any hour"));
    else
        str_addf(&text, "%s%02d:%02d to %02d:%02d", days == EVERY_DAY ? "" : " ", (int)(from / 60), (int)(from % 60),
                 (int)(to / 60), (int)(to % 60));
    view_set(v, name, arena_copy(p->arena, str_span(&text)));
    str_release(&text);
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
    int64_t theirs = their_minute(w, at_s);
    int64_t their_day = day_of_ms((at_s + w->offset * 60) * 1000);
    view_setf(v, "theirs", "%s %02d:%02d", wording_weekday(date_weekday(their_day)), (int)(theirs / 60),
              (int)(theirs % 60));
    view_flag(v, "outside", !call_window_holds(w, at_s));
    window_fill(p, v, "safe_theirs", w, 0);
    if (w->from != w->to)
        window_fill(p, v, "safe_ours", w, our_zone(at_s * 1000) - w->offset);
}

/* ---- fields ---- */

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
    return day == today ? arena_printf(p->arena, "today %02d:%02d", minute / 60, minute % 60)
                        : wording_time(p->arena, at_s);
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
    zones_fill(p, w->known ? w->offset : our_zone(p->now_ms));
    days_fill(p, w->known ? w->days : EVERY_DAY);
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
    for (unsigned i = 0; i < WEEK; i++)
        if (span_is(page_form(p, (const char[]){'d', 'a', 'y', (char)('0' + i), 0}), "yes"))
            w.days |= 1U << i;
    if (!w.days)
        page_error(p, "days", "Choose the days on which it is safe");
    w.known = zone && from && to && w.days;
    days_fill(p, w.days);
    zones_fill(p, zone ? w.offset : our_zone(p->now_ms));
    if (w.known && at_s && !call_window_holds(&w, at_s) && !span_is(page_form(p, "meant"), "yes")) {
        page_error(p, "time",
                   "That is outside the hours that are safe for them. Choose another time, or say that it "
                   "is meant");
        view_flag(p->view, "ask_outside", true);
    }
    return w;
}

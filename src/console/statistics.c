// SPDX-License-Identifier: AGPL-3.0-or-later
/* statistics - what happened, in whole weeks: each a table, a chart beside it that is drawn here, and a file with HXL
 * tags (hxlstandard.org).
 *
 * A number under SMALL is hidden, and so are others of its table until it cannot be computed from the total: at least
 * two are hidden, and what they have together is no small number either. To add a table: a row of TABLES, and
 * store/statistics.h.
 */
#include "store/statistics.h"

#include "base/err.h"
#include "console/firstreply.h"
#include "console/internal.h"
#include "console/pages.h"
#include "console/wording.h"

enum { SMALL = 5, WEEKS_BEFORE = 12, WEEKS_MOST = 520, SCREENS_MOST = 200, FILE_MAX = 1024 * 1024 };

static struct span label_week(struct page *p, struct span s)
{
    int64_t day;
    return span_int(s, &day) == 0 ? wording_day(p->arena, day) : s;
}

static struct span label_channel(struct page *p, struct span s)
{
    return s.len ? wording_channel(p->arena, p->console->parts.channels, s) : SPAN("Not known");
}

static struct span label_language(struct page *p, struct span s)
{
    (void)p;
    return s.len ? wording_language(s) : SPAN("Not chosen yet");
}

static struct span label_status(struct page *p, struct span s)
{
    return wording_name(p->arena, s);
}

static struct span label_reply(struct page *p, struct span s)
{
    const char *words, *event;
    (void)p;
    for (size_t i = 0; (event = firstreply_event(i, &words)) != NULL; i++)
        if (span_is(s, event))
            return span_of(words);
    return s;
}

static struct span label_state(struct page *p, struct span s)
{
    static const char *const STATES[] = {
        [MESSAGE_QUEUED] = "Waits to leave", [MESSAGE_CLAIMED] = "Is leaving",       [MESSAGE_SENT] = "Sent",
        [MESSAGE_DELIVERED] = "Delivered",   [MESSAGE_FAILED] = "Could not be sent", [MESSAGE_UNKNOWN] = "Not known",
        [MESSAGE_CANCELLED] = "Taken back",
    };
    int64_t state;
    (void)p;
    bool known = span_int(s, &state) == 0 && state >= 0 && state < (int64_t)(sizeof STATES / sizeof *STATES);
    return known ? span_of(STATES[state]) : s;
}

static struct span label_consent(struct page *p, struct span s)
{
    static const struct {
        const char *action, *text;
    } SAID[] = {{"agree", "Agreed"}, {"refuse", "Refused"}, {"withdraw", "Withdrew"}, {"erase", "Asked to erase"}};
    (void)p;
    for (size_t i = 0; i < sizeof SAID / sizeof *SAID; i++)
        if (span_is(s, SAID[i].action))
            return span_of(SAID[i].text);
    return s;
}

static const struct {
    const char *name, *title, *column, *tag, *unit, *unit_tag;
    struct span (*label)(struct page *p, struct span s);
} TABLES[STATISTICS] = {
    [STAT_WEEKS] = {"weeks", "Requests by week", "Week from", "#date+week", "Requests", "#affected+requests",
                    label_week},
    [STAT_CHANNELS] = {"channels", "Requests by channel", "Channel", "#channel", "Requests", "#affected+requests",
                       label_channel},
    [STAT_LANGUAGES] = {"languages", "Requests by language", "Language", "#language", "Requests", "#affected+requests",
                        label_language},
    [STAT_STATUSES] = {"statuses", "Cases opened, by their status now", "Status", "#status", "Cases", "#affected+cases",
                       label_status},
    [STAT_REPLIES] = {"replies", "Time to the first reply", "First reply", "#indicator+wait", "Cases",
                      "#affected+answered", label_reply},
    [STAT_DELIVERY] = {"delivery", "Messages", "What became of them", "#status+delivery", "Messages",
                       "#output+messages", label_state},
    [STAT_CONSENTS] = {"consents", "Consents", "They", "#status+consent", "People", "#affected+people", label_consent},
};

/* ---- hiding what is small ---- */

struct sum {
    struct span label;
    int64_t number;
    bool hidden;
};

struct sums {
    enum statistic which;
    struct sum *cells;
    size_t count;
    int64_t total, most; /* most: the highest that is shown */
    bool total_hidden;
};

static struct sum *smallest_shown(struct sums *t)
{
    struct sum *least = NULL;
    for (size_t i = 0; i < t->count; i++)
        if (!t->cells[i].hidden && (!least || t->cells[i].number < least->number))
            least = &t->cells[i];
    return least;
}

static void hide_small(struct sums *t)
{
    size_t hidden = 0;
    int64_t sum = 0;
    for (size_t i = 0; i < t->count; i++) {
        t->total += t->cells[i].number;
        t->cells[i].hidden = t->cells[i].number < SMALL;
        hidden += t->cells[i].hidden;
        sum += t->cells[i].hidden ? t->cells[i].number : 0;
    }
    struct sum *next;
    while (hidden && (hidden < 2 || sum < SMALL) && (next = smallest_shown(t)) != NULL) {
        next->hidden = true;
        sum += next->number;
        hidden++;
    }
    t->total_hidden = t->total < SMALL || (hidden && (hidden < 2 || sum < SMALL));
    for (size_t i = 0; i < t->count; i++)
        if (!t->cells[i].hidden && t->cells[i].number > t->most)
            t->most = t->cells[i].number;
}

/* ---- reading ---- */

/** Whole weeks, so that no difference of two ranges is a day. */
struct range {
    int64_t from, to; /* days: a Monday and a Sunday */
};

static int64_t monday(int64_t day)
{
    return day - ((day + 3) % 7 + 7) % 7; // 1970-01-01 was a Thursday
}

static int64_t day_asked(const struct page *p, const char *name, int64_t otherwise)
{
    struct date d;
    return date_parse(page_query(p, name), &d) == 0 ? date_to_day(d) : otherwise;
}

static struct range range_asked(const struct page *p)
{
    int64_t today = day_of_ms(p->now_ms);
    int64_t to = monday(day_asked(p, "to", today)) + 6, from = monday(day_asked(p, "from", today - 7 * WEEKS_BEFORE));
    if (from > to)
        from = to - 6;
    if (to - from > 7 * WEEKS_MOST)
        from = to - 7 * WEEKS_MOST + 1;
    return (struct range){from, to};
}

static int table_fill(struct page *p, struct sums *t, enum statistic which, const struct statistic_row *rows,
                      size_t count)
{
    *t = (struct sums){.which = which, .count = count, .cells = arena_array(p->arena, count + 1, sizeof *t->cells)};
    if (!t->cells)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        t->cells[i] = (struct sum){TABLES[which].label(p, rows[i].label), rows[i].number, false};
    hide_small(t);
    return 0;
}

/* One table; which < STATISTICS. */
static int table_read(struct page *p, const struct range *r, enum statistic which, struct sums *t)
{
    struct store *s;
    struct statistic_row *rows = NULL;
    size_t count = 0;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = statistics_read(s, which, r->from, r->to, p->arena, &rows, &count);
    readers_give(p->console->readers, s);
    return rc < 0 ? rc : table_fill(p, t, which, rows, count);
}

static int screens_read(struct page *p, const struct range *r, struct statistic_screen **rows, size_t *count)
{
    struct store *s;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = statistics_screens(s, r->from, r->to, SCREENS_MOST, p->arena, rows, count);
    readers_give(p->console->readers, s);
    return rc;
}

/* ---- the page ---- */

static struct span iso_day(struct page *p, int64_t day)
{
    struct date d = date_from_day(day);
    return arena_printf(p->arena, "%04d-%02d-%02d", d.year, d.month, d.day);
}

static void table_draw(struct page *p, const struct sums *t)
{
    struct view *v = view_add(p->view, "tables");
    view_setz(v, "table", TABLES[t->which].name);
    view_setz(v, "table_title", TABLES[t->which].title);
    view_setz(v, "column", TABLES[t->which].column);
    view_setz(v, "unit", TABLES[t->which].unit);
    view_flag(v, "enough", t->most > 0);
    if (!t->total_hidden)
        view_setn(v, "total", t->total);
    for (size_t i = 0; i < t->count; i++) {
        struct view *row = view_add(v, "cells");
        view_set(row, "label", t->cells[i].label);
        if (!t->cells[i].hidden)
            view_setn(row, "number", t->cells[i].number);
    }
}

/* A share says how many of them ended there, so both numbers have to be shown, and their difference too. */
static bool share_shown(const struct statistic_screen *s)
{
    return s->ended >= SMALL && s->seen - s->ended >= SMALL;
}

static int64_t share(const struct statistic_screen *s)
{
    return (s->ended * 100 + s->seen / 2) / s->seen;
}

static void screens_draw(struct page *p, const struct statistic_screen *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].seen < SMALL)
            continue;
        struct view *row = view_add(p->view, "screens");
        view_set(row, "screen", rows[i].screen);
        view_set(row, "language", label_language(p, rows[i].language));
        view_set(row, "menus", span_first(rows[i].menus, 8));
        view_setn(row, "saw", rows[i].seen);
        if (!share_shown(&rows[i]))
            continue;
        view_setn(row, "ended", rows[i].ended);
        view_setf(row, "share", "%lld %%", (long long)share(&rows[i]));
    }
}

void statistics_show(struct page *p)
{
    struct range r = range_asked(p);
    struct statistic_screen *screens = NULL;
    size_t count = 0;
    int rc = screens_read(p, &r, &screens, &count);
    for (enum statistic i = 0; i < STATISTICS && rc == 0; i++) {
        struct sums t;
        rc = table_read(p, &r, i, &t);
        if (rc == 0)
            table_draw(p, &t);
    }
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    screens_draw(p, screens, count);
    view_set(p->view, "from", iso_day(p, r.from));
    view_set(p->view, "to", iso_day(p, r.to));
    view_set(p->view, "from_words", wording_day(p->arena, r.from));
    view_set(p->view, "to_words", wording_day(p->arena, r.to));
    page_show(p, "statistics");
}

/* The table that the path names; STATISTICS: none. */
static enum statistic table_asked(const struct page *p)
{
    enum statistic i = 0;
    while (i < STATISTICS && !span_is(p->part[0], TABLES[i].name))
        i++;
    return i;
}

/* ---- as a picture ---- */

enum { BAR_ROW = 30, BAR_LEFT = 190, BAR_WIDE = 360, BAR_PAGE = 620, BAR_ROWS = 60 };

static void bar_draw(struct str *svg, const struct sums *t, size_t i)
{
    const struct sum *c = &t->cells[i];
    int y = (int)i * BAR_ROW, wide = c->hidden || !t->most ? 0 : (int)(c->number * BAR_WIDE / t->most);
    str_addf(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", BAR_LEFT - 10, y + 20);
    escape_text(svg, span_first(c->label, 64));
    str_addz(svg, "</text>");
    if (c->hidden)
        str_addf(svg, "<text x=\"%d\" y=\"%d\" fill=\"#4a5a57\">too few to show</text>", BAR_LEFT + 4, y + 20);
    else
        str_addf(svg,
                 "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\" fill=\"#1f5c53\"/>"
                 "<text x=\"%d\" y=\"%d\">%lld</text>",
                 BAR_LEFT, y + 4, wide > 1 ? wide : 1, BAR_ROW - 8, BAR_LEFT + wide + 8, y + 20, (long long)c->number);
}

void statistics_chart(struct page *p)
{
    struct range r = range_asked(p);
    struct sums t;
    enum statistic which = table_asked(p);
    int rc = which < STATISTICS ? table_read(p, &r, which, &t) : ERR_MISSING;
    if (rc < 0) {
        rc == ERR_MISSING ? page_missing(p) : page_failed(p, rc);
        return;
    }
    struct str svg = STR_INIT(FILE_MAX);
    size_t rows = t.count < BAR_ROWS ? t.count : BAR_ROWS;
    int high = (int)(rows ? rows : 1) * BAR_ROW;
    str_addf(&svg,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\""
             " font-family=\"sans-serif\" font-size=\"14\" fill=\"#14201e\">"
             "<path d=\"M%d 0V%d\" stroke=\"#5d6f6b\"/>",
             BAR_PAGE, high, BAR_PAGE, high, BAR_LEFT, high);
    for (size_t i = 0; i < rows; i++)
        bar_draw(&svg, &t, t.count - rows + i); // of many weeks the newest
    str_addz(&svg, "</svg>\n");
    p->response->status = 200;
    p->response->content_type = SPAN("image/svg+xml");
    p->response->body = arena_copy(p->arena, str_span(&svg));
    str_release(&svg);
}

/* ---- as a file ---- */

/* One field. What a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection). */
static void field_add(struct str *out, struct span text, bool last)
{
    // NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes of a span, which has no end mark
    bool formula = text.len && memchr("=+-@\t\r", text.p[0], 6);
    str_addz(out, formula ? "\"'" : "\"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '"')
            str_addc(out, '"');
        str_addc(out, text.p[i]);
    }
    str_addz(out, last ? "\"\r\n" : "\",");
}

static void number_add(struct str *out, int64_t number, bool shown, bool last)
{
    if (shown)
        str_addf(out, "%lld", (long long)number);
    str_addz(out, last ? "\r\n" : ",");
}

static void table_file(struct page *p, const struct sums *t, const struct statistic_row *raw, struct str *out)
{
    str_addf(out, "\"%s\",\"%s\"\r\n\"%s\",\"%s\"\r\n", TABLES[t->which].column, TABLES[t->which].unit,
             TABLES[t->which].tag, TABLES[t->which].unit_tag);
    for (size_t i = 0; i < t->count; i++) {
        int64_t day = 0;
        bool week = t->which == STAT_WEEKS && span_int(raw[i].label, &day) == 0;
        field_add(out, week ? iso_day(p, day) : t->cells[i].label, false);
        number_add(out, t->cells[i].number, !t->cells[i].hidden, true);
    }
}

static int table_csv(struct page *p, const struct range *r, enum statistic which, struct str *out)
{
    struct store *s;
    struct sums t;
    struct statistic_row *rows = NULL;
    size_t count = 0;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = statistics_read(s, which, r->from, r->to, p->arena, &rows, &count);
    readers_give(p->console->readers, s);
    if (rc == 0)
        rc = table_fill(p, &t, which, rows, count);
    if (rc == 0)
        table_file(p, &t, rows, out);
    return rc;
}

static int screens_csv(struct page *p, const struct range *r, struct str *out)
{
    struct statistic_screen *rows = NULL;
    size_t count = 0;
    int rc = screens_read(p, r, &rows, &count);
    str_addz(out, "\"Menus\",\"Language\",\"Screen\",\"Saw it\",\"Ended on it\",\"Percent\"\r\n"
                  "\"#meta+version\",\"#language+code\",\"#meta+screen\",\"#reach+sessions\",\"#reach+ended\","
                  "\"#indicator+dropoff+pct\"\r\n");
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (rows[i].seen < SMALL)
            continue;
        bool shown = share_shown(&rows[i]);
        field_add(out, span_first(rows[i].menus, 8), false);
        field_add(out, rows[i].language, false);
        field_add(out, rows[i].screen, false);
        number_add(out, rows[i].seen, true, false);
        number_add(out, rows[i].ended, shown, false);
        number_add(out, shown ? share(&rows[i]) : 0, shown, true);
    }
    return rc;
}

void statistics_file(struct page *p)
{
    struct range r = range_asked(p);
    struct str out = STR_INIT(FILE_MAX);
    enum statistic which = table_asked(p);
    bool screens = span_is(p->part[0], "screens");
    int rc = screens ? screens_csv(p, &r, &out) : which < STATISTICS ? table_csv(p, &r, which, &out) : ERR_MISSING;
    if (rc == 0)
        rc = str_err(&out);
    struct span bytes = rc == 0 ? arena_copy(p->arena, str_span(&out)) : (struct span){0};
    struct span name = arena_printf(p->arena, "waymark-%.*s.csv", SPAN_ARG(p->part[0]));
    str_release(&out);
    if (rc == ERR_MISSING)
        page_missing(p);
    else if (rc < 0 || !name.p)
        page_failed(p, rc < 0 ? rc : ERR_NOMEM);
    else
        page_file(p, SPAN("text/csv; charset=utf-8"), name.p, bytes);
}

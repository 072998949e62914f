// SPDX-License-Identifier: AGPL-3.0-or-later
/* statistics - what happened, in weeks that are over: each a table with a chart beside it, drawn here. Numbers come as
 * they may be told (store/statistics.h), so nothing is hidden here and every sum of them may be shown.
 *
 * To add a table: a row of TABLES.
 */
#include "console/stats.h"

#include "base/clock.h"
#include "base/err.h"
#include "console/firstreply.h"
#include "console/internal.h"
#include "console/pages.h"
#include "console/wording.h"

enum { SCREENS_SHOWN = 30 };

/* ---- words ---- */

struct span stats_channel(struct page *p, struct span name)
{
    return name.len ? wording_channel(p->arena, p->console->parts.channels, name) : SPAN("Not known");
}

struct span stats_language(struct page *p, struct span code)
{
    (void)p;
    return code.len ? wording_language(code) : SPAN("Not chosen yet");
}

static const struct {
    const char *topic, *what, *words;
} WORDS[] = {
    {"status", "new", "Opened again"},        {"status", "erased", "Erased"},
    {"message", "2", "Taken by the network"}, {"message", "3", "Delivered"},
    {"message", "4", "Could not be sent"},    {"message", "5", "Not known"},
    {"message", "6", "Taken back"},           {"consent", "agree", "Agreed"},
    {"consent", "refuse", "Refused"},         {"consent", "withdraw", "Withdrew"},
    {"consent", "erase", "Asked to erase"},
};
_Static_assert(MESSAGE_SENT == 2 && MESSAGE_DELIVERED == 3 && MESSAGE_FAILED == 4 && MESSAGE_UNKNOWN == 5 &&
                   MESSAGE_CANCELLED == 6,
               "states stand above by number");

static size_t reply_index(struct span what)
{
    const char *words, *event;
    size_t i = 0;
    while ((event = firstreply_event(i, &words)) != NULL && !span_eq(what, span_from(span_of(event), sizeof "reply")))
        i++;
    return i;
}

struct span stats_what(struct page *p, struct span topic, struct span what)
{
    const char *words;
    if (span_is(topic, "reply") && firstreply_event(reply_index(what), &words))
        return span_of(words);
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (span_is(topic, WORDS[i].topic) && span_is(what, WORDS[i].what))
            return span_of(WORDS[i].words);
    return wording_name(p->arena, what);
}

struct span stats_day(struct page *p, int64_t day)
{
    struct date d = date_from_day(day);
    return arena_printf(p->arena, "%04d-%02d-%02d", d.year, d.month, d.day);
}

int stats_share(const struct statistic_screen *s)
{
    return s->ended && s->went ? (int)((s->ended * 100 + (s->ended + s->went) / 2) / (s->ended + s->went)) : -1;
}

/* ---- weeks ---- */

static int64_t monday(int64_t day)
{
    return day - (int64_t)date_weekday(day);
}

static int64_t week_asked(const struct page *p, const char *name, int64_t otherwise)
{
    struct date d;
    return date_parse(page_query(p, name), &d) == 0 ? monday(date_to_day(d)) : otherwise;
}

int stats_range_asked(struct page *p, struct stats_range *r)
{
    struct store *s;
    int64_t last = 0;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = statistics_last(s, &last);
    readers_give(p->console->readers, s);
    if (rc < 0 && rc != ERR_MISSING)
        return rc;
    r->to = week_asked(p, "to", last);
    if (r->to > last)
        r->to = last;
    r->from = week_asked(p, "from", r->to - (STATS_WEEKS_SHOWN - 1) * 7);
    if (r->from > r->to)
        r->from = r->to;
    if (r->to - r->from >= 7 * STATS_WEEKS_MOST)
        r->from = r->to - 7 * (STATS_WEEKS_MOST - 1);
    if (!last) // nothing is told yet
        r->to = r->from - 7;
    return 0;
}

/* ---- tables ---- */

static const struct {
    const char *name, *title, *column, *unit, *topic;
    enum statistic_by by;
    const char *file; /* statfile.c's */
    bool parts;       /* each is in one row, so that all of them have a sum */
} TABLES[] = {
    {"weeks", "Cases by week", "Week from", "Cases", "case", STAT_BY_WEEK, "requests", true},
    {"kinds", "What people came for", "Kind", "Cases", "case", STAT_BY_WHAT, "requests", true},
    {"channels", "How they reached us", "Channel", "Cases", "case", STAT_BY_CHANNEL, "requests", true},
    {"languages", "In which language", "Language", "Cases", "case", STAT_BY_LANGUAGE, "requests", true},
    {"statuses", "What became of cases", "Status given", "Times", "status", STAT_BY_WHAT, "requests", false},
    {"replies", "Time to the first reply", "First reply", "Cases", "reply", STAT_BY_WHAT, "replies", true},
    {"delivery", "Messages we sent", "What became of them", "Messages", "message", STAT_BY_WHAT, "messages", false},
    {"consents", "Consents", "What people did", "Times", "consent", STAT_BY_WHAT, "consents", false},
};
enum { TABLE_COUNT = sizeof TABLES / sizeof *TABLES, REPLIES_TABLE = 5 };

struct sums {
    struct statistic_sum *rows;
    size_t count;
};

/* Weeks that tell nothing stand in the table too: a gap in a chart is no missing week. */
static int weeks_whole(struct page *p, const struct stats_range *r, struct sums *t)
{
    size_t weeks = (size_t)((r->to - r->from) / 7 + 1), next = 0;
    struct statistic_sum *all = arena_array(p->arena, weeks + 1, sizeof *all);
    for (size_t i = 0; all && i < weeks; i++) {
        int64_t week = r->from + 7 * (int64_t)i, told = 0;
        all[i] = (struct statistic_sum){.label = wording_date(p->arena, week)};
        if (next < t->count && span_int(t->rows[next].label, &told) == 0 && told == week)
            all[i].number = t->rows[next++].number;
    }
    *t = (struct sums){all, all ? weeks : 0};
    return all ? 0 : ERR_NOMEM;
}

static void replies_sort(struct sums *t)
{
    for (size_t i = 1; i < t->count; i++)
        for (size_t k = i; k > 0 && reply_index(t->rows[k].label) < reply_index(t->rows[k - 1].label); k--) {
            struct statistic_sum row = t->rows[k];
            t->rows[k] = t->rows[k - 1];
            t->rows[k - 1] = row;
        }
}

/* Labels become words. */
static int table_word(struct page *p, const struct stats_range *r, size_t table, struct sums *t)
{
    if (TABLES[table].by == STAT_BY_WEEK)
        return weeks_whole(p, r, t);
    if (table == REPLIES_TABLE)
        replies_sort(t);
    for (size_t i = 0; i < t->count; i++) {
        struct span *label = &t->rows[i].label;
        *label = TABLES[table].by == STAT_BY_CHANNEL    ? stats_channel(p, *label)
                 : TABLES[table].by == STAT_BY_LANGUAGE ? stats_language(p, *label)
                                                        : stats_what(p, span_of(TABLES[table].topic), *label);
    }
    return 0;
}

struct told {
    struct sums tables[TABLE_COUNT];
    struct statistic_screen *screens;
    size_t screen_count;
};

static int told_read(struct page *p, const struct stats_range *r, struct told *t)
{
    struct store *s;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < TABLE_COUNT && rc == 0; i++)
        rc = statistics_sums(s, TABLES[i].topic, TABLES[i].by, r->from, r->to, p->arena, &t->tables[i].rows,
                             &t->tables[i].count);
    if (rc == 0)
        rc = statistics_screens(s, r->from, r->to, STATS_ROWS_MOST, p->arena, &t->screens, &t->screen_count);
    readers_give(p->console->readers, s);
    return rc;
}

/* ---- charts ---- */

/* In the units of the drawing (statistics.html). */
enum { BAR_ROW = 32, BAR_WIDE = 250, COLUMN_HIGH = 180, COLUMNS_WIDE = 1040, COLUMN_LABELS = 13, GRID_LINES = 4 };

/* The end of the scale: 1, 2, 4 or 5 with noughts, so that its quarters are round where they can be. */
static int64_t scale_end(int64_t most)
{
    static const int64_t STEPS[] = {20, 40, 60, 80, 100, 120, 160, 200};
    int64_t tens = 1;
    for (;; tens *= 10)
        for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++)
            if (most <= STEPS[i] * tens)
                return STEPS[i] * tens;
}

static int64_t most_of(const struct sums *t)
{
    int64_t most = 0;
    for (size_t i = 0; i < t->count; i++)
        most = t->rows[i].number > most ? t->rows[i].number : most;
    return most;
}

static void columns_draw(struct view *v, const struct sums *t)
{
    int64_t end = scale_end(most_of(t));
    int step = COLUMNS_WIDE / (int)t->count, wide = step > 60 ? 40 : step > 4 ? step * 3 / 4 : 3;
    size_t every = (t->count + COLUMN_LABELS - 1) / COLUMN_LABELS;
    for (int i = 0; i <= GRID_LINES; i++) {
        struct view *line = view_add(v, "lines");
        view_setn(line, "y", COLUMN_HIGH - COLUMN_HIGH * i / GRID_LINES);
        view_setn(line, "at", end * i / GRID_LINES);
    }
    for (size_t i = 0; i < t->count; i++) {
        struct view *column = view_add(v, "bars");
        int64_t high = t->rows[i].number * COLUMN_HIGH / end;
        int64_t x = (int64_t)i * step + step / 2;
        view_setn(column, "x", x - wide / 2);
        view_setn(column, "y", COLUMN_HIGH - high);
        view_setn(column, "wide", wide);
        view_setn(column, "high", high);
        if (i % every)
            continue;
        view_setn(column, "middle", x);
        view_set(column, "label", span_first(t->rows[i].label, t->rows[i].label.len - 5)); // without the year
    }
}

static void bars_draw(struct view *v, const struct sums *t)
{
    int64_t most = most_of(t);
    for (size_t i = 0; most && i < t->count; i++) {
        struct view *bar = view_add(v, "bars");
        int64_t wide = t->rows[i].number * BAR_WIDE / most;
        view_setn(bar, "y", (int64_t)i * BAR_ROW + 6);
        view_setn(bar, "text_y", (int64_t)i * BAR_ROW + 21);
        view_setn(bar, "wide", wide > 1 ? wide : 1);
        view_setn(bar, "end", 188 + wide);
        view_set(bar, "label", t->rows[i].label);
        view_setn(bar, "number", t->rows[i].number);
    }
    view_setn(v, "chart_high", (int64_t)t->count * BAR_ROW);
}

static struct span highest(const struct sums *t)
{
    size_t best = 0;
    for (size_t i = 1; i < t->count; i++)
        best = t->rows[i].number > t->rows[best].number ? i : best;
    return t->rows[best].label;
}

static int64_t total_of(const struct sums *t)
{
    int64_t total = 0;
    for (size_t i = 0; i < t->count; i++)
        total += t->rows[i].number;
    return total;
}

static void table_draw(struct page *p, size_t table, const struct sums *t)
{
    bool weeks = TABLES[table].by == STAT_BY_WEEK;
    int64_t total = total_of(t);
    struct view *v = view_add(p->view, weeks ? "weekly" : "tables");
    view_setz(v, "table", TABLES[table].name);
    view_setz(v, "table_title", TABLES[table].title);
    view_setz(v, "column", TABLES[table].column);
    view_setz(v, "unit", TABLES[table].unit);
    view_setz(v, "file", TABLES[table].file);
    if (!total)
        return;
    view_flag(v, "enough", true);
    if (TABLES[table].parts)
        view_setn(v, "total", total);
    view_set(v, "highest", highest(t));
    view_setn(v, "most", most_of(t));
    for (size_t i = 0; i < t->count; i++) {
        struct view *row = view_add(v, "cells");
        view_set(row, "label", t->rows[i].label);
        if (t->rows[i].number)
            view_setn(row, "number", t->rows[i].number);
    }
    weeks ? columns_draw(v, t) : bars_draw(v, t);
}

/* ---- where conversations end ---- */

static bool among(const struct page *p, const char *field, struct span value)
{
    struct span asked = page_query(p, field);
    return !asked.len || span_eq(asked, value);
}

/* Once for each value; the rows come with the most seen first. */
static void choice_add(struct page *p, const char *list, const char *field, struct span value, struct span label,
                       const struct statistic_screen *before, size_t count)
{
    bool menus = strcmp(list, "versions") == 0;
    for (size_t i = 0; i < count; i++)
        if (span_eq(value, menus ? before[i].menus : before[i].language))
            return;
    struct view *row = view_add(p->view, list);
    view_set(row, "word", value);
    view_set(row, "label", label);
    view_flag(row, "chosen", page_query(p, field).len && among(p, field, value));
}

static void screen_draw(struct page *p, const struct statistic_screen *s)
{
    struct view *row = view_add(p->view, "screens");
    int share = stats_share(s);
    view_set(row, "screen", s->screen);
    view_set(row, "language", stats_language(p, s->language));
    view_set(row, "menus", span_first(s->menus, 8));
    view_set(row, "since", wording_date(p->arena, s->since));
    view_setn(row, "saw", s->ended + s->went);
    if (s->ended)
        view_setn(row, "ended", s->ended);
    if (share < 0)
        return;
    view_setn(row, "share", share);
    view_setn(row, "share_wide", share > 1 ? share : 1);
}

static void screens_draw(struct page *p, const struct statistic_screen *rows, size_t count)
{
    size_t shown = 0, fit = 0;
    for (size_t i = 0; i < count; i++) {
        choice_add(p, "languages", "language", rows[i].language, stats_language(p, rows[i].language), rows, i);
        choice_add(p, "versions", "menus", rows[i].menus, span_first(rows[i].menus, 8), rows, i);
        if (!among(p, "language", rows[i].language) || !among(p, "menus", rows[i].menus))
            continue;
        fit++;
        if (shown < SCREENS_SHOWN) {
            screen_draw(p, &rows[i]);
            shown++;
        }
    }
    if (fit > shown)
        view_setf(p->view, "screens_more", "%zu", fit - shown);
    view_flag(p->view, "any_screens", count > 0);
}

/* ---- the page ---- */

/* How many of a hundred, among what a table tells. */
static void portion_fill(struct page *p, const char *name, const struct sums *t, const char *const *labels)
{
    int64_t part = 0, total = total_of(t);
    for (; *labels; labels++)
        for (size_t i = 0; i < t->count; i++)
            part += span_is(t->rows[i].label, *labels) ? t->rows[i].number : 0;
    if (total)
        view_setf(p->view, name, "%lld %%", (long long)((part * 100 + total / 2) / total));
}

static void summary_fill(struct page *p, const struct told *t)
{
    static const char *const DAY[] = {"within an hour", "within 4 hours", "within a day", NULL};
    static const char *const REFUSED[] = {"Refused", NULL};
    if (t->tables[0].count && total_of(&t->tables[0]))
        view_setn(p->view, "sum_cases", total_of(&t->tables[0]));
    portion_fill(p, "sum_day", &t->tables[REPLIES_TABLE], DAY);
    struct sums asked = {arena_array(p->arena, 2, sizeof *asked.rows), 0};
    const struct sums *consents = &t->tables[TABLE_COUNT - 1];
    for (size_t i = 0; asked.rows && i < consents->count; i++)
        if (span_is(consents->rows[i].label, "Agreed") || span_is(consents->rows[i].label, "Refused"))
            asked.rows[asked.count++] = consents->rows[i];
    portion_fill(p, "sum_refused", &asked, REFUSED);
}

void statistics_show(struct page *p)
{
    struct stats_range r = {0};
    struct told *t = arena_alloc(p->arena, sizeof *t);
    int rc = t ? stats_range_asked(p, &r) : ERR_NOMEM;
    if (rc == 0)
        rc = told_read(p, &r, t);
    for (size_t i = 0; i < TABLE_COUNT && rc == 0; i++)
        rc = table_word(p, &r, i, &t->tables[i]);
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    for (size_t i = 0; i < TABLE_COUNT; i++)
        table_draw(p, i, &t->tables[i]);
    summary_fill(p, t);
    screens_draw(p, t->screens, t->screen_count);
    view_set(p->view, "from", stats_day(p, r.from));
    view_set(p->view, "to", stats_day(p, r.to));
    view_flag(p->view, "told", r.to >= r.from);
    view_set(p->view, "from_words", wording_date(p->arena, r.from));
    view_set(p->view, "to_words", wording_date(p->arena, r.to + 6));
    page_show(p, "statistics");
}

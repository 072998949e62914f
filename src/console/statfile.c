// SPDX-License-Identifier: AGPL-3.0-or-later
/* statfile - statistics as files: comma-separated values with HXL tags below the heading (hxlstandard.org). One row a
 * week and cell, as they are told (store/statistics.h); of screens one row for the whole range.
 *
 * To add a column: a row of COLUMNS and its bit in FILES.
 */
#include "console/stats.h"

#include "base/err.h"
#include "console/internal.h"
#include "console/pages.h"

enum { FILE_MAX = 4 * 1024 * 1024 };

enum column { WEEK, CHANNEL, LANGUAGE, KIND, STATUS, WHAT, NUMBER, COLUMNS_EACH };

struct file_row {
    struct span topic;
    const struct statistic_row *cell;
};

static void field_add(struct str *out, struct span text);

static void week_add(struct page *p, const struct file_row *r, struct str *out)
{
    field_add(out, stats_day(p, r->cell->week));
}

static void channel_add(struct page *p, const struct file_row *r, struct str *out)
{
    field_add(out, r->cell->channel.len ? stats_channel(p, r->cell->channel) : r->cell->channel);
}

static void language_add(struct page *p, const struct file_row *r, struct str *out)
{
    (void)p;
    field_add(out, r->cell->language);
}

static void kind_add(struct page *p, const struct file_row *r, struct str *out)
{
    (void)p;
    field_add(out, span_is(r->topic, "case") ? r->cell->what : (struct span){0});
}

static void status_add(struct page *p, const struct file_row *r, struct str *out)
{
    (void)p;
    bool reopened = span_is(r->topic, "status") && span_is(r->cell->what, "new");
    field_add(out, span_is(r->topic, "case") ? SPAN("asked") : reopened ? SPAN("reopened") : r->cell->what);
}

static void what_add(struct page *p, const struct file_row *r, struct str *out)
{
    field_add(out, stats_what(p, r->topic, r->cell->what));
}

static void number_add(struct page *p, const struct file_row *r, struct str *out)
{
    (void)p;
    str_addf(out, "%lld", (long long)r->cell->number);
}

static const struct {
    const char *title, *tag;
    void (*add)(struct page *p, const struct file_row *r, struct str *out);
} COLUMNS[COLUMNS_EACH] = {
    [WEEK] = {"Week from", "#date+week", week_add},
    [CHANNEL] = {"Channel", "#channel", channel_add},
    [LANGUAGE] = {"Language", "#language+code", language_add},
    [KIND] = {"Kind", "#activity+kind", kind_add},
    [STATUS] = {"Status", "#status", status_add},
    [WHAT] = {NULL, NULL, what_add}, // each file's own
    [NUMBER] = {NULL, NULL, number_add},
};

static const struct file_kind {
    const char *name, *topics[3]; /* their rows follow each other */
    unsigned columns;             /* 1 << enum column; WHAT and NUMBER have these headings: */
    const char *what, *what_tag, *number, *number_tag;
} FILES[] = {
    {"requests",
     {"case", "status"},
     1u << WEEK | 1u << CHANNEL | 1u << LANGUAGE | 1u << KIND | 1u << STATUS | 1u << NUMBER,
     NULL,
     NULL,
     "Requests",
     "#affected+requests"},
    {"replies",
     {"reply"},
     1u << WEEK | 1u << WHAT | 1u << NUMBER,
     "First reply",
     "#indicator+wait",
     "Requests",
     "#affected+requests"},
    {"messages",
     {"message"},
     1u << WEEK | 1u << CHANNEL | 1u << WHAT | 1u << NUMBER,
     "Status",
     "#status+delivery",
     "Messages",
     "#output+messages"},
    {"consents",
     {"consent"},
     1u << WEEK | 1u << WHAT | 1u << NUMBER,
     "Status",
     "#status+consent",
     "Times",
     "#affected+consents"},
};

/* ---- writing ---- */

/* What a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection). */
static void field_add(struct str *out, struct span text)
{
    // NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes of a span, which has no end mark
    bool formula = text.len && memchr("=+-@\t\r", text.p[0], 6);
    str_addz(out, formula ? "\"'" : "\"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '"')
            str_addc(out, '"');
        str_addc(out, text.p[i]);
    }
    str_addc(out, '"');
}

static void head_add(struct str *out, const struct file_kind *f, bool tags)
{
    const char *between = "";
    for (enum column c = 0; c < COLUMNS_EACH; c++) {
        if (!(f->columns >> c & 1))
            continue;
        const char *own = c == WHAT ? (tags ? f->what_tag : f->what) : tags ? f->number_tag : f->number;
        str_addf(out, "%s\"%s\"", between, c >= WHAT ? own : tags ? COLUMNS[c].tag : COLUMNS[c].title);
        between = ",";
    }
    str_addz(out, "\r\n");
}

static void row_add(struct page *p, struct str *out, const struct file_kind *f, const struct file_row *r)
{
    const char *between = "";
    for (enum column c = 0; c < COLUMNS_EACH; c++) {
        if (!(f->columns >> c & 1))
            continue;
        str_addz(out, between);
        COLUMNS[c].add(p, r, out);
        between = ",";
    }
    str_addz(out, "\r\n");
}

/* ---- what there is ---- */

static int topic_file(struct page *p, const struct stats_range *r, const struct file_kind *f, const char *topic,
                      struct str *out)
{
    struct store *s;
    struct statistic_row *rows = NULL;
    size_t count = 0;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = statistics_rows(s, topic, r->from, r->to, STATS_ROWS_MOST, p->arena, &rows, &count);
    readers_give(p->console->readers, s);
    for (size_t i = 0; i < count && rc == 0; i++)
        row_add(p, out, f, &(struct file_row){span_of(topic), &rows[i]});
    return rc;
}

static int cells_file(struct page *p, const struct stats_range *r, struct str *out)
{
    size_t i = 0;
    while (i < sizeof FILES / sizeof *FILES && !span_is(p->part[0], FILES[i].name))
        i++;
    if (i == sizeof FILES / sizeof *FILES)
        return ERR_MISSING;
    const struct file_kind *f = &FILES[i];
    head_add(out, f, false);
    head_add(out, f, true);
    int rc = 0;
    for (size_t t = 0; f->topics[t] && rc == 0; t++)
        rc = topic_file(p, r, f, f->topics[t], out);
    return rc;
}

static void screen_add(struct str *out, const struct statistic_screen *s)
{
    int share = stats_share(s);
    field_add(out, s->menus);
    str_addc(out, ',');
    field_add(out, s->language);
    str_addc(out, ',');
    field_add(out, s->screen);
    str_addf(out, ",%lld,", (long long)s->ended + (long long)s->went);
    if (s->ended)
        str_addf(out, "%lld", (long long)s->ended);
    str_addc(out, ',');
    if (share >= 0)
        str_addf(out, "%d", share);
    str_addz(out, "\r\n");
}

static int screens_file(struct page *p, const struct stats_range *r, struct str *out)
{
    struct store *s;
    struct statistic_screen *rows = NULL;
    size_t count = 0;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = statistics_screens(s, r->from, r->to, STATS_ROWS_MOST, p->arena, &rows, &count);
    readers_give(p->console->readers, s);
    str_addz(out, "\"Menus\",\"Language\",\"Screen\",\"Saw it\",\"Ended on it\",\"Percent\"\r\n"
                  "\"#meta+version\",\"#language+code\",\"#meta+screen\",\"#reached+sessions\","
                  "\"#reached+sessions+ended\",\"#indicator+dropoff+pct\"\r\n");
    for (size_t i = 0; i < count && rc == 0; i++)
        screen_add(out, &rows[i]);
    return rc;
}

void statistics_file(struct page *p)
{
    struct stats_range r = {0};
    struct str out = STR_INIT(FILE_MAX);
    int rc = stats_range_asked(p, &r);
    if (rc == 0)
        rc = span_is(p->part[0], "screens") ? screens_file(p, &r, &out) : cells_file(p, &r, &out);
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

// SPDX-License-Identifier: AGPL-3.0-or-later
/* hours - `hours NAME` and the `open` and `closed` lines that follow it. */
#include "base/clock.h"
#include "base/err.h"
#include "config/reader.h"

enum { DAYS = 7, DAY_MINUTES = 24 * 60 };

static const char *const day_names[DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

int config_read_hours(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct settings *out = r->out;
    struct token name;
    if (!config_name(r, &name))
        return 0;
    config_end(r);
    for (size_t i = 0; i < out->hours_count; i++)
        if (span_eq(out->hours[i].name, name.text)) {
            config_twice(r, &name, "hours");
            return 0;
        }
    struct settings_hours *all = arena_grow(r->a, (void *)out->hours, out->hours_count, sizeof *all);
    if (!all)
        return ERR_NOMEM;
    out->hours = all;
    r->hours = &all[out->hours_count++];
    *r->hours = (struct settings_hours){.name = name.text};
    return config_keep(r, &r->hours_names, &name);
}

static bool below_hours(struct config_reader *r)
{
    if (r->hours)
        return true;
    struct token first = {.at = r->c.st->at, .source = r->c.st->source};
    diag_error(r->d, "E01", first.at, first.source,
               "\"%s\" belongs under \"hours NAME\"\nwrite it right below its hours", r->row->help.name);
    return false;
}

/* 0 (mon) to 6 (sun), or -1 after telling that it is no day. */
static int day_of(struct config_reader *r, const struct token *word, struct span text)
{
    struct suggest s = suggest_start(text);
    for (int day = 0; day < DAYS; day++) {
        if (span_is(text, day_names[day]))
            return day;
        suggest_try(&s, span_of(day_names[day]));
    }
    struct token day = {.text = text, .at = word->at, .source = word->source};
    config_unknown(r, &day, "day", &s, "mon, tue, wed, thu, fri, sat or sun; mon-fri for several");
    return -1;
}

static bool read_days(struct config_reader *r, struct settings_span *open)
{
    struct token word;
    if (!config_word(r, &word))
        return false;
    size_t dash = span_find(word.text, '-');
    struct span last = dash < word.text.len ? span_from(word.text, dash + 1) : word.text;
    open->first_day = day_of(r, &word, span_first(word.text, dash));
    open->last_day = open->first_day < 0 ? -1 : day_of(r, &word, last);
    if (open->first_day < 0 || open->last_day < 0)
        return false;
    if (open->first_day <= open->last_day)
        return true;
    diag_error(r->d, "E04", word.at, word.source,
               "a week runs from mon to sun\nwrite one line up to sun and one from mon");
    return false;
}

/* HH:MM as minutes, 24:00 included; -1 where it is not of that form or no time of day. */
static int minute_of(struct span s)
{
    int64_t hour, minute;
    if (s.len != 5 || s.p[2] != ':' || s.p[0] == '-' || s.p[3] == '-')
        return -1;
    if (span_int(span_first(s, 2), &hour) < 0 || span_int(span_from(s, 3), &minute) < 0 || minute > 59)
        return -1;
    int64_t all = hour * 60 + minute;
    return all <= DAY_MINUTES ? (int)all : -1;
}

static bool read_times(struct config_reader *r, struct settings_span *open)
{
    struct token word;
    if (!config_word(r, &word))
        return false;
    size_t dash = span_find(word.text, '-');
    open->from_minute = minute_of(span_first(word.text, dash));
    open->to_minute = minute_of(span_from(word.text, dash + 1));
    if (open->from_minute >= 0 && open->from_minute < open->to_minute)
        return true;
    diag_error(r->d, "E04", word.at, word.source,
               "\"%.*s\" is no span of a day\nfor example 08:30-17:00; from 00:00 to 24:00, the earlier time first",
               SPAN_ARG(word.text));
    return false;
}

/* Quiet hours mostly hold over midnight, so here the earlier time may stand last. */
int config_read_quiet(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct token word;
    if (!config_word(r, &word))
        return 0;
    config_end(r);
    size_t dash = span_find(word.text, '-');
    bool never = span_is(word.text, "never");
    int from = never ? 0 : minute_of(span_first(word.text, dash));
    int to = never ? 0 : minute_of(span_from(word.text, dash + 1));
    if (from < 0 || to < 0 || (from == to && !never)) {
        diag_error(r->d, "E04", word.at, word.source,
                   "\"%.*s\" is no span of time\nfor example 21:00-08:00; \"never\" where it is never quiet",
                   SPAN_ARG(word.text));
        return 0;
    }
    r->out->quiet_from = from;
    r->out->quiet_to = to;
    return 0;
}

int config_read_open(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct settings_span span;
    if (!below_hours(r) || !read_days(r, &span) || !read_times(r, &span)) {
        r->open_wrong = true;
        return 0;
    }
    config_end(r);
    struct settings_span *open = arena_grow(r->a, (void *)r->hours->open, r->hours->open_count, sizeof *open);
    if (!open)
        return ERR_NOMEM;
    open[r->hours->open_count++] = span;
    r->hours->open = open;
    return 0;
}

static int add_closed(struct config_reader *r, const struct token *word)
{
    struct date date;
    int rc = date_parse(word->text, &date);
    if (rc < 0) {
        diag_error(r->d, rc == ERR_RANGE ? "E04" : "E01", word->at, word->source,
                   "\"%.*s\" is no date\nwrite year-month-day, for example 2026-03-20", SPAN_ARG(word->text));
        return 0;
    }
    int64_t day = date_to_day(date);
    for (size_t i = 0; i < r->hours->closed_count; i++)
        if (r->hours->closed[i] == day) {
            config_twice(r, word, "closed day");
            return 0;
        }
    int64_t *closed = arena_grow(r->a, (void *)r->hours->closed, r->hours->closed_count, sizeof *closed);
    if (!closed)
        return ERR_NOMEM;
    closed[r->hours->closed_count++] = day;
    r->hours->closed = closed;
    return 0;
}

int config_read_closed(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct token word;
    int rc = 0;
    if (!below_hours(r))
        return 0;
    for (bool more = config_word(r, &word); more && rc == 0; more = script_word(&r->c, &word))
        rc = add_closed(r, &word);
    return rc;
}

void config_finish_hours(struct config_reader *r)
{
    for (size_t i = 0; i < r->hours_names.count && !r->open_wrong; i++)
        if (r->out->hours[i].open_count == 0)
            diag_error(r->d, "E01", r->hours_names.words[i].at, r->hours_names.words[i].source,
                       "hours \"%.*s\" are never open\nadd a line such as: open mon-fri 09:00-17:00",
                       SPAN_ARG(r->hours_names.words[i].text));
}

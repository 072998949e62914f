// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/statistics.h"

#include "base/clock.h"
#include "base/err.h"
#include "store/rows.h"

enum { SUNDAY = 6 }; // of date_weekday

/* ---- telling ---- */

/* A day, or none (0 and false): no day is before 1970 here. */
static int day_next(struct store *s, int64_t *day)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_TALLY_DAY, NULL, 0, &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // it has no FROM
    bool there = sqlite3_column_type(st, 0) != SQLITE_NULL;
    *day = sqlite3_column_int64(st, 0);
    db_done(st);
    return there;
}

static int day_take(struct store *s, int64_t day)
{
    static const enum statement takes[] = {Q_TALLY_EVENTS, Q_TALLY_ENDED, Q_TALLY_WENT};
    int rc = 0;
    for (size_t i = 0; i < sizeof takes / sizeof *takes && rc == 0; i++)
        rc = DB_RUN(s, takes[i], V_INT(day));
    return rc;
}

static int week_tell(struct store *s, int64_t monday)
{
    int rc = DB_RUN(s, Q_STAT_TELL, V_INT(monday), V_INT(STATISTIC_STEP));
    if (rc == 0)
        rc = DB_RUN(s, Q_TALLY_TOLD, V_INT(STATISTIC_STEP));
    return rc < 0 ? rc : db_run(s, Q_TALLY_EMPTY, NULL, 0);
}

int statistics_step(struct store *s, int64_t before_day)
{
    int64_t day;
    int rc = day_next(s, &day);
    if (rc != 1 || day >= before_day)
        return rc < 0 ? rc : 0;
    rc = day_take(s, day);
    if (rc == 0 && date_weekday(day) == SUNDAY)
        rc = week_tell(s, day - 6);
    if (rc == 0)
        rc = DB_RUN(s, Q_COUNTER_DROP, V_INT(day - STATISTIC_COUNTERS_DAYS));
    if (rc == 0)
        rc = DB_RUN(s, Q_META_PUT, V_TEXT(SPAN("tallied")), V_INT(day));
    return rc < 0 ? rc : 1;
}

/* ---- reading ---- */

int statistics_last(struct store *s, int64_t *week)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_STAT_LAST, NULL, 0, &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    *week = sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}

static int sum_read(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct statistic_sum *r = row;
    r->number = sqlite3_column_int64(st, 1);
    return db_copy(st, 0, a, &r->label);
}

int statistics_sums(struct store *s, const char *topic, enum statistic_by by, int64_t from, int64_t to, struct arena *a,
                    struct statistic_sum **rows, size_t *count)
{
    static const enum statement STATEMENT_OF[] = {[STAT_BY_WEEK] = Q_STAT_WEEKS,
                                                  [STAT_BY_CHANNEL] = Q_STAT_CHANNELS,
                                                  [STAT_BY_LANGUAGE] = Q_STAT_LANGUAGES,
                                                  [STAT_BY_WHAT] = Q_STAT_WHATS};
    void *all;
    const struct rows_of of = {STATEMENT_OF[by], VALUES(V_TEXT(span_of(topic)), V_INT(from), V_INT(to)), sum_read,
                               sizeof(struct statistic_sum)};
    int rc = rows_all(s, &of, a, &all, count);
    *rows = all;
    return rc;
}

static int row_read(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct statistic_row *r = row;
    r->week = sqlite3_column_int64(st, 0);
    r->number = sqlite3_column_int64(st, 4);
    return rows_copy(st, a, (const int[]){1, 2, 3}, (struct span *const[]){&r->channel, &r->language, &r->what}, 3);
}

int statistics_rows(struct store *s, const char *topic, int64_t from, int64_t to, size_t most, struct arena *a,
                    struct statistic_row **rows, size_t *count)
{
    void *all;
    const struct rows_of of = {Q_STAT_ROWS,
                               VALUES(V_TEXT(span_of(topic)), V_INT(from), V_INT(to), V_INT((int64_t)most)), row_read,
                               sizeof(struct statistic_row)};
    int rc = rows_all(s, &of, a, &all, count);
    *rows = all;
    return rc;
}

static int screen_read(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct statistic_screen *r = row;
    r->ended = sqlite3_column_int64(st, 3);
    r->went = sqlite3_column_int64(st, 4);
    r->since = sqlite3_column_int64(st, 5);
    return rows_copy(st, a, (const int[]){0, 1, 2}, (struct span *const[]){&r->menus, &r->language, &r->screen}, 3);
}

int statistics_screens(struct store *s, int64_t from, int64_t to, size_t most, struct arena *a,
                       struct statistic_screen **rows, size_t *count)
{
    void *all;
    const struct rows_of of = {Q_STAT_SCREENS, VALUES(V_INT(from), V_INT(to), V_INT((int64_t)most)), screen_read,
                               sizeof(struct statistic_screen)};
    int rc = rows_all(s, &of, a, &all, count);
    *rows = all;
    return rc;
}

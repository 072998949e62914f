// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/statistics.h"

#include "store/rows.h"

static const enum statement STATEMENT_OF[STATISTICS] = {
    [STAT_WEEKS] = Q_STAT_WEEKS,       [STAT_CHANNELS] = Q_STAT_CHANNELS, [STAT_LANGUAGES] = Q_STAT_LANGUAGES,
    [STAT_STATUSES] = Q_STAT_STATUSES, [STAT_REPLIES] = Q_STAT_REPLIES,   [STAT_DELIVERY] = Q_STAT_DELIVERY,
    [STAT_CONSENTS] = Q_STAT_CONSENTS,
};

static int row_read(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct statistic_row *r = row;
    r->number = sqlite3_column_int64(st, 1);
    return db_copy(st, 0, a, &r->label);
}

int statistics_read(struct store *s, enum statistic which, int64_t from_day, int64_t to_day, struct arena *a,
                    struct statistic_row **rows, size_t *count)
{
    void *all;
    const struct rows_of of = {STATEMENT_OF[which], VALUES(V_INT(from_day), V_INT(to_day)), row_read,
                               sizeof(struct statistic_row)};
    int rc = rows_all(s, &of, a, &all, count);
    *rows = all;
    return rc;
}

static int screen_read(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct statistic_screen *r = row;
    r->seen = sqlite3_column_int64(st, 3);
    r->ended = sqlite3_column_int64(st, 4);
    return rows_copy(st, a, (const int[]){0, 1, 2}, (struct span *const[]){&r->menus, &r->language, &r->screen}, 3);
}

int statistics_screens(struct store *s, int64_t from_day, int64_t to_day, size_t most, struct arena *a,
                       struct statistic_screen **rows, size_t *count)
{
    void *all;
    const struct rows_of of = {Q_STAT_SCREENS, VALUES(V_INT(from_day), V_INT(to_day), V_INT((int64_t)most)),
                               screen_read, sizeof(struct statistic_screen)};
    int rc = rows_all(s, &of, a, &all, count);
    *rows = all;
    return rc;
}

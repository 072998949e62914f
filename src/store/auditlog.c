// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/auditlog.h"

#include "base/err.h"
#include "store/rows.h"

static int row_read(sqlite3_stmt *st, struct arena *a, void *to)
{
    struct auditlog_row *row = to;
    *row = (struct auditlog_row){.id = sqlite3_column_int64(st, 0), .at_s = sqlite3_column_int64(st, 1)};
    return rows_copy(st, a, (const int[]){2, 3, 4}, (struct span *const[]){&row->actor, &row->action, &row->object}, 3);
}

/** Rows from `first` to before `end`. */
struct stretch {
    int64_t first, end;
};

static int all_rows(struct store *s, struct stretch *all)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_AUDIT_ENDS, NULL, 0, &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // it has no FROM
    *all = (struct stretch){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1) + 1};
    db_done(st);
    return 0;
}

/* The first row that is not before a time, by halving: rows are written as time goes by. */
static int first_at(struct store *s, struct stretch in, int64_t at_s, int64_t *id)
{
    while (in.first < in.end) {
        sqlite3_stmt *st;
        int64_t middle = in.first + (in.end - in.first) / 2;
        int rc = db_find(s, Q_AUDIT_FROM, VALUES(V_INT(middle)), &st);
        if (rc < 0)
            return rc;
        bool before = rc == 1 && sqlite3_column_int64(st, 1) < at_s;
        int64_t next = before ? sqlite3_column_int64(st, 0) + 1 : 0;
        if (rc == 1)
            db_done(st);
        if (before)
            in.first = next;
        else
            in.end = middle;
    }
    *id = in.first;
    return 0;
}

enum { CLOCK_SLACK_S = 86400 }; // a clock that was set back makes rows a little out of order

/* The rows among which those that fit are; all of them where no time is asked for. */
static int stretch_find(struct store *s, const struct auditlog_filter *f, struct stretch *in)
{
    struct stretch all = {0};
    int rc = all_rows(s, &all);
    *in = all;
    if (rc == 0 && f->from_s)
        rc = first_at(s, all, f->from_s - CLOCK_SLACK_S, &in->first);
    if (rc == 0 && f->to_s)
        rc = first_at(s, all, f->to_s + CLOCK_SLACK_S, &in->end);
    if (f->before && f->before < in->end)
        in->end = f->before;
    return rc;
}

int store_auditlog(struct store *s, const struct auditlog_filter *f, int most, struct arena *a,
                   struct auditlog_row **rows, size_t *count, int64_t *further)
{
    struct stretch in;
    int rc = stretch_find(s, f, &in);
    if (rc < 0)
        return rc;
    int64_t first = in.end - in.first > AUDITLOG_LOOK ? in.end - AUDITLOG_LOOK : in.first;
    *further = first > in.first ? first : 0;
    const struct value values[] = {V_INT(in.end),
                                   V_INT(f->from_s ? f->from_s : INT64_MIN),
                                   V_INT(f->to_s ? f->to_s : INT64_MAX),
                                   V_TEXT(f->actor),
                                   V_TEXT(f->action),
                                   V_TEXT(f->object),
                                   V_INT(most),
                                   V_INT(first)};
    return rows_all(s, &(struct rows_of){Q_AUDIT_LOOK, values, 8, row_read, sizeof **rows}, a, (void **)rows, count);
}

int store_audit_acted(struct store *s, struct span actor, struct span action, int64_t since_s, int64_t *count)
{
    return db_numbers(s, Q_AUDIT_ACTED, VALUES(V_TEXT(action), V_TEXT(actor), V_INT(since_s)), count, 1);
}

int store_audit_done(struct store *s, struct span action, int64_t since_s, int64_t *count, int64_t *last_s)
{
    int64_t numbers[2];
    int rc = db_numbers(s, Q_AUDIT_DONE, VALUES(V_TEXT(action), V_INT(since_s)), numbers, 2);
    if (rc < 0)
        return rc;
    *count = numbers[0];
    *last_s = numbers[1];
    return 0;
}

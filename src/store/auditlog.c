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

int store_auditlog(struct store *s, const struct auditlog_filter *f, int most, struct arena *a,
                   struct auditlog_row **rows, size_t *count)
{
    const struct value values[] = {V_INT(f->before ? f->before : INT64_MAX),
                                   V_INT(f->from_s ? f->from_s : INT64_MIN),
                                   V_INT(f->to_s ? f->to_s : INT64_MAX),
                                   V_TEXT(f->actor),
                                   V_TEXT(f->action),
                                   V_TEXT(f->object),
                                   V_INT(most)};
    return rows_all(s, &(struct rows_of){Q_AUDIT_LOOK, values, 7, row_read, sizeof **rows}, a, (void **)rows, count);
}

int store_audit_acted(struct store *s, struct span actor, struct span action, int64_t since_s, int64_t *count)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_AUDIT_ACTED, VALUES(V_TEXT(action), V_TEXT(actor), V_INT(since_s)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // an aggregate always gives a row
    *count = sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}

int store_audit_done(struct store *s, struct span action, int64_t since_s, int64_t *count, int64_t *last_s)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_AUDIT_DONE, VALUES(V_TEXT(action), V_INT(since_s)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // an aggregate always gives a row
    *count = sqlite3_column_int64(st, 0);
    *last_s = sqlite3_column_int64(st, 1);
    db_done(st);
    return 0;
}

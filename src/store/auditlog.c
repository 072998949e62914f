// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/auditlog.h"

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

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/callback.h"

#include "base/err.h"
#include "store/rows.h"

static int row_read(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct callback *c = row;
    *c = (struct callback){.id = sqlite3_column_int64(st, 0),
                           .case_id = sqlite3_column_int64(st, 1),
                           .due_s = sqlite3_column_int64(st, 2),
                           .booked_s = sqlite3_column_int64(st, 3),
                           .booked_by = sqlite3_column_int64(st, 4),
                           .started_s = sqlite3_column_int64(st, 5),
                           .caller = sqlite3_column_int64(st, 6),
                           .attempts = sqlite3_column_int64(st, 7),
                           .ended_s = sqlite3_column_int64(st, 8)};
    return rows_copy(st, a, (const int[]){9, 10, 11}, (struct span *const[]){&c->reference, &c->outcome, &c->seal}, 3);
}

int callback_due(struct store *s, int64_t before_s, int (*tell)(void *ctx, const struct callback_due *row), void *ctx)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_CALLBACK_DUE, VALUES(V_INT(before_s)), &st);
    while (rc == 1) {
        const struct callback_due row = {sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
                                         sqlite3_column_int64(st, 2)};
        int told = tell(ctx, &row);
        if (told) {
            db_done(st);
            return told < 0 ? told : 0;
        }
        rc = db_next(s, st);
    }
    return rc;
}

int callback_get(struct store *s, int64_t id, struct arena *a, struct callback *out)
{
    return rows_one(s, Q_CALLBACK_GET, V_INT(id), row_read, a, out);
}

int callback_of_case(struct store *s, int64_t case_id, struct arena *a, struct callback **rows, size_t *count)
{
    void *all;
    const struct rows_of of = {Q_CALLBACK_OF_CASE, VALUES(V_INT(case_id)), row_read, sizeof(struct callback)};
    int rc = rows_all(s, &of, a, &all, count);
    *rows = all;
    return rc;
}

/* ---- writing ---- */

int callback_add(struct store *s, const struct callback *row, int64_t *id)
{
    int rc = DB_CHANGE(s, Q_CALLBACK_ADD, V_INT(row->case_id), V_INT(row->due_s), V_INT(row->booked_s),
                       V_ID(row->booked_by), V_BLOB(row->seal));
    if (rc == 0)
        *id = sqlite3_last_insert_rowid(s->db);
    return rc == ERR_MISSING ? ERR_EXISTS : rc;
}

static int changed(int rc)
{
    return rc == ERR_MISSING ? ERR_EXISTS : rc;
}

int callback_move(struct store *s, const struct callback *was, int64_t due_s, struct span seal)
{
    return changed(DB_CHANGE(s, Q_CALLBACK_MOVE, V_INT(was->id), V_INT(was->attempts), V_INT(due_s), V_BLOB(seal)));
}

int callback_start(struct store *s, const struct callback *was, int64_t caller, int64_t at_s)
{
    return changed(DB_CHANGE(s, Q_CALLBACK_START, V_INT(was->id), V_INT(was->attempts), V_ID(caller), V_INT(at_s),
                             V_INT(was->started_s)));
}

int callback_failed(struct store *s, const struct callback *was, int64_t due_s)
{
    return changed(DB_CHANGE(s, Q_CALLBACK_FAILED, V_INT(was->id), V_INT(was->attempts), V_INT(due_s)));
}

int callback_end(struct store *s, const struct callback *was, struct span outcome, int64_t attempts, int64_t at_s)
{
    return changed(DB_CHANGE(s, Q_CALLBACK_END, V_INT(was->id), V_INT(was->attempts), V_TEXT(outcome), V_INT(attempts),
                             V_INT(at_s)));
}

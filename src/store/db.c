// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/db.h"

#include "base/err.h"
#include "base/log.h"

#include <errno.h>

static const struct {
    int sqlite, err;
} error_table[] = {
    {SQLITE_NOMEM, ERR_NOMEM},      {SQLITE_FULL, ERR_FULL},    {SQLITE_IOERR, ERR_IO},
    {SQLITE_CANTOPEN, ERR_IO},      {SQLITE_READONLY, ERR_IO},  {SQLITE_PERM, ERR_IO},
    {SQLITE_BUSY, ERR_BUSY},        {SQLITE_LOCKED, ERR_BUSY},  {SQLITE_CORRUPT, ERR_CORRUPT},
    {SQLITE_NOTADB, ERR_CORRUPT},   {SQLITE_TOOBIG, ERR_LIMIT}, {SQLITE_MISMATCH, ERR_RANGE},
    {SQLITE_CONSTRAINT, ERR_RANGE},
};

static int error_of(struct store *s, int code)
{
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID)
        return ERR_EXISTS;
    int reason = sqlite3_system_errno(s->db);
    if ((code & 0xff) == SQLITE_IOERR && (reason == ENOSPC || reason == EDQUOT || reason == EFBIG))
        return ERR_FULL; // the shared-memory file could not grow
    for (size_t i = 0; i < sizeof error_table / sizeof *error_table; i++)
        if (error_table[i].sqlite == (code & 0xff))
            return error_table[i].err;
    return ERR_NOT_NOW;
}

static void roll_back(struct store *s)
{
    if (!sqlite3_get_autocommit(s->db)) { // SQLite may have rolled back by itself
        sqlite3_step(s->statements[Q_ROLLBACK]);
        sqlite3_reset(s->statements[Q_ROLLBACK]);
    }
    for (int i = 0; i < CHAINS; i++)
        s->chains[i].known = false;
    s->heads.known = false;
    turns_drop(&s->turns);
    live_undo(&s->live);
    journal_rolled_back(&s->journal);
}

int db_error(struct store *s, int code)
{
    int err = error_of(s, code);
    if (err == ERR_EXISTS)
        return err;
    log_event(LOG_ERROR, "database failed", LOG_INT("sqlite", code), LOG_ERR(err));
    if (s->begun && (code & 0xff) != SQLITE_CONSTRAINT) {
        roll_back(s);
        s->broken = err;
    }
    return err;
}

static int bind_value(sqlite3_stmt *st, int at, const struct value *v)
{
    const char *p = v->bytes.p ? v->bytes.p : ""; // a NULL pointer would bind NULL, not the empty value
    switch (v->kind) {
    case VALUE_INT:
        return sqlite3_bind_int64(st, at, v->number);
    case VALUE_BLOB:
        return sqlite3_bind_blob64(st, at, p, v->bytes.len, SQLITE_STATIC);
    case VALUE_TEXT:
        return sqlite3_bind_text64(st, at, p, v->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
    case VALUE_NULL:
        break;
    }
    return sqlite3_bind_null(st, at);
}

int db_prepare(struct store *s, enum statement q)
{
    int code = sqlite3_prepare_v3(s->db, store_sql[q], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[q], NULL);
    return code == SQLITE_OK ? 0 : db_error(s, code);
}

int db_query(struct store *s, enum statement q, const struct value *values, size_t count, sqlite3_stmt **out)
{
    if (s->broken)
        return s->broken;
    if (s->reads && !s->statements[q]) {
        int rc = db_prepare(s, q);
        if (rc < 0)
            return rc;
    }
    sqlite3_stmt *st = s->statements[q];
    for (size_t i = 0; i < count; i++) {
        int code = bind_value(st, (int)i + 1, &values[i]);
        if (code != SQLITE_OK)
            return db_error(s, code);
    }
    *out = st;
    return 0;
}

int db_next(struct store *s, sqlite3_stmt *st)
{
    int code = sqlite3_step(st);
    if (code == SQLITE_ROW)
        return 1;
    sqlite3_reset(st);
    return code == SQLITE_DONE ? 0 : db_error(s, code);
}

int db_find(struct store *s, enum statement q, const struct value *values, size_t count, sqlite3_stmt **out)
{
    int rc = db_query(s, q, values, count, out);
    return rc == 0 ? db_next(s, *out) : rc;
}

void db_done(sqlite3_stmt *st)
{
    sqlite3_reset(st);
}

int db_numbers(struct store *s, enum statement q, const struct value *values, size_t count, int64_t *numbers,
               int columns)
{
    sqlite3_stmt *st = NULL;
    int rc = db_find(s, q, values, count, &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT;
    for (int i = 0; i < columns; i++)
        numbers[i] = sqlite3_column_int64(st, i);
    db_done(st);
    return 0;
}

int db_run(struct store *s, enum statement q, const struct value *values, size_t count)
{
    if (!s->begun)
        return ERR_NOT_NOW;
    sqlite3_stmt *st = NULL;
    int rc = db_find(s, q, values, count, &st);
    if (rc > 0)
        db_done(st);
    return rc < 0 ? rc : 0;
}

int db_change(struct store *s, enum statement q, const struct value *values, size_t count)
{
    int rc = db_run(s, q, values, count);
    if (rc == 0 && sqlite3_changes(s->db) == 0)
        rc = ERR_MISSING;
    return rc;
}

struct span db_bytes(sqlite3_stmt *st, int column)
{
    const char *p = sqlite3_column_blob(st, column); // before the length: the order SQLite asks for
    return (struct span){.p = p, .len = (size_t)sqlite3_column_bytes(st, column)};
}

int db_copy(sqlite3_stmt *st, int column, struct arena *a, struct span *out)
{
    *out = arena_copy(a, db_bytes(st, column));
    return out->p ? 0 : ERR_NOMEM;
}

int db_one(struct store *s, enum statement q, const struct value *values, size_t count, struct arena *a,
           struct span *out)
{
    sqlite3_stmt *st = NULL;
    int rc = db_find(s, q, values, count, &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    rc = db_copy(st, 0, a, out);
    db_done(st);
    return rc;
}

int db_exact(sqlite3_stmt *st, int column, void *out, size_t len)
{
    struct span bytes = db_bytes(st, column);
    if (bytes.len != len)
        return ERR_CORRUPT;
    memcpy(out, bytes.p, len);
    return 0;
}

int store_begin(struct store *s)
{
    if (s->begun || s->reads)
        return ERR_NOT_NOW;
    sqlite3_stmt *st;
    int rc = db_find(s, Q_BEGIN, NULL, 0, &st);
    if (rc == 0)
        s->begun = true;
    return rc;
}

int store_commit(struct store *s)
{
    if (!s->begun)
        return ERR_NOT_NOW;
    sqlite3_stmt *st;
    int rc = turns_write(s);
    if (rc == 0)
        rc = journal_write(s); // first, and synced: whoever stopped has stopped, whatever the commit does
    if (rc == 0)
        rc = db_find(s, Q_COMMIT, NULL, 0, &st);
    if (rc < 0) {
        roll_back(s);
    } else {
        live_settle(&s->live);
        journal_committed(&s->journal);
    }
    s->begun = false;
    s->broken = 0;
    return rc;
}

void store_rollback(struct store *s)
{
    if (!s->begun)
        return;
    roll_back(s);
    s->begun = false;
    s->broken = 0;
}

int db_end(struct store *s, int rc)
{
    if (rc == 0)
        return store_commit(s);
    store_rollback(s);
    return rc;
}

int64_t store_changed(const struct store *s)
{
    return sqlite3_changes64(s->db);
}

int64_t store_changes(const struct store *s)
{
    return sqlite3_total_changes64(s->db);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/rows.h"

#include "base/err.h"

int rows_copy(sqlite3_stmt *st, struct arena *a, const int *columns, struct span *const *to, size_t count)
{
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = db_copy(st, columns[i], a, to[i]);
    return rc;
}

int rows_one(struct store *s, enum statement q, struct value key, row_fn read, struct arena *a, void *row)
{
    sqlite3_stmt *st;
    int rc = db_find(s, q, &key, 1, &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    rc = read(st, a, row);
    db_done(st);
    return rc;
}

int rows_all(struct store *s, const struct rows_of *of, struct arena *a, void **rows, size_t *count)
{
    sqlite3_stmt *st;
    void *all = NULL;
    *rows = NULL;
    *count = 0;
    int rc = db_find(s, of->statement, of->values, of->value_count, &st);
    while (rc == 1) {
        void *grown = arena_grow(a, all, *count, of->size);
        rc = grown ? of->read(st, a, (char *)grown + of->size * *count) : ERR_NOMEM;
        if (rc < 0) {
            db_done(st);
            return rc;
        }
        all = grown;
        ++*count;
        rc = db_next(s, st);
    }
    *rows = all;
    return rc;
}

int held_row(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct held_seal *h = row;
    *h = (struct held_seal){.generation = sqlite3_column_int64(st, 1)};
    return rows_copy(st, a, (const int[]){0, 2}, (struct span *const[]){&h->holder, &h->seal}, 2);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* rows - reading one row or all rows of a statement into records, in an arena. */
#ifndef WAYMARK_STORE_ROWS_H
#define WAYMARK_STORE_ROWS_H

#include "store/db.h"

/** Turns the row that a statement stands on into a record. */
typedef int (*row_fn)(sqlite3_stmt *st, struct arena *a, void *row);

struct rows_of {
    enum statement statement;
    const struct value *values; /* its parameters */
    size_t value_count;
    row_fn read;
    size_t size; /* of a record */
};

/** A statement's rows as records of a type. */
#define ROWS(q, reader, type, ...)                                                                                     \
    &(struct rows_of)                                                                                                  \
    {                                                                                                                  \
        (q), VALUES(__VA_ARGS__), (reader), sizeof(type)                                                               \
    }

/** ERR_MISSING: there is none. */
int rows_one(struct store *s, enum statement q, struct value key, row_fn read, struct arena *a, void *row);

/** All of them, as an array in `a`; none: NULL and 0. */
int rows_all(struct store *s, const struct rows_of *of, struct arena *a, void **rows, size_t *count);

/** Copies columns to spans, in `a`. */
int rows_copy(sqlite3_stmt *st, struct arena *a, const int *columns, struct span *const *to, size_t count);

/** holder, generation, seal: a struct held_seal. */
int held_row(sqlite3_stmt *st, struct arena *a, void *row);

#endif

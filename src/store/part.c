// SPDX-License-Identifier: AGPL-3.0-or-later
/* part - parts of long messages, until all are here or the wait is over. */
#include "base/err.h"
#include "store/db.h"

int store_part_add(struct store *s, const struct store_part *part)
{
    int rc = DB_CHANGE(s, Q_PART_ADD, V_INDEX(&part->message), V_INT(part->number), V_INT(part->total),
                       V_INT(part->expires_s), V_INT(part->day), V_BLOB(part->box));
    return rc == ERR_MISSING ? ERR_EXISTS : rc;
}

static int take(sqlite3_stmt *st, struct store_part *part, struct arena *a)
{
    part->number = sqlite3_column_int(st, 0);
    part->total = sqlite3_column_int(st, 1);
    part->expires_s = sqlite3_column_int64(st, 2);
    part->day = sqlite3_column_int64(st, 3);
    return db_copy(st, 4, a, &part->box);
}

int store_part_list(struct store *s, const struct store_index *message, struct arena *a, struct store_part **parts,
                    size_t *count)
{
    sqlite3_stmt *st;
    *parts = NULL;
    *count = 0;
    int rc = db_query(s, Q_PART_LIST, VALUES(V_INDEX(message)), &st);
    if (rc < 0)
        return rc;
    while ((rc = db_next(s, st)) == 1) {
        *parts = arena_grow(a, *parts, *count, sizeof **parts);
        rc = *parts ? take(st, &(*parts)[*count], a) : ERR_NOMEM;
        if (rc < 0)
            break;
        (*parts)[(*count)++].message = *message;
    }
    db_done(st);
    return rc;
}

int store_part_done(struct store *s, const struct store_index *message, int64_t expires_s)
{
    int rc = DB_RUN(s, Q_PART_DROP, V_INDEX(message));
    return rc < 0 ? rc : DB_RUN(s, Q_PART_DONE, V_INDEX(message), V_INT(expires_s));
}

int store_part_over(struct store *s, int64_t now_s, size_t most, struct store_index *messages, size_t *count)
{
    sqlite3_stmt *st;
    *count = 0;
    int rc = db_query(s, Q_PART_OVER, VALUES(V_INT(now_s), V_INT((int64_t)most)), &st);
    if (rc < 0)
        return rc;
    while (*count < most && (rc = db_next(s, st)) == 1) {
        rc = db_exact(st, 0, messages[*count].bytes, sizeof messages[*count].bytes);
        if (rc < 0)
            break;
        ++*count;
    }
    db_done(st);
    return rc < 0 ? rc : 0;
}

int store_part_waiting(struct store *s, int64_t *messages)
{
    return db_numbers(s, Q_PART_WAITING, NULL, 0, messages, 1);
}

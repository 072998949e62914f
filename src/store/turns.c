// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/turns.h"

#include "base/err.h"
#include "base/mem.h"
#include "store/db.h"

enum { TURN_BYTES_MAX = 1024 * 1024 }; // of sixteen turns, far above what they can say

int turns_init(struct turns *t)
{
    t->values = mem_calloc(TURNS_AT_ONCE * TURN_COLUMNS, sizeof *t->values);
    t->boxes = arena_new(TURN_BYTES_MAX);
    return t->values && t->boxes ? 0 : ERR_NOMEM;
}

void turns_release(struct turns *t)
{
    mem_free(t->values);
    arena_free(t->boxes);
    *t = (struct turns){0};
}

void turns_drop(struct turns *t)
{
    t->count = 0;
    if (t->boxes)
        arena_reset(t->boxes);
}

int turns_write(struct store *s)
{
    struct turns *t = &s->turns;
    int rc = 0;
    if (!t->count)
        return 0;
    if (t->count == TURNS_AT_ONCE)
        rc = db_run(s, Q_TURN_ADD_ALL, t->values, TURNS_AT_ONCE * TURN_COLUMNS);
    else
        for (size_t i = 0; i < t->count && rc == 0; i++)
            rc = db_run(s, Q_TURN_ADD, t->values + i * TURN_COLUMNS, TURN_COLUMNS);
    turns_drop(t);
    return rc;
}

int turns_add(struct store *s, const struct value *row)
{
    struct turns *t = &s->turns;
    struct value *to = t->values + t->count * TURN_COLUMNS;
    for (size_t i = 0; i < TURN_COLUMNS; i++) {
        to[i] = row[i];
        if (row[i].kind == VALUE_BLOB && !(to[i].bytes = arena_copy(t->boxes, row[i].bytes)).p)
            return ERR_NOMEM;
    }
    return ++t->count < TURNS_AT_ONCE ? 0 : turns_write(s);
}

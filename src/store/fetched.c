// SPDX-License-Identifier: AGPL-3.0-or-later
/* fetched - rows of an outbox that is fetched from us: claimed when they are handed out, settled by what is told of
 * them, and by time where nothing is. */
#include "base/err.h"
#include "store/db.h"
#include "store/report.h"
#include "store/rows.h"

struct row {
    int64_t id;
    enum message_state state;
    bool allowed; // the epoch is still the number's, and it may be contacted
    int64_t until_ms;
};

static int find(struct store *s, struct span channel, struct span hex, struct row *row)
{
    struct store_index key;
    sqlite3_stmt *st;
    if (!s->begun)
        return ERR_NOT_NOW;
    if (!report_key(hex, &key))
        return ERR_MISSING;
    int rc = db_find(s, Q_OUTBOX_FETCHED, VALUES(V_INDEX(&key), V_TEXT(channel)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    int64_t state = sqlite3_column_int64(st, 1);
    *row = (struct row){.id = sqlite3_column_int64(st, 0),
                        .state = (enum message_state)state,
                        .allowed = sqlite3_column_int(st, 2) != 0,
                        .until_ms = sqlite3_column_int64(st, 3)};
    db_done(st);
    return report_is_state(state) ? 0 : ERR_CORRUPT;
}

static int become(struct store *s, const struct row *row, enum message_state state, struct store_fetched *out)
{
    *out = (struct store_fetched){.id = row->id, .was = row->state, .state = row->state};
    if (!report_further(row->state, state))
        return 0;
    out->state = state;
    out->changed = true;
    return DB_RUN(s, Q_OUTBOX_REPORT, V_INT(row->id), V_INT(state));
}

int store_outbox_taken(struct store *s, struct span channel, struct span key, int64_t now_ms, struct store_fetched *out)
{
    struct row row;
    int rc = find(s, channel, key, &row);
    if (rc < 0)
        return rc;
    bool late = row.until_ms && row.until_ms <= now_ms, open = report_further(row.state, MESSAGE_SENT);
    enum message_state ends = !row.allowed ? MESSAGE_CANCELLED : late ? MESSAGE_FAILED : MESSAGE_SENT;
    rc = become(s, &row, open ? ends : row.state, out);
    out->goes = row.allowed && !late && out->state == MESSAGE_SENT;
    return rc;
}

int store_outbox_told(struct store *s, struct span channel, struct span key, enum message_state state,
                      struct store_fetched *out)
{
    struct row row;
    if (!report_says(state))
        return ERR_RANGE;
    int rc = find(s, channel, key, &row);
    return rc < 0 ? rc : become(s, &row, state, out);
}

int store_outbox_overdue(struct store *s, struct store_overdue *o)
{
    if (!s->begun)
        return ERR_NOT_NOW;
    int rc =
        DB_RUN(s, Q_OUTBOX_OVERDUE_AGAIN, V_TEXT(o->channel), V_INT(o->before_ms), V_INT(o->now_ms), V_INT(o->tries));
    o->again = store_changed(s);
    if (rc == 0)
        rc = DB_RUN(s, Q_OUTBOX_OVERDUE, V_TEXT(o->channel), V_INT(o->before_ms));
    o->unknown = store_changed(s);
    return rc;
}

static int key_row(sqlite3_stmt *st, struct arena *a, void *row)
{
    return db_copy(st, 0, a, row);
}

int store_outbox_awaited(struct store *s, struct span channel, int64_t since_ms, size_t most, struct arena *a,
                         struct span **keys, size_t *count)
{
    const struct value values[] = {V_TEXT(channel), V_INT(since_ms), V_INT((int64_t)most)};
    void *rows;
    int rc = rows_all(s,
                      &(struct rows_of){.statement = Q_OUTBOX_AWAITED,
                                        .values = values,
                                        .value_count = sizeof values / sizeof *values,
                                        .read = key_row,
                                        .size = sizeof **keys},
                      a, &rows, count);
    *keys = rows;
    return rc;
}

int store_outbox_under_way(struct store *s, struct span channel, int64_t *count)
{
    return db_numbers(s, Q_OUTBOX_UNDER_WAY, VALUES(V_TEXT(channel)), count, 1);
}

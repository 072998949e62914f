// SPDX-License-Identifier: AGPL-3.0-or-later
/* keep - day keys and counters. */
#include "base/err.h"
#include "store/db.h"

int store_count(struct store *s, int64_t day, const struct store_counter *c, int64_t delta)
{
    return DB_RUN(s, Q_COUNT, V_INT(day), V_TEXT(c->menus), V_TEXT(c->channel), V_TEXT(c->language), V_TEXT(c->screen),
                  V_TEXT(c->event), V_INT(delta));
}

int store_traffic(struct store *s, int64_t since_day, store_traffic_row *row, void *ctx)
{
    sqlite3_stmt *st;
    int rc = db_query(s, Q_TRAFFIC, VALUES(V_INT(since_day)), &st);
    while (rc >= 0 && (rc = db_next(s, st)) == 1)
        row(ctx, db_bytes(st, 0), sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2));
    return rc;
}

static const char meta_claim[] = "master key";

int store_claim_get(struct store *s, struct arena *a, struct span *claim)
{
    return db_one(s, Q_META_GET, VALUES(V_TEXT(span_of(meta_claim))), a, claim);
}

int store_claim_put(struct store *s, struct span claim)
{
    return DB_RUN(s, Q_META_PUT, V_TEXT(span_of(meta_claim)), V_BLOB(claim));
}

int store_day_key_get(struct store *s, int64_t day, struct arena *a, struct span *wrapped)
{
    return db_one(s, Q_DAY_KEY_GET, VALUES(V_INT(day)), a, wrapped);
}

int store_day_key_put(struct store *s, int64_t day, struct span wrapped)
{
    int rc = store_begin(s);
    return rc < 0 ? rc : db_end(s, DB_RUN(s, Q_DAY_KEY_PUT, V_INT(day), V_BLOB(wrapped)));
}

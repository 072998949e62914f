// SPDX-License-Identifier: AGPL-3.0-or-later
/* keep - keys, counters, and the deletion of what is over. */
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
    sqlite3_stmt *st;
    int rc = db_find(s, Q_META_GET, VALUES(V_TEXT(span_of(meta_claim))), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    rc = db_copy(st, 0, a, claim);
    db_done(st);
    return rc;
}

int store_claim_put(struct store *s, struct span claim)
{
    return DB_RUN(s, Q_META_PUT, V_TEXT(span_of(meta_claim)), V_BLOB(claim));
}

int store_day_key_get(struct store *s, int64_t day, struct arena *a, struct span *wrapped)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_DAY_KEY_GET, VALUES(V_INT(day)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    rc = db_copy(st, 0, a, wrapped);
    db_done(st);
    return rc;
}

int store_day_key_put(struct store *s, int64_t day, struct span wrapped)
{
    int rc = store_begin(s);
    return rc < 0 ? rc : db_end(s, DB_RUN(s, Q_DAY_KEY_PUT, V_INT(day), V_BLOB(wrapped)));
}

/* What is over is found by walking each table in order of row ids, a window a call, round and round: no index over a
 * time that changes with every turn, and no long transaction. The statements take the window (above ?1, up to ?2), the
 * time ?3 and the oldest day to keep ?4. */
enum { SWEEP_STATEMENTS = 3 };
static const struct {
    enum statement window, run[SWEEP_STATEMENTS];
    int count, values[SWEEP_STATEMENTS]; // how many statements, and how many of the values each takes
} sweep_table[SWEEPS] = {
    [SWEEP_SESSION] = {Q_SESSION_WINDOW, {Q_TURN_DROP_STATE, Q_TURN_DROP, Q_SESSION_DROP}, 3, {3, 3, 3}},
    [SWEEP_SEEN] = {Q_SEEN_WINDOW, {Q_SEEN_DROP, Q_SEEN_FORGET_ANSWER}, 2, {3, 4}},
    [SWEEP_OUTBOX] = {Q_OUTBOX_WINDOW, {Q_OUTBOX_DROP, Q_OUTBOX_UNMARK}, 2, {4, 3}},
    [SWEEP_REPORT] = {Q_REPORT_WINDOW, {Q_REPORT_DROP}, 1, {3}},
    [SWEEP_NUMBER] = {Q_NUMBER_WINDOW, {Q_NUMBER_DROP}, 1, {4}}, // after the outbox, whose rows hold a number
};

static int window_next(struct store *s, int which, int most, int64_t *to)
{
    sqlite3_stmt *st;
    int rc = db_find(s, sweep_table[which].window, VALUES(V_INT(s->swept[which]), V_INT(most)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // an aggregate always gives a row
    *to = sqlite3_column_int64(st, 0);
    bool last = sqlite3_column_int(st, 1) < most;
    db_done(st);
    return last; // 1: this window ends the table
}

/* The directory forgets the sessions whose rows a sweep is about to delete. */
static int forget_sessions(struct store *s, const struct value *values)
{
    sqlite3_stmt *st;
    int rc = db_query(s, Q_SESSION_OVER, values, 3, &st);
    if (rc < 0)
        return rc;
    while ((rc = db_next(s, st)) == 1) {
        struct store_index key;
        rc = db_exact(st, 0, key.bytes, sizeof key.bytes);
        struct live_session *session = rc == 0 ? live_find(&s->live, &key) : NULL;
        if (session)
            live_drop(&s->live, session);
    }
    db_done(st);
    return rc;
}

static int sweep(struct store *s, int which, int64_t now_s, int64_t keep_day, int most)
{
    int64_t to;
    int last = window_next(s, which, most, &to);
    if (last < 0)
        return last;
    const struct value values[] = {V_INT(s->swept[which]), V_INT(to), V_INT(now_s), V_INT(keep_day)};
    int rc = which == SWEEP_SESSION ? forget_sessions(s, values) : 0;
    for (int i = 0; rc == 0 && i < sweep_table[which].count; i++)
        rc = db_run(s, sweep_table[which].run[i], values, (size_t)sweep_table[which].values[i]);
    if (rc == 0)
        s->swept[which] = last ? 0 : to;
    return rc;
}

static int expire_all(struct store *s, int64_t now_s, int64_t keep_day, int most)
{
    int rc = heads_flush(s);
    if (rc == 0)
        rc = live_know(s);
    for (int i = 0; rc == 0 && i < SWEEPS; i++)
        rc = sweep(s, i, now_s, keep_day, most);
    if (rc == 0)
        rc = DB_RUN(s, Q_PART_FORGET, V_INT(now_s));
    if (rc == 0)
        rc = DB_CHANGE(s, Q_DAY_KEY_DROP, V_INT(keep_day));
    if (rc == 0) // a key was destroyed
        s->erase = true;
    return rc == ERR_MISSING ? 0 : rc;
}

int store_expire(struct store *s, int64_t now_s, int64_t keep_day, int most)
{
    int rc = store_begin(s);
    return rc < 0 ? rc : db_end(s, expire_all(s, now_s, keep_day, most));
}

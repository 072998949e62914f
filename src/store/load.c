// SPDX-License-Identifier: AGPL-3.0-or-later
/* load - everything that a round's turns need, turn by turn. */
#include "base/err.h"
#include "store/rows.h"

enum {
    NUMBER_ID,
    NUMBER_KEY,
    NUMBER_EPOCH,
    NUMBER_STOPPED,
    NUMBER_PERSON,
    NUMBER_UNTEXTED
}; // of NUMBER_COLUMNS (sql.c)

static bool key_is(sqlite3_stmt *st, const struct store_index *key)
{
    struct span bytes = db_bytes(st, NUMBER_KEY);
    return bytes.len == STORE_INDEX_BYTES && memcmp(bytes.p, key->bytes, STORE_INDEX_BYTES) == 0;
}

/* A number's row: through the cache where that still holds, else through the table's own index. */
static int find_number(struct store *s, const struct store_index *key, sqlite3_stmt **out)
{
    int64_t id = cache_get(&s->numbers, key);
    if (id == CACHE_ABSENT)
        return 0;
    if (id != CACHE_UNKNOWN) {
        int rc = db_find(s, Q_NUMBER_BY_ID, VALUES(V_INT(id)), out);
        if (rc < 0 || (rc == 1 && key_is(*out, key)))
            return rc;
        if (rc == 1)
            db_done(*out);
    }
    int rc = db_find(s, Q_NUMBER_BY_KEY, VALUES(V_INDEX(key)), out);
    if (rc == 1)
        cache_put(&s->numbers, key, sqlite3_column_int64(*out, NUMBER_ID));
    return rc;
}

static int load_seen(struct store *s, struct store_turn *turn, int64_t now_s, struct arena *a)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_SEEN_GET, VALUES(V_INDEX(&turn->event_key), V_INT(now_s)), &st);
    if (rc != 1)
        return rc;
    turn->seen = true;
    turn->seen_day = sqlite3_column_int64(st, 0);
    rc = db_copy(st, 1, a, &turn->seen_answer);
    db_done(st);
    return rc;
}

static void load_session(const struct store *s, struct store_turn *turn, int64_t now_s)
{
    const struct live_session *session = live_find(&s->live, &turn->session_key);
    if (!session || session->expires_s <= now_s)
        return;
    turn->caller_key = session->caller;
    turn->session_id = session->id;
    turn->session_turn = session->turn;
    turn->session_number = session->number;
}

bool store_previous(const struct store *s, const struct store_turn *turn, int64_t now_s, struct store_previous *out)
{
    const struct live_session *session = live_newest(&s->live, &turn->caller_key);
    while (session &&
           (session->expires_s <= now_s || memcmp(&session->key, &turn->session_key, sizeof session->key) == 0))
        session = live_earlier(&s->live, session);
    if (session)
        *out = (struct store_previous){.id = session->id, .turn = session->turn, .key = session->key};
    return session != NULL;
}

static int load_number(struct store *s, struct store_turn *turn)
{
    sqlite3_stmt *st;
    int rc = find_number(s, &turn->number_key, &st);
    if (rc != 1) {
        if (rc == 0)
            cache_put(&s->numbers, &turn->number_key, CACHE_ABSENT);
        return rc;
    }
    turn->number_id = sqlite3_column_int64(st, NUMBER_ID);
    turn->epoch = sqlite3_column_int64(st, NUMBER_EPOCH);
    turn->stopped = sqlite3_column_type(st, NUMBER_STOPPED) != SQLITE_NULL;
    turn->person_id = sqlite3_column_int64(st, NUMBER_PERSON);
    turn->untexted = sqlite3_column_int(st, NUMBER_UNTEXTED) != 0;
    db_done(st);
    return 0;
}

static int load_person(struct store *s, struct store_turn *turn, struct arena *a)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_PERSON_GET, VALUES(V_INT(turn->person_id)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // a number refers to it
    rc = db_exact(st, 0, turn->person_public, sizeof turn->person_public);
    if (rc == 0)
        rc = db_copy(st, 1, a, &turn->person_language_box);
    db_done(st);
    return rc;
}

static int take_case(sqlite3_stmt *st, struct arena *a, void *to)
{
    struct store_case *row = to;
    row->id = sqlite3_column_int64(st, 0);
    row->open = sqlite3_column_int(st, 1) != 0;
    row->changed_day = sqlite3_column_int64(st, 5);
    row->safeguarding = sqlite3_column_int(st, 6) != 0;
    int rc = db_copy(st, 2, a, &row->kind_box);
    if (rc == 0)
        rc = db_copy(st, 3, a, &row->reference);
    return rc == 0 ? db_copy(st, 4, a, &row->status) : rc;
}

static int load_cases(struct store *s, struct store_turn *turn, struct arena *a)
{
    void *rows;
    int rc = rows_all(s, ROWS(Q_CASE_OF_PERSON, take_case, struct store_case, V_INT(turn->person_id)), a, &rows,
                      &turn->case_count);
    turn->cases = rows;
    return rc;
}

static int take_consent(sqlite3_stmt *st, struct arena *a, void *to)
{
    struct store_consent *row = to;
    row->id = sqlite3_column_int64(st, 2);
    row->at_s = sqlite3_column_int64(st, 3);
    int rc = db_copy(st, 0, a, &row->name);
    return rc == 0 ? db_copy(st, 1, a, &row->version) : rc;
}

static int load_consents(struct store *s, struct store_turn *turn, struct arena *a)
{
    void *rows;
    int rc = rows_all(s, ROWS(Q_CONSENT_IN_FORCE, take_consent, struct store_consent, V_INT(turn->person_id)), a, &rows,
                      &turn->consent_count);
    turn->consents = rows;
    return rc;
}

/* Only what the caller filled in stays, so that a turn may be loaded again. */
static void forget(struct store_turn *turn)
{
    *turn = (struct store_turn){
        .session_key = turn->session_key,
        .number_key = turn->number_key,
        .by_event = turn->by_event,
        .event_key = turn->event_key,
        .caller_key = turn->caller_key,
    };
}

static int load_one(struct store *s, struct store_turn *turn, int64_t now_s, struct arena *a)
{
    forget(turn);
    int rc = turn->by_event ? load_seen(s, turn, now_s, a) : 0;
    load_session(s, turn, now_s);
    if (rc == 0)
        rc = load_number(s, turn);
    if (rc < 0 || !turn->person_id)
        return rc;
    rc = load_person(s, turn, a);
    if (rc == 0)
        rc = load_cases(s, turn, a);
    return rc == 0 ? load_consents(s, turn, a) : rc;
}

int store_load(struct store *s, struct store_turn *turns, size_t count, int64_t now_s, struct arena *a)
{
    int rc = heads_know(s);
    if (rc == 0)
        rc = live_know(s);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = load_one(s, &turns[i], now_s, a);
    return rc;
}

int store_number_need(struct store *s, struct store_turn *turn, int64_t day)
{
    if (turn->number_id)
        return 0;
    int rc = load_number(s, turn); // another turn may have made it since
    if (rc < 0 || turn->number_id)
        return rc;
    rc = DB_RUN(s, Q_NUMBER_ADD, V_INDEX(&turn->number_key), V_INT(day));
    if (rc < 0)
        return rc;
    turn->number_id = sqlite3_last_insert_rowid(s->db);
    turn->epoch = 1;
    turn->stopped = false;
    cache_put(&s->numbers, &turn->number_key, turn->number_id);
    return 0;
}

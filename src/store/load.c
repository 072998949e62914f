// SPDX-License-Identifier: AGPL-3.0-or-later
/* load - everything that a round's turns need, turn by turn. */
#include "base/err.h"
#include "store/db.h"

// Columns of SESSION_COLUMNS and NUMBER_COLUMNS (sql.c).
enum { SESSION_ID, SESSION_KEY, SESSION_EXPIRES, SESSION_TURN, SESSION_NUMBER };
enum { NUMBER_ID, NUMBER_KEY, NUMBER_EPOCH, NUMBER_STOPPED, NUMBER_PERSON };
enum { KEY_COLUMN = 1 }; // in both

static bool key_is(sqlite3_stmt *st, const struct store_index *key)
{
    struct span bytes = db_bytes(st, KEY_COLUMN);
    return bytes.len == STORE_INDEX_BYTES && memcmp(bytes.p, key->bytes, STORE_INDEX_BYTES) == 0;
}

/* A row by its blind index: through the cache where that still holds, else through the table's own index. */
static int find_by_key(struct store *s, struct cache *cache, const struct store_index *key, enum statement by_id,
                       enum statement by_key, sqlite3_stmt **out)
{
    int64_t id = cache_get(cache, key);
    if (id == CACHE_ABSENT)
        return 0;
    if (id != CACHE_UNKNOWN) {
        int rc = db_find(s, by_id, VALUES(V_INT(id)), out);
        if (rc < 0 || (rc == 1 && key_is(*out, key)))
            return rc;
        if (rc == 1)
            db_done(*out);
    }
    int rc = db_find(s, by_key, VALUES(V_INDEX(key)), out);
    if (rc == 1)
        cache_put(cache, key, sqlite3_column_int64(*out, 0));
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

static struct head head_of(struct store *s, sqlite3_stmt *st)
{
    return heads_get(&s->heads, (struct head){.session = sqlite3_column_int64(st, SESSION_ID),
                                              .turn = sqlite3_column_int64(st, SESSION_TURN),
                                              .expires_s = sqlite3_column_int64(st, SESSION_EXPIRES)});
}

static int load_state(struct store *s, struct head head, struct arena *a, int64_t *day, struct span *state)
{
    struct span kept;
    if (states_get(&s->states, head, day, &kept)) {
        *state = arena_copy(a, kept);
        return state->p ? 0 : ERR_NOMEM;
    }
    sqlite3_stmt *st;
    int rc = db_find(s, Q_TURN_STATE, VALUES(V_INT(head.turn), V_INT(head.session)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // the session refers to it
    *day = sqlite3_column_int64(st, 0);
    rc = db_copy(st, 1, a, state);
    db_done(st);
    return rc;
}

static int load_session(struct store *s, struct store_turn *turn, int64_t now_s, struct arena *a)
{
    sqlite3_stmt *st;
    int rc = find_by_key(s, &s->sessions, &turn->session_key, Q_SESSION_BY_ID, Q_SESSION_BY_KEY, &st);
    if (rc != 1)
        return rc;
    struct head head = head_of(s, st);
    int64_t number = sqlite3_column_int64(st, SESSION_NUMBER);
    db_done(st);
    if (head.expires_s <= now_s)
        return 0;
    turn->session_id = head.session;
    turn->session_turn = head.turn;
    turn->session_number = number;
    return load_state(s, head, a, &turn->session_day, &turn->session_state);
}

static int load_previous(struct store *s, struct store_turn *turn, int64_t now_s, struct arena *a)
{
    sqlite3_stmt *st;
    struct head head = {0};
    int rc = db_query(s, Q_SESSION_PREVIOUS, VALUES(V_INDEX(&turn->caller_key), V_INDEX(&turn->session_key)), &st);
    if (rc < 0)
        return rc;
    while ((rc = db_next(s, st)) == 1) {
        head = head_of(s, st);
        if (head.expires_s > now_s) {
            rc = db_exact(st, KEY_COLUMN, turn->previous_key.bytes, STORE_INDEX_BYTES);
            rc = rc < 0 ? rc : 1;
            break;
        }
    }
    db_done(st);
    if (rc != 1)
        return rc;
    turn->previous_id = head.session;
    return load_state(s, head, a, &turn->previous_day, &turn->previous_state);
}

static int load_number(struct store *s, struct store_turn *turn)
{
    sqlite3_stmt *st;
    int rc = find_by_key(s, &s->numbers, &turn->number_key, Q_NUMBER_BY_ID, Q_NUMBER_BY_KEY, &st);
    if (rc != 1) {
        if (rc == 0)
            cache_put(&s->numbers, &turn->number_key, CACHE_ABSENT);
        return rc;
    }
    turn->number_id = sqlite3_column_int64(st, NUMBER_ID);
    turn->epoch = sqlite3_column_int64(st, NUMBER_EPOCH);
    turn->stopped = sqlite3_column_type(st, NUMBER_STOPPED) != SQLITE_NULL;
    turn->person_id = sqlite3_column_int64(st, NUMBER_PERSON);
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

static int take_case(sqlite3_stmt *st, struct store_case *row, struct arena *a)
{
    row->id = sqlite3_column_int64(st, 0);
    row->open = sqlite3_column_int(st, 1) != 0;
    int rc = db_copy(st, 2, a, &row->kind_box);
    if (rc == 0)
        rc = db_copy(st, 3, a, &row->reference);
    return rc == 0 ? db_copy(st, 4, a, &row->status) : rc;
}

static int load_cases(struct store *s, struct store_turn *turn, struct arena *a)
{
    sqlite3_stmt *st;
    struct store_case *rows = NULL;
    int rc = db_query(s, Q_CASE_OF_PERSON, VALUES(V_INT(turn->person_id)), &st);
    if (rc < 0)
        return rc;
    while ((rc = db_next(s, st)) == 1) {
        rows = arena_grow(a, rows, turn->case_count, sizeof *rows);
        rc = rows ? take_case(st, &rows[turn->case_count], a) : ERR_NOMEM;
        if (rc < 0)
            break;
        turn->case_count++;
    }
    db_done(st);
    turn->cases = rows;
    return rc;
}

static int take_consent(sqlite3_stmt *st, struct store_consent *row, struct arena *a)
{
    row->id = sqlite3_column_int64(st, 2);
    int rc = db_copy(st, 0, a, &row->name);
    return rc == 0 ? db_copy(st, 1, a, &row->version) : rc;
}

static int load_consents(struct store *s, struct store_turn *turn, struct arena *a)
{
    sqlite3_stmt *st;
    struct store_consent *rows = NULL;
    int rc = db_query(s, Q_CONSENT_IN_FORCE, VALUES(V_INT(turn->person_id)), &st);
    if (rc < 0)
        return rc;
    while ((rc = db_next(s, st)) == 1) {
        rows = arena_grow(a, rows, turn->consent_count, sizeof *rows);
        rc = rows ? take_consent(st, &rows[turn->consent_count], a) : ERR_NOMEM;
        if (rc < 0)
            break;
        turn->consent_count++;
    }
    db_done(st);
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
        .find_previous = turn->find_previous,
        .caller_key = turn->caller_key,
    };
}

static int load_one(struct store *s, struct store_turn *turn, int64_t now_s, struct arena *a)
{
    forget(turn);
    int rc = turn->by_event ? load_seen(s, turn, now_s, a) : 0;
    if (rc == 0)
        rc = load_session(s, turn, now_s, a);
    if (rc == 0 && !turn->session_id && turn->find_previous)
        rc = load_previous(s, turn, now_s, a);
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

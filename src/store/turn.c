// SPDX-License-Identifier: AGPL-3.0-or-later
/* turn - what every turn writes: its session, itself, and the event it answered. */
#include "base/err.h"
#include "store/db.h"

// One session as a window of row ids, for the statements that work on windows.
#define ONE_SESSION(id) V_INT((id)-1), V_INT(id), V_INT(INT64_MAX)

static int session_insert(struct store *s, const struct store_turn *turn, const struct store_step *step)
{
    return DB_RUN(s, Q_SESSION_ADD, V_INDEX(&turn->session_key), V_INDEX(&turn->caller_key), V_ID(turn->number_id),
                  V_INT(s->turn_last + 1), V_INT(step->expires_s));
}

// The session that has this key; store_load did not give it out, so it has expired.
static int session_displace(struct store *s, const struct store_index *key)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_SESSION_BY_KEY, VALUES(V_INDEX(key)), &st);
    if (rc != 1)
        return rc;
    int64_t id = sqlite3_column_int64(st, 0);
    db_done(st);
    rc = heads_flush(s);
    if (rc == 0)
        rc = DB_RUN(s, Q_TURN_DROP, ONE_SESSION(id));
    return rc < 0 ? rc : DB_RUN(s, Q_SESSION_DROP, ONE_SESSION(id));
}

static int session_add(struct store *s, struct store_turn *turn, const struct store_step *step)
{
    int rc = session_insert(s, turn, step);
    if (rc == ERR_EXISTS) {
        rc = session_displace(s, &turn->session_key);
        if (rc == 0)
            rc = session_insert(s, turn, step);
    }
    if (rc < 0)
        return rc;
    turn->session_id = sqlite3_last_insert_rowid(s->db);
    turn->session_number = turn->number_id;
    cache_put(&s->sessions, &turn->session_key, turn->session_id);
    return 0;
}

static int session_go_on(struct store *s, struct store_turn *turn)
{
    if (turn->session_number == turn->number_id)
        return 0;
    turn->session_number = turn->number_id;
    return DB_CHANGE(s, Q_SESSION_NUMBER, V_INT(turn->session_id), V_ID(turn->number_id));
}

int store_session_put(struct store *s, struct store_turn *turn, const struct store_step *step)
{
    int rc = heads_know(s); // before the row is there, so that it is not read back
    if (rc == 0)
        rc = turn->session_id ? session_go_on(s, turn) : session_add(s, turn, step);
    if (rc < 0)
        return rc;
    int64_t id = s->turn_last + 1;
    rc = DB_RUN(s, Q_TURN_ADD, V_INT(id), V_INT(turn->session_id), V_INT(step->number), V_INT(step->day),
                V_ID(step->person_id), V_ID(turn->session_turn), V_INT(step->expires_s), V_BLOB(step->state_box),
                V_BLOB(step->box));
    if (rc < 0)
        return rc;
    s->turn_last = turn->session_turn = id; // after a rollback the ids in between are not used
    struct head head = {.session = turn->session_id, .turn = id, .expires_s = step->expires_s};
    states_put(&s->states, head, step->day, step->state_box);
    return heads_put(s, head);
}

int store_turn_box(struct store *s, const struct store_turn *turn, struct arena *a, struct span *box)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_TURN_BOX, VALUES(V_INT(turn->session_turn), V_INT(turn->session_id)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    rc = db_copy(st, 0, a, box);
    db_done(st);
    return rc == 0 && !box->len ? ERR_MISSING : rc;
}

int store_turns_adopt(struct store *s, int64_t session_id, int64_t person_id)
{
    int rc = heads_flush(s);
    return rc < 0 ? rc : DB_RUN(s, Q_TURN_ADOPT, V_INT(session_id), V_INT(person_id));
}

int store_turns_drop(struct store *s, int64_t session_id)
{
    int rc = heads_flush(s);
    return rc < 0 ? rc : DB_RUN(s, Q_TURN_BLANK, V_INT(session_id));
}

int store_seen_add(struct store *s, const struct store_index *event, int64_t day, int64_t expires_s,
                   struct span answer_box)
{
    return DB_RUN(s, Q_SEEN_ADD, V_INDEX(event), V_INT(day), V_INT(expires_s), V_BLOB(answer_box));
}

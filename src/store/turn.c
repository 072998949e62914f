// SPDX-License-Identifier: AGPL-3.0-or-later
/* turn - what every turn writes: its session, itself, and the event it answered. */
#include "base/err.h"
#include "store/db.h"

// One session as a window of row ids, for the statements that work on windows.
#define ONE_SESSION(id) V_INT((id)-1), V_INT(id), V_INT(INT64_MAX)

// What was in the session's place before: expired, or ended by a dial that begins anew.
static int session_displace(struct store *s, struct live_session *old)
{
    int rc = heads_flush(s);
    if (rc == 0)
        rc = DB_RUN(s, Q_TURN_DROP, ONE_SESSION(old->id));
    if (rc == 0)
        rc = DB_RUN(s, Q_SESSION_DROP, ONE_SESSION(old->id));
    if (rc == 0)
        live_drop(&s->live, old);
    return rc;
}

static int session_add(struct store *s, struct store_turn *turn, const struct store_step *step, int64_t id)
{
    struct live_session *old = live_find(&s->live, &turn->session_key);
    int rc = old ? session_displace(s, old) : 0;
    if (rc == 0)
        rc = DB_RUN(s, Q_SESSION_ADD, V_INDEX(&turn->session_key), V_INDEX(&turn->caller_key), V_ID(turn->number_id),
                    V_INT(id), V_INT(step->expires_s));
    if (rc < 0)
        return rc;
    turn->session_id = sqlite3_last_insert_rowid(s->db);
    turn->session_number = turn->number_id;
    return live_add(&s->live, &(struct live_session){.key = turn->session_key,
                                                     .caller = turn->caller_key,
                                                     .id = turn->session_id,
                                                     .number = turn->number_id,
                                                     .turn = id,
                                                     .expires_s = step->expires_s});
}

static int session_go_on(struct store *s, struct store_turn *turn, const struct store_step *step, int64_t id)
{
    struct live_session *session = live_find(&s->live, &turn->session_key);
    if (!session || session->id != turn->session_id)
        return ERR_MISSING;
    live_change(&s->live, session);
    session->turn = id;
    session->expires_s = step->expires_s;
    if (session->number == turn->number_id)
        return 0;
    session->number = turn->session_number = turn->number_id;
    return DB_CHANGE(s, Q_SESSION_NUMBER, V_INT(turn->session_id), V_ID(turn->number_id));
}

int store_session_put(struct store *s, struct store_turn *turn, const struct store_step *step)
{
    if (!s->begun)
        return ERR_NOT_NOW;
    int64_t id = s->turn_last + 1;
    int rc = heads_know(s); // before the row is there, so that it is not read back
    if (rc == 0)
        rc = live_know(s);
    if (rc == 0)
        rc = turn->session_id ? session_go_on(s, turn, step, id) : session_add(s, turn, step, id);
    if (rc == 0)
        rc = turns_add(s, (const struct value[TURN_COLUMNS]){V_INT(id), V_INT(turn->session_id), V_INT(step->number),
                                                             V_INT(step->day), V_ID(step->person_id),
                                                             V_ID(turn->session_turn), V_INT(step->expires_s),
                                                             V_BLOB(step->state_box), V_BLOB(step->box)});
    if (rc < 0)
        return rc;
    s->turn_last = turn->session_turn = id; // after a rollback the ids in between are not used
    return heads_put(s, (struct head){.session = turn->session_id, .turn = id, .expires_s = step->expires_s});
}

int store_state(struct store *s, int64_t session_id, int64_t turn_id, struct arena *a, int64_t *day, struct span *box)
{
    sqlite3_stmt *st = NULL;
    int rc = turns_write(s);
    if (rc == 0)
        rc = db_find(s, Q_TURN_STATE, VALUES(V_INT(turn_id), V_INT(session_id)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // the session refers to it
    *day = sqlite3_column_int64(st, 0);
    rc = db_copy(st, 1, a, box);
    db_done(st);
    return rc;
}

int store_turn_box(struct store *s, const struct store_turn *turn, struct arena *a, struct span *box)
{
    int rc = turns_write(s);
    if (rc == 0)
        rc = db_one(s, Q_TURN_BOX, VALUES(V_INT(turn->session_turn), V_INT(turn->session_id)), a, box);
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

int store_states_drop(struct store *s, int64_t session_id)
{
    int rc = heads_flush(s);
    return rc < 0 ? rc : DB_RUN(s, Q_TURN_STATELESS, V_INT(session_id));
}

int store_seen_add(struct store *s, const struct store_index *event, int64_t day, int64_t expires_s,
                   struct span answer_box)
{
    return DB_RUN(s, Q_SEEN_ADD, V_INDEX(event), V_INT(day), V_INT(expires_s), V_BLOB(answer_box));
}

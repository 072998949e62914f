// SPDX-License-Identifier: AGPL-3.0-or-later
/* person - data subjects, the seals of their secrets, stopping and erasing. */
#include "base/err.h"
#include "store/rows.h"

#ifndef STORE_KEEPS_ERASED
#define STORE_KEEPS_ERASED 0 /* 1: no seal is destroyed; for tests that prove that they would find it */
#endif

int store_person_add(struct store *s, struct store_turn *turn, const struct store_person *person, int64_t day)
{
    if (!turn->number_id)
        return ERR_NOT_NOW;
    int rc = DB_RUN(s, Q_PERSON_ADD, V_INT(day), V_BYTES(person->public_key), V_BLOB(person->language_box),
                    V_BLOB(person->number_seal), V_ID(turn->person_id));
    if (rc < 0)
        return rc;
    int64_t id = sqlite3_last_insert_rowid(s->db);
    rc = DB_CHANGE(s, Q_NUMBER_PERSON, V_INT(turn->number_id), V_INT(id));
    if (rc < 0)
        return rc;
    turn->person_id = id;
    memcpy(turn->person_public, person->public_key, sizeof turn->person_public);
    turn->person_language_box = person->language_box;
    return 0;
}

int store_person_seal(struct store *s, int64_t person_id, const struct held_seal *held)
{
    return DB_RUN(s, Q_PERSON_SEAL, V_INT(person_id), V_TEXT(held->holder), V_INT(held->generation),
                  V_BLOB(held->seal));
}

int store_person_held(struct store *s, int64_t person_id, struct arena *a, struct held_seal **rows, size_t *count)
{
    const struct value id = V_INT(person_id);
    return rows_all(s, &(struct rows_of){Q_PERSON_HELD, &id, 1, held_row, sizeof **rows}, a, (void **)rows, count);
}

int store_person_seal_get(struct store *s, int64_t person_id, struct span holder, struct arena *a, struct span *seal)
{
    return db_one(s, Q_PERSON_SEAL_GET, VALUES(V_INT(person_id), V_TEXT(holder)), a, seal);
}

int store_person_unseal(struct store *s, int64_t person_id, struct span holder)
{
    if (STORE_KEEPS_ERASED)
        return 0;
    s->erase |= !span_is(holder, "day"); // that box goes with its day key; a team's seal must not stay in the log
    int rc = holder.len ? DB_RUN(s, Q_CASE_UNSEAL, V_INT(person_id), V_TEXT(holder))
                        : DB_RUN(s, Q_CASE_UNSEAL_ALL, V_INT(person_id));
    if (rc < 0)
        return rc;
    if (!holder.len)
        return DB_RUN(s, Q_PERSON_UNSEAL_ALL, V_INT(person_id));
    return DB_RUN(s, Q_PERSON_UNSEAL, V_INT(person_id), V_TEXT(holder));
}

int store_contact_set(struct store *s, struct store_turn *turn, int64_t stopped_day)
{
    if (!turn->number_id || !s->begun)
        return ERR_NOT_NOW;
    sqlite3_stmt *st;
    bool was_stopped = turn->stopped;
    int rc = db_find(s, Q_NUMBER_CONTACT, VALUES(V_INT(turn->number_id), V_ID(stopped_day)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    turn->epoch = sqlite3_column_int64(st, 0);
    turn->stopped = stopped_day != 0;
    turn->untexted &= turn->stopped;
    rc = db_next(s, st); // to the end, so that the change is done
    if (rc == 0 && was_stopped && stopped_day)
        rc = DB_RUN(s, Q_OUTBOX_CARRY, V_INT(turn->number_id), V_INT(turn->epoch));
    if (rc == 0)
        rc = journal_note(s, stopped_day ? STOP_STOP : STOP_START, turn, stopped_day);
    return rc < 0 || !stopped_day ? rc : DB_RUN(s, Q_OUTBOX_CANCEL_OLD, V_INT(turn->number_id), V_INT(turn->epoch));
}

int store_untexted_set(struct store *s, struct store_turn *turn)
{
    int rc = DB_CHANGE(s, Q_NUMBER_UNTEXTED, V_INT(turn->number_id));
    turn->untexted |= rc == 0;
    return rc;
}

// In this order: what finds a row goes after what it finds.
static const struct {
    enum statement statement;
    bool by_number; // else by person
} erasing[] = {
    {Q_TURN_DROP_PERSON, false},   {Q_NOTE_ERASE, false},   {Q_CASE_UNSEAL_ALL, false}, {Q_CASE_ERASE, false},
    {Q_PERSON_UNSEAL_ALL, false},  {Q_PERSON_ERASE, false}, {Q_CONSENT_BLANK, false},   {Q_OUTBOX_CANCEL_NUMBER, true},
    {Q_OUTBOX_EMPTY_NUMBER, true}, {Q_NUMBER_ERASE, true},
};

static int session_erase(struct store *s, struct live_session *session)
{
    int rc = DB_RUN(s, Q_TURN_ERASE, V_INT(session->id));
    if (rc == 0)
        rc = DB_RUN(s, Q_SESSION_ERASE, V_INT(session->id));
    if (rc == 0)
        live_drop(&s->live, session);
    return rc;
}

/* A session of this number, on whatever channel. */
static int session_of_number(struct store *s, int64_t number_id, struct live_session **out)
{
    sqlite3_stmt *st;
    struct store_index key;
    int rc = db_find(s, Q_SESSION_OF_NUMBER, VALUES(V_INT(number_id)), &st);
    if (rc != 1)
        return rc;
    rc = db_exact(st, 0, key.bytes, sizeof key.bytes);
    db_done(st);
    *out = rc == 0 ? live_find(&s->live, &key) : NULL;
    return rc < 0 ? rc : *out ? 1 : ERR_CORRUPT; // the directory holds what the table holds
}

int store_caller_erase(struct store *s, const struct store_index *caller)
{
    struct live_session *session;
    int rc = live_know(s);
    if (rc == 0 && live_newest(&s->live, caller))
        rc = heads_flush(s);
    while (rc == 0 && (session = live_newest(&s->live, caller)))
        rc = session_erase(s, session);
    s->erase = true;
    return rc;
}

static int erase_sessions(struct store *s, const struct store_turn *turn)
{
    struct live_session *session;
    int rc = heads_flush(s);
    if (rc == 0)
        rc = store_caller_erase(s, &turn->caller_key);
    while (rc == 0 && (rc = session_of_number(s, turn->number_id, &session)) == 1)
        rc = session_erase(s, session);
    return rc;
}

static int person_before(struct store *s, int64_t person_id, int64_t *previous)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_PERSON_PREVIOUS, VALUES(V_INT(person_id)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // a number or another person refers to it
    *previous = sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}

/* One statement, for everybody that the caller has been: each agreeing after a withdrawal made them anew. */
static int erase_people(struct store *s, enum statement statement, int64_t person_id)
{
    int rc = 0;
    for (int64_t previous = 0; rc == 0 && person_id; person_id = previous) {
        rc = DB_RUN(s, statement, V_INT(person_id));
        if (rc == 0)
            rc = person_before(s, person_id, &previous);
    }
    return rc;
}

static int erase_rows(struct store *s, const struct store_turn *turn)
{
    int rc = 0;
    if (STORE_KEEPS_ERASED)
        return 0;
    for (size_t i = 0; rc == 0 && i < sizeof erasing / sizeof *erasing; i++) {
        if (erasing[i].by_number)
            rc = DB_RUN(s, erasing[i].statement, V_INT(turn->number_id));
        else
            rc = erase_people(s, erasing[i].statement, turn->person_id);
    }
    return rc;
}

int store_person_erase(struct store *s, struct store_turn *turn)
{
    if (!turn->number_id)
        return ERR_NOT_NOW;
    s->erase = true;
    int rc = live_know(s);
    if (rc == 0)
        rc = erase_sessions(s, turn);
    if (rc == 0)
        rc = journal_note(s, STOP_ERASE, turn, 0);
    if (rc == 0)
        rc = erase_rows(s, turn);
    if (rc < 0)
        return rc;
    turn->epoch++;
    turn->session_id = turn->session_turn = turn->session_number = turn->person_id = 0;
    turn->case_count = turn->consent_count = 0;
    return 0;
}

int store_erase_pending(struct store *s, int64_t *people)
{
    return db_numbers(s, Q_PERSON_PENDING, NULL, 0, people, 1);
}

bool store_erase_cut(struct store *s)
{
    bool cut = s->cut;
    s->cut = false;
    return cut;
}

int store_erase_settle(struct store *s, int64_t *people)
{
    int rc = db_run(s, Q_PERSON_SETTLE, NULL, 0);
    *people = rc == 0 ? store_changed(s) : 0;
    return rc;
}

/* ---- when their time is over ---- */

static const enum statement leaving[] = {Q_TURN_DROP_PERSON,  Q_NOTE_ERASE,   Q_CASE_ERASE,
                                         Q_PERSON_UNSEAL_ALL, Q_NUMBER_LEAVE, Q_PERSON_ERASE};

int person_leave(struct store *s, int64_t person_id)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof leaving / sizeof *leaving; i++)
        rc = DB_RUN(s, leaving[i], V_INT(person_id));
    s->erase = true;
    return rc;
}

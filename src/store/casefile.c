// SPDX-License-Identifier: AGPL-3.0-or-later
/* casefile - cases and the notes that join them. */
#include "base/err.h"
#include "store/rows.h"

int store_case_add(struct store *s, const struct store_case_row *row, int64_t *id)
{
    int rc = DB_RUN(s, Q_CASE_ADD, V_TEXT(row->reference), V_ID(row->person_id), V_TEXT(row->status), V_INT(row->day),
                    V_BLOB(row->summary_box), V_BLOB(row->kind_box), V_BLOB(row->answers_seal));
    if (rc == 0)
        *id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

int store_case_correct(struct store *s, int64_t case_id, struct span summary_box, struct span answers_seal, int64_t day)
{
    return DB_CHANGE(s, Q_CASE_CORRECT, V_INT(case_id), V_BLOB(summary_box), V_BLOB(answers_seal), V_INT(day));
}

int store_case_summary(struct store *s, int64_t case_id, struct arena *a, struct span *box)
{
    return db_one(s, Q_CASE_SUMMARY, VALUES(V_INT(case_id)), a, box);
}

int store_case_withdraw(struct store *s, int64_t person_id, int64_t day)
{
    return DB_RUN(s, Q_CASE_WITHDRAW, V_INT(person_id), V_INT(day));
}

int store_case_note(struct store *s, int64_t case_id, int64_t day, int64_t *id)
{
    int rc = DB_CHANGE(s, Q_NOTE_ADD, V_INT(case_id), V_INT(day));
    if (rc == 0)
        *id = sqlite3_last_insert_rowid(s->db);
    return rc < 0 ? rc : DB_RUN(s, Q_CASE_TOUCH, V_INT(case_id), V_INT(day));
}

int store_note_seal(struct store *s, int64_t id, struct span seal)
{
    return DB_CHANGE(s, Q_NOTE_SEAL, V_INT(id), V_BLOB(seal));
}

int store_case_seal(struct store *s, int64_t case_id, const unsigned char public_key[32], const struct held_seal *held,
                    struct span number_seal)
{
    if (!held)
        return DB_RUN(s, Q_CASE_SEAL_DROP, V_INT(case_id));
    return DB_RUN(s, Q_CASE_SEAL, V_INT(case_id), V_TEXT(held->holder), V_INT(held->generation),
                  V_BLOB(((struct span){(const char *)public_key, 32})), V_BLOB(held->seal), V_BLOB(number_seal));
}

int store_case_held(struct store *s, int64_t case_id, struct arena *a, unsigned char public_key[32],
                    struct held_seal *held)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_CASE_HELD, VALUES(V_INT(case_id)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    rc = db_exact(st, 3, public_key, 32);
    if (rc == 0)
        rc = held_row(st, a, held);
    db_done(st);
    return rc;
}

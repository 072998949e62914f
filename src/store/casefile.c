// SPDX-License-Identifier: AGPL-3.0-or-later
/* casefile - cases and the notes that join them. */
#include "base/err.h"
#include "store/db.h"

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

int store_case_withdraw(struct store *s, int64_t person_id, int64_t day)
{
    return DB_RUN(s, Q_CASE_WITHDRAW, V_INT(person_id), V_INT(day));
}

int store_case_note(struct store *s, int64_t case_id, int64_t day, struct span seal)
{
    return DB_CHANGE(s, Q_NOTE_ADD, V_INT(case_id), V_INT(day), V_BLOB(seal));
}

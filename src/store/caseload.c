// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/caseload.h"

#include "base/err.h"
#include "store/rows.h"

/* ---- rows ---- */

/* Spans stand in the statement until its next step. */
static struct caseload_row row_of(sqlite3_stmt *st)
{
    return (struct caseload_row){.change = sqlite3_column_int64(st, 0),
                                 .id = sqlite3_column_int64(st, 1),
                                 .reference = db_bytes(st, 2),
                                 .status = db_bytes(st, 3),
                                 .opened_day = sqlite3_column_int64(st, 4),
                                 .changed_day = sqlite3_column_int64(st, 5),
                                 .closed_day = sqlite3_column_int64(st, 6),
                                 .owner = sqlite3_column_int64(st, 7),
                                 .person = sqlite3_column_int64(st, 8),
                                 .waiting = sqlite3_column_int(st, 9),
                                 .summary_box = db_bytes(st, 10),
                                 .language_box = db_bytes(st, 11),
                                 .casework = sqlite3_column_int(st, 12),
                                 .safeguarding = sqlite3_column_int(st, 13),
                                 .channel = db_bytes(st, 14),
                                 .person_public = db_bytes(st, 15)};
}

int caseload_since(struct store *s, int64_t change, size_t most, int (*tell)(void *ctx, const struct caseload_row *row),
                   void *ctx)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_CASELOAD_SINCE, VALUES(V_INT(change), V_INT((int64_t)most)), &st);
    while (rc == 1) {
        struct caseload_row row = row_of(st);
        rc = tell(ctx, &row);
        if (rc < 0)
            db_done(st);
        else
            rc = db_next(s, st);
    }
    return rc;
}

/* ---- one case ---- */

static int key_copy(sqlite3_stmt *st, int column, unsigned char key[32])
{
    return db_bytes(st, column).len ? db_exact(st, column, key, 32) : 0; // an erased person has none
}

static int case_row(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct caseload_case *c = row;
    *c = (struct caseload_case){
        .row = row_of(st), .number_id = sqlite3_column_int64(st, 18), .stopped_day = sqlite3_column_int64(st, 19)};
    c->reachable = c->number_id != 0;
    int rc = key_copy(st, 15, c->person_key);
    return rc < 0 ? rc
                  : rows_copy(st, a, (const int[]){2, 3, 10, 11, 14, 15, 16, 17},
                              (struct span *const[]){&c->row.reference, &c->row.status, &c->row.summary_box,
                                                     &c->row.language_box, &c->row.channel, &c->row.person_public,
                                                     &c->answers_seal, &c->number_seal},
                              8);
}

static int keys_get(struct store *s, struct arena *a, struct caseload_case *c)
{
    struct held_seal *held = arena_alloc(a, sizeof *held), *person = NULL;
    int rc = held ? 0 : ERR_NOMEM;
    if (rc == 0 && c->row.person)
        rc = store_person_held(s, c->row.person, a, &person, &c->person_held_count);
    c->person_held = person;
    if (rc < 0)
        return rc;
    rc = store_case_held(s, c->row.id, a, c->public_key, held);
    c->own_key = rc == 0;
    c->held = c->own_key ? held : person;
    c->held_count = c->own_key ? 1 : c->person_held_count;
    if (rc == ERR_MISSING) {
        memcpy(c->public_key, c->person_key, sizeof c->public_key);
        rc = 0;
    }
    return rc;
}

int caseload_get(struct store *s, struct span reference, struct arena *a, struct caseload_case *out)
{
    int rc = rows_one(s, Q_CASELOAD_GET, V_TEXT(reference), case_row, a, out);
    return rc < 0 ? rc : keys_get(s, a, out);
}

/* ---- what hangs on it ---- */

static int note_row(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct caseload_note *n = row;
    *n = (struct caseload_note){.id = sqlite3_column_int64(st, 0),
                                .day = sqlite3_column_int64(st, 1),
                                .at_s = sqlite3_column_int64(st, 2),
                                .author = sqlite3_column_int64(st, 3),
                                .message = sqlite3_column_int64(st, 6),
                                .state = (enum message_state)sqlite3_column_int(st, 7),
                                .due_ms = sqlite3_column_int64(st, 8)};
    return rows_copy(st, a, (const int[]){4, 5}, (struct span *const[]){&n->what, &n->seal}, 2);
}

int caseload_notes_newest(struct store *s, int64_t case_id, int64_t before, size_t most, struct arena *a,
                          struct caseload_note **rows, size_t *count)
{
    void *all;
    int rc = rows_all(
        s, ROWS(Q_CASELOAD_NOTES, note_row, struct caseload_note, V_INT(case_id), V_INT(before), V_INT((int64_t)most)),
        a, &all, count);
    *rows = all;
    return rc;
}

int caseload_notes(struct store *s, int64_t case_id, struct arena *a, struct caseload_note **rows, size_t *count)
{
    return caseload_notes_newest(s, case_id, INT64_MAX, INT32_MAX, a, rows, count);
}

int caseload_note_last(struct store *s, int64_t case_id, struct span what, struct arena *a, struct caseload_note *out)
{
    void *all;
    size_t count;
    int rc = rows_all(s, ROWS(Q_CASELOAD_NOTE_LAST, note_row, struct caseload_note, V_INT(case_id), V_TEXT(what)), a,
                      &all, &count);
    if (rc < 0 || !count)
        return rc < 0 ? rc : ERR_MISSING;
    *out = *(const struct caseload_note *)all;
    return 0;
}

static int turn_row(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct caseload_turn *t = row;
    *t = (struct caseload_turn){.id = sqlite3_column_int64(st, 0), .number = sqlite3_column_int64(st, 1)};
    return db_copy(st, 2, a, &t->box);
}

int caseload_turns(struct store *s, int64_t person, size_t most, struct arena *a, struct caseload_turn **rows,
                   size_t *count)
{
    void *all;
    int rc = rows_all(s, ROWS(Q_CASELOAD_TURNS, turn_row, struct caseload_turn, V_INT(person), V_INT((int64_t)most)), a,
                      &all, count);
    *rows = all;
    return rc;
}

static int reference_row(sqlite3_stmt *st, struct arena *a, void *row)
{
    return db_copy(st, 0, a, row);
}

int caseload_of_person(struct store *s, int64_t person, struct arena *a, struct span **references, size_t *count)
{
    void *all;
    int rc = rows_all(s, ROWS(Q_CASELOAD_PERSON, reference_row, struct span, V_INT(person)), a, &all, count);
    *references = all;
    return rc;
}

int caseload_of_number(struct store *s, const struct store_index *number, struct arena *a, struct span **references,
                       size_t *count)
{
    void *all;
    int rc = rows_all(s, ROWS(Q_CASELOAD_OF_NUMBER, reference_row, struct span, V_INDEX(number)), a, &all, count);
    *references = all;
    return rc;
}

static int consent_row(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct caseload_consent *c = row;
    *c = (struct caseload_consent){
        .id = sqlite3_column_int64(st, 0), .at_s = sqlite3_column_int64(st, 1), .person = sqlite3_column_int64(st, 2)};
    return rows_copy(st, a, (const int[]){3, 4, 5, 6, 7, 8},
                     (struct span *const[]){&c->name, &c->version, &c->channel, &c->action, &c->text, &c->detail_box},
                     6);
}

int caseload_consents_newest(struct store *s, int64_t person, size_t most, struct arena *a,
                             struct caseload_consent **rows, size_t *count)
{
    void *all;
    int rc = rows_all(
        s, ROWS(Q_CASELOAD_CONSENTS, consent_row, struct caseload_consent, V_INT(person), V_INT((int64_t)most)), a,
        &all, count);
    *rows = all;
    return rc;
}

int caseload_consents(struct store *s, int64_t person, struct arena *a, struct caseload_consent **rows, size_t *count)
{
    return caseload_consents_newest(s, person, INT32_MAX, a, rows, count);
}

int caseload_ledger(struct store *s, struct span action, int64_t before, size_t most, struct arena *a,
                    struct caseload_consent **rows, size_t *count)
{
    void *all;
    const struct value values[] = {V_INT(before), V_INT((int64_t)most), V_TEXT(action)};
    const struct rows_of of = {action.len ? Q_CASELOAD_LEDGER_OF : Q_CASELOAD_LEDGER, values, action.len ? 3 : 2,
                               consent_row, sizeof(struct caseload_consent)};
    int rc = rows_all(s, &of, a, &all, count);
    *rows = all;
    return rc;
}

int caseload_agreed(struct store *s, int64_t person, struct span name, bool *agreed)
{
    sqlite3_stmt *st;
    *agreed = false;
    int rc = db_find(s, Q_CONSENT_IN_FORCE, VALUES(V_INT(person)), &st);
    while (rc == 1) {
        *agreed = *agreed || span_eq(db_bytes(st, 0), name);
        rc = db_next(s, st);
    }
    return rc;
}

/* ---- writing ---- */

static int get_number(struct store *s, enum statement q, int64_t key, int64_t *number)
{
    sqlite3_stmt *st;
    int rc = db_find(s, q, VALUES(V_INT(key)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    *number = sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}

int caseload_change(struct store *s, int64_t case_id, int64_t *change)
{
    return get_number(s, Q_CASELOAD_CHANGE, case_id, change);
}

int caseload_note_add(struct store *s, int64_t case_id, const struct caseload_note *n, int64_t *id)
{
    int rc = DB_RUN(s, Q_CASELOAD_NOTE, V_INT(case_id), V_INT(n->day), V_INT(n->at_s), V_ID(n->author), V_TEXT(n->what),
                    V_ID(n->message));
    if (rc == 0)
        *id = sqlite3_last_insert_rowid(s->db);
    return rc < 0 ? rc : DB_RUN(s, Q_CASE_TOUCH, V_INT(case_id), V_INT(n->day));
}

int caseload_own(struct store *s, int64_t case_id, int64_t owner, int64_t day)
{
    return DB_CHANGE(s, Q_CASELOAD_OWN, V_INT(case_id), V_ID(owner), V_INT(day));
}

int caseload_status(struct store *s, int64_t case_id, struct span status, int64_t closed_day, int64_t day)
{
    return DB_CHANGE(s, Q_CASELOAD_STATUS, V_INT(case_id), V_TEXT(status), V_ID(closed_day), V_INT(day));
}

int caseload_waiting(struct store *s, int64_t case_id, bool waiting)
{
    return DB_CHANGE(s, Q_CASELOAD_WAITING, V_INT(case_id), V_INT(waiting));
}

int caseload_number(struct store *s, int64_t person, struct store_turn *turn)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_CASELOAD_NUMBER, VALUES(V_INT(person)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    *turn = (struct store_turn){.number_id = sqlite3_column_int64(st, 0),
                                .epoch = sqlite3_column_int64(st, 2),
                                .stopped = sqlite3_column_type(st, 3) != SQLITE_NULL,
                                .person_id = person};
    rc = db_exact(st, 1, turn->number_key.bytes, sizeof turn->number_key.bytes);
    db_done(st);
    return rc;
}

int caseload_hand_over(struct store *s, const struct caseload_case *c, const struct held_seal *key, struct span from)
{
    if (c->own_key)
        return store_case_seal(s, c->row.id, c->public_key, key, (struct span){0});
    s->erase = true; // the seal that is given up must not stay in the log
    int rc = store_person_seal(s, c->row.person, key);
    // not store_person_unseal: that closes the keys of other cases too
    return rc < 0 ? rc : DB_RUN(s, Q_PERSON_UNSEAL, V_INT(c->row.person), V_TEXT(from));
}

int caseload_summary(struct store *s, int64_t case_id, struct span box)
{
    return DB_CHANGE(s, Q_CASELOAD_SUMMARY, V_INT(case_id), V_BLOB(box));
}

int caseload_message_undo(struct store *s, int64_t message)
{
    int rc = DB_CHANGE(s, Q_CASELOAD_UNDO, V_INT(message));
    return rc == ERR_MISSING ? ERR_NOT_NOW : rc;
}

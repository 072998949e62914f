// SPDX-License-Identifier: AGPL-3.0-or-later
/* outbox - rows of messages and their states. The states of enum message_state only move forward, but for a claimed row
 * that is to be tried again. */
#include "base/err.h"
#include "store/db.h"

int store_outbox_add(struct store *s, const struct store_turn *turn, struct span channel, enum message_class class,
                     int64_t due_ms, struct span box, int64_t *id)
{
    if (!turn->number_id)
        return ERR_NOT_NOW;
    int rc = DB_RUN(s, Q_OUTBOX_ADD, V_INT(turn->number_id), V_INT(turn->epoch), V_INT(class), V_INT(due_ms),
                    V_TEXT(channel), V_BLOB(box));
    if (rc == 0)
        *id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

// Columns of Q_OUTBOX_DUE (sql.c).
enum { DUE_ID, DUE_ALLOWED, DUE_CLASS, DUE_ATTEMPTS, DUE_CHANNEL, DUE_KEY, DUE_BOX };

struct candidate {
    struct store_due row;
    bool allowed; // the epoch is still the number's, and it may be contacted
};

static int take_candidate(sqlite3_stmt *st, struct candidate *c, struct arena *a)
{
    c->allowed = sqlite3_column_int(st, DUE_ALLOWED) != 0;
    c->row.id = sqlite3_column_int64(st, DUE_ID);
    c->row.class = (enum message_class)sqlite3_column_int(st, DUE_CLASS);
    c->row.attempts = sqlite3_column_int(st, DUE_ATTEMPTS);
    int rc = db_copy(st, DUE_CHANNEL, a, &c->row.channel);
    if (rc == 0)
        rc = db_copy(st, DUE_KEY, a, &c->row.key);
    return rc == 0 ? db_copy(st, DUE_BOX, a, &c->row.box) : rc;
}

static int candidates(struct store *s, int64_t now_ms, size_t most, struct arena *a, struct candidate **rows,
                      size_t *count)
{
    sqlite3_stmt *st;
    int rc = db_query(s, Q_OUTBOX_DUE, VALUES(V_INT(now_ms), V_INT((int64_t)most)), &st);
    if (rc < 0)
        return rc;
    while ((rc = db_next(s, st)) == 1) {
        *rows = arena_grow(a, *rows, *count, sizeof **rows);
        rc = *rows ? take_candidate(st, &(*rows)[*count], a) : ERR_NOMEM;
        if (rc < 0)
            break;
        ++*count;
    }
    db_done(st);
    return rc;
}

int store_outbox_claim(struct store *s, int64_t now_ms, size_t most, struct arena *a, struct store_due **rows,
                       size_t *count)
{
    struct candidate *found = NULL;
    size_t seen = 0;
    if (!s->begun)
        return ERR_NOT_NOW;
    int rc = candidates(s, now_ms, most, a, &found, &seen); // all of them first: claiming changes the index they are in
    if (rc < 0)
        return rc;
    struct store_due *due = arena_array(a, seen, sizeof *due);
    if (!due)
        return ERR_NOMEM;
    size_t claimed = 0;
    for (size_t i = 0; rc == 0 && i < seen; i++) {
        rc = DB_RUN(s, found[i].allowed ? Q_OUTBOX_CLAIM : Q_OUTBOX_CANCEL, V_INT(found[i].row.id));
        if (found[i].allowed)
            due[claimed++] = found[i].row;
    }
    *rows = due;
    *count = rc == 0 ? claimed : 0;
    return rc;
}

int store_outbox_settle(struct store *s, int64_t id, enum message_state state, int64_t next_ms,
                        const struct store_index *reference_key)
{
    if (state == MESSAGE_CLAIMED)
        return ERR_RANGE;
    struct value reference = {.kind = VALUE_NULL};
    if (reference_key)
        reference = V_INDEX(reference_key);
    int rc = DB_CHANGE(s, Q_OUTBOX_SETTLE, V_INT(id), V_INT(state), V_INT(next_ms), reference);
    if (rc == 0 && state == MESSAGE_QUEUED)
        rc = DB_RUN(s, Q_OUTBOX_OVERTAKEN, V_INT(id));
    return rc == ERR_MISSING ? ERR_NOT_NOW : rc;
}

int store_outbox_release(struct store *s, int64_t id, int64_t next_ms)
{
    int rc = DB_CHANGE(s, Q_OUTBOX_RELEASE, V_INT(id), V_INT(next_ms));
    if (rc == 0)
        rc = DB_RUN(s, Q_OUTBOX_OVERTAKEN, V_INT(id));
    return rc == ERR_MISSING ? ERR_NOT_NOW : rc;
}

// How far a message has come; a report that is not further than what is known changes nothing.
static const struct {
    int rank;
    bool reported; // a delivery report may say so
} state_table[] = {
    [MESSAGE_QUEUED] = {.rank = 0},
    [MESSAGE_CLAIMED] = {.rank = 1},
    [MESSAGE_UNKNOWN] = {.rank = 2, .reported = true},
    [MESSAGE_SENT] = {.rank = 3, .reported = true},
    [MESSAGE_DELIVERED] = {.rank = 4, .reported = true},
    [MESSAGE_FAILED] = {.rank = 4, .reported = true},
    [MESSAGE_CANCELLED] = {.rank = 4},
};
enum { STATES = sizeof state_table / sizeof *state_table };

int store_outbox_report(struct store *s, const struct store_index *reference_key, enum message_state state)
{
    if ((size_t)state >= STATES || !state_table[state].reported)
        return ERR_RANGE;
    sqlite3_stmt *st;
    int rc = db_find(s, Q_OUTBOX_BY_REFERENCE, VALUES(V_INDEX(reference_key)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    int64_t id = sqlite3_column_int64(st, 0);
    int64_t known = sqlite3_column_int64(st, 1);
    db_done(st);
    if (known < 0 || known >= STATES)
        return ERR_CORRUPT;
    if (state_table[state].rank <= state_table[known].rank)
        return 0;
    return DB_RUN(s, Q_OUTBOX_REPORT, V_INT(id), V_INT(state));
}

int store_outbox_recover(struct store *s, int64_t now_ms)
{
    return s->begun ? DB_RUN(s, Q_OUTBOX_RECOVER, V_INT(now_ms)) : ERR_NOT_NOW;
}

int store_outbox_next(struct store *s, int64_t *due_ms)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_OUTBOX_NEXT, NULL, 0, &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // an aggregate always gives a row
    *due_ms = sqlite3_column_type(st, 0) == SQLITE_NULL ? INT64_MAX : sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}

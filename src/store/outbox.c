// SPDX-License-Identifier: AGPL-3.0-or-later
/* outbox - rows of messages and their states. The states of enum message_state only move forward, but for a claimed row
 * that is to be tried again. */
#include "base/err.h"
#include "store/db.h"
#include "store/report.h"

int store_outbox_add(struct store *s, const struct store_turn *turn, const struct store_message *m, int64_t *id)
{
    if (!turn->number_id)
        return ERR_NOT_NOW;
    int rc = DB_RUN(s, Q_OUTBOX_ADD, V_INT(turn->number_id), V_INT(turn->epoch), V_INT(m->class), V_INT(m->due_ms),
                    V_INT(m->until_ms), V_TEXT(m->channel), V_BYTES(m->key), V_BLOB(m->box));
    if (rc == 0)
        *id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

// Columns of Q_OUTBOX_DUE (sql.c).
enum {
    DUE_ID,
    DUE_ALLOWED,
    DUE_CLASS,
    DUE_ATTEMPTS,
    DUE_NUMBER,
    DUE_SINCE,
    DUE_KEY,
    DUE_BOX,
    DUE_KEY_BYTES,
    DUE_EPOCH,
    DUE_NUMBER_KEY,
    DUE_UNTIL
};

enum { HOUR_MS = 3600 * 1000 };

struct candidate {
    struct store_due row;
    bool allowed; // the epoch is still the number's, and it may be contacted
    int64_t number_id, since_ms, until_ms;
};

static int take_candidate(sqlite3_stmt *st, struct candidate *c, struct arena *a)
{
    c->allowed = sqlite3_column_int(st, DUE_ALLOWED) != 0;
    c->number_id = sqlite3_column_int64(st, DUE_NUMBER);
    c->since_ms = sqlite3_column_int64(st, DUE_SINCE);
    c->until_ms = sqlite3_column_int64(st, DUE_UNTIL);
    c->row.id = sqlite3_column_int64(st, DUE_ID);
    c->row.class = (enum message_class)sqlite3_column_int(st, DUE_CLASS);
    c->row.attempts = sqlite3_column_int(st, DUE_ATTEMPTS);
    c->row.epoch = sqlite3_column_int64(st, DUE_EPOCH);
    int rc = db_exact(st, DUE_KEY_BYTES, c->row.key_bytes, sizeof c->row.key_bytes);
    if (rc == 0)
        rc = db_exact(st, DUE_NUMBER_KEY, c->row.number_key.bytes, sizeof c->row.number_key.bytes);
    if (rc == 0)
        rc = db_copy(st, DUE_KEY, a, &c->row.key);
    return rc == 0 ? db_copy(st, DUE_BOX, a, &c->row.box) : rc;
}

static int candidates(struct store *s, const struct store_leave *leave, struct arena *a, struct candidate **rows,
                      size_t *count)
{
    sqlite3_stmt *st;
    int rc = db_query(s, Q_OUTBOX_DUE,
                      VALUES(V_TEXT(leave->channel), V_INT(leave->now_ms), V_INT((int64_t)leave->most)), &st);
    if (rc < 0)
        return rc;
    while ((rc = db_next(s, st)) == 1) {
        *rows = arena_grow(a, *rows, *count, sizeof **rows);
        rc = *rows ? take_candidate(st, &(*rows)[*count], a) : ERR_NOMEM;
        if (rc < 0)
            break;
        (*rows)[(*count)++].row.channel = leave->channel;
    }
    db_done(st);
    return rc;
}

/* When a further message may go to this number, 0: now. */
static int hourly(struct store *s, const struct store_leave *leave, const struct candidate *c, int64_t *free_ms)
{
    *free_ms = 0;
    if (!leave->hourly || c->row.class == MESSAGE_CONFIRM)
        return 0;
    sqlite3_stmt *st;
    int rc = db_find(s, Q_OUTBOX_LEFT,
                     VALUES(V_INT(c->number_id), V_INT(leave->now_ms - HOUR_MS), V_INT(leave->hourly)), &st);
    if (rc != 1)
        return rc;
    *free_ms = sqlite3_column_int64(st, 0) + HOUR_MS;
    db_done(st);
    return 0;
}

/* What is done with one that is due. */
static int decide(struct store *s, const struct store_leave *leave, const struct candidate *c,
                  struct store_claimed *out)
{
    int64_t id = c->row.id, free_ms;
    if (!c->allowed) {
        out->cancelled++;
        return DB_RUN(s, Q_OUTBOX_CANCEL, V_INT(id));
    }
    if ((leave->before_ms && c->since_ms < leave->before_ms) || (c->until_ms && c->until_ms <= leave->now_ms)) {
        out->expired++;
        return DB_RUN(s, Q_OUTBOX_GIVE_UP, V_INT(id));
    }
    if (c->row.class == MESSAGE_NOTICE && leave->quiet_until_ms > leave->now_ms) {
        out->quiet++;
        return DB_RUN(s, Q_OUTBOX_POSTPONE, V_INT(id), V_INT(leave->quiet_until_ms));
    }
    int rc = hourly(s, leave, c, &free_ms);
    if (rc < 0)
        return rc;
    if (free_ms) {
        out->capped++;
        return DB_RUN(s, Q_OUTBOX_POSTPONE, V_INT(id), V_INT(free_ms));
    }
    out->rows[out->count++] = c->row;
    return DB_RUN(s, Q_OUTBOX_CLAIM, V_INT(id), V_INT(leave->now_ms));
}

int store_outbox_claim(struct store *s, const struct store_leave *leave, struct arena *a, struct store_claimed *out)
{
    struct candidate *found = NULL;
    size_t seen = 0;
    *out = (struct store_claimed){0};
    if (!s->begun)
        return ERR_NOT_NOW;
    int rc = candidates(s, leave, a, &found, &seen); // all of them first: claiming changes the index they are in
    if (rc < 0)
        return rc;
    out->rows = arena_array(a, seen, sizeof *out->rows);
    if (!out->rows)
        return ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < seen; i++)
        rc = decide(s, leave, &found[i], out);
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
    int rc = report_early(s, id, reference, &state);
    if (rc == 0)
        rc = DB_CHANGE(s, Q_OUTBOX_SETTLE, V_INT(id), V_INT(state), V_INT(next_ms), reference);
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

int store_outbox_recover(struct store *s, int64_t now_ms)
{
    if (!s->begun)
        return ERR_NOT_NOW;
    int rc = db_run(s, Q_OUTBOX_RECOVER_REPORTED, NULL, 0);
    return rc < 0 ? rc : DB_RUN(s, Q_OUTBOX_RECOVER, V_INT(now_ms));
}

int store_outbox_next(struct store *s, struct span channel, int64_t *due_ms)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_OUTBOX_NEXT, VALUES(V_TEXT(channel)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // an aggregate always gives a row
    *due_ms = sqlite3_column_type(st, 0) == SQLITE_NULL ? INT64_MAX : sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}

int store_outbox_waiting(struct store *s, struct span channel, int64_t *count)
{
    return db_numbers(s, Q_OUTBOX_WAITING, VALUES(V_TEXT(channel)), count, 1);
}

int store_outbox_alike(struct store *s, const struct store_turn *turn, const struct store_index *digest,
                       int64_t since_ms, int64_t *count)
{
    *count = 0;
    if (!turn->number_id)
        return 0;
    return db_numbers(s, Q_OUTBOX_ALIKE, VALUES(V_INT(turn->number_id), V_INDEX(digest), V_INT(since_ms)), count, 1);
}

int store_confirm_owe(struct store *s, const struct store_turn *turn, int64_t now_ms)
{
    return DB_RUN(s, Q_OUTBOX_OWE, V_INT(turn->number_id), V_INT(turn->epoch), V_INT(now_ms));
}

int store_confirm_owed(struct store *s, const struct store_turn *turn, bool *owed)
{
    int64_t count = 0;
    int rc = db_numbers(s, Q_OUTBOX_OWED, VALUES(V_INT(turn->number_id), V_INT(turn->epoch)), &count, 1);
    *owed = count > 0;
    return rc;
}

int store_outbox_mark(struct store *s, int64_t id, const struct store_index *digest)
{
    return DB_RUN(s, Q_OUTBOX_MARK, V_INT(id), V_INDEX(digest));
}

int store_outbox_whose(struct store *s, int64_t id, struct store_index *number_key)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_OUTBOX_WHOSE, VALUES(V_INT(id)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    rc = db_exact(st, 0, number_key->bytes, sizeof number_key->bytes);
    db_done(st);
    return rc;
}

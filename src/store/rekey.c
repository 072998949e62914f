// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/rekey.h"

#include "base/err.h"
#include "store/db.h"

#include <stdio.h>

enum { ROWS = 2000, SQL_MOST = 512, VALUE_MOST = 1024 * 1024, KEY_MOST = 256 };

/* Rows are walked by `key`, in order; ids are numbers, and a text is larger than any number. `bound` gives what a box
 * is bound to: a name, a public key, a number. */
static const struct {
    const char *table, *key, *column, *bound;
    const char *also; // what is written beside it, with ?3: the hash of the new value
} columns[REKEY_COLUMNS] = {
    [REKEY_NUMBER] = {"number", "id", "key", "'', '', 0", NULL},
    [REKEY_SEEN] = {"seen", "id", "event", "'', '', 0", NULL},
    [REKEY_REFERENCE] = {"outbox", "id", "reference", "'', '', 0", NULL},
    [REKEY_DIGEST] = {"outbox", "id", "digest", "'', '', 0", NULL},
    // a report that tells our own id back is kept by that, which is random
    [REKEY_REPORT] = {"report", "id", "reference", "'', '', reference IN (SELECT o.key FROM outbox o)", NULL},
    [REKEY_LANGUAGE] = {"person", "id", "language", "'', public_key, 0", NULL},
    [REKEY_SUMMARY] = {"casefile", "id", "summary", "reference, '', 0", NULL},
    [REKEY_KIND] = {"casefile", "id", "kind", "reference, '', 0", NULL},
    [REKEY_CONSENT] = {"consent", "id", "detail", "'', '', person",
                       ", detail_hash = iif(detail_hash IS NULL, NULL, ?3)"},
    [REKEY_MESSAGE] = {"outbox", "id", "box", "class || ' ' || iif(class = 1, 0, epoch), key, 0", NULL},
    [REKEY_MEMBER] = {"staff", "id", "secret", "name, public_key, 0", NULL},
    [REKEY_TOTP] = {"staff", "id", "totp", "name, '', 0", NULL},
    [REKEY_TEAM] = {"team_key", "team || '/' || generation", "proof", "team, '', generation", NULL},
    [REKEY_WRAPPED] = {"team", "id", "wrapped", "name, '', 0", NULL},
};

/** One column's walk. */
struct walk {
    struct store *s;
    enum rekey_of of;
    sqlite3_stmt *read, *write;
    store_rekey_fn fn;
    void *ctx;
    int64_t at;          // the last row's id
    char text[KEY_MOST]; // or its key, where that is a text
    bool textual;
    int64_t rows, values; // in this transaction; in all
    struct str out;
};

static int prepare(struct walk *w)
{
    char sql[SQL_MOST];
    const char *table = columns[w->of].table, *key = columns[w->of].key, *column = columns[w->of].column;
    snprintf(sql, sizeof sql, "SELECT %s, %s, %s FROM %s WHERE %s > ?1 ORDER BY 1 LIMIT %d", key, column,
             columns[w->of].bound, table, key, ROWS);
    int code = sqlite3_prepare_v2(w->s->db, sql, -1, &w->read, NULL);
    snprintf(sql, sizeof sql, "UPDATE %s SET %s = ?2%s WHERE %s = ?1", table, column,
             columns[w->of].also ? columns[w->of].also : "", key);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(w->s->db, sql, -1, &w->write, NULL);
    return code == SQLITE_OK ? 0 : db_error(w->s, code);
}

static void bind_key(const struct walk *w, sqlite3_stmt *st)
{
    if (w->textual)
        sqlite3_bind_text(st, 1, w->text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_int64(st, 1, w->at);
}

static void take_key(struct walk *w)
{
    w->textual = sqlite3_column_type(w->read, 0) == SQLITE_TEXT;
    if (w->textual)
        snprintf(w->text, sizeof w->text, "%s", (const char *)sqlite3_column_text(w->read, 0));
    else
        w->at = sqlite3_column_int64(w->read, 0);
}

static int one_row(struct walk *w)
{
    take_key(w);
    w->rows++;
    const struct rekey_value value = {.of = w->of,
                                      .bytes = db_bytes(w->read, 1),
                                      .name = db_bytes(w->read, 2),
                                      .public_key = db_bytes(w->read, 3),
                                      .number = sqlite3_column_int64(w->read, 4)};
    if (!value.bytes.len) // erased, sent, or never there
        return 0;
    str_clear(&w->out);
    unsigned char hash[STORE_LINK_BYTES];
    int rc = w->fn(w->ctx, &value, &w->out, hash);
    if (rc < 0)
        return rc;
    bind_key(w, w->write);
    sqlite3_bind_blob64(w->write, 2, w->out.p, w->out.len, SQLITE_STATIC);
    if (columns[w->of].also)
        sqlite3_bind_blob(w->write, 3, hash, sizeof hash, SQLITE_STATIC);
    int code = sqlite3_step(w->write);
    sqlite3_reset(w->write);
    w->values++;
    return code == SQLITE_DONE ? 0 : db_error(w->s, code);
}

/* In a transaction of its own. */
static int some_rows(struct walk *w)
{
    int rc = store_begin(w->s), code = SQLITE_ROW;
    w->rows = 0;
    bind_key(w, w->read);
    while (rc == 0 && (code = sqlite3_step(w->read)) == SQLITE_ROW)
        rc = one_row(w);
    sqlite3_reset(w->read);
    if (rc == 0 && code != SQLITE_DONE)
        rc = db_error(w->s, code);
    rc = db_end(w->s, rc);
    return rc < 0 ? rc : store_rest(w->s, false);
}

int store_rekey(struct store *s, store_rekey_fn fn, void *ctx, int64_t *values)
{
    int rc = 0;
    *values = 0;
    for (int i = 0; i < REKEY_COLUMNS && rc == 0; i++) {
        struct walk w = {.s = s, .of = (enum rekey_of)i, .fn = fn, .ctx = ctx, .out = STR_INIT(VALUE_MOST)};
        rc = prepare(&w);
        do
            rc = rc < 0 ? rc : some_rows(&w);
        while (rc == 0 && w.rows == ROWS);
        sqlite3_finalize(w.read);
        sqlite3_finalize(w.write);
        str_release(&w.out);
        *values += w.values;
    }
    return rc;
}

static const char forget[] = "DELETE FROM session;"
                             "DELETE FROM turn WHERE person IS NULL;"
                             "UPDATE turn SET state = x'' WHERE state <> x'';"
                             "UPDATE seen SET answer = x'' WHERE answer <> x'';"
                             "DELETE FROM part;"
                             "DELETE FROM person_seal WHERE holder = 'day';"
                             "DELETE FROM day_key;";

int store_rekey_forget(struct store *s)
{
    int rc = store_begin(s);
    if (rc < 0)
        return rc;
    int code = sqlite3_exec(s->db, forget, NULL, NULL, NULL);
    return db_end(s, code == SQLITE_OK ? 0 : db_error(s, code));
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* ledger - what is only ever appended to: consents and the audit trail, each a chain (chain.h). */
#include "base/err.h"
#include "base/str.h"
#include "store/rekey.h"
#include "store/rows.h"

enum {
    ROW_MOST = 64 * 1024,
    FIELDS_MOST = 9,
    MARK_STORED = 8 + 2 * STORE_LINK_BYTES,
    RENEW_ROWS = 500,
    RENEW_ARENA = 64 * 1024 * 1024
};

/* The rows of `read` are: id, link, then what is chained. */
static const struct {
    enum statement add, last, read, over, drop;
    const char *marks[CHAIN_ENDS]; // their names in table meta
} chain_table[CHAINS] = {
    [CHAIN_CONSENT] = {Q_CONSENT_ADD,
                       Q_CONSENT_LINK,
                       Q_CONSENT_ROWS,
                       Q_CONSENT_OVER,
                       Q_CONSENT_DROP,
                       {"consent start", "consent end"}},
    [CHAIN_AUDIT] = {Q_AUDIT_ADD, Q_AUDIT_LINK, Q_AUDIT_ROWS, Q_AUDIT_OVER, Q_AUDIT_DROP, {"audit start", "audit end"}},
};

static void add_number(struct str *row, uint64_t n, int bytes)
{
    for (int i = 0; i < bytes; i++)
        str_addc(row, (char)(n >> (8 * i) & 0xff));
}

static void add_bytes(struct str *row, struct span bytes)
{
    add_number(row, bytes.len, 4);
    str_add(row, bytes);
}

static void add_integer(struct str *row, int64_t n)
{
    add_number(row, sizeof n, 4);
    add_number(row, (uint64_t)n, sizeof n);
}

static void add_field(struct str *row, const struct value *v)
{
    if (v->kind == VALUE_INT)
        add_integer(row, v->number);
    else
        add_bytes(row, v->bytes);
}

static void add_column(struct str *row, sqlite3_stmt *st, int column)
{
    if (sqlite3_column_type(st, column) == SQLITE_INTEGER)
        add_integer(row, sqlite3_column_int64(st, column));
    else
        add_bytes(row, db_bytes(st, column));
}

/* ---- marks ---- */

void chain_mark_bytes(enum chain which, enum chain_end end, int64_t id, char bytes[CHAIN_MARK_BYTES])
{
    static const char domain[8] = {'w', 'm', '-', 'm', 'a', 'r', 'k', 's'}; // no row of a chain begins like this
    _Static_assert(sizeof domain + 2 + sizeof id == CHAIN_MARK_BYTES, "domain, chain, end, id");
    memcpy(bytes, domain, sizeof domain);
    bytes[sizeof domain] = (char)which;
    bytes[sizeof domain + 1] = (char)end;
    for (size_t i = 0; i < sizeof id; i++)
        bytes[sizeof domain + 2 + i] = (char)((uint64_t)id >> (8 * i) & 0xff);
}

int store_chain_mark(struct store *s, enum chain which, enum chain_end end, struct chain_mark *mark)
{
    sqlite3_stmt *st;
    unsigned char stored[MARK_STORED];
    int rc = db_find(s, Q_META_GET, VALUES(V_TEXT(span_of(chain_table[which].marks[end]))), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    rc = db_exact(st, 0, stored, sizeof stored);
    db_done(st);
    if (rc < 0)
        return rc;
    mark->id = 0;
    for (int i = 7; i >= 0; i--)
        mark->id = (int64_t)((uint64_t)mark->id << 8 | stored[i]);
    memcpy(mark->link, stored + 8, sizeof mark->link);
    memcpy(mark->proof, stored + 8 + sizeof mark->link, sizeof mark->proof);
    return 0;
}

struct linker {
    store_link_fn link;
    void *ctx;
};

static int mark_put(struct store *s, enum chain which, enum chain_end end, int64_t id, const unsigned char *link,
                    const struct linker *by)
{
    unsigned char stored[MARK_STORED];
    char bytes[CHAIN_MARK_BYTES];
    chain_mark_bytes(which, end, id, bytes);
    for (int i = 0; i < 8; i++)
        stored[i] = (unsigned char)((uint64_t)id >> (8 * i));
    memcpy(stored + 8, link, STORE_LINK_BYTES);
    by->link(by->ctx, link, (struct span){bytes, sizeof bytes}, stored + 8 + STORE_LINK_BYTES);
    return DB_RUN(s, Q_META_PUT, V_TEXT(span_of(chain_table[which].marks[end])), V_BYTES(stored));
}

/* ---- appending ---- */

/* Where the table is empty because all of it was over, the chain goes on from what was deleted last. */
static int chain_know_empty(struct store *s, enum chain which, struct chain_tail *c)
{
    struct chain_mark start;
    int rc = store_chain_mark(s, which, CHAIN_START, &start);
    c->empty = rc == ERR_MISSING;
    if (rc == 0) {
        c->id = start.id;
        memcpy(c->last, start.link, sizeof c->last);
    }
    return rc == ERR_MISSING ? 0 : rc;
}

static int chain_know(struct store *s, enum chain which)
{
    struct chain_tail *c = &s->chains[which];
    if (c->known)
        return 0;
    sqlite3_stmt *st;
    int rc = db_find(s, chain_table[which].last, NULL, 0, &st);
    if (rc < 0)
        return rc;
    if (rc == 1) {
        c->empty = false;
        c->id = sqlite3_column_int64(st, 1);
        rc = db_exact(st, 0, c->last, sizeof c->last);
        db_done(st);
    } else {
        rc = chain_know_empty(s, which, c);
    }
    c->known = rc == 0;
    return rc;
}

static int row_bytes(const struct value *fields, size_t chained, struct str *row)
{
    for (size_t i = 0; i < chained; i++)
        add_field(row, &fields[i]);
    return str_err(row);
}

/* `fields`: first those that are chained, then those that are only stored. */
static int chain_add(struct store *s, enum chain which, const struct value *fields, size_t chained, size_t count,
                     const struct linker *by)
{
    struct chain_tail *c = &s->chains[which];
    struct value values[FIELDS_MOST + 1];
    struct str row = STR_INIT(ROW_MOST);
    unsigned char next[STORE_LINK_BYTES];
    int rc = chain_know(s, which);
    if (rc == 0)
        rc = row_bytes(fields, chained, &row);
    if (rc == 0) {
        by->link(by->ctx, c->empty ? NULL : c->last, str_span(&row), next);
        memcpy(values, fields, count * sizeof *fields);
        values[count] = V_BYTES(next);
        rc = db_run(s, chain_table[which].add, values, count + 1);
    }
    str_release(&row);
    if (rc < 0)
        return rc;
    c->id = sqlite3_last_insert_rowid(s->db);
    c->empty = false;
    memcpy(c->last, next, sizeof next);
    return mark_put(s, which, CHAIN_END, c->id, next, by);
}

int store_consent_add(struct store *s, const struct store_consent_row *row, store_link_fn link, void *ctx)
{
    const struct value fields[] = {
        V_INT(row->person_id),   V_TEXT(row->name),         V_TEXT(row->version),
        V_TEXT(row->channel),    V_TEXT(row->action),       V_INT(row->at_s),
        V_BYTES(row->text_hash), V_BYTES(row->detail_hash), V_BLOB(row->detail_box),
    };
    enum { COUNT = sizeof fields / sizeof *fields };
    _Static_assert((int)COUNT <= (int)FIELDS_MOST, "chain_add has room for them");
    return chain_add(s, CHAIN_CONSENT, fields, COUNT - 1, COUNT, &(struct linker){link, ctx});
}

int store_audit_add(struct store *s, int64_t at_s, struct span actor, struct span action, struct span object,
                    store_link_fn link, void *ctx)
{
    const struct value fields[] = {V_INT(at_s), V_TEXT(actor), V_TEXT(action), V_TEXT(object)};
    enum { COUNT = sizeof fields / sizeof *fields };
    return chain_add(s, CHAIN_AUDIT, fields, COUNT, COUNT, &(struct linker){link, ctx});
}

/* ---- reading ---- */

static int chain_row(sqlite3_stmt *st, struct arena *a, void *to)
{
    struct chain_row *row = to;
    struct str bytes = STR_INIT(ROW_MOST);
    row->id = sqlite3_column_int64(st, 0);
    for (int i = 2; i < sqlite3_column_count(st); i++)
        add_column(&bytes, st, i);
    int rc = str_err(&bytes);
    if (rc == 0)
        rc = db_exact(st, 1, row->link, sizeof row->link);
    if (rc == 0) {
        row->bytes = arena_copy(a, str_span(&bytes));
        rc = row->bytes.p ? 0 : ERR_NOMEM;
    }
    str_release(&bytes);
    return rc;
}

int store_chain_read(struct store *s, enum chain which, int64_t after, int most, struct arena *a,
                     struct chain_row **rows, size_t *count)
{
    const struct value values[] = {V_INT(after), V_INT(most)};
    return rows_all(s, &(struct rows_of){chain_table[which].read, values, 2, chain_row, sizeof **rows}, a,
                    (void **)rows, count);
}

static int consent_row(sqlite3_stmt *st, struct arena *a, void *to)
{
    struct store_consent_entry *e = to;
    struct store_consent_row *row = &e->row;
    *e = (struct store_consent_entry){.id = sqlite3_column_int64(st, 0)};
    row->person_id = sqlite3_column_int64(st, 1);
    row->at_s = sqlite3_column_int64(st, 6);
    int rc = db_exact(st, 7, row->text_hash, sizeof row->text_hash);
    if (rc == 0 && sqlite3_column_type(st, 9) != SQLITE_NULL)
        rc = db_exact(st, 9, row->detail_hash, sizeof row->detail_hash);
    return rc < 0 ? rc
                  : rows_copy(st, a, (const int[]){2, 3, 4, 5, 8},
                              (struct span *const[]){&row->name, &row->version, &row->channel, &row->action,
                                                     &row->detail_box},
                              5);
}

int store_consent_list(struct store *s, int64_t person_id, int64_t after, int most, struct arena *a,
                       struct store_consent_entry **rows, size_t *count)
{
    const struct value values[] = {V_INT(after), V_INT(most), V_ID(person_id)};
    return rows_all(s, &(struct rows_of){Q_CONSENT_LIST, values, 3, consent_row, sizeof **rows}, a, (void **)rows,
                    count);
}

/* ---- cutting off what is over ---- */

/* The last of the oldest rows that are over, without a gap. */
static int chain_over(struct store *s, enum chain which, int64_t before_s, int most, struct chain_mark *last,
                      int64_t *count)
{
    sqlite3_stmt *st;
    *count = 0;
    int rc = db_query(s, chain_table[which].over, VALUES(V_INT(most)), &st);
    if (rc < 0)
        return rc;
    while ((rc = db_next(s, st)) == 1 && sqlite3_column_int64(st, 1) < before_s) {
        last->id = sqlite3_column_int64(st, 0);
        if ((rc = db_exact(st, 2, last->link, sizeof last->link)) < 0)
            break;
        ++*count;
    }
    db_done(st);
    return rc < 0 ? rc : 0;
}

int store_chain_cut(struct store *s, enum chain which, int64_t before_s, int most, store_link_fn link, void *ctx,
                    int64_t *dropped)
{
    struct chain_mark last;
    int rc = chain_know(s, which); // the last row may go too
    if (rc == 0)
        rc = chain_over(s, which, before_s, most, &last, dropped);
    if (rc != 0 || !*dropped)
        return rc;
    rc = DB_RUN(s, chain_table[which].drop, V_INT(last.id));
    return rc < 0 ? rc : mark_put(s, which, CHAIN_START, last.id, last.link, &(struct linker){link, ctx});
}

/* ---- texts ---- */

int store_text_keep(struct store *s, const unsigned char hash[32], struct span text)
{
    return DB_RUN(s, Q_TEXT_KEEP, V_BLOB(((struct span){(const char *)hash, 32})), V_BLOB(text));
}

static int text_row(sqlite3_stmt *st, struct arena *a, void *to)
{
    struct chain_text *t = to;
    return rows_copy(st, a, (const int[]){0, 1}, (struct span *const[]){&t->hash, &t->text}, 2);
}

int store_text_get(struct store *s, const unsigned char hash[32], struct arena *a, struct span *text)
{
    struct chain_text t;
    int rc = rows_one(s, Q_TEXT_GET, V_BLOB(((struct span){(const char *)hash, 32})), text_row, a, &t);
    if (rc == 0)
        *text = t.text;
    return rc;
}

int store_text_read(struct store *s, struct span after, int most, struct arena *a, struct chain_text **texts,
                    size_t *count)
{
    const struct value values[] = {V_BLOB(after), V_INT(most)};
    return rows_all(s, &(struct rows_of){Q_TEXT_ROWS, values, 2, text_row, sizeof **texts}, a, (void **)texts, count);
}

/* ---- under another key ---- */

static int renew_row(struct store *s, sqlite3_stmt *write, int64_t id, const unsigned char *link)
{
    sqlite3_bind_int64(write, 1, id);
    sqlite3_bind_blob(write, 2, link, STORE_LINK_BYTES, SQLITE_STATIC);
    int code = sqlite3_step(write);
    sqlite3_reset(write);
    return code == SQLITE_DONE ? 0 : db_error(s, code);
}

static int renew_some(struct store *s, enum chain which, sqlite3_stmt *write, struct chain_mark *last, bool *first,
                      size_t *count, const struct linker *by)
{
    struct chain_row *rows;
    struct arena *a = arena_new(RENEW_ARENA);
    int rc = a ? store_chain_read(s, which, last->id, RENEW_ROWS, a, &rows, count) : ERR_NOMEM;
    for (size_t i = 0; i < *count && rc == 0; i++) {
        unsigned char next[STORE_LINK_BYTES];
        by->link(by->ctx, *first ? NULL : last->link, rows[i].bytes, next);
        rc = renew_row(s, write, rows[i].id, next);
        last->id = rows[i].id;
        memcpy(last->link, next, sizeof next);
        *first = false;
    }
    arena_free(a);
    return rc;
}

int store_chain_renew(struct store *s, enum chain which, store_link_fn link, void *ctx)
{
    static const char *const writes[CHAINS] = {[CHAIN_CONSENT] = "UPDATE consent SET link = ?2 WHERE id = ?1",
                                               [CHAIN_AUDIT] = "UPDATE audit SET link = ?2 WHERE id = ?1"};
    const struct linker by = {link, ctx};
    struct chain_mark last = {0};
    size_t count = 0;
    sqlite3_stmt *write = NULL;
    int rc = store_chain_mark(s, which, CHAIN_START, &last);
    bool first = rc == ERR_MISSING, started = rc == 0;
    if (rc == 0 || rc == ERR_MISSING)
        rc = store_begin(s);
    if (rc == 0 && started)
        rc = mark_put(s, which, CHAIN_START, last.id, last.link, &by);
    int code = sqlite3_prepare_v2(s->db, writes[which], -1, &write, NULL);
    if (rc == 0 && code != SQLITE_OK)
        rc = db_error(s, code);
    do
        rc = rc < 0 ? rc : renew_some(s, which, write, &last, &first, &count, &by);
    while (rc == 0 && count);
    if (rc == 0 && last.id)
        rc = mark_put(s, which, CHAIN_END, last.id, last.link, &by);
    sqlite3_finalize(write);
    s->chains[which].known = false;
    return db_end(s, rc);
}

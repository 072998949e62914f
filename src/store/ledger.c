// SPDX-License-Identifier: AGPL-3.0-or-later
/* ledger - what is only ever appended to: consents and the audit trail, each a chain.
 *
 * A row's link is computed (by whoever holds the key) over the link before it and the row's bytes: each field in the
 * order of the columns, a length of four bytes (least significant first) before it, whole numbers as eight bytes in the
 * same order. So no row can be changed, taken out or put in without every later link telling.
 */
#include "base/err.h"
#include "base/str.h"
#include "store/db.h"

enum { ROW_MOST = 64 * 1024, FIELDS_MOST = 8 };

typedef void (*link_fn)(void *ctx, const unsigned char *previous, struct span row, unsigned char *next);

static const struct {
    enum statement add, last;
} chain_table[CHAINS] = {
    [CHAIN_CONSENT] = {Q_CONSENT_ADD, Q_CONSENT_LINK},
    [CHAIN_AUDIT] = {Q_AUDIT_ADD, Q_AUDIT_LINK},
};

static void add_number(struct str *row, uint64_t n, int bytes)
{
    for (int i = 0; i < bytes; i++)
        str_addc(row, (char)(n >> (8 * i) & 0xff));
}

static void add_field(struct str *row, const struct value *v)
{
    if (v->kind == VALUE_INT) {
        add_number(row, sizeof v->number, 4);
        add_number(row, (uint64_t)v->number, sizeof v->number);
        return;
    }
    add_number(row, v->bytes.len, 4);
    str_add(row, v->bytes);
}

static int chain_know(struct store *s, int which)
{
    struct chain *c = &s->chains[which];
    if (c->known)
        return 0;
    sqlite3_stmt *st;
    int rc = db_find(s, chain_table[which].last, NULL, 0, &st);
    if (rc < 0)
        return rc;
    c->empty = rc == 0;
    if (rc == 1) {
        rc = db_exact(st, 0, c->last, sizeof c->last);
        db_done(st);
    }
    c->known = rc == 0;
    return rc;
}

static int chain_add(struct store *s, int which, const struct value *fields, size_t count, link_fn link, void *ctx)
{
    struct chain *c = &s->chains[which];
    struct value values[FIELDS_MOST + 1];
    struct str row = STR_INIT(ROW_MOST);
    unsigned char next[STORE_LINK_BYTES];
    int rc = chain_know(s, which);
    for (size_t i = 0; i < count; i++) {
        add_field(&row, &fields[i]);
        values[i] = fields[i];
    }
    if (rc == 0)
        rc = str_err(&row);
    if (rc == 0) {
        link(ctx, c->empty ? NULL : c->last, str_span(&row), next);
        values[count] = V_BYTES(next);
        rc = db_run(s, chain_table[which].add, values, count + 1);
    }
    str_release(&row);
    if (rc < 0)
        return rc;
    memcpy(c->last, next, sizeof next);
    c->empty = false;
    return 0;
}

int store_consent_add(struct store *s, const struct store_consent_row *row, link_fn link, void *ctx)
{
    const struct value fields[] = {
        V_INT(row->person_id), V_TEXT(row->name), V_TEXT(row->version),    V_TEXT(row->channel),
        V_TEXT(row->action),   V_INT(row->at_s),  V_BYTES(row->text_hash), V_BLOB(row->detail_box),
    };
    _Static_assert(sizeof fields / sizeof *fields <= FIELDS_MOST, "chain_add has room for them");
    return chain_add(s, CHAIN_CONSENT, fields, sizeof fields / sizeof *fields, link, ctx);
}

int store_audit_add(struct store *s, int64_t at_s, struct span actor, struct span action, struct span object,
                    link_fn link, void *ctx)
{
    const struct value fields[] = {V_INT(at_s), V_TEXT(actor), V_TEXT(action), V_TEXT(object)};
    return chain_add(s, CHAIN_AUDIT, fields, sizeof fields / sizeof *fields, link, ctx);
}

int store_text_keep(struct store *s, const unsigned char hash[32], struct span text)
{
    return DB_RUN(s, Q_TEXT_KEEP, V_BLOB(((struct span){(const char *)hash, 32})), V_BLOB(text));
}

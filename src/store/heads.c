// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/heads.h"

#include "base/err.h"
#include "base/mem.h"
#include "store/db.h"

int heads_init(struct heads *h)
{
    h->slots = mem_calloc(HEADS_SLOTS, sizeof *h->slots);
    return h->slots ? 0 : ERR_NOMEM;
}

void heads_release(struct heads *h)
{
    mem_free(h->slots);
    h->slots = NULL;
}

/* The session's slot, or the free one where it belongs. There is always one: see HEADS_LAG. */
static struct head *slot(const struct heads *h, int64_t session)
{
    size_t at = (size_t)((uint64_t)session * 0x9e3779b97f4a7c15u >> 32) % HEADS_SLOTS; // Fibonacci hashing (Knuth 6.4)
    while (h->slots[at].session && h->slots[at].session != session)
        at = (at + 1) % HEADS_SLOTS;
    return &h->slots[at];
}

struct head heads_get(const struct heads *h, struct head row)
{
    const struct head *found = slot(h, row.session);
    return found->session ? *found : row;
}

static void clear(struct heads *h)
{
    memset(h->slots, 0, HEADS_SLOTS * sizeof *h->slots);
}

static int read_flushed(struct store *s)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_HEADS_FLUSHED, NULL, 0, &st);
    s->heads.flushed = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
    if (rc == 1)
        db_done(st);
    return rc < 0 ? rc : 0;
}

int heads_know(struct store *s)
{
    if (s->heads.known)
        return 0;
    clear(&s->heads);
    sqlite3_stmt *st;
    int rc = read_flushed(s);
    if (rc == 0)
        rc = db_query(s, Q_HEADS_SINCE, VALUES(V_INT(s->heads.flushed)), &st);
    if (rc < 0)
        return rc;
    while ((rc = db_next(s, st)) == 1) {
        struct head head = {sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2)};
        *slot(&s->heads, head.session) = head;
    }
    s->heads.known = rc == 0;
    return rc;
}

int heads_put(struct store *s, struct head head)
{
    int rc = heads_know(s);
    if (rc < 0)
        return rc;
    *slot(&s->heads, head.session) = head;
    return head.turn - s->heads.flushed < HEADS_LAG ? 0 : heads_flush(s);
}

int heads_flush(struct store *s)
{
    int rc = heads_know(s);
    if (rc == 0)
        rc = turns_write(s);
    for (size_t i = 0; rc == 0 && i < HEADS_SLOTS; i++) {
        const struct head *h = &s->heads.slots[i];
        if (h->session)
            rc = DB_RUN(s, Q_HEADS_WRITE, V_INT(h->session), V_INT(h->turn), V_INT(h->expires_s));
    }
    if (rc == 0)
        rc = DB_RUN(s, Q_HEADS_MARK, V_INT(s->turn_last));
    if (rc < 0)
        return rc;
    clear(&s->heads);
    s->heads.flushed = s->turn_last;
    return 0;
}

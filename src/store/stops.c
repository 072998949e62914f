// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/stops.h"

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "store/db.h"
#include "store/rekey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    RECORD_NUMBER = 0, // 8 bytes, least significant first; of the first record: its magic
    RECORD_DAY = 8,    // 4
    RECORD_KIND = 12,  // 1, and three zeros
    RECORD_INDEX = 16, // of the first record: the journal's id
    RECORD_CALLER = 32,
    RECORD_LINK = 48,
    RECORD = STOPS_RECORD,
    JOURNAL_MOST = 1 << 30, // bytes
    PATH_MOST = 4096,
};

_Static_assert((int)RECORD == RECORD_LINK + STORE_LINK_BYTES, "the link ends the record");

static const char magic[8] = {'W', 'M', 'S', 'T', 'O', 'P', 'S', '1'};
static const char domain[8] = {'w', 'm', '-', 's', 't', 'o', 'p', 's'}; // other chains' rows do not begin like this

/* ---- records ---- */

static void put_number(unsigned char *to, uint64_t n, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (unsigned char)(n >> (8 * i));
}

static uint64_t get_number(const unsigned char *from, int bytes)
{
    uint64_t n = 0;
    for (int i = bytes - 1; i >= 0; i--)
        n = n << 8 | from[i];
    return n;
}

static void record_link(const struct journal *j, const unsigned char *previous, const unsigned char *record,
                        unsigned char *link)
{
    char row[sizeof domain + RECORD_LINK];
    memcpy(row, domain, sizeof domain);
    memcpy(row + sizeof domain, record, RECORD_LINK);
    j->link(j->ctx, previous, (struct span){row, sizeof row}, link);
}

/* Appends one record to `out`, chained to `last`, which moves on. */
static int record_add(const struct journal *j, uint64_t number, const struct stop *stop, unsigned char *last,
                      struct str *out)
{
    unsigned char *r = (unsigned char *)str_extend(out, RECORD);
    if (!r)
        return str_err(out);
    memset(r, 0, RECORD);
    put_number(r + RECORD_NUMBER, number, 8);
    put_number(r + RECORD_DAY, (uint64_t)stop->day, 4);
    r[RECORD_KIND] = (unsigned char)stop->kind;
    memcpy(r + RECORD_INDEX, stop->number.bytes, STORE_INDEX_BYTES);
    memcpy(r + RECORD_CALLER, stop->caller.bytes, STORE_INDEX_BYTES);
    record_link(j, number ? last : NULL, r, r + RECORD_LINK);
    memcpy(last, r + RECORD_LINK, STORE_LINK_BYTES);
    return 0;
}

static int head_add(const struct journal *j, unsigned char *last, struct str *out)
{
    unsigned char *r = (unsigned char *)str_extend(out, RECORD);
    if (!r)
        return str_err(out);
    memset(r, 0, RECORD);
    memcpy(r, magic, sizeof magic);
    sqlite3_randomness(STORE_INDEX_BYTES, r + RECORD_INDEX);
    record_link(j, NULL, r, r + RECORD_LINK);
    memcpy(last, r + RECORD_LINK, STORE_LINK_BYTES);
    return 0;
}

/* Whether record `n` is what it was when it was written, by the link that stands in the record before it. */
static bool record_holds(const struct journal *j, const unsigned char *all, int64_t n)
{
    const unsigned char *r = all + n * RECORD;
    unsigned char link[STORE_LINK_BYTES];
    record_link(j, n ? r - STORE_LINK_BYTES : NULL, r, link);
    bool same = memcmp(link, r + RECORD_LINK, sizeof link) == 0; // no secret: the file tells both
    return same && (n == 0 || (get_number(r + RECORD_NUMBER, 8) == (uint64_t)n && r[RECORD_KIND] < STOP_KINDS));
}

/* Whether any record behind the bad one holds, be it that the bad one's content or that its link was changed. */
static bool any_holds_behind(const struct journal *j, const unsigned char *all, int64_t bad, int64_t records)
{
    unsigned char link[STORE_LINK_BYTES];
    const unsigned char *r = all + bad * RECORD;
    record_link(j, r - STORE_LINK_BYTES, r, link); // what the bad one's link would be
    for (int64_t n = bad + 1; n < records; n++) {
        r = all + n * RECORD;
        record_link(j, link, r, link);
        if (record_holds(j, all, n) || memcmp(link, r + RECORD_LINK, sizeof link) == 0)
            return true;
    }
    return false;
}

/* ---- the file ---- */

static off_t end_of(const struct journal *j)
{
    return (off_t)(j->count + 1) * RECORD; // the first one is not counted
}

static int cut(const struct journal *j)
{
    return ftruncate(j->fd, end_of(j)) < 0 || fdatasync(j->fd) < 0 ? ERR_IO : 0;
}

/* ---- what the database knows of it ---- */

static const char meta_id[] = "stops journal", meta_applied[] = "stops applied";

static int known_get(struct store *s, unsigned char id[STORE_INDEX_BYTES], bool *known)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_META_GET, VALUES(V_TEXT(span_of(meta_id))), &st);
    *known = rc == 1;
    if (rc != 1)
        return rc;
    rc = db_exact(st, 0, id, STORE_INDEX_BYTES);
    db_done(st);
    if (rc == 0)
        rc = db_find(s, Q_META_GET, VALUES(V_TEXT(span_of(meta_applied))), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT;
    s->journal.applied = s->journal.stored = sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}

static int known_put(struct store *s, const unsigned char id[STORE_INDEX_BYTES], int64_t applied)
{
    int rc = store_begin(s);
    if (rc < 0)
        return rc;
    rc = DB_RUN(s, Q_META_PUT, V_TEXT(span_of(meta_id)), V_BLOB(((struct span){(const char *)id, STORE_INDEX_BYTES})));
    if (rc == 0)
        rc = DB_RUN(s, Q_META_PUT, V_TEXT(span_of(meta_applied)), V_INT(applied));
    rc = db_end(s, rc);
    if (rc == 0)
        s->journal.applied = s->journal.stored = applied;
    return rc;
}

/* ---- opening ---- */

/* Every stop that the database knows. */
static int seed(struct store *s, struct str *out, unsigned char *last, int64_t *count)
{
    sqlite3_stmt *st;
    int rc = db_query(s, Q_NUMBER_STOPPED, NULL, 0, &st);
    for (*count = 0; rc == 0 && (rc = db_next(s, st)) == 1;) {
        struct stop stop = {.kind = STOP_STOP, .day = sqlite3_column_int64(st, 1)};
        rc = db_exact(st, 0, stop.number.bytes, sizeof stop.number.bytes);
        if (rc == 0)
            rc = record_add(&s->journal, (uint64_t)++ * count, &stop, last, out);
        if (rc < 0)
            db_done(st);
    }
    return rc;
}

static int make(struct store *s, const char *path)
{
    struct str bytes = STR_INIT(JOURNAL_MOST);
    unsigned char last[STORE_LINK_BYTES];
    int64_t count;
    int rc = head_add(&s->journal, last, &bytes);
    if (rc == 0)
        rc = seed(s, &bytes, last, &count);
    if (rc == 0)
        rc = file_write(path, str_span(&bytes), 0600);
    if (rc == 0)
        rc = known_put(s, (const unsigned char *)bytes.p + RECORD_INDEX, count);
    str_release(&bytes);
    return rc;
}

/* How many of the records hold; behind them may only lie what a power cut left. */
static int whole_records(const struct journal *j, struct span file, int64_t *count)
{
    const unsigned char *all = (const unsigned char *)file.p;
    int64_t records = (int64_t)(file.len / RECORD), n = 1;
    while (n < records && record_holds(j, all, n))
        n++;
    *count = n - 1;
    if (n < records && any_holds_behind(j, all, n, records))
        return ERR_CORRUPT; // that was no power cut
    return *count < j->applied ? ERR_CORRUPT : 0;
}

static int check(struct store *s, struct span file, const unsigned char *id)
{
    struct journal *j = &s->journal;
    bool head = file.len >= RECORD && memcmp(file.p, magic, sizeof magic) == 0;
    if (!head)
        return ERR_CORRUPT;
    if (!record_holds(j, (const unsigned char *)file.p, 0) ||
        (id && memcmp(file.p + RECORD_INDEX, id, STORE_INDEX_BYTES) != 0))
        return ERR_REFUSED;
    int rc = whole_records(j, file, &j->count);
    if (rc < 0)
        return rc;
    memcpy(j->last, file.p + end_of(j) - STORE_LINK_BYTES, sizeof j->last);
    if ((off_t)file.len == end_of(j))
        return 0;
    log_event(LOG_WARN, "stops.journal ended in the middle of a record, which was never answered",
              LOG_INT("records", j->count));
    return cut(j);
}

static int open_file(struct store *s, const char *path, const unsigned char *id)
{
    s->journal.fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (s->journal.fd < 0)
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    struct str bytes = STR_INIT(JOURNAL_MOST);
    int rc = file_read_fd(s->journal.fd, &bytes);
    if (rc == 0)
        rc = check(s, str_span(&bytes), id);
    if (rc == 0 && !id)
        rc = known_put(s, (const unsigned char *)bytes.p + RECORD_INDEX, 0);
    str_release(&bytes);
    return rc;
}

static int path_of(const char *dir, char path[PATH_MOST])
{
    int len = snprintf(path, PATH_MOST, "%s/stops.journal", dir);
    return len < 0 || len >= PATH_MOST ? ERR_LIMIT : 0;
}

int store_stops_open(struct store *s, const char *dir, store_link_fn link, void *ctx)
{
    char path[PATH_MOST];
    unsigned char id[STORE_INDEX_BYTES];
    bool known = false;
    struct journal *j = &s->journal;
    j->link = link;
    j->ctx = ctx;
    int rc = path_of(dir, path);
    if (rc == 0)
        rc = known_get(s, id, &known);
    if (rc == 0 && !known && access(path, F_OK) < 0) {
        rc = make(s, path);
        if (rc == 0)
            rc = known_get(s, id, &known);
    }
    if (rc == 0)
        rc = open_file(s, path, known ? id : NULL);
    if (rc < 0)
        journal_release(j);
    return rc;
}

int store_stops_renew(struct store *s, const char *dir, store_link_fn link, void *ctx)
{
    char path[PATH_MOST];
    journal_release(&s->journal);
    journal_init(&s->journal);
    s->journal.link = link;
    s->journal.ctx = ctx;
    int rc = path_of(dir, path);
    if (rc == 0)
        rc = make(s, path);
    return rc < 0 ? rc : store_stops_open(s, dir, link, ctx);
}

/* ---- applying ---- */

int64_t store_stops_behind(const struct store *s)
{
    return s->journal.count - s->journal.applied;
}

int64_t store_stops_count(const struct store *s)
{
    return s->journal.count;
}

int store_stops_next(struct store *s, struct stop *out)
{
    struct journal *j = &s->journal;
    if (!s->begun)
        return ERR_NOT_NOW;
    j->replaying = j->applied < j->count;
    if (!j->replaying)
        return 0;
    unsigned char r[RECORD];
    if (pread(j->fd, r, sizeof r, (off_t)(j->applied + 1) * RECORD) != RECORD)
        return ERR_IO;
    j->applied++;
    *out = (struct stop){.kind = (enum stop_kind)r[RECORD_KIND], .day = (int64_t)get_number(r + RECORD_DAY, 4)};
    memcpy(out->number.bytes, r + RECORD_INDEX, STORE_INDEX_BYTES);
    memcpy(out->caller.bytes, r + RECORD_CALLER, STORE_INDEX_BYTES);
    return 1;
}

/* ---- within a transaction ---- */

void journal_init(struct journal *j)
{
    *j = (struct journal){.fd = -1, .pending = STR_INIT(JOURNAL_MOST)};
}

void journal_release(struct journal *j)
{
    if (j->fd >= 0)
        close(j->fd);
    j->fd = -1;
    str_release(&j->pending);
}

int journal_note(struct store *s, enum stop_kind kind, const struct store_turn *turn, int64_t day)
{
    struct journal *j = &s->journal;
    if (j->fd < 0 || j->replaying)
        return 0;
    struct stop stop = {.kind = kind, .day = day, .number = turn->number_key, .caller = turn->caller_key};
    if (!j->pending.len)
        memcpy(j->pending_last, j->last, sizeof j->last);
    return record_add(j, (uint64_t)j->count + j->pending.len / RECORD + 1, &stop, j->pending_last, &j->pending);
}

int journal_write(struct store *s)
{
    struct journal *j = &s->journal;
    if (!j->pending.len && j->applied == j->stored)
        return 0;
    int rc = s->broken;
    if (rc == 0 && j->pending.len) {
        j->written = true;
        rc = file_put_at(j->fd, str_span(&j->pending), end_of(j));
        if (rc == 0 && fdatasync(j->fd) < 0)
            rc = file_error();
    }
    int64_t applied = j->applied + (int64_t)(j->pending.len / RECORD);
    return rc < 0 ? rc : DB_RUN(s, Q_META_PUT, V_TEXT(span_of(meta_applied)), V_INT(applied));
}

void journal_committed(struct journal *j)
{
    int64_t records = (int64_t)(j->pending.len / RECORD);
    if (records)
        memcpy(j->last, j->pending_last, sizeof j->last);
    j->count += records;
    j->applied += records;
    j->stored = j->applied;
    j->written = false;
    str_clear(&j->pending);
}

/* Where even cutting fails, the next record is written over what was left, and what then still lies behind it does not
 * hold. */
void journal_rolled_back(struct journal *j)
{
    if (j->written && cut(j) < 0)
        log_event(LOG_ERROR, "stops.journal keeps a stop that was not answered", LOG_ERR(ERR_IO));
    j->applied = j->stored;
    j->replaying = j->written = false;
    str_clear(&j->pending);
}

/* ---- under another key ---- */

static int rekey_all(const struct journal *j, struct span file, void (*step)(void *, bool, unsigned char *), void *ctx,
                     struct str *out)
{
    static const unsigned char none[STORE_INDEX_BYTES];
    unsigned char *all = (unsigned char *)str_extend(out, file.len / RECORD * RECORD);
    if (!all)
        return str_err(out);
    memcpy(all, file.p, out->len);
    for (int64_t n = 0; n < (int64_t)(out->len / RECORD); n++) {
        unsigned char *r = all + n * RECORD;
        if (n) // the first holds the journal's id there, which stays
            step(ctx, false, r + RECORD_INDEX);
        if (n && memcmp(r + RECORD_CALLER, none, sizeof none) != 0)
            step(ctx, true, r + RECORD_CALLER);
        record_link(j, n ? r - STORE_LINK_BYTES : NULL, r, r + RECORD_LINK);
    }
    return 0;
}

int store_stops_rekey(const char *from, const char *to,
                      void (*step)(void *ctx, bool caller, unsigned char index[STORE_INDEX_BYTES]), store_link_fn link,
                      void *ctx)
{
    char path[PATH_MOST];
    struct str bytes = STR_INIT(JOURNAL_MOST), out = STR_INIT(JOURNAL_MOST);
    const struct journal j = {.link = link, .ctx = ctx};
    int rc = path_of(from, path);
    if (rc == 0)
        rc = file_read(path, &bytes);
    if (rc == 0)
        rc = rekey_all(&j, str_span(&bytes), step, ctx, &out);
    if (rc == 0)
        rc = path_of(to, path);
    if (rc == 0)
        rc = file_write(path, str_span(&out), 0600);
    str_release(&bytes);
    str_release(&out);
    return rc;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* A store in a folder of its own, and short ways to write to it; for the tests of store/. */
#ifndef WAYMARK_TESTS_STORE_FIXTURE_H
#define WAYMARK_TESTS_STORE_FIXTURE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/purge.h"
#include "store/store.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char dir[64], file[96];
    struct store *store;
    struct arena *arena;
};

enum { NOW = 1000, DAY = 20000 };

static inline int fixture_setup(void **state)
{
    struct fixture *f = mem_calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "store-test-XXXXXX");
    const char *base = getenv("TMPDIR");
    if (base && chdir(base) < 0)
        return -1;
    if (!base && chdir(P_tmpdir) < 0)
        return -1;
    if (!mkdtemp(f->dir))
        return -1;
    snprintf(f->file, sizeof f->file, "%s/waymark.db", f->dir);
    log_threshold(LOG_ERROR + 1);
    f->arena = arena_new(1 << 20);
    *state = f;
    return store_open(f->dir, &f->store);
}

static inline int fixture_teardown(void **state)
{
    static const char *const names[] = {"waymark.db", "waymark.db-wal", "waymark.db-shm", "waymark.lock"};
    struct fixture *f = *state;
    char path[128];
    store_close(f->store);
    arena_free(f->arena);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", f->dir, names[i]);
        unlink(path);
    }
    rmdir(f->dir);
    mem_free(f);
    return 0;
}

static inline void reopen(struct fixture *f)
{
    store_close(f->store);
    f->store = NULL;
    assert_int_equal(store_open(f->dir, &f->store), 0);
}

static inline struct store_index key(char kind, int n)
{
    struct store_index k = {0};
    k.bytes[0] = (unsigned char)n;
    k.bytes[1] = (unsigned char)(n >> 8);
    k.bytes[STORE_INDEX_BYTES - 1] = (unsigned char)kind;
    return k;
}

/* Person n in their session m. */
static inline struct store_turn turn_of(int n, int m)
{
    return (struct store_turn){.session_key = key('s', m), .number_key = key('n', n), .caller_key = key('c', n)};
}

static inline void load(struct fixture *f, struct store_turn *turn, int64_t now_s)
{
    assert_int_equal(store_load(f->store, turn, 1, now_s, f->arena), 0);
}

/* Whether a turn left its session in this state. */
static inline bool state_is(struct fixture *f, int64_t session, int64_t turn, const char *state)
{
    struct span box;
    int64_t day;
    assert_int_equal(store_state(f->store, session, turn, f->arena, &day, &box), 0);
    return day == DAY && span_is(box, state);
}

static inline bool session_is(struct fixture *f, const struct store_turn *turn, const char *state)
{
    return turn->session_id && state_is(f, turn->session_id, turn->session_turn, state);
}

static inline void put(struct fixture *f, struct store_turn *turn, int64_t expires_s, const char *state,
                       const char *box)
{
    struct store_step step = {.expires_s = expires_s, .day = DAY, .number = 1, .person_id = turn->person_id};
    step.state_box = span_of(state);
    step.box = span_of(box);
    assert_int_equal(store_session_put(f->store, turn, &step), 0);
}

/* Deletes what is over, in a transaction of its own; cases and people only with `case_day`. */
static inline int purge(struct fixture *f, int64_t now_s, int64_t key_day, int64_t case_day, int most)
{
    struct purge_limits limits = {.now_s = now_s, .today = key_day, .key_day = key_day, .message_day = key_day - 7};
    limits.case_day = limits.closed_day = limits.assisted_day = limits.safeguarding_day = limits.anonymous_day =
        case_day;
    struct purge_counts counts = {0};
    bool again;
    int rc = store_begin(f->store);
    if (rc == 0)
        rc = store_purge(f->store, &limits, most, &counts, &again);
    return rc < 0 ? rc : store_commit(f->store);
}

static inline void begin(struct fixture *f)
{
    assert_int_equal(store_begin(f->store), 0);
}

static inline void commit(struct fixture *f)
{
    assert_int_equal(store_commit(f->store), 0);
}

/* One number out of the committed database, by a connection of its own that only reads. */
static inline int64_t ask(struct fixture *f, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open_v2(f->file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

static inline void person_add(struct fixture *f, struct store_turn *turn, const char *secret)
{
    struct store_person person = {.language_box = span_of(secret), .number_seal = span_of(secret)};
    assert_int_equal(store_number_need(f->store, turn, DAY), 0);
    assert_int_equal(store_person_add(f->store, turn, &person, DAY), 0);
}

/* Queues a message; each has a key of its own. */
static inline int message_add(struct fixture *f, const struct store_turn *turn, const char *channel,
                              enum message_class class, int64_t due_ms, const char *box, int64_t *id)
{
    static unsigned char last;
    struct store_message m = {
        .channel = span_of(channel), .box = span_of(box), .class = class, .due_ms = due_ms, .key = {++last}};
    return store_outbox_add(f->store, turn, &m, id);
}

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* When the log is carried into the database: what is written and synced is counted below the store's own VFS. */
#include "store_fixture.h"

#include <sys/stat.h>

enum { DATABASE, LOG, KINDS };
enum { FRAME_BYTES = 4096 + 24, LONG_LOG = 8000, STEP = 512, BOX = 200 * 1000, MOST = 2000 };

static struct {
    int syncs, writes;
} count[KINDS];

static sqlite3_vfs counting, *below;
static sqlite3_io_methods counted[KINDS], real[KINDS];

static int database_sync(sqlite3_file *file, int flags)
{
    count[DATABASE].syncs++;
    return real[DATABASE].xSync(file, flags);
}

static int database_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    count[DATABASE].writes++;
    return real[DATABASE].xWrite(file, bytes, len, at);
}

static int log_sync(sqlite3_file *file, int flags)
{
    count[LOG].syncs++;
    return real[LOG].xSync(file, flags);
}

/* A file's methods are those of its kind, with ours in the place of two. */
static int counting_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    int code = below->xOpen(below, name, file, flags, out);
    if (code != SQLITE_OK || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return code;
    int kind = flags & SQLITE_OPEN_WAL ? LOG : DATABASE;
    real[kind] = counted[kind] = *file->pMethods;
    counted[kind].xSync = kind == LOG ? log_sync : database_sync;
    if (kind == DATABASE)
        counted[kind].xWrite = database_write;
    file->pMethods = &counted[kind];
    return code;
}

static int counting_begin(void **state)
{
    (void)state;
    below = sqlite3_vfs_find(NULL);
    counting = *below;
    counting.zName = "counting";
    counting.pNext = NULL;
    counting.xOpen = counting_open;
    return sqlite3_vfs_register(&counting, 1) == SQLITE_OK ? 0 : -1;
}

static int setup(void **state)
{
    int rc = fixture_setup(state);
    if (rc == 0)
        rc = store_rest(((struct fixture *)*state)->store, true); // what opening wrote
    memset(count, 0, sizeof count);
    return rc;
}

/* A commit of about fifty pages, and what the loop does after it. */
static void busy(struct fixture *f, int n)
{
    static char box[BOX + 1];
    memset(box, 'x', BOX);
    assert_in_range(n, 1, MOST); // what is waited for comes long before
    struct store_turn turn = turn_of(n, n);
    begin(f);
    load(f, &turn, NOW);
    put(f, &turn, NOW + 60, "state", box);
    commit(f);
    assert_int_equal(store_rest(f->store, false), 0);
    arena_reset(f->arena);
}

static int64_t log_pages(const struct fixture *f)
{
    char path[128];
    struct stat st;
    snprintf(path, sizeof path, "%s-wal", f->file);
    assert_int_equal(stat(path, &st), 0);
    return st.st_size / FRAME_BYTES;
}

static void while_turns_come_the_log_is_copied_and_nothing_but_the_log_is_synced(void **state)
{
    struct fixture *f = *state;
    int commits = 0;
    while (log_pages(f) < LONG_LOG / 2)
        busy(f, ++commits);
    assert_int_equal(count[DATABASE].syncs, 0);
    assert_in_range(count[LOG].syncs, commits, commits + 1); // one more for the header of a new log
    assert_in_range(count[DATABASE].writes, LONG_LOG / 4, LONG_LOG / 2);
    assert_int_equal(store_rest(f->store, true), 0);
    assert_int_equal(count[DATABASE].syncs, 1);
    int64_t before = log_pages(f);
    busy(f, ++commits);
    assert_int_equal(log_pages(f), before); // it began anew, in the same file
    assert_int_equal(ask(f, "SELECT count(*) FROM turn"), commits);
}

static void a_long_log_begins_anew_without_a_quiet_moment(void **state)
{
    struct fixture *f = *state;
    int commits = 0;
    while (count[DATABASE].syncs < 3)
        busy(f, ++commits);
    assert_in_range(log_pages(f), LONG_LOG, LONG_LOG + 2 * STEP);
    assert_int_equal(ask(f, "SELECT count(*) FROM turn"), commits);
    reopen(f);
    assert_int_equal(ask(f, "SELECT count(*) FROM turn"), commits);
    assert_int_equal(ask(f, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
}

static void a_reader_keeps_the_log_and_the_log_is_cut_when_it_has_gone(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    sqlite3_stmt *st;
    int commits = 0;
    busy(f, ++commits);
    assert_int_equal(sqlite3_open_v2(f->file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT count(*) FROM turn UNION ALL SELECT count(*) FROM turn", -1, &st, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    while (log_pages(f) < LONG_LOG + 4 * STEP)
        busy(f, ++commits);
    assert_int_equal(count[DATABASE].syncs, 0);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(st, 0), 1); // its snapshot
    sqlite3_finalize(st);
    sqlite3_close(db);
    while (count[DATABASE].syncs < 2)
        busy(f, ++commits);
    assert_in_range(log_pages(f), LONG_LOG + 4 * STEP, LONG_LOG + 6 * STEP);
}

static void erasing_cuts_the_log_however_busy_it_is(void **state)
{
    struct fixture *f = *state;
    struct store_turn gone = turn_of(1, 1);
    begin(f);
    load(f, &gone, NOW);
    person_add(f, &gone, "secret");
    commit(f);
    for (int n = 2; log_pages(f) < 3 * STEP; n++)
        busy(f, n);
    begin(f);
    load(f, &gone, NOW);
    assert_int_equal(store_person_erase(f->store, &gone), 0);
    commit(f);
    assert_int_equal(store_rest(f->store, false), 0);
    assert_int_equal(log_pages(f), 0);
}

int main(void)
{
#define CHECKPOINT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        CHECKPOINT_TEST(while_turns_come_the_log_is_copied_and_nothing_but_the_log_is_synced),
        CHECKPOINT_TEST(a_long_log_begins_anew_without_a_quiet_moment),
        CHECKPOINT_TEST(a_reader_keeps_the_log_and_the_log_is_cut_when_it_has_gone),
        CHECKPOINT_TEST(erasing_cuts_the_log_however_busy_it_is),
    };
    return cmocka_run_group_tests(tests, counting_begin, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void an_empty_folder_gets_every_table_and_keeps_it(void **state)
{
    static const char *const tables[] = {"number",       "person",      "session",  "turn",      "consent",
                                         "casefile",     "outbox",      "seen",     "audit",     "counter",
                                         "staff",        "person_seal", "team",     "day_key",   "case_note",
                                         "consent_text", "meta",        "team_key", "team_seal", "case_seal"};
    struct fixture *f = *state;
    char sql[128];
    int64_t version = ask(f, "PRAGMA user_version");
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
            snprintf(sql, sizeof sql, "SELECT count(*) FROM pragma_table_list('%s') WHERE strict = 1", tables[i]);
            assert_int_equal(ask(f, sql), 1);
        }
        assert_int_equal(ask(f, "PRAGMA user_version"), version);
        reopen(f);
    }
}

static void only_the_owner_may_read_the_files(void **state)
{
    static const char *const names[] = {"waymark.db", "waymark.db-wal", "waymark.db-shm", "waymark.lock"};
    struct fixture *f = *state;
    char path[128];
    struct stat st;
    begin(f);
    commit(f);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", f->dir, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

static void a_folder_is_made_for_its_owner(void **state)
{
    struct fixture *f = *state;
    char dir[96], path[128];
    struct store *store;
    struct stat st;
    snprintf(dir, sizeof dir, "%s/inner", f->dir);
    assert_int_equal(store_open(dir, &store), 0);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    store_close(store);
    snprintf(path, sizeof path, "%s/waymark.db", dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/waymark.lock", dir);
    unlink(path);
    assert_int_equal(rmdir(dir), 0);
}

static void a_second_store_is_refused_while_the_first_is_open(void **state)
{
    struct fixture *f = *state;
    struct store *second;
    assert_int_equal(store_open(f->dir, &second), ERR_BUSY);
    reopen(f);
}

/* Runs SQL on the closed database. */
static int alter(struct fixture *f, const char *sql)
{
    sqlite3 *db;
    store_close(f->store);
    f->store = NULL;
    assert_int_equal(sqlite3_open(f->file, &db), SQLITE_OK);
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

static void a_newer_schema_is_refused(void **state)
{
    struct fixture *f = *state;
    char back[64];
    snprintf(back, sizeof back, "PRAGMA user_version = %d", (int)ask(f, "PRAGMA user_version"));
    assert_int_equal(alter(f, "PRAGMA user_version = 99"), SQLITE_OK);
    assert_int_equal(store_open(f->dir, &f->store), ERR_NOT_NOW);
    assert_null(f->store);
    assert_int_equal(alter(f, back), SQLITE_OK);
    assert_int_equal(store_open(f->dir, &f->store), 0);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    f->store = NULL;
    static const char junk[8192] = "not a database";
    assert_int_equal(file_write(f->file, (struct span){junk, sizeof junk}, 0600), 0);
    assert_int_equal(store_open(f->dir, &f->store), ERR_CORRUPT);
    assert_null(f->store);
}

static void tables_are_strict_about_types(void **state)
{
    static const char *const wrong[] = {
        "INSERT INTO number (key, epoch, day) VALUES (zeroblob(16), 'one', 1)",
        "INSERT INTO number (key, epoch, day) VALUES ('0123456789abcdef', 1, 1)",
        "INSERT INTO number (key, epoch, day) VALUES (zeroblob(15), 1, 1)",
        "INSERT INTO counter VALUES ('today', 'm', 'c', 'l', 's', 'e', 1)",
        "INSERT INTO seen (event, day, expires, answer) VALUES (x'00', 1, 1, 'text')",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(alter(f, wrong[i]), SQLITE_CONSTRAINT);
    assert_int_equal(alter(f, "INSERT INTO number (key, epoch, day) VALUES (zeroblob(16), 1, 1)"), SQLITE_OK);
}

static void opening_survives_every_failing_allocation(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    f->store = NULL;
    int rc = ERR_NOMEM;
    long nth = 0;
    for (; rc != 0 && nth < 20000; nth += nth < 40 ? 1 : 7) {
        mem_fail_after(nth);
        rc = store_open(f->dir, &f->store);
        mem_fail_after(-1);
        if (rc != 0)
            assert_null(f->store);
    }
    assert_true(nth > 100); // the failures were met
    assert_int_equal(rc, 0);
}

static void a_full_disk_rolls_back_and_says_so(void **state)
{
    struct fixture *f = *state;
    struct store_turn turn = turn_of(1, 1);
    static char large[100000];
    memset(large, 'x', sizeof large - 1);
    begin(f);
    load(f, &turn, NOW);
    put(f, &turn, NOW + 60, "first", "turn");
    commit(f);
    struct rlimit limit, before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){.rlim_cur = 300000, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int rc = 0;
    for (int i = 0; rc == 0 && i < 10; i++) {
        struct store_turn other = turn_of(2 + i, 2 + i);
        begin(f);
        load(f, &other, NOW);
        put(f, &other, NOW + 60, large, large);
        rc = store_commit(f->store);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(rc == ERR_FULL || rc == ERR_IO);
    int64_t kept = ask(f, "SELECT count(*) FROM session");
    assert_true(kept >= 1 && kept < 10);
    load(f, &turn, NOW);
    assert_true(session_is(f, &turn, "first"));
    begin(f); // there is room again
    put(f, &turn, NOW + 60, "second", "turn");
    commit(f);
    load(f, &turn, NOW);
    assert_true(session_is(f, &turn, "second"));
}

int main(void)
{
#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        STORE_TEST(an_empty_folder_gets_every_table_and_keeps_it),
        STORE_TEST(only_the_owner_may_read_the_files),
        STORE_TEST(a_folder_is_made_for_its_owner),
        STORE_TEST(a_second_store_is_refused_while_the_first_is_open),
        STORE_TEST(a_newer_schema_is_refused),
        STORE_TEST(a_file_that_is_no_database_is_refused),
        STORE_TEST(tables_are_strict_about_types),
        STORE_TEST(opening_survives_every_failing_allocation),
        STORE_TEST(a_full_disk_rolls_back_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

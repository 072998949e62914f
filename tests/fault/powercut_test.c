// SPDX-License-Identifier: AGPL-3.0-or-later
/* powercut_test - the shim itself: with it loaded, a committed row outlives the process where SQLite synced it, and is
 * lost where it did not. A cut that nothing can lose to would prove nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 200 };

static char dir[] = "/tmp/powercut.XXXXXX", path[64];

static int folder_make(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/t.db", dir);
    return 0;
}

static int folder_empty(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return 0;
}

static int folder_remove(void **state)
{
    folder_empty(state);
    return rmdir(dir);
}

static sqlite3 *open_or_die(const char *synchronous)
{
    sqlite3 *db;
    char sql[128];
    snprintf(sql, sizeof sql, "PRAGMA journal_mode=WAL; PRAGMA synchronous=%s; PRAGMA wal_autocheckpoint=50;",
             synchronous);
    if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        abort();
    return db;
}

/* In a process of its own: writes rows and tells each one that is committed through the pipe, until it is killed. */
static void writer(const char *synchronous, int tell)
{
    sqlite3 *db = open_or_die(synchronous);
    sqlite3_exec(db, "CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, x TEXT)", NULL, NULL, NULL);
    for (int i = 1;; i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "INSERT INTO t VALUES (%d, hex(zeroblob(700)))", i);
        if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
            _exit(1);
        if (write(tell, &i, sizeof i) != sizeof i)
            _exit(1);
    }
}

/* Lets the writer commit ROWS rows and ends it; returns the last row that it told of. */
static int run_until_cut(const char *synchronous, int signal)
{
    int ends[2], last = 0, status;
    assert_int_equal(pipe(ends), 0);
    char end[16];
    snprintf(end, sizeof end, "%d", ends[1]);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) { /* exec: the shim arms itself anew, SQLite never crosses a fork */
        execl("/proc/self/exe", "powercut_test", synchronous, path, end, (char *)NULL);
        _exit(1);
    }
    close(ends[1]);
    while (last < ROWS && read(ends[0], &last, sizeof last) == sizeof last)
        continue;
    kill(child, signal);
    while (read(ends[0], &last, sizeof last) == sizeof last)
        continue;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(last >= ROWS);
    return last;
}

static int number_of(const char *sql)
{
    sqlite3 *db = open_or_die("FULL");
    sqlite3_stmt *st;
    int n = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        n = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

static int rows(void)
{
    assert_int_equal(number_of("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
    return number_of("SELECT count(*) FROM t");
}

static void synced_rows_outlive_the_cut(void **state)
{
    (void)state;
    int told = run_until_cut("FULL", SIGKILL);
    assert_in_range(rows(), told, told + 1);
}

static void synced_rows_outlive_a_torn_cut(void **state)
{
    for (int i = 1; i <= 8; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        setenv("POWERCUT_TORN", text, 1);
        int told = run_until_cut("FULL", SIGUSR1);
        unsetenv("POWERCUT_TORN");
        assert_in_range(rows(), told, told + 1);
        folder_empty(state);
    }
}

static void rows_that_were_not_synced_are_lost(void **state)
{
    (void)state;
    int told = run_until_cut("OFF", SIGKILL);
    assert_in_range(rows(), 0, told - ROWS / 2);
}

int main(int argc, char **argv)
{
    if (argc == 4) {
        snprintf(path, sizeof path, "%s", argv[2]);
        writer(argv[1], atoi(argv[3]));
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(synced_rows_outlive_the_cut, NULL, folder_empty),
        cmocka_unit_test_setup_teardown(synced_rows_outlive_a_torn_cut, NULL, folder_empty),
        cmocka_unit_test_setup_teardown(rows_that_were_not_synced_are_lost, NULL, folder_empty),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}

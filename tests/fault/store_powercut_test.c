// SPDX-License-Identifier: AGPL-3.0-or-later
/* store_powercut_test - the store alone under power cuts, busy enough for its log to be copied in steps and to begin
 * anew several times in a life: what store_commit has said is stored is there afterwards, whole.
 *
 * A writer in a process of its own tells each commit through a pipe until the power is cut somewhere; clean (nothing
 * that was not synced is left) and torn (some of it is). The next life goes on with the same files. */
#include "base/arena.h"
#include "base/log.h"
#include "base/span.h"
#include "store/store.h"

#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { LIVES = 8, BOX = 600, COMMITS = 6000 /* more than two long logs */, NOW = 1000, DAY = 20000 };

static char dir[] = "/tmp/store-powercut.XXXXXX";

static void path_of(char path[96], const char *name)
{
    snprintf(path, 96, "%s/%s", dir, name);
}

static int folder_make(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int folder_remove(void **state)
{
    static const char *const names[] = {"waymark.db", "waymark.db-wal", "waymark.db-shm", "waymark.lock"};
    (void)state;
    char path[96];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path_of(path, names[i]);
        unlink(path);
    }
    return rmdir(dir);
}

/* ---- a life, in a process of its own ---- */

/* Session n, whose box says so from its first byte to its last. */
static bool commit_one(struct store *s, struct arena *a, int n)
{
    static char box[BOX];
    memset(box, 'a' + n % 26, sizeof box);
    struct store_turn turn = {0};
    memcpy(turn.session_key.bytes, &n, sizeof n);
    memcpy(turn.number_key.bytes, &n, sizeof n);
    struct store_step step = {
        .expires_s = NOW + 60, .day = DAY, .number = 1, .state_box = {"s", 1}, .box = {box, sizeof box}};
    bool fine = store_begin(s) == 0 && store_load(s, &turn, 1, NOW, a) == 0 && !turn.session_id &&
                store_session_put(s, &turn, &step) == 0 && store_commit(s) == 0 && store_rest(s, false) == 0;
    arena_reset(a);
    return fine;
}

static int live(const char *folder, int first, int tell)
{
    struct store *s;
    struct arena *a = arena_new(1 << 20);
    log_threshold(LOG_ERROR + 1);
    if (!a || store_open(folder, &s) != 0)
        return 1;
    for (int n = first; commit_one(s, a, n); n++)
        if (write(tell, &n, sizeof n) != sizeof n)
            return 1;
    return 1;
}

/* Cuts the power once `commits` are told; returns the number of the last one. */
static int life_until_cut(int first, int commits, int signal)
{
    int ends[2], last = first - 1, status;
    char from[16], end[16];
    assert_int_equal(pipe(ends), 0);
    snprintf(from, sizeof from, "%d", first);
    snprintf(end, sizeof end, "%d", ends[1]);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) { // exec: SQLite never crosses a fork
        execl("/proc/self/exe", "store_powercut_test", dir, from, end, (char *)NULL);
        _exit(1);
    }
    close(ends[1]);
    while (last < first + commits && read(ends[0], &last, sizeof last) == sizeof last)
        continue;
    kill(child, signal);
    while (read(ends[0], &last, sizeof last) == sizeof last)
        continue;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(last >= first + commits);
    return last;
}

/* ---- what is left ---- */

static int number_of(const char *sql)
{
    char path[96];
    sqlite3 *db;
    sqlite3_stmt *st;
    path_of(path, "waymark.db");
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int n = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

static int whole_turns(void)
{
    return number_of(
        "SELECT count(*) FROM turn WHERE box = CAST(replace(hex(zeroblob(300)), '0', char(97 + id % 26)) AS BLOB)");
}

static int told; // the last commit of the lives so far

/* The last commit may have been stored and not told. A row that was lost or that holds another's bytes is missing. */
static void lives_and_cuts(int signal)
{
    for (int i = 0; i < LIVES; i++) {
        char seed[16];
        snprintf(seed, sizeof seed, "%d", i + 1);
        setenv("POWERCUT_TORN", seed, 1);
        told = life_until_cut(told + 1, COMMITS / (i + 1), signal);
        unsetenv("POWERCUT_TORN");
        assert_int_equal(number_of("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
        int stored = number_of("SELECT max(id) FROM turn");
        assert_in_range(stored, told, told + 1);
        assert_int_equal(whole_turns(), stored);
        told = stored;
    }
}

static void what_was_committed_outlives_a_cut(void **state)
{
    (void)state;
    lives_and_cuts(SIGKILL);
}

static void what_was_committed_outlives_a_torn_cut(void **state)
{
    (void)state;
    lives_and_cuts(SIGUSR1);
}

int main(int argc, char **argv)
{
    if (argc == 4)
        return live(argv[1], (int)strtol(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_committed_outlives_a_cut, folder_make, NULL),
        cmocka_unit_test_setup_teardown(what_was_committed_outlives_a_torn_cut, NULL, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/stops.h"
#include "store_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { RECORD = 80 };

/* A keyed link, as far as a test needs one. */
static void link_of(void *key, const unsigned char *previous, struct span row, unsigned char *next)
{
    uint64_t h = 14695981039346656037u ^ (uint64_t)(uintptr_t)key;
    for (size_t i = 0; i < STORE_LINK_BYTES; i++) {
        h = (h ^ (previous ? previous[i] : 0)) * 1099511628211u;
        for (size_t k = 0; i == 0 && k < row.len; k++)
            h = (h ^ (unsigned char)row.p[k]) * 1099511628211u;
        next[i] = (unsigned char)(h >> 32);
    }
}

static char *const one_key = "one", *const other_key = "other"; // told apart by their addresses

static const char *journal(const struct fixture *f)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/stops.journal", f->dir);
    return path;
}

static int open_journal(struct fixture *f)
{
    return store_stops_open(f->store, f->dir, link_of, one_key);
}

static int setup(void **state)
{
    return fixture_setup(state) || open_journal(*state);
}

static int teardown(void **state)
{
    unlink(journal(*state));
    return fixture_teardown(state);
}

static void stop(struct fixture *f, int n)
{
    struct store_turn turn = turn_of(n, n);
    begin(f);
    load(f, &turn, NOW);
    assert_int_equal(store_number_need(f->store, &turn, DAY), 0);
    assert_int_equal(store_contact_set(f->store, &turn, DAY), 0);
    commit(f);
}

static off_t length(const struct fixture *f)
{
    struct stat st;
    assert_int_equal(stat(journal(f), &st), 0);
    return st.st_size;
}

static void change(const struct fixture *f, off_t at, char mask)
{
    int fd = open(journal(f), O_RDWR);
    char c;
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= mask;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

static void append(const struct fixture *f, const char *bytes, size_t len)
{
    int fd = open(journal(f), O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

/* Puts an older database in the place of the present one. */
static void forget(struct fixture *f, const char *older)
{
    store_close(f->store);
    struct str bytes = STR_INIT(1 << 24);
    assert_int_equal(file_read(older, &bytes), 0);
    assert_int_equal(file_write(f->file, str_span(&bytes), 0600), 0);
    str_release(&bytes);
    assert_int_equal(store_open(f->dir, &f->store), 0);
}

static void keep(struct fixture *f, const char *older)
{
    store_close(f->store);
    struct str bytes = STR_INIT(1 << 24);
    assert_int_equal(file_read(f->file, &bytes), 0);
    assert_int_equal(file_write(older, str_span(&bytes), 0600), 0);
    str_release(&bytes);
    assert_int_equal(store_open(f->dir, &f->store), 0);
    assert_int_equal(open_journal(f), 0);
}

static void every_stop_erase_and_start_is_in_the_journal(void **state)
{
    struct fixture *f = *state;
    stop(f, 1);
    assert_int_equal(length(f), 2 * RECORD);
    struct store_turn turn = turn_of(1, 1);
    begin(f);
    load(f, &turn, NOW);
    assert_int_equal(store_person_erase(f->store, &turn), 0);
    assert_int_equal(store_contact_set(f->store, &turn, 0), 0);
    assert_int_equal(length(f), 2 * RECORD); // not before the commit
    commit(f);
    assert_int_equal(length(f), 4 * RECORD);
    assert_int_equal(store_stops_count(f->store), 3);
    assert_int_equal(store_stops_behind(f->store), 0);
    reopen(f);
    assert_int_equal(open_journal(f), 0);
    assert_int_equal(store_stops_behind(f->store), 0);
}

static void what_was_rolled_back_is_not_in_it(void **state)
{
    struct fixture *f = *state;
    struct store_turn turn = turn_of(1, 1);
    begin(f);
    load(f, &turn, NOW);
    assert_int_equal(store_number_need(f->store, &turn, DAY), 0);
    assert_int_equal(store_contact_set(f->store, &turn, DAY), 0);
    store_rollback(f->store);
    stop(f, 2);
    assert_int_equal(length(f), 2 * RECORD);
    reopen(f);
    assert_int_equal(open_journal(f), 0);
}

static void an_older_database_is_told_what_it_lacks(void **state)
{
    struct fixture *f = *state;
    char older[128];
    snprintf(older, sizeof older, "%s.older", f->file);
    stop(f, 1);
    keep(f, older);
    stop(f, 2);
    stop(f, 3);
    forget(f, older);
    assert_int_equal(open_journal(f), 0);
    assert_int_equal(store_stops_behind(f->store), 2);
    begin(f);
    struct stop s;
    for (int n = 2; n <= 3; n++) {
        assert_int_equal(store_stops_next(f->store, &s), 1);
        assert_int_equal(s.kind, STOP_STOP);
        assert_int_equal(s.day, DAY);
        struct store_turn turn = turn_of(n, n);
        assert_memory_equal(&s.number, &turn.number_key, sizeof s.number);
        assert_memory_equal(&s.caller, &turn.caller_key, sizeof s.caller);
        load(f, &turn, NOW);
        assert_int_equal(store_number_need(f->store, &turn, DAY), 0);
        assert_int_equal(store_contact_set(f->store, &turn, s.day), 0); // not appended once more
    }
    assert_int_equal(store_stops_next(f->store, &s), 0);
    commit(f);
    assert_int_equal(length(f), 4 * RECORD);
    assert_int_equal(store_stops_behind(f->store), 0);
    stop(f, 4);
    assert_int_equal(length(f), 5 * RECORD);
    reopen(f);
    assert_int_equal(open_journal(f), 0);
    assert_int_equal(store_stops_behind(f->store), 0);
    unlink(older);
}

static void a_torn_tail_is_cut_off(void **state)
{
    static const char zeros[3 * RECORD];
    struct fixture *f = *state;
    stop(f, 1);
    for (size_t len = 1; len <= sizeof zeros; len += 53) {
        append(f, zeros, len);
        reopen(f);
        assert_int_equal(open_journal(f), 0);
        assert_int_equal(length(f), 2 * RECORD);
    }
    stop(f, 2);
    assert_int_equal(store_stops_count(f->store), 2);
}

static void damage_is_told_wherever_it_is(void **state)
{
    struct fixture *f = *state;
    char older[128];
    snprintf(older, sizeof older, "%s.older", f->file);
    keep(f, older); // knows of the journal, and of none of the stops
    for (int n = 1; n <= 4; n++)
        stop(f, n);
    for (off_t at = 0; at < 5 * RECORD; at += 7) {
        change(f, at, 4);
        reopen(f);
        int rc = open_journal(f);
        assert_true(rc == ERR_CORRUPT || (at < RECORD && rc == ERR_REFUSED));
        change(f, at, 4);
    }
    forget(f, older);
    for (off_t at = RECORD; at < 4 * RECORD; at += 7) { // all but the last record: that may be a torn one
        change(f, at, 4);
        assert_int_equal(open_journal(f), ERR_CORRUPT);
        change(f, at, 4);
    }
    assert_int_equal(open_journal(f), 0);
    assert_int_equal(store_stops_behind(f->store), 4);
    unlink(older);
}

static void a_shorter_journal_than_the_database_knows_is_refused(void **state)
{
    struct fixture *f = *state;
    stop(f, 1);
    stop(f, 2);
    assert_int_equal(truncate(journal(f), 2 * RECORD), 0);
    reopen(f);
    assert_int_equal(open_journal(f), ERR_CORRUPT);
    unlink(journal(f));
    assert_int_equal(open_journal(f), ERR_MISSING);
}

static void a_journal_of_another_service_is_refused(void **state)
{
    struct fixture *f = *state;
    stop(f, 1);
    reopen(f);
    assert_int_equal(store_stops_open(f->store, f->dir, link_of, other_key), ERR_REFUSED);
    assert_int_equal(store_stops_renew(f->store, f->dir, link_of, other_key), 0);
    reopen(f);
    assert_int_equal(open_journal(f), ERR_REFUSED);
}

static void a_new_journal_knows_every_stop_of_the_database(void **state)
{
    struct fixture *f = *state;
    for (int n = 1; n <= 5; n++)
        stop(f, n);
    struct store_turn turn = turn_of(2, 2);
    begin(f);
    load(f, &turn, NOW);
    assert_int_equal(store_contact_set(f->store, &turn, 0), 0);
    commit(f);
    unlink(journal(f));
    reopen(f);
    assert_int_equal(open_journal(f), ERR_MISSING);
    assert_int_equal(store_stops_renew(f->store, f->dir, link_of, one_key), 0);
    assert_int_equal(store_stops_count(f->store), 4);
    assert_int_equal(store_stops_behind(f->store), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_stop_erase_and_start_is_in_the_journal, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_rolled_back_is_not_in_it, setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_database_is_told_what_it_lacks, setup, teardown),
        cmocka_unit_test_setup_teardown(a_torn_tail_is_cut_off, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_is_told_wherever_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(a_shorter_journal_than_the_database_knows_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_journal_of_another_service_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_journal_knows_every_stop_of_the_database, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* How SQLite goes about the statements that pages and turns wait for: not over a whole table that grows with people,
 * and by the index that was meant. */
#include "store/db.h"
#include "store_fixture.h"

/* The plan, its steps on lines of their own. */
static void plan_of(struct fixture *f, enum statement q, char *text, size_t size)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    struct str sql = STR_INIT(64 * 1024);
    str_addf(&sql, "EXPLAIN QUERY PLAN %s", store_sql[q]);
    assert_int_equal(sqlite3_open(f->file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, str_z(&sql), -1, &st, NULL), SQLITE_OK);
    size_t len = 0;
    while (sqlite3_step(st) == SQLITE_ROW)
        len += (size_t)snprintf(text + len, size - len, "%s\n", (const char *)sqlite3_column_text(st, 3));
    assert_true(len < size);
    sqlite3_finalize(st);
    sqlite3_close(db);
    str_release(&sql);
}

static void lists_of_cases_find_the_channel_by_the_person(void **state)
{
    char plan[4096];
    static const enum statement LISTS[] = {Q_CASELOAD_SINCE, Q_CASELOAD_GET};
    for (size_t i = 0; i < 2; i++) {
        plan_of(*state, LISTS[i], plan, sizeof plan);
        assert_non_null(strstr(plan, "SEARCH o USING INDEX consent_person (person=?)"));
    }
}

static void what_pages_wait_for_reads_no_whole_table(void **state)
{
    static const enum statement PAGES[] = {
        Q_CASELOAD_SINCE, Q_CASELOAD_GET,      Q_CASELOAD_NOTES,      Q_CASELOAD_PERSON,    Q_CASELOAD_OF_NUMBER,
        Q_CASELOAD_TURNS, Q_CASELOAD_CONSENTS, Q_CASELOAD_LEDGER,     Q_CASELOAD_LEDGER_OF, Q_CALLBACK_DUE,
        Q_CALLBACK_GET,   Q_CALLBACK_OF_CASE,  Q_STAT_WEEKS,          Q_STAT_CHANNELS,      Q_STAT_LANGUAGES,
        Q_STAT_WHATS,     Q_STAT_ROWS,         Q_STAT_SCREENS,        Q_TALLY_EVENTS,       Q_TALLY_ENDED,
        Q_TALLY_WENT,     Q_TRAFFIC,           Q_CASE_OF_PERSON,      Q_CONSENT_IN_FORCE,   Q_SEEN_GET,
        Q_NUMBER_BY_KEY,  Q_OUTBOX_DUE,        Q_OUTBOX_BY_REFERENCE, Q_OUTBOX_FETCHED,     Q_OUTBOX_AWAITED,
    };
    static const char *const GROW[] = {"SCAN c\n",    "SCAN casefile",  "SCAN consent", "SCAN callback",
                                       "SCAN turn",   "SCAN statistic", "SCAN counter", "SCAN number",
                                       "SCAN outbox", "SCAN seen",      "SCAN person"};
    char plan[4096];
    for (size_t i = 0; i < sizeof PAGES / sizeof *PAGES; i++) {
        plan_of(*state, PAGES[i], plan, sizeof plan);
        for (size_t k = 0; k < sizeof GROW / sizeof *GROW; k++)
            if (strstr(plan, GROW[k]))
                fail_msg("statement %d: %s", (int)PAGES[i], plan);
    }
}

static void calls_that_are_due_come_out_of_their_index(void **state)
{
    char plan[4096];
    plan_of(*state, Q_CALLBACK_DUE, plan, sizeof plan);
    assert_string_equal(plan, "SEARCH callback USING COVERING INDEX callback_due (due<?)\n");
}

int main(void)
{
#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        STORE_TEST(lists_of_cases_find_the_channel_by_the_person),
        STORE_TEST(what_pages_wait_for_reads_no_whole_table),
        STORE_TEST(calls_that_are_due_come_out_of_their_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

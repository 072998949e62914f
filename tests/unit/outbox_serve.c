// SPDX-License-Identifier: AGPL-3.0-or-later
/* Messages that are fetched: what is handed out, what is told of it, and what becomes of it. */
#include "outbox_serve_fixture.h"

static void each_class_is_handed_out_once_and_only_answers_again(void **state)
{
    struct room *r = *state;
    int64_t answer = queue(r, 0, MESSAGE_ANSWER, "answer"), confirm = queue(r, 1, MESSAGE_CONFIRM, "confirm"),
            notice = queue(r, 2, MESSAGE_NOTICE, "notice");
    assert_int_equal(lines(fetch(r)), 3);
    expect_row(r, answer, MESSAGE_CLAIMED, true);
    r->now_ms += WAIT_MS - 1;
    assert_int_equal(lines(fetch(r)), 0);
    r->now_ms += 1;
    struct span again = fetch(r);
    assert_int_equal(lines(again), 1);
    assert_true(key_of(again, " 12025550100 answer")[0] != '\0');
    expect_row(r, confirm, MESSAGE_UNKNOWN, false);
    expect_row(r, notice, MESSAGE_UNKNOWN, false);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_RETRIED], 1);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_UNKNOWN], 2);
}

static void an_answer_that_nobody_confirms_is_given_up(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, 0, MESSAGE_ANSWER, "answer");
    for (int i = 0; i < OUTBOX_ATTEMPTS; i++) {
        assert_int_equal(lines(fetch(r)), 1);
        r->now_ms += WAIT_MS;
    }
    assert_int_equal(lines(fetch(r)), 0);
    expect_row(r, id, MESSAGE_UNKNOWN, false);
}

static void waiting_for_word_ends_without_anybody_who_fetches(void **state)
{
    struct room *r = *state;
    int64_t notice = queue(r, 0, MESSAGE_NOTICE, "notice"), answer = queue(r, 1, MESSAGE_ANSWER, "answer");
    assert_int_equal(lines(fetch(r)), 2);
    queue(r, 2, MESSAGE_NOTICE, "later");
    assert_int_equal(serve_look(r->serve), 0);
    assert_int_equal(stats(r).waiting, 1);
    assert_int_equal(stats(r).under_way, 2);
    r->now_ms += WAIT_MS;
    assert_int_equal(serve_look(r->serve), 0);
    assert_int_equal(stats(r).waiting, 2);
    assert_int_equal(stats(r).under_way, 0);
    expect_row(r, notice, MESSAGE_UNKNOWN, false);
    expect_row(r, answer, MESSAGE_QUEUED, true);
}

static void a_stop_holds_back_what_was_fetched_but_for_its_confirmation(void **state)
{
    struct room *r = *state;
    int64_t answer = queue(r, 0, MESSAGE_ANSWER, "answer"), notice = queue(r, 0, MESSAGE_NOTICE, "notice");
    struct span got = fetch(r);
    const char *first = key_of(got, "answer"), *second = key_of(got, "notice");
    contact(r, 0, 1);
    int64_t confirm = queue(r, 0, MESSAGE_CONFIRM, "confirm"), late = queue(r, 0, MESSAGE_NOTICE, "late"),
            direct = queue(r, 0, MESSAGE_ANSWER, "direct");
    assert_false(taken(r, span_of(first)) || taken(r, span_of(second)));
    expect_row(r, answer, MESSAGE_CANCELLED, false);
    expect_row(r, notice, MESSAGE_CANCELLED, false);
    got = fetch(r);
    const char *third = key_of(got, "confirm"), *fourth = key_of(got, "direct");
    assert_int_equal(lines(got), 2);
    expect_row(r, late, MESSAGE_CANCELLED, false);
    contact(r, 0, 1); // STOP after STOP: the confirmation under way is of this one too
    assert_true(taken(r, span_of(third)));
    assert_false(taken(r, span_of(fourth)));
    expect_row(r, confirm, MESSAGE_SENT, false);
    expect_row(r, direct, MESSAGE_CANCELLED, false);
}

static void what_waits_out_a_stop_is_not_handed_out_again(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, 0, MESSAGE_ANSWER, "answer");
    assert_int_equal(lines(fetch(r)), 1);
    contact(r, 0, 1);
    contact(r, 0, 0);
    r->now_ms += WAIT_MS;
    assert_int_equal(lines(fetch(r)), 0);
    expect_row(r, id, MESSAGE_UNKNOWN, false);
}

static void a_message_whose_time_is_over_is_neither_handed_out_nor_let_go(void **state)
{
    struct room *r = *state;
    int64_t early = queue_until(r, 0, MESSAGE_NOTICE, "early", r->now_ms + 1000), held;
    const char *key = key_of(fetch(r), "early");
    held = queue_until(r, 1, MESSAGE_NOTICE, "held", r->now_ms + 1000);
    r->now_ms += 1000;
    assert_false(taken(r, span_of(key)));
    expect_row(r, early, MESSAGE_FAILED, false);
    assert_int_equal(lines(fetch(r)), 0);
    expect_row(r, held, MESSAGE_FAILED, false);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_EXPIRED], 2);
}

static void quiet_hours_and_the_hourly_limit_hold(void **state)
{
    struct room *r = *state;
    int weekday, minute;
    int64_t day;
    clock_local(r->now_ms, &weekday, &minute, &day);
    r->settings.quiet_from = minute;
    r->settings.quiet_to = (minute + 60) % 1440;
    r->settings.hourly_max = 2;
    int64_t notice = queue(r, 0, MESSAGE_NOTICE, "notice");
    for (int i = 0; i < 3; i++)
        queue(r, 1, MESSAGE_ANSWER, "answer");
    int64_t behind = queue(r, 2, MESSAGE_ANSWER, "behind");
    assert_int_equal(lines(fetch(r)), 3); // two answers, and what stands behind those that are put off
    expect_row(r, notice, MESSAGE_QUEUED, true);
    expect_row(r, behind, MESSAGE_CLAIMED, true);
    assert_true(ask_file(r, "SELECT next_ms FROM outbox WHERE id = ?1", notice) > r->now_ms);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_QUIET], 1);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_CAPPED], 1);
}

static void a_box_that_was_changed_is_not_handed_out(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, 0, MESSAGE_ANSWER, "answer"), good = queue(r, 1, MESSAGE_ANSWER, "good");
    char sql[128];
    snprintf(sql, sizeof sql, "UPDATE outbox SET box = (SELECT box FROM outbox WHERE id = %lld) WHERE id = %lld",
             (long long)good, (long long)id);
    assert_int_equal(sqlite3_exec(r->file, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(lines(fetch(r)), 1);
    expect_row(r, id, MESSAGE_FAILED, false);
    assert_int_equal(ask_file(r, "SELECT count(*) FROM audit WHERE action = 'refuse to send'", 0), 1);
}

static void what_is_not_committed_was_never_handed_out(void **state)
{
    struct room *r = *state;
    struct span answer;
    int64_t id = queue(r, 0, MESSAGE_NOTICE, "notice");
    assert_int_equal(ask(r, "GET", "due", (struct span){0}, ROLLED_BACK, &answer), 0);
    expect_row(r, id, MESSAGE_QUEUED, true);
    r->late_ms = SERVE_LATE_MS + 1000; // whoever asked has most likely gone
    assert_int_equal(ask(r, "GET", "due", (struct span){0}, COMMITTED, &answer), ERR_NOT_NOW);
    r->late_ms = 0;
    expect_row(r, id, MESSAGE_QUEUED, true);
    assert_int_equal(stats(r).fetched_ms, 0);
    assert_int_equal(lines(fetch(r)), 1);
    assert_int_equal(stats(r).fetched_ms, r->now_ms);
}

static void a_rate_is_kept_over_fetches(void **state)
{
    struct room *r = *state;
    room_close(r);
    room_open(r, "rate 1\n", "");
    for (int i = 0; i < 4; i++)
        queue(r, i, MESSAGE_ANSWER, "answer");
    size_t both = lines(fetch(r));
    both += lines(fetch(r)); // a second is not over
    assert_int_equal(both, 1);
}

static void what_does_not_fit_in_one_answer_comes_in_several(void **state)
{
    struct room *r = *state;
    char word[7001];
    struct span answer;
    memset(word, '"', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    room_close(r);
    room_open(r, "", "{text:xml}{text:xml}{text:xml}{text:xml}"); // 6 bytes a letter
    for (int i = 0; i < 3; i++)
        queue(r, i, MESSAGE_NOTICE, word);
    assert_int_equal(ask(r, "GET", "due", (struct span){0}, COMMITTED, &answer), ERR_LIMIT);
    for (int i = 0; i < 20 && ask_file(r, "SELECT count(*) FROM outbox WHERE state = 0", 0); i++)
        ask(r, "GET", "due", (struct span){0}, COMMITTED, &answer);
    assert_int_equal(ask_file(r, "SELECT count(*) FROM outbox WHERE state = 1", 0), 3);
}

static void a_report_is_the_end_of_an_attempt_too(void **state)
{
    struct room *r = *state;
    int64_t sent = queue(r, 0, MESSAGE_ANSWER, "sent"), bad = queue(r, 1, MESSAGE_ANSWER, "bad"),
            out = queue(r, 2, MESSAGE_NOTICE, "out");
    struct span got = fetch(r);
    const char *first = key_of(got, "sent"), *second = key_of(got, "bad"), *third = key_of(got, "out");
    for (int twice = 0; twice < 2; twice++) {
        told(r, span_of(first), "ok");
        told(r, span_of(second), "bad");
        told(r, span_of(third), "out");
        told(r, span_of(first), "what");
    }
    told(r, SPAN("00000000000000000000000000000000"), "out");
    expect_row(r, sent, MESSAGE_SENT, false);
    expect_row(r, bad, MESSAGE_FAILED, false);
    expect_row(r, out, MESSAGE_FAILED, false);
    assert_true(r->withdrawn);
    assert_int_equal(ask_file(r, "SELECT count(*) FROM number WHERE stopped IS NOT NULL", 0), 1);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_ACCEPTED], 1);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_REFUSED], 1);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_OPTED_OUT], 1);
    told(r, span_of(second), "ok"); // states only move forward
    expect_row(r, bad, MESSAGE_FAILED, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVE_TEST(each_class_is_handed_out_once_and_only_answers_again),
        SERVE_TEST(an_answer_that_nobody_confirms_is_given_up),
        SERVE_TEST(waiting_for_word_ends_without_anybody_who_fetches),
        SERVE_TEST(a_stop_holds_back_what_was_fetched_but_for_its_confirmation),
        SERVE_TEST(what_waits_out_a_stop_is_not_handed_out_again),
        SERVE_TEST(a_message_whose_time_is_over_is_neither_handed_out_nor_let_go),
        SERVE_TEST(quiet_hours_and_the_hourly_limit_hold),
        SERVE_TEST(a_box_that_was_changed_is_not_handed_out),
        SERVE_TEST(what_is_not_committed_was_never_handed_out),
        SERVE_TEST(a_rate_is_kept_over_fetches),
        SERVE_TEST(what_does_not_fit_in_one_answer_comes_in_several),
        SERVE_TEST(a_report_is_the_end_of_an_attempt_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

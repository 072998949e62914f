// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store_fixture.h"

static int64_t queue(struct fixture *f, struct store_turn *turn, enum message_class class, int64_t due_ms)
{
    int64_t id = 0;
    assert_int_equal(message_add(f, turn, "sms", class, due_ms, "words", &id), 0);
    assert_true(id > 0);
    return id;
}

static struct store_claimed claim_as(struct fixture *f, struct store_leave leave)
{
    struct store_claimed claimed;
    leave.channel = SPAN("sms");
    leave.most = 10;
    assert_int_equal(store_outbox_claim(f->store, &leave, f->arena, &claimed), 0);
    return claimed;
}

static size_t claim(struct fixture *f, int64_t now_ms, struct store_due **rows)
{
    struct store_claimed claimed = claim_as(f, (struct store_leave){.now_ms = now_ms});
    *rows = claimed.rows;
    return claimed.count;
}

static int64_t next_due(struct fixture *f)
{
    int64_t due;
    assert_int_equal(store_outbox_next(f->store, SPAN("sms"), &due), 0);
    return due;
}

static int report(struct fixture *f, const struct store_index *reference, const char *own, enum message_state state)
{
    int64_t id;
    struct store_report report = {.channel = SPAN("sms"),
                                  .reference = reference,
                                  .key = span_of(own ? own : ""),
                                  .state = state,
                                  .expires_s = NOW};
    return store_outbox_report(f->store, &report, &id);
}

static struct store_turn known(struct fixture *f, int n)
{
    struct store_turn turn = turn_of(n, n);
    load(f, &turn, NOW);
    assert_int_equal(store_number_need(f->store, &turn, DAY), 0);
    return turn;
}

static int64_t state_of(struct fixture *f, int64_t id)
{
    char sql[64];
    snprintf(sql, sizeof sql, "SELECT state FROM outbox WHERE id = %d", (int)id);
    return ask(f, sql);
}

static void due_messages_are_claimed_once_and_in_order(void **state)
{
    struct fixture *f = *state;
    struct store_due *rows;
    begin(f);
    struct store_turn turn = known(f, 1);
    int64_t later = queue(f, &turn, MESSAGE_ANSWER, 200), sooner = queue(f, &turn, MESSAGE_NOTICE, 100);
    queue(f, &turn, MESSAGE_ANSWER, 300);
    assert_int_equal(next_due(f), 100);
    assert_int_equal(claim(f, 250, &rows), 2);
    assert_int_equal(rows[0].id, sooner);
    assert_int_equal(rows[1].id, later);
    assert_true(span_is(rows[0].box, "words"));
    assert_true(span_is(rows[0].channel, "sms"));
    assert_int_equal(rows[0].class, MESSAGE_NOTICE);
    assert_int_equal(rows[0].key.len, 32);
    assert_false(span_eq(rows[0].key, rows[1].key));
    assert_int_equal(rows[0].attempts, 0);
    assert_int_equal(claim(f, 250, &rows), 0);
    commit(f);
}

static void a_stop_between_queueing_and_claiming_cancels(void **state)
{
    struct fixture *f = *state;
    struct store_due *rows;
    begin(f);
    struct store_turn turn = known(f, 1), other = known(f, 2);
    int64_t before = queue(f, &turn, MESSAGE_ANSWER, 1);
    int64_t others = queue(f, &other, MESSAGE_NOTICE, 1);
    struct store_turn stale = turn; // an answer that was made before the STOP and is queued after it
    assert_int_equal(store_contact_set(f->store, &turn, DAY), 0);
    assert_int_equal(turn.epoch, 2);
    assert_true(turn.stopped);
    int64_t late = queue(f, &stale, MESSAGE_ANSWER, 1);
    int64_t notice = queue(f, &turn, MESSAGE_NOTICE, 1);
    int64_t confirm = queue(f, &turn, MESSAGE_CONFIRM, 1);
    assert_int_equal(claim(f, 10, &rows), 2);
    assert_int_equal(rows[0].id, others);
    assert_int_equal(rows[1].id, confirm);
    commit(f);
    assert_int_equal(state_of(f, before), MESSAGE_CANCELLED);
    assert_int_equal(state_of(f, late), MESSAGE_CANCELLED);
    assert_int_equal(state_of(f, notice), MESSAGE_CANCELLED);
    assert_int_equal(ask(f, "SELECT count(*) FROM outbox WHERE state = 6 AND box <> x''"), 0);
    reopen(f);
    load(f, &turn, NOW);
    assert_true(turn.stopped);
    assert_int_equal(turn.epoch, 2);
    begin(f); // START: may be contacted again, and nothing old comes back
    assert_int_equal(store_contact_set(f->store, &turn, 0), 0);
    assert_false(turn.stopped);
    queue(f, &turn, MESSAGE_NOTICE, 1);
    assert_int_equal(claim(f, 10, &rows), 1);
    commit(f);
}

static void an_outcome_belongs_to_a_claimed_message_only(void **state)
{
    struct fixture *f = *state;
    struct store_due *rows;
    struct store_index reference = key('r', 1);
    begin(f);
    struct store_turn turn = known(f, 1);
    int64_t id = queue(f, &turn, MESSAGE_ANSWER, 1);
    assert_int_equal(store_outbox_settle(f->store, id, MESSAGE_SENT, 0, &reference), ERR_NOT_NOW);
    assert_int_equal(claim(f, 10, &rows), 1);
    assert_int_equal(store_outbox_settle(f->store, id, MESSAGE_CLAIMED, 0, NULL), ERR_RANGE);
    assert_int_equal(store_outbox_settle(f->store, id, MESSAGE_QUEUED, 500, NULL), 0);
    assert_int_equal(claim(f, 499, &rows), 0);
    assert_int_equal(claim(f, 500, &rows), 1);
    assert_int_equal(rows[0].attempts, 1);
    assert_true(span_is(rows[0].box, "words"));
    assert_int_equal(store_outbox_settle(f->store, id, MESSAGE_SENT, 0, &reference), 0);
    assert_int_equal(store_outbox_settle(f->store, id, MESSAGE_FAILED, 0, NULL), ERR_NOT_NOW);
    commit(f);
    assert_int_equal(ask(f, "SELECT length(box) FROM outbox"), 0);
}

static void reports_only_move_a_message_forward(void **state)
{
    static const struct {
        enum message_state reported;
        int rc;
        enum message_state then;
    } steps[] = {
        {MESSAGE_UNKNOWN, ERR_RANGE, MESSAGE_SENT},   {MESSAGE_QUEUED, ERR_RANGE, MESSAGE_SENT},
        {MESSAGE_CANCELLED, ERR_RANGE, MESSAGE_SENT}, {MESSAGE_DELIVERED, 0, MESSAGE_DELIVERED},
        {MESSAGE_SENT, 0, MESSAGE_DELIVERED},         {MESSAGE_FAILED, 0, MESSAGE_FAILED}, // another part of it
        {MESSAGE_DELIVERED, 0, MESSAGE_FAILED},
    };
    struct fixture *f = *state;
    struct store_due *rows;
    struct store_index reference = key('r', 1), none = key('r', 2);
    begin(f);
    struct store_turn turn = known(f, 1);
    int64_t id = queue(f, &turn, MESSAGE_ANSWER, 1);
    claim(f, 10, &rows);
    assert_int_equal(store_outbox_settle(f->store, id, MESSAGE_SENT, 0, &reference), 0);
    assert_int_equal(report(f, &none, NULL, MESSAGE_DELIVERED), ERR_MISSING);
    commit(f);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        begin(f);
        assert_int_equal(report(f, &reference, NULL, steps[i].reported), steps[i].rc);
        commit(f);
        assert_int_equal(state_of(f, id), steps[i].then);
    }
}

static void a_report_that_comes_before_the_answer_is_kept_for_it(void **state)
{
    struct fixture *f = *state;
    struct store_due *rows;
    struct store_index first = key('r', 1), second = key('r', 2);
    begin(f);
    struct store_turn turn = known(f, 1);
    assert_int_equal(report(f, &first, NULL, MESSAGE_DELIVERED), ERR_MISSING); // nothing is under way
    int64_t id = queue(f, &turn, MESSAGE_NOTICE, 1), other = queue(f, &turn, MESSAGE_NOTICE, 1);
    claim(f, 10, &rows);
    assert_int_equal(report(f, &first, NULL, MESSAGE_DELIVERED), 0);
    assert_int_equal(report(f, &first, NULL, MESSAGE_SENT), 0); // out of order
    commit(f);
    assert_int_equal(state_of(f, id), MESSAGE_CLAIMED);
    reopen(f);
    begin(f);
    assert_int_equal(store_outbox_settle(f->store, id, MESSAGE_SENT, 0, &first), 0);
    assert_int_equal(store_outbox_settle(f->store, other, MESSAGE_SENT, 0, &second), 0);
    commit(f);
    assert_int_equal(state_of(f, id), MESSAGE_DELIVERED);
    assert_int_equal(state_of(f, other), MESSAGE_SENT);
    assert_int_equal(purge(f, NOW, 0, 0, 100), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM report"), 0);
}

static void our_own_id_finds_a_message_whatever_became_of_it(void **state)
{
    static const struct {
        enum message_class class;
        enum message_state before, reported, after;
        bool crash;
    } rows[] = {
        {MESSAGE_NOTICE, MESSAGE_SENT, MESSAGE_DELIVERED, MESSAGE_DELIVERED, false},
        {MESSAGE_NOTICE, MESSAGE_UNKNOWN, MESSAGE_DELIVERED, MESSAGE_DELIVERED, false},
        {MESSAGE_ANSWER, MESSAGE_QUEUED, MESSAGE_SENT, MESSAGE_SENT, false}, // the answer was lost: not sent again
        {MESSAGE_ANSWER, MESSAGE_CLAIMED, MESSAGE_DELIVERED, MESSAGE_DELIVERED, true}, // then the process died
        {MESSAGE_NOTICE, MESSAGE_CLAIMED, MESSAGE_FAILED, MESSAGE_FAILED, true},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct store_due *due;
        char own[MESSAGE_KEY_LEN + 1];
        begin(f);
        struct store_turn turn = known(f, 1);
        int64_t id = queue(f, &turn, rows[i].class, 1);
        assert_int_equal(claim(f, 10, &due), 1);
        snprintf(own, sizeof own, "%.*s", SPAN_ARG(due->key));
        if (!rows[i].crash)
            assert_int_equal(store_outbox_settle(f->store, id, rows[i].before, 500, NULL), 0);
        assert_int_equal(report(f, NULL, own, rows[i].reported), 0);
        own[0] = own[0] == '0' ? '1' : '0';
        assert_int_equal(report(f, NULL, own, MESSAGE_FAILED), ERR_MISSING);
        commit(f);
        begin(f);
        assert_int_equal(store_outbox_recover(f->store, 600), 0);
        commit(f);
        assert_int_equal(state_of(f, id), rows[i].after);
        assert_int_equal(ask(f, "SELECT count(*) FROM outbox WHERE box <> x''"), 0);
    }
}

static void notices_wait_for_the_end_of_quiet_hours(void **state)
{
    struct fixture *f = *state;
    struct store_leave quiet = {.now_ms = 10, .quiet_until_ms = 5000};
    begin(f);
    struct store_turn turn = known(f, 1);
    int64_t notice = queue(f, &turn, MESSAGE_NOTICE, 1);
    queue(f, &turn, MESSAGE_ANSWER, 1);
    queue(f, &turn, MESSAGE_CONFIRM, 1);
    struct store_claimed claimed = claim_as(f, quiet);
    assert_int_equal(claimed.count, 2);
    assert_int_equal(claimed.quiet, 1);
    commit(f);
    assert_int_equal(state_of(f, notice), MESSAGE_QUEUED);
    begin(f);
    assert_int_equal(next_due(f), 5000);
    assert_int_equal(claim_as(f, (struct store_leave){.now_ms = 5000}).count, 1);
    commit(f);
}

static void so_many_an_hour_go_to_one_person_and_no_more(void **state)
{
    enum { HOUR = 3600 * 1000, START = 2 * HOUR };
    struct fixture *f = *state;
    begin(f);
    struct store_turn turn = known(f, 1), other = known(f, 2);
    for (int i = 0; i < 4; i++)
        queue(f, &turn, i == 0 ? MESSAGE_CONFIRM : MESSAGE_ANSWER, START);
    queue(f, &other, MESSAGE_NOTICE, START);
    struct store_claimed claimed = claim_as(f, (struct store_leave){.now_ms = START, .hourly = 3});
    assert_int_equal(claimed.count, 4); // three of the first, a confirmation among them, and the other's
    assert_int_equal(claimed.capped, 1);
    int64_t confirm = queue(f, &turn, MESSAGE_CONFIRM, START);
    claimed = claim_as(f, (struct store_leave){.now_ms = START + 1, .hourly = 3});
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.rows[0].id, confirm); // that STOP was taken is always said
    assert_int_equal(next_due(f), START + HOUR);
    assert_int_equal(claim_as(f, (struct store_leave){.now_ms = START + HOUR, .hourly = 3}).count, 1);
    commit(f);
}

static void what_is_too_old_is_given_up(void **state)
{
    struct fixture *f = *state;
    begin(f);
    struct store_turn turn = known(f, 1);
    int64_t old = queue(f, &turn, MESSAGE_ANSWER, 99), young = queue(f, &turn, MESSAGE_ANSWER, 100);
    struct store_claimed claimed = claim_as(f, (struct store_leave){.now_ms = 1000, .before_ms = 100});
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.expired, 1);
    assert_int_equal(claimed.rows[0].id, young);
    commit(f);
    assert_int_equal(state_of(f, old), MESSAGE_FAILED);
    assert_int_equal(ask(f, "SELECT length(box) FROM outbox WHERE state = 4"), 0);
}

static void what_must_have_left_by_then_is_given_up(void **state)
{
    struct fixture *f = *state;
    begin(f);
    struct store_turn turn = known(f, 1);
    struct store_message m = {.channel = SPAN("sms"), .box = SPAN("x"), .class = MESSAGE_NOTICE, .due_ms = 10};
    int64_t ids[2];
    for (size_t i = 0; i < 2; i++) {
        m.until_ms = i == 0 ? 1000 : 1001;
        m.key[0] = (unsigned char)(200 + i);
        assert_int_equal(store_outbox_add(f->store, &turn, &m, &ids[i]), 0);
    }
    struct store_claimed claimed = claim_as(f, (struct store_leave){.now_ms = 1000});
    assert_int_equal(claimed.count, 1);
    assert_int_equal(claimed.expired, 1);
    assert_int_equal(claimed.rows[0].id, ids[1]);
    commit(f);
    assert_int_equal(state_of(f, ids[0]), MESSAGE_FAILED);
}

static void a_channel_is_claimed_without_the_others(void **state)
{
    struct fixture *f = *state;
    struct store_due *rows;
    int64_t id, waiting, due;
    begin(f);
    struct store_turn turn = known(f, 1);
    assert_int_equal(message_add(f, &turn, "other", MESSAGE_NOTICE, 1, "x", &id), 0);
    queue(f, &turn, MESSAGE_NOTICE, 7);
    assert_int_equal(store_outbox_waiting(f->store, SPAN("other"), &waiting), 0);
    assert_int_equal(waiting, 1);
    assert_int_equal(next_due(f), 7);
    assert_int_equal(claim(f, 10, &rows), 1);
    assert_int_equal(store_outbox_next(f->store, SPAN("other"), &due), 0);
    assert_int_equal(due, 1);
    commit(f);
}

static void the_same_text_to_one_person_is_counted_for_a_while(void **state)
{
    struct fixture *f = *state;
    struct store_index said = key('d', 1), other_said = key('d', 2);
    int64_t count;
    begin(f);
    struct store_turn turn = known(f, 1), other = known(f, 2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(store_outbox_mark(f->store, queue(f, &turn, MESSAGE_ANSWER, 100 + i), &said), 0);
    assert_int_equal(store_outbox_mark(f->store, queue(f, &turn, MESSAGE_ANSWER, 200), &other_said), 0);
    assert_int_equal(store_outbox_alike(f->store, &turn, &said, 99, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(store_outbox_alike(f->store, &turn, &said, 100, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(store_outbox_alike(f->store, &other, &said, 0, &count), 0);
    assert_int_equal(count, 0);
    struct store_index number;
    assert_int_equal(store_outbox_whose(f->store, 1, &number), 0);
    assert_memory_equal(&number, &turn.number_key, sizeof number);
    commit(f);
    assert_int_equal(purge(f, 86401, 0, 0, 100), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM outbox WHERE digest IS NOT NULL"), 0);
}

static void after_a_crash_only_answers_are_sent_again(void **state)
{
    struct fixture *f = *state;
    struct store_due *rows;
    begin(f);
    struct store_turn turn = known(f, 1);
    int64_t answer = queue(f, &turn, MESSAGE_ANSWER, 1), notice = queue(f, &turn, MESSAGE_NOTICE, 1);
    int64_t confirm = queue(f, &turn, MESSAGE_CONFIRM, 1);
    assert_int_equal(claim(f, 10, &rows), 3);
    commit(f);
    reopen(f);
    assert_int_equal(store_begin(f->store), 0);
    assert_int_equal(store_outbox_recover(f->store, 700), 0);
    assert_int_equal(store_commit(f->store), 0);
    assert_int_equal(state_of(f, answer), MESSAGE_QUEUED);
    assert_int_equal(state_of(f, notice), MESSAGE_UNKNOWN);
    assert_int_equal(state_of(f, confirm), MESSAGE_UNKNOWN);
    assert_int_equal(next_due(f), 700);
    begin(f);
    assert_int_equal(claim(f, 700, &rows), 1);
    assert_int_equal(rows[0].attempts, 1);
    commit(f);
    assert_true(next_due(f) == INT64_MAX);
}

static void a_message_given_back_untried_has_lost_no_attempt(void **state)
{
    struct fixture *f = *state;
    struct store_due *rows;
    begin(f);
    struct store_turn turn = known(f, 1);
    int64_t id = queue(f, &turn, MESSAGE_NOTICE, 1);
    assert_int_equal(store_outbox_release(f->store, id, 50), ERR_NOT_NOW); // not claimed
    assert_int_equal(claim(f, 10, &rows), 1);
    assert_int_equal(store_outbox_release(f->store, id, 50), 0);
    assert_int_equal(claim(f, 10, &rows), 0);
    assert_int_equal(claim(f, 50, &rows), 1);
    assert_int_equal(rows[0].attempts, 0);
    commit(f);
}

static void nothing_is_written_outside_a_transaction(void **state)
{
    struct fixture *f = *state;
    struct store_claimed claimed;
    int64_t id;
    begin(f);
    struct store_turn turn = known(f, 1);
    commit(f);
    assert_int_equal(message_add(f, &turn, "sms", MESSAGE_ANSWER, 1, "x", &id), ERR_NOT_NOW);
    assert_int_equal(
        store_outbox_claim(f->store, &(struct store_leave){.channel = SPAN("sms"), .most = 1}, f->arena, &claimed),
        ERR_NOT_NOW);
    assert_int_equal(store_contact_set(f->store, &turn, DAY), ERR_NOT_NOW);
    assert_int_equal(ask(f, "SELECT count(*) FROM outbox"), 0);
}

int main(void)
{
#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        STORE_TEST(due_messages_are_claimed_once_and_in_order),
        STORE_TEST(a_stop_between_queueing_and_claiming_cancels),
        STORE_TEST(an_outcome_belongs_to_a_claimed_message_only),
        STORE_TEST(reports_only_move_a_message_forward),
        STORE_TEST(a_report_that_comes_before_the_answer_is_kept_for_it),
        STORE_TEST(our_own_id_finds_a_message_whatever_became_of_it),
        STORE_TEST(notices_wait_for_the_end_of_quiet_hours),
        STORE_TEST(so_many_an_hour_go_to_one_person_and_no_more),
        STORE_TEST(what_is_too_old_is_given_up),
        STORE_TEST(what_must_have_left_by_then_is_given_up),
        STORE_TEST(a_channel_is_claimed_without_the_others),
        STORE_TEST(the_same_text_to_one_person_is_counted_for_a_while),
        STORE_TEST(after_a_crash_only_answers_are_sent_again),
        STORE_TEST(a_message_given_back_untried_has_lost_no_attempt),
        STORE_TEST(nothing_is_written_outside_a_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

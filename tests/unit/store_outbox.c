// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store_fixture.h"

static int64_t queue(struct fixture *f, struct store_turn *turn, enum message_class class, int64_t due_ms)
{
    int64_t id = 0;
    assert_int_equal(store_outbox_add(f->store, turn, SPAN("sms"), class, due_ms, SPAN("words"), &id), 0);
    assert_true(id > 0);
    return id;
}

static size_t claim(struct fixture *f, int64_t now_ms, struct store_due **rows)
{
    size_t count = 99;
    assert_int_equal(store_outbox_claim(f->store, now_ms, 10, f->arena, rows, &count), 0);
    return count;
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
    int64_t due;
    assert_int_equal(store_outbox_next(f->store, &due), 0);
    assert_int_equal(due, 100);
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
        {MESSAGE_UNKNOWN, 0, MESSAGE_SENT},           {MESSAGE_QUEUED, ERR_RANGE, MESSAGE_SENT},
        {MESSAGE_CANCELLED, ERR_RANGE, MESSAGE_SENT}, {MESSAGE_DELIVERED, 0, MESSAGE_DELIVERED},
        {MESSAGE_FAILED, 0, MESSAGE_DELIVERED},       {MESSAGE_SENT, 0, MESSAGE_DELIVERED},
    };
    struct fixture *f = *state;
    struct store_due *rows;
    struct store_index reference = key('r', 1), none = key('r', 2);
    begin(f);
    struct store_turn turn = known(f, 1);
    int64_t id = queue(f, &turn, MESSAGE_ANSWER, 1);
    claim(f, 10, &rows);
    assert_int_equal(store_outbox_settle(f->store, id, MESSAGE_SENT, 0, &reference), 0);
    assert_int_equal(store_outbox_report(f->store, &none, MESSAGE_DELIVERED), ERR_MISSING);
    commit(f);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        begin(f);
        assert_int_equal(store_outbox_report(f->store, &reference, steps[i].reported), steps[i].rc);
        commit(f);
        assert_int_equal(state_of(f, id), steps[i].then);
    }
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
    int64_t due;
    assert_int_equal(store_outbox_next(f->store, &due), 0);
    assert_int_equal(due, 700);
    begin(f);
    assert_int_equal(claim(f, 700, &rows), 1);
    assert_int_equal(rows[0].attempts, 1);
    commit(f);
    assert_int_equal(store_outbox_next(f->store, &due), 0);
    assert_true(due == INT64_MAX);
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
    struct store_due *rows;
    size_t count;
    int64_t id;
    begin(f);
    struct store_turn turn = known(f, 1);
    commit(f);
    assert_int_equal(store_outbox_add(f->store, &turn, SPAN("sms"), MESSAGE_ANSWER, 1, SPAN("x"), &id), ERR_NOT_NOW);
    assert_int_equal(store_outbox_claim(f->store, 1, 1, f->arena, &rows, &count), ERR_NOT_NOW);
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
        STORE_TEST(after_a_crash_only_answers_are_sent_again),
        STORE_TEST(a_message_given_back_untried_has_lost_no_attempt),
        STORE_TEST(nothing_is_written_outside_a_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

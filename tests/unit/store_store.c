// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store_fixture.h"

static void a_session_goes_on_until_it_expires(void **state)
{
    struct fixture *f = *state;
    struct store_turn turn = turn_of(1, 1);
    begin(f);
    load(f, &turn, NOW);
    assert_int_equal(turn.session_id, 0);
    put(f, &turn, NOW + 60, "one", "turn");
    int64_t first = turn.session_id;
    commit(f);
    for (int round = 0; round < 2; round++) {
        load(f, &turn, NOW + 59);
        assert_int_equal(turn.session_id, first);
        assert_true(session_is(f, &turn, "one"));
        load(f, &turn, NOW + 60);
        assert_int_equal(turn.session_id, 0);
        reopen(f);
    }
    begin(f); // the same key again: a new session, and nothing is left of the old one
    put(f, &turn, NOW + 200, "two", "turn");
    assert_int_not_equal(turn.session_id, first);
    commit(f);
    assert_int_equal(ask(f, "SELECT count(*) FROM turn"), 1);
    load(f, &turn, NOW + 100);
    assert_true(session_is(f, &turn, "two"));
}

static void what_was_rolled_back_never_was(void **state)
{
    struct fixture *f = *state;
    struct store_turn turn = turn_of(1, 1), other = turn_of(2, 2);
    begin(f);
    load(f, &turn, NOW);
    put(f, &turn, NOW + 60, "one", "turn");
    commit(f);
    begin(f);
    load(f, &turn, NOW);
    put(f, &turn, NOW + 90, "two", "turn");
    load(f, &other, NOW);
    put(f, &other, NOW + 60, "never", "turn");
    assert_int_equal(store_number_need(f->store, &other, DAY), 0);
    store_rollback(f->store);
    load(f, &turn, NOW + 10);
    assert_true(session_is(f, &turn, "one"));
    load(f, &turn, NOW + 70);
    assert_int_equal(turn.session_id, 0);
    struct store_turn third = turn_of(3, 3); // takes the row id that the rolled back session had
    begin(f);
    load(f, &third, NOW);
    put(f, &third, NOW + 60, "three", "turn");
    commit(f);
    load(f, &other, NOW);
    assert_int_equal(other.session_id, 0);
    assert_int_equal(other.number_id, 0);
}

/* Against a plain array: random turns, rollbacks, crashes-by-reopening and expiry. */
static void sessions_are_what_a_plain_array_says(void **state)
{
    enum { PEOPLE = 40, STEPS = 4000 };
    struct fixture *f = *state;
    int known[PEOPLE] = {0}, next[PEOPLE];
    uint32_t random = 7;
    for (int step = 0; step < STEPS; step++) {
        memcpy(next, known, sizeof next);
        begin(f);
        for (int i = 0; i < 5; i++) {
            char text[16];
            random = random * 1664525u + 1013904223u;
            int who = (int)(random >> 16) % PEOPLE;
            struct store_turn turn = turn_of(who, who);
            load(f, &turn, NOW);
            snprintf(text, sizeof text, "%d", next[who]);
            assert_true(next[who] ? session_is(f, &turn, text) : turn.session_id == 0);
            snprintf(text, sizeof text, "%d", ++next[who]);
            put(f, &turn, NOW + 10, text, text);
        }
        if (random % 97 == 0) {
            store_rollback(f->store);
            step += 20;
            continue;
        }
        commit(f);
        memcpy(known, next, sizeof known);
        if (random % 997 == 0)
            reopen(f);
        arena_reset(f->arena);
    }
    assert_int_equal(purge(f, NOW + 9, 0, 0, 1000000), 0);
    assert_true(ask(f, "SELECT count(*) FROM session") == PEOPLE);
    assert_int_equal(purge(f, NOW + 10, 0, 0, 1000000), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM session") + ask(f, "SELECT count(*) FROM turn"), 0);
}

/* Turns are written several at once; nobody can tell. */
static void a_group_of_any_size_is_written_whole_and_read_before_it_is(void **state)
{
    struct fixture *f = *state;
    static const int groups[] = {1, 15, 16, 17, 32, 47};
    int total = 0;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        begin(f);
        for (int i = 0; i < groups[g]; i++) {
            struct store_turn turn = turn_of(total + i, total + i);
            char text[16];
            struct span box;
            snprintf(text, sizeof text, "turn %d", total + i);
            load(f, &turn, NOW);
            put(f, &turn, NOW + 60, text, text);
            if (i % 7 != 3)
                continue;
            assert_int_equal(store_turn_box(f->store, &turn, f->arena, &box), 0);
            assert_true(span_is(box, text));
            assert_true(state_is(f, turn.session_id, turn.session_turn, text));
        }
        commit(f);
        total += groups[g];
        assert_int_equal(ask(f, "SELECT count(*) FROM turn WHERE box = state"), total);
        assert_int_equal(ask(f, "SELECT count(DISTINCT box) FROM turn WHERE box = state"), total);
    }
}

static void an_interrupted_session_of_the_same_caller_is_found(void **state)
{
    struct fixture *f = *state;
    const int64_t expiries[] = {NOW + 500, NOW + 300, NOW + 5};
    begin(f);
    for (int i = 0; i < 3; i++) {
        struct store_turn turn = turn_of(1, i + 1);
        char text[2] = {(char)('a' + i), 0};
        load(f, &turn, NOW);
        put(f, &turn, expiries[i], text, "turn");
    }
    commit(f);
    struct store_turn turn = turn_of(1, 9);
    load(f, &turn, NOW + 10);
    struct store_previous before;
    assert_true(store_previous(f->store, &turn, NOW + 10, &before));
    assert_memory_equal(&before.key, &(struct store_index[]){key('s', 2)}, sizeof before.key);
    assert_true(state_is(f, before.id, before.turn, "b"));
    struct store_turn stranger = turn_of(2, 9);
    load(f, &stranger, NOW + 10);
    assert_false(store_previous(f->store, &stranger, NOW + 10, &before));
}

static void a_repeat_is_known_until_it_expires(void **state)
{
    struct fixture *f = *state;
    struct store_turn turn = turn_of(1, 1);
    turn.event_key = key('e', 1);
    turn.by_event = true;
    begin(f);
    assert_int_equal(store_seen_add(f->store, &turn.event_key, DAY, NOW + 60, SPAN("answer")), 0);
    commit(f);
    load(f, &turn, NOW);
    assert_true(turn.seen && span_is(turn.seen_answer, "answer") && turn.seen_day == DAY);
    assert_int_equal(purge(f, NOW, DAY + 1, 0, 100), 0); // the day key is gone
    load(f, &turn, NOW);
    assert_true(turn.seen && turn.seen_answer.len == 0);
    load(f, &turn, NOW + 60);
    assert_false(turn.seen);
    assert_int_equal(purge(f, NOW + 60, DAY, 0, 100), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM seen"), 0);
}

/* A stand-in for the keyed digest: enough to see that every byte and the link before it count. */
static void link_test(void *ctx, const unsigned char *previous, struct span row, unsigned char *next)
{
    uint64_t h = previous ? 1 : 2;
    int *calls = ctx;
    ++*calls;
    for (size_t i = 0; previous && i < STORE_LINK_BYTES; i++)
        h = (h ^ previous[i]) * 1099511628211u;
    for (size_t i = 0; i < row.len; i++)
        h = (h ^ (unsigned char)row.p[i]) * 1099511628211u;
    memset(next, 0, STORE_LINK_BYTES);
    memcpy(next, &h, sizeof h);
}

static void consent(struct fixture *f, int64_t person, const char *name, const char *version, const char *action)
{
    int calls = 0;
    struct store_consent_row row = {.person_id = person, .channel = SPAN("ussd"), .at_s = NOW};
    row.name = span_of(name);
    row.version = span_of(version);
    row.action = span_of(action);
    assert_int_equal(store_consent_add(f->store, &row, link_test, &calls), 0);
    assert_int_equal(calls, 2); // the row's and the end mark's
}

static int64_t last_link(struct fixture *f)
{
    return ask(f, "SELECT unicode(substr(hex(link), 1, 1)) * 1000000 + unicode(substr(hex(link), 2, 1)) * 10000"
                  " + unicode(substr(hex(link), 3, 1)) * 100 + unicode(substr(hex(link), 4, 1))"
                  " FROM consent ORDER BY id DESC LIMIT 1");
}

static void the_consent_chain_tells_of_every_row(void **state)
{
    // Each differs from the first in one row or in where one field ends; all end with the same row.
    static const char *const ledgers[][3] = {
        {"ab", "c", "agree"}, {"ab", "c", "refuse"}, {"a", "bc", "agree"}, {"abc", "", "agree"}};
    struct fixture *f = *state;
    int64_t links[4];
    for (int i = 0; i < 4; i++) {
        struct store_turn turn = turn_of(1, 1);
        begin(f);
        load(f, &turn, NOW);
        person_add(f, &turn, "x");
        consent(f, 1, ledgers[i][0], ledgers[i][1], ledgers[i][2]);
        commit(f);
        if (i == 0)
            reopen(f); // the chain goes on from what is stored
        begin(f);
        consent(f, 1, "z", "1", "agree");
        commit(f);
        links[i] = last_link(f);
        for (int j = 0; j < i; j++)
            assert_int_not_equal(links[i], links[j]);
        fixture_teardown(state);
        assert_int_equal(fixture_setup(state), 0);
        f = *state;
    }
}

static void the_last_word_on_a_consent_counts(void **state)
{
    struct fixture *f = *state;
    struct store_turn turn = turn_of(1, 1);
    begin(f);
    load(f, &turn, NOW);
    person_add(f, &turn, "x");
    consent(f, turn.person_id, "contact", "1", "agree");
    consent(f, turn.person_id, "share", "1", "agree");
    consent(f, turn.person_id, "contact", "2", "agree");
    consent(f, turn.person_id, "share", "1", "withdraw");
    commit(f);
    load(f, &turn, NOW);
    assert_int_equal(turn.consent_count, 1);
    assert_true(span_is(turn.consents[0].name, "contact") && span_is(turn.consents[0].version, "2"));
    begin(f);
    consent(f, turn.person_id, "", "", "withdraw");
    commit(f);
    load(f, &turn, NOW);
    assert_int_equal(turn.consent_count, 0);
}

static void a_case_is_found_again_and_its_reference_is_its_own(void **state)
{
    struct fixture *f = *state;
    struct store_turn turn = turn_of(1, 1);
    struct store_case_row row = {.reference = SPAN("AB12"), .status = SPAN("new"), .day = DAY, .kind_box = SPAN("k")};
    int64_t id, other, note;
    begin(f);
    load(f, &turn, NOW);
    person_add(f, &turn, "x");
    row.person_id = turn.person_id;
    assert_int_equal(store_case_add(f->store, &row, &id), 0);
    assert_int_equal(store_case_add(f->store, &row, &other), ERR_EXISTS); // and the transaction goes on
    row.reference = SPAN("CD34");
    row.person_id = 0;
    assert_int_equal(store_case_add(f->store, &row, &other), 0);
    assert_int_equal(store_case_note(f->store, id, DAY, &note), 0);
    assert_int_equal(store_case_note(f->store, 99, DAY, &note), ERR_MISSING);
    assert_int_equal(store_case_correct(f->store, id, SPAN("s"), SPAN("a"), DAY + 1), 0);
    commit(f);
    load(f, &turn, NOW);
    assert_int_equal(turn.case_count, 1);
    assert_int_equal(turn.cases[0].id, id);
    assert_true(turn.cases[0].open && span_is(turn.cases[0].reference, "AB12") && span_is(turn.cases[0].kind_box, "k"));
}

static void only_the_turns_of_this_session_are_adopted_or_dropped(void **state)
{
    struct fixture *f = *state;
    struct store_turn mine = turn_of(1, 1), earlier = turn_of(1, 2), anonymous = turn_of(3, 3);
    struct store_turn *const order[] = {&earlier, &mine, &anonymous, &mine, &earlier, &anonymous, &mine};
    begin(f);
    for (size_t i = 0; i < 7; i++) {
        load(f, order[i], NOW);
        put(f, order[i], NOW + 60, "state", "box");
    }
    person_add(f, &mine, "x");
    assert_int_equal(store_turns_adopt(f->store, mine.session_id, mine.person_id), 0);
    assert_int_equal(store_turns_drop(f->store, anonymous.session_id), 0);
    put(f, &anonymous, NOW + 60, "state", "");
    commit(f);
    assert_int_equal(ask(f, "SELECT count(*) FROM turn WHERE person = 1"), 3);
    assert_int_equal(ask(f, "SELECT count(*) FROM turn WHERE person IS NULL AND box <> x''"), 2);
    assert_int_equal(ask(f, "SELECT count(*) FROM turn WHERE session = 3 AND state <> x''"), 1); // as it is now
    load(f, &anonymous, NOW);
    assert_true(session_is(f, &anonymous, "state"));
    assert_int_equal(purge(f, NOW + 60, DAY, 0, 100), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM turn"), 3); // the person's stay, without the session's state
    assert_int_equal(ask(f, "SELECT count(*) FROM turn WHERE state <> x''"), 0);
}

static void counters_add_up(void **state)
{
    struct fixture *f = *state;
    begin(f);
    for (int i = 0; i < 10; i++) {
        const struct store_counter counter = {SPAN("0123"), SPAN("ussd"), SPAN("en"), span_of(i % 2 ? "a" : "b"),
                                              SPAN("shown")};
        assert_int_equal(store_count(f->store, DAY, &counter, i), 0);
    }
    commit(f);
    assert_int_equal(ask(f, "SELECT number FROM counter WHERE screen = 'a'"), 25);
    assert_int_equal(ask(f, "SELECT sum(number) FROM counter"), 45);
}

static void keys_are_kept_and_destroyed(void **state)
{
    struct fixture *f = *state;
    struct span wrapped;
    assert_int_equal(store_day_key_get(f->store, DAY, f->arena, &wrapped), ERR_MISSING);
    assert_int_equal(store_day_key_put(f->store, DAY, SPAN("wrapped")), 0);
    assert_int_equal(store_day_key_put(f->store, DAY, SPAN("other")), ERR_EXISTS);
    assert_int_equal(store_day_key_get(f->store, DAY, f->arena, &wrapped), 0);
    assert_true(span_is(wrapped, "wrapped"));
    assert_int_equal(purge(f, NOW, DAY, 0, 10), 0);
    assert_int_equal(store_day_key_get(f->store, DAY, f->arena, &wrapped), 0);
    assert_int_equal(purge(f, NOW, DAY + 1, 0, 10), 0);
    assert_int_equal(store_day_key_get(f->store, DAY, f->arena, &wrapped), ERR_MISSING);
}

static void numbers_of_people_who_never_agreed_are_purged(void **state)
{
    struct fixture *f = *state;
    struct store_turn passer = turn_of(1, 1), stopped = turn_of(2, 2), person = turn_of(3, 3);
    begin(f);
    assert_int_equal(store_number_need(f->store, &passer, DAY), 0);
    assert_int_equal(store_number_need(f->store, &stopped, DAY), 0);
    assert_int_equal(store_contact_set(f->store, &stopped, DAY), 0);
    person_add(f, &person, "x");
    commit(f);
    assert_int_equal(purge(f, NOW, DAY, 0, 10), 0);
    assert_int_equal(ask(f, "SELECT count(*) FROM number"), 3);
    assert_int_equal(purge(f, NOW, DAY + 1, 0, 10), 0);
    load(f, &passer, NOW);
    assert_int_equal(passer.number_id, 0);
    load(f, &stopped, NOW);
    assert_true(stopped.stopped);
    load(f, &person, NOW);
    assert_true(person.person_id > 0);
}

static bool file_holds(const char *path, const char *needle)
{
    struct str bytes = STR_INIT(64 << 20);
    int rc = file_read(path, &bytes);
    assert_true(rc == 0 || rc == ERR_MISSING);
    bool found = rc == 0 && bytes.len && memmem(bytes.p, bytes.len, needle, strlen(needle));
    str_release(&bytes);
    return found;
}

static bool disk_holds(struct fixture *f, const char *needle)
{
    char log[128];
    snprintf(log, sizeof log, "%s-wal", f->file);
    return file_holds(f->file, needle) || file_holds(log, needle);
}

static void fill_person(struct fixture *f, struct store_turn *turn, const char *secret)
{
    int64_t id;
    struct span s = span_of(secret);
    person_add(f, turn, secret);
    assert_int_equal(store_person_seal(f->store, turn->person_id, &(struct held_seal){SPAN("casework"), 1, s}), 0);
    assert_int_equal(store_person_seal(f->store, turn->person_id, &(struct held_seal){SPAN("master"), 1, s}), 0);
    struct store_case_row row = {.person_id = turn->person_id, .reference = s, .status = SPAN("new"), .summary_box = s};
    row.reference = span_first(s, 6);
    row.kind_box = row.answers_seal = s;
    assert_int_equal(store_case_add(f->store, &row, &id), 0);
    int64_t note;
    assert_int_equal(store_case_note(f->store, id, DAY, &note), 0);
    assert_int_equal(store_note_seal(f->store, note, s), 0);
    assert_int_equal(message_add(f, turn, "sms", MESSAGE_NOTICE, 1, secret, &id), 0);
    put(f, turn, NOW + 60, secret, secret);
    put(f, turn, NOW + 60, secret, secret);
}

static void erasing_leaves_nothing_to_read_on_the_disk(void **state)
{
    struct fixture *f = *state;
    struct store_turn gone = turn_of(1, 1), stays = turn_of(2, 2);
    begin(f);
    load(f, &gone, NOW);
    load(f, &stays, NOW);
    fill_person(f, &gone, "CANARY-of-the-one-who-goes");
    fill_person(f, &stays, "WITNESS-of-the-one-who-stays");
    commit(f);
    assert_int_equal(store_rest(f->store, true), 0); // so that it is in the database itself too
    assert_true(disk_holds(f, "CANARY-of-the"));
    begin(f);
    load(f, &gone, NOW);
    assert_int_equal(store_contact_set(f->store, &gone, DAY), 0);
    assert_int_equal(store_person_erase(f->store, &gone), 0);
    assert_int_equal(gone.session_id, 0);
    commit(f);
    assert_int_equal(store_rest(f->store, false), 0);
    assert_false(disk_holds(f, "CANARY-of-the"));
    assert_true(disk_holds(f, "WITNESS-of-the"));
    load(f, &gone, NOW);
    assert_true(gone.stopped && gone.number_id && !gone.person_id && !gone.session_id);
    assert_int_equal(gone.epoch, 3);
    assert_int_equal(ask(f, "SELECT count(*) FROM person_seal"), 2);
    load(f, &stays, NOW);
    assert_true(stays.person_id && stays.session_id && stays.case_count == 1);
}

/* Somebody whose case was last changed on `day`. */
static struct store_turn person_since(struct fixture *f, int n, int64_t day, const char *secret)
{
    struct store_turn turn = turn_of(n, n);
    struct store_person person = {.language_box = span_of(secret), .number_seal = span_of(secret)};
    struct span reference = {(const char *)turn.number_key.bytes, 1};
    struct store_case_row row = {.status = SPAN("new"), .day = day, .summary_box = SPAN("s"), .kind_box = SPAN("k")};
    int64_t id;
    load(f, &turn, NOW);
    assert_int_equal(store_number_need(f->store, &turn, day), 0);
    assert_int_equal(store_person_add(f->store, &turn, &person, day), 0);
    row.person_id = turn.person_id;
    row.reference = reference;
    row.answers_seal = span_of(secret);
    assert_int_equal(store_case_add(f->store, &row, &id), 0);
    return turn;
}

static void withdrawing_closes_what_casework_has(void **state)
{
    struct fixture *f = *state;
    for (int held = 0; held < 2; held++) { // by safeguarding too
        begin(f);
        struct store_turn turn = person_since(f, held ? 'h' : 'c', DAY, "x");
        if (held)
            assert_int_equal(
                store_person_seal(f->store, turn.person_id, &(struct held_seal){SPAN("safeguarding"), 1, SPAN("s")}),
                0);
        assert_int_equal(store_case_withdraw(f->store, turn.person_id, DAY), 0);
        load(f, &turn, NOW);
        commit(f);
        assert_int_equal(turn.case_count, held);
    }
    assert_int_equal(ask(f, "SELECT count(*) FROM casefile WHERE status = 'withdrawn' AND closed = 20000"), 1);
}

static void erasing_reaches_everybody_that_a_caller_has_been(void **state)
{
    struct fixture *f = *state;
    struct store_turn turn = turn_of(1, 1);
    begin(f);
    load(f, &turn, NOW);
    person_add(f, &turn, "CANARY-before");
    assert_int_equal(store_contact_set(f->store, &turn, DAY), 0);
    assert_int_equal(store_contact_set(f->store, &turn, 0), 0);
    int64_t before = turn.person_id;
    person_add(f, &turn, "CANARY-anew"); // agreed again after having withdrawn
    assert_true(turn.person_id != before);
    assert_int_equal(store_person_erase(f->store, &turn), 0);
    commit(f);
    assert_int_equal(store_rest(f->store, true), 0);
    assert_false(disk_holds(f, "CANARY-before") || disk_holds(f, "CANARY-anew"));
    assert_int_equal(ask(f, "SELECT count(*) FROM person WHERE erased"), 2);
}

static void cases_are_erased_when_their_time_is_over(void **state)
{
    struct fixture *f = *state;
    begin(f);
    struct store_turn old = person_since(f, 'a', DAY - 91, "CANARY-of-long-ago");
    struct store_turn corrected = person_since(f, 'b', DAY - 91, "WITNESS-corrected");
    struct store_turn fresh = person_since(f, 'c', DAY - 89, "WITNESS-fresh");
    load(f, &corrected, NOW);
    assert_int_equal(store_case_correct(f->store, corrected.cases[0].id, SPAN("s"), SPAN("WITNESS-corrected"), DAY), 0);
    commit(f);
    for (int i = 0; i < 4; i++) // round and round
        assert_int_equal(purge(f, NOW, 0, DAY - 90, 1), 0);
    assert_int_equal(store_rest(f->store, true), 0);
    assert_false(disk_holds(f, "CANARY-of-long"));
    assert_true(disk_holds(f, "WITNESS-corrected") && disk_holds(f, "WITNESS-fresh"));
    load(f, &old, NOW);
    assert_true(old.number_id && !old.person_id && !old.stopped); // they may call again, as a stranger
    load(f, &fresh, NOW);
    assert_int_equal(fresh.case_count, 1);
}

static void an_unsealed_secret_is_gone_from_the_disk(void **state)
{
    struct fixture *f = *state;
    struct store_turn turn = turn_of(1, 1);
    begin(f);
    load(f, &turn, NOW);
    person_add(f, &turn, "x");
    assert_int_equal(
        store_person_seal(f->store, turn.person_id, &(struct held_seal){SPAN("casework"), 1, SPAN("CASEWORK-seal")}),
        0);
    assert_int_equal(store_person_seal(f->store, turn.person_id,
                                       &(struct held_seal){SPAN("safeguarding"), 1, SPAN("SAFEGUARD-seal")}),
                     0);
    commit(f);
    begin(f);
    assert_int_equal(store_person_unseal(f->store, turn.person_id, SPAN("casework")), 0);
    commit(f);
    assert_int_equal(store_rest(f->store, false), 0);
    assert_false(disk_holds(f, "CASEWORK-seal"));
    assert_true(disk_holds(f, "SAFEGUARD-seal"));
}

static void the_audit_trail_is_a_chain_too(void **state)
{
    struct fixture *f = *state;
    int calls = 0;
    begin(f);
    for (int i = 0; i < 2; i++)
        assert_int_equal(store_audit_add(f->store, NOW, SPAN("a"), SPAN("b"), SPAN("c"), link_test, &calls), 0);
    commit(f);
    assert_int_equal(calls, 4);
    assert_int_equal(ask(f, "SELECT count(DISTINCT link) FROM audit"), 2);
}

static void messages_that_wait_for_their_parts_are_counted(void **state)
{
    struct fixture *f = *state;
    int64_t waiting = -1;
    struct store_part part = {.total = 3, .expires_s = 100, .day = DAY, .box = SPAN("sealed")};
    begin(f);
    assert_int_equal(store_part_waiting(f->store, &waiting), 0);
    assert_int_equal(waiting, 0);
    for (int i = 0; i < 4; i++) { // two messages, two parts of each
        part.message.bytes[0] = (unsigned char)(1 + i / 2);
        part.number = 1 + i % 2;
        assert_int_equal(store_part_add(f->store, &part), 0);
    }
    assert_int_equal(store_part_waiting(f->store, &waiting), 0);
    assert_int_equal(waiting, 2);
    assert_int_equal(store_part_done(f->store, &part.message, 200), 0);
    assert_int_equal(store_part_waiting(f->store, &waiting), 0);
    assert_int_equal(waiting, 1); // what is only remembered as handled waits for nothing
    commit(f);
}

int main(void)
{
#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_session_goes_on_until_it_expires),
        STORE_TEST(what_was_rolled_back_never_was),
        STORE_TEST(sessions_are_what_a_plain_array_says),
        STORE_TEST(a_group_of_any_size_is_written_whole_and_read_before_it_is),
        STORE_TEST(an_interrupted_session_of_the_same_caller_is_found),
        STORE_TEST(a_repeat_is_known_until_it_expires),
        STORE_TEST(the_consent_chain_tells_of_every_row),
        STORE_TEST(the_last_word_on_a_consent_counts),
        STORE_TEST(a_case_is_found_again_and_its_reference_is_its_own),
        STORE_TEST(only_the_turns_of_this_session_are_adopted_or_dropped),
        STORE_TEST(counters_add_up),
        STORE_TEST(keys_are_kept_and_destroyed),
        STORE_TEST(numbers_of_people_who_never_agreed_are_purged),
        STORE_TEST(erasing_leaves_nothing_to_read_on_the_disk),
        STORE_TEST(withdrawing_closes_what_casework_has),
        STORE_TEST(erasing_reaches_everybody_that_a_caller_has_been),
        STORE_TEST(cases_are_erased_when_their_time_is_over),
        STORE_TEST(an_unsealed_secret_is_gone_from_the_disk),
        STORE_TEST(the_audit_trail_is_a_chain_too),
        STORE_TEST(messages_that_wait_for_their_parts_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "staff/office.h"

#include "staff_fixture.h"

/* ---- coming in ---- */

static void a_member_comes_in_with_their_passphrase_alone_where_that_is_enough(void **state)
{
    struct place *p = *state;
    struct signin in;
    join(p, "ana", ROLE_CASEWORKER);
    assert_int_equal(enter_with(p, "ana", SPAN("something else entirely"), &in), ERR_AUTH);
    assert_null(in.identity);
    assert_int_equal(enter_with(p, "nobody", words_of("ana"), &in), ERR_AUTH);
    enter(p, "ana", &in);
    assert_int_equal(in.member.roles, ROLE_CASEWORKER);
    assert_non_null(keyring_team(&in.keyring, SPAN("casework")));
    assert_null(keyring_team(&in.keyring, SPAN("safeguarding")));
    signin_end(&in);
}

static void nobody_comes_in_without_a_second_factor_where_one_is_required(void **state)
{
    struct place *p = *state;
    struct signin in;
    join(p, "ana", ROLE_CASEWORKER);
    p->o.second_factor = true;
    assert_int_equal(enter_with(p, "ana", words_of("ana"), &in), ERR_AUTH);
}

static void whoever_has_a_second_factor_needs_it_even_where_it_is_not_required(void **state)
{
    struct place *p = *state;
    struct signin in;
    struct str uri = STR_INIT(1024);
    join(p, "ana", ROLE_CASEWORKER);
    assert_int_equal(office_second_factor(&p->o, admin, SPAN("ana"), &uri), 0);
    assert_int_equal(office_second_factor(&p->o, admin, SPAN("ben"), &uri), ERR_MISSING);
    assert_int_equal(enter_with(p, "ana", words_of("ana"), &in), ERR_AUTH);
    str_release(&uri);
}

static void five_failed_tries_lock_a_name_for_a_quarter_of_an_hour_and_nobody_is_told(void **state)
{
    struct place *p = *state;
    struct signin in;
    join(p, "ana", ROLE_CASEWORKER);
    for (int i = 0; i < SIGNIN_TRIES; i++)
        assert_int_equal(enter_with(p, "ana", SPAN("something else entirely"), &in), ERR_AUTH);
    assert_int_equal(enter_with(p, "ana", words_of("ana"), &in), ERR_AUTH);
    p->now_ms += (SIGNIN_LOCK_S - 1) * 1000;
    assert_int_equal(enter_with(p, "ana", words_of("ana"), &in), ERR_AUTH);
    p->now_ms += 1000;
    enter(p, "ana", &in);
    signin_end(&in);
}

/* Tries at the same time have all read the row before the first of them was counted. */
static void tries_at_the_same_time_do_not_get_around_the_lock(void **state)
{
    struct place *p = *state;
    struct signin tries[SIGNIN_TRIES + 1];
    const struct signin_terms terms = {p->o.gate, p->v, p->now_ms / 1000, false};
    join(p, "ana", ROLE_CASEWORKER);
    for (int i = 0; i <= SIGNIN_TRIES; i++)
        assert_int_equal(signin_find(p->f->store, SPAN("ana"), p->f->arena, &tries[i]), 0);
    begin(p->f);
    for (int i = 0; i <= SIGNIN_TRIES; i++) {
        struct span words = i == SIGNIN_TRIES ? words_of("ana") : SPAN("something else entirely");
        signin_try(&tries[i], &terms, &(struct signin_words){.name = SPAN("ana"), .passphrase = words});
        assert_int_equal(signin_note(p->f->store, &tries[i], p->now_ms / 1000), 0);
    }
    commit(p->f);
    assert_int_equal(tries[SIGNIN_TRIES].result, ERR_AUTH);
    assert_null(tries[SIGNIN_TRIES].identity);
}

static void a_disabled_member_is_out_and_holds_nothing(void **state)
{
    struct place *p = *state;
    struct signin in;
    join(p, "ana", ROLE_CASEWORKER);
    assert_int_equal(office_disable(&p->o, admin, SPAN("ana"), true), 0);
    assert_int_equal(enter_with(p, "ana", words_of("ana"), &in), ERR_AUTH);
    assert_int_equal(ask(p->f, "SELECT count(*) FROM team_seal"), 0);
    assert_int_equal(office_disable(&p->o, admin, SPAN("ana"), false), 0);
    enter(p, "ana", &in);
    assert_null(keyring_team(&in.keyring, SPAN("casework")));
    signin_end(&in);
    assert_int_equal(office_disable(&p->o, admin, SPAN("ben"), true), ERR_MISSING);
}

static void a_passphrase_is_changed_by_its_owner(void **state)
{
    struct place *p = *state;
    struct signin in;
    join(p, "ana", ROLE_CASEWORKER);
    enter(p, "ana", &in);
    assert_int_equal(office_passphrase(&p->o, &in, SPAN("short")), ERR_RANGE);
    assert_int_equal(office_passphrase(&p->o, &in, SPAN("quite another sentence")), 0);
    signin_end(&in);
    assert_int_equal(enter_with(p, "ana", words_of("ana"), &in), ERR_AUTH);
    assert_int_equal(enter_with(p, "ana", SPAN("quite another sentence"), &in), 0);
    assert_non_null(keyring_team(&in.keyring, SPAN("casework")));
    signin_end(&in);
}

static void names_and_doubles_are_refused(void **state)
{
    struct place *p = *state;
    struct office_teams teams;
    struct office_member m = {.passphrase = SPAN("quite another sentence"), .roles = ROLE_OPERATOR};
    static const char *const bad[] = {"", "a b", "a\n", "\xC3\xA9", "a/b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        m.name = span_of(bad[i]);
        assert_int_equal(office_add(&p->o, admin, &m, &teams), ERR_SYNTAX);
    }
    join(p, "ana", ROLE_OPERATOR);
    m.name = SPAN("ana");
    assert_int_equal(office_add(&p->o, admin, &m, &teams), ERR_EXISTS);
}

/* ---- teams ---- */

static void the_first_member_of_a_team_makes_its_key_and_later_ones_wait(void **state)
{
    struct place *p = *state;
    struct office_teams first = join(p, "ana", ROLE_CASEWORKER), second = join(p, "ben", ROLE_CASEWORKER);
    assert_int_equal(first.paper_count, 1);
    assert_false(first.waits[0] || first.waits[1]);
    assert_int_equal(second.paper_count, 0);
    assert_true(second.waits[0]);
}

static void administrators_and_operators_hold_no_key(void **state)
{
    struct place *p = *state;
    struct signin in, by;
    size_t teams;
    join(p, "ana", ROLE_CASEWORKER);
    struct office_teams none = join(p, "adm", ROLE_ADMINISTRATOR | ROLE_OPERATOR);
    assert_int_equal(none.paper_count, 0);
    assert_false(none.waits[0] || none.waits[1]);
    enter(p, "ana", &by);
    assert_int_equal(office_admit(&p->o, &by, SPAN("adm"), &teams), ERR_AUTH);
    enter(p, "adm", &in);
    assert_int_equal(in.keyring.count, 0);
    signin_end(&in);
    signin_end(&by);
}

static void who_holds_a_key_lets_others_in_and_nobody_else_can(void **state)
{
    struct place *p = *state;
    struct signin ana, ben, sue;
    struct store_turn turn;
    size_t teams;
    join(p, "ana", ROLE_CASEWORKER);
    join(p, "ben", ROLE_CASEWORKER);
    join(p, "sue", ROLE_SAFEGUARDING);
    struct opener *person = person_of(p, 1, "casework", &turn);
    enter(p, "sue", &sue);
    assert_int_equal(office_admit(&p->o, &sue, SPAN("ben"), &teams), ERR_AUTH);
    enter(p, "ben", &ben);
    assert_int_equal(opens(p, &ben, &turn), ERR_AUTH);
    enter(p, "ana", &ana);
    assert_int_equal(opens(p, &ana, &turn), 0);
    assert_int_equal(office_admit(&p->o, &ana, SPAN("ben"), &teams), 0);
    assert_int_equal(teams, 1);
    assert_int_equal(office_refresh(&p->o, p->f->arena, &ben), 0);
    assert_int_equal(opens(p, &ben, &turn), 0);
    assert_int_equal(opens(p, &sue, &turn), ERR_AUTH);
    signin_end(&ana);
    signin_end(&ben);
    signin_end(&sue);
    opener_close(person);
}

/* Whoever can write to the disk puts a key of theirs in the place of a member's, and waits to be let in. */
/* What somebody with the disk does while the service is down. */
static void tamper(struct place *p, const char *sql)
{
    sqlite3 *db;
    store_close(p->f->store);
    assert_int_equal(sqlite3_open(p->f->file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(store_open(p->f->dir, &p->f->store), 0);
}

static void nobody_is_let_in_whose_key_was_slipped_into_the_row(void **state)
{
    struct place *p = *state;
    struct signin by;
    size_t teams;
    join(p, "ana", ROLE_CASEWORKER);
    join(p, "ben", ROLE_CASEWORKER);
    tamper(p, "UPDATE staff SET public_key = randomblob(32) WHERE name = 'ben'");
    enter(p, "ana", &by);
    assert_int_equal(office_admit(&p->o, &by, SPAN("ben"), &teams), ERR_CRYPTO);
    signin_end(&by);
}

static void a_role_that_needs_no_key_takes_it_away(void **state)
{
    struct place *p = *state;
    struct office_teams teams;
    struct signin in;
    join(p, "ana", ROLE_CASEWORKER | ROLE_SAFEGUARDING);
    assert_int_equal(office_roles(&p->o, admin, SPAN("ana"), ROLE_SAFEGUARDING, &teams), 0);
    enter(p, "ana", &in);
    assert_int_equal(in.keyring.count, 1);
    assert_non_null(keyring_team(&in.keyring, SPAN("safeguarding")));
    signin_end(&in);
    assert_int_equal(office_roles(&p->o, admin, SPAN("ana"), ROLE_CASEWORKER, &teams), 0);
    assert_true(teams.waits[0]);
}

static void a_lost_passphrase_means_a_new_key_that_waits_to_be_let_in(void **state)
{
    struct place *p = *state;
    struct office_teams teams;
    struct signin in;
    join(p, "ana", ROLE_CASEWORKER);
    assert_int_equal(office_reset(&p->o, admin, SPAN("ana"), SPAN("given by somebody"), &teams), 0);
    assert_true(teams.waits[0]);
    assert_int_equal(enter_with(p, "ana", words_of("ana"), &in), ERR_AUTH);
    assert_int_equal(enter_with(p, "ana", SPAN("given by somebody"), &in), 0);
    assert_true(in.member.given);
    assert_int_equal(in.keyring.count, 0);
    signin_end(&in);
}

/* ---- paper ---- */

static void the_printed_key_lets_in_when_nobody_else_can(void **state)
{
    struct place *p = *state;
    struct store_turn turn;
    struct signin in;
    struct office_teams made = join(p, "ana", ROLE_CASEWORKER), other = join(p, "sue", ROLE_SAFEGUARDING);
    struct opener *person = person_of(p, 1, "casework", &turn);
    const char *paper = made.papers[0].text;
    join(p, "ben", ROLE_CASEWORKER);
    assert_int_equal(office_disable(&p->o, admin, SPAN("ana"), true), 0);
    assert_int_equal(office_recover(&p->o, admin, SPAN("casework"), span_of(other.papers[0].text), SPAN("ben")),
                     ERR_AUTH);
    assert_int_equal(office_recover(&p->o, admin, SPAN("casework"), SPAN("no key"), SPAN("ben")), ERR_SYNTAX);
    assert_int_equal(office_recover(&p->o, admin, SPAN("casework"), span_of(paper), SPAN("sue")), ERR_REFUSED);
    assert_int_equal(office_recover(&p->o, admin, SPAN("casework"), span_of(paper), SPAN("ben")), 0);
    enter(p, "ben", &in);
    assert_int_equal(opens(p, &in, &turn), 0);
    signin_end(&in);
    opener_close(person);
}

static void a_new_paper_takes_the_place_of_the_old_one(void **state)
{
    struct place *p = *state;
    struct office_paper paper;
    struct signin in;
    struct office_teams made = join(p, "ana", ROLE_CASEWORKER);
    join(p, "ben", ROLE_CASEWORKER);
    enter(p, "ana", &in);
    assert_int_equal(office_reprint(&p->o, &in, SPAN("safeguarding"), &paper), ERR_MISSING);
    assert_int_equal(office_reprint(&p->o, &in, SPAN("casework"), &paper), 0);
    signin_end(&in);
    struct span old = span_of(made.papers[0].text), fresh = span_of(paper.text);
    assert_int_equal(office_recover(&p->o, admin, SPAN("casework"), old, SPAN("ben")), ERR_AUTH);
    assert_int_equal(office_recover(&p->o, admin, SPAN("casework"), fresh, SPAN("ben")), 0);
}

/* ---- replacing a team's key ---- */

enum { MANY = 150 }; // more than are sealed anew in one round

static void whoever_left_cannot_open_what_was_sealed_anew(void **state)
{
    struct place *p = *state;
    struct store_turn turns[MANY], later;
    struct opener *people[MANY];
    struct signin ana, ben;
    struct office_paper paper;
    size_t teams, resealed;
    join(p, "ana", ROLE_CASEWORKER);
    join(p, "ben", ROLE_CASEWORKER);
    for (int i = 0; i < MANY; i++)
        people[i] = person_of(p, i + 1, "casework", &turns[i]);
    enter(p, "ana", &ana);
    assert_int_equal(office_admit(&p->o, &ana, SPAN("ben"), &teams), 0);
    enter(p, "ben", &ben); // ben keeps all that he could ever open
    assert_int_equal(office_disable(&p->o, admin, SPAN("ben"), true), 0);
    assert_int_equal(office_rotate(&p->o, &ben, SPAN("safeguarding"), p->f->arena, &paper, &resealed), ERR_MISSING);
    assert_int_equal(office_rotate(&p->o, &ana, SPAN("casework"), p->f->arena, &paper, &resealed), 0);
    assert_int_equal(resealed, MANY);
    assert_int_equal(strlen(paper.text), PRINTED_CHARS);
    struct opener *fresh = person_of(p, MANY + 1, "casework", &later);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(opens(p, &ana, &turns[i]), 0);
        assert_int_equal(opens(p, &ben, &turns[i]), ERR_AUTH);
        opener_close(people[i]);
    }
    assert_int_equal(opens(p, &ana, &later), 0);
    assert_int_equal(opens(p, &ben, &later), ERR_AUTH);
    assert_int_equal(ask(p->f, "SELECT count(*) FROM team_key"), 1);
    assert_int_equal(ask(p->f, "SELECT count(*) FROM team_seal"), 1);
    opener_close(fresh);
    signin_end(&ana);
    signin_end(&ben);
}

/* Lets `left` calls through, then none: as if the process had been killed there. */
static int left;

static int short_call(void *door, int (*fn)(void *ctx, struct store *s), void *ctx)
{
    return left-- > 0 ? place_call(door, fn, ctx) : ERR_IO;
}

static void an_interrupted_rotation_goes_on_where_it_was(void **state)
{
    struct place *p = *state;
    struct store_turn turns[MANY];
    struct opener *people[MANY];
    struct office_paper paper;
    size_t resealed;
    join(p, "ana", ROLE_CASEWORKER);
    for (int i = 0; i < MANY; i++)
        people[i] = person_of(p, i + 1, "casework", &turns[i]);
    for (int cut = 0; cut < 12; cut++) {
        struct signin in;
        enter(p, "ana", &in);
        p->o.call = short_call;
        left = cut;
        int rc = office_rotate(&p->o, &in, SPAN("casework"), p->f->arena, &paper, &resealed);
        p->o.call = place_call;
        signin_end(&in);
        enter(p, "ana", &in); // whatever was cut off: all can be opened, by who may
        for (int i = 0; i < MANY; i++)
            assert_int_equal(opens(p, &in, &turns[i]), 0);
        signin_end(&in);
        assert_true(rc == 0 || rc == ERR_IO);
        assert_true(ask(p->f, "SELECT count(*) FROM team_key") <= 2);
    }
    assert_int_equal(ask(p->f, "SELECT count(*) FROM team_key"), 1);
    for (int i = 0; i < MANY; i++)
        opener_close(people[i]);
}

/* Between reading a row and writing it back, somebody withdraws. */
static int64_t withdrawing;

static int withdrawing_call(void *door, int (*fn)(void *ctx, struct store *s), void *ctx)
{
    struct store *s = ((struct place *)door)->f->store;
    if (left-- == 0) {
        begin(((struct place *)door)->f);
        assert_int_equal(store_person_unseal(s, withdrawing, SPAN("casework")), 0);
        commit(((struct place *)door)->f);
    }
    return place_call(door, fn, ctx);
}

static void who_withdraws_meanwhile_stays_withdrawn(void **state)
{
    struct place *p = *state;
    struct store_turn turn;
    struct signin in;
    struct office_paper paper;
    size_t resealed;
    join(p, "ana", ROLE_CASEWORKER);
    struct opener *person = person_of(p, 1, "casework", &turn);
    enter(p, "ana", &in);
    p->o.call = withdrawing_call;
    withdrawing = turn.person_id;
    left = 3; // begin, refresh, read; then write
    assert_int_equal(office_rotate(&p->o, &in, SPAN("casework"), p->f->arena, &paper, &resealed), 0);
    assert_int_equal(ask(p->f, "SELECT count(*) FROM person_seal"), 0);
    assert_int_equal(opens(p, &in, &turn), ERR_AUTH);
    signin_end(&in);
    opener_close(person);
}

static void every_change_is_in_the_audit_log(void **state)
{
    struct place *p = *state;
    struct office_teams teams;
    struct signin in;
    size_t count;
    join(p, "ana", ROLE_CASEWORKER);
    join(p, "ben", ROLE_CASEWORKER);
    enter(p, "ana", &in);
    assert_int_equal(office_admit(&p->o, &in, SPAN("ben"), &count), 0);
    assert_int_equal(office_roles(&p->o, admin, SPAN("ben"), ROLE_OPERATOR, &teams), 0);
    assert_int_equal(office_disable(&p->o, admin, SPAN("ben"), true), 0);
    signin_end(&in);
    assert_int_equal(ask(p->f, "SELECT count(*) FROM audit"), 6); // ana came in, too
    assert_int_equal(
        ask(p->f, "SELECT count(*) FROM audit WHERE actor = 'ana' AND action = 'let into team' AND object = 'ben'"), 1);
}

/* The newest row of the audit log is this one, at the present time, and there are so many. */
static void newest_row_is(struct place *p, int64_t count, const char *actor, const char *action, const char *object)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM audit WHERE id = (SELECT max(id) FROM audit) AND at = %lld AND actor = '%s' AND"
             " action = '%s' AND object = '%s'",
             (long long)(p->now_ms / 1000), actor, action, object);
    if (ask(p->f, sql) != 1)
        fail_msg("the newest row is not %s, %s, %s", actor, action, object);
    assert_int_equal(ask(p->f, "SELECT count(*) FROM audit"), count);
}

static void every_try_to_come_in_is_one_row(void **state)
{
    struct place *p = *state;
    struct span wrong = SPAN("something else entirely");
    struct signin in;
    join(p, "ana", ROLE_CASEWORKER);
    join(p, "ben", ROLE_CASEWORKER);
    int64_t rows = ask(p->f, "SELECT count(*) FROM audit");
    p->now_ms += 5000;
    enter(p, "ana", &in);
    newest_row_is(p, ++rows, "ana", "sign in", "here: passphrase");
    signin_end(&in);
    assert_int_equal(enter_with(p, "nobody-of-ours", wrong, &in), ERR_AUTH);
    newest_row_is(p, ++rows, "no member", "sign in refused", "here: wrong");
    for (int i = 0; i < SIGNIN_TRIES; i++) {
        assert_int_equal(enter_with(p, "ben", wrong, &in), ERR_AUTH);
        newest_row_is(p, ++rows, "ben", "sign in refused", "here: wrong");
    }
    assert_int_equal(enter_with(p, "ben", words_of("ben"), &in), ERR_AUTH);
    newest_row_is(p, ++rows, "ben", "sign in refused", "here: locked");
    p->now_ms += SIGNIN_LOCK_S * 1000;
    assert_int_equal(enter_with(p, "ben", wrong, &in), ERR_AUTH);
    newest_row_is(p, ++rows, "ben", "sign in refused", "here: wrong"); // the lock was over, and is a new one now
    p->now_ms += SIGNIN_LOCK_S * 1000;
    enter(p, "ben", &in);
    newest_row_is(p, ++rows, "ben", "sign in", "here: passphrase");
    signin_end(&in);
    assert_int_equal(office_disable(&p->o, admin, SPAN("ben"), true), 0);
    newest_row_is(p, ++rows, "command", "disable member", "ben");
    assert_int_equal(enter_with(p, "ben", words_of("ben"), &in), ERR_AUTH);
    newest_row_is(p, ++rows, "ben", "sign in refused", "here: shut out");
}

static void a_member_whose_row_was_changed_is_told_from_one_who_mistyped(void **state)
{
    struct place *p = *state;
    struct signin in;
    join(p, "ana", ROLE_CASEWORKER);
    join(p, "ben", ROLE_CASEWORKER);
    int64_t rows = ask(p->f, "SELECT count(*) FROM audit");
    tamper(p, "UPDATE staff SET secret = (SELECT secret FROM staff WHERE name = 'ana') WHERE name = 'ben'");
    assert_int_equal(enter_with(p, "ben", words_of("ana"), &in), ERR_CRYPTO);
    newest_row_is(p, ++rows, "ben", "sign in refused", "here: the member''s row does not open");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_member_comes_in_with_their_passphrase_alone_where_that_is_enough),
        TEST(nobody_comes_in_without_a_second_factor_where_one_is_required),
        TEST(whoever_has_a_second_factor_needs_it_even_where_it_is_not_required),
        TEST(five_failed_tries_lock_a_name_for_a_quarter_of_an_hour_and_nobody_is_told),
        TEST(tries_at_the_same_time_do_not_get_around_the_lock),
        TEST(a_disabled_member_is_out_and_holds_nothing),
        TEST(a_passphrase_is_changed_by_its_owner),
        TEST(names_and_doubles_are_refused),
        TEST(the_first_member_of_a_team_makes_its_key_and_later_ones_wait),
        TEST(administrators_and_operators_hold_no_key),
        TEST(who_holds_a_key_lets_others_in_and_nobody_else_can),
        TEST(nobody_is_let_in_whose_key_was_slipped_into_the_row),
        TEST(a_role_that_needs_no_key_takes_it_away),
        TEST(a_lost_passphrase_means_a_new_key_that_waits_to_be_let_in),
        TEST(the_printed_key_lets_in_when_nobody_else_can),
        TEST(a_new_paper_takes_the_place_of_the_old_one),
        TEST(whoever_left_cannot_open_what_was_sealed_anew),
        TEST(an_interrupted_rotation_goes_on_where_it_was),
        TEST(who_withdraws_meanwhile_stays_withdrawn),
        TEST(every_change_is_in_the_audit_log),
        TEST(every_try_to_come_in_is_one_row),
        TEST(a_member_whose_row_was_changed_is_told_from_one_who_mistyped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

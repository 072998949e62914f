// SPDX-License-Identifier: AGPL-3.0-or-later
/* Sessions: when they end, and that their keys go with them, but never while a page uses them. */
#include "console/session.h"

#include "base/err.h"
#include "base/mem.h"
#include "console/console.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE };

struct room {
    struct sessions *sessions;
};

static int setup(void **state)
{
    struct room *r = mem_calloc(1, sizeof *r);
    r->sessions = sessions_new();
    *state = r;
    return r->sessions ? 0 : -1;
}

static int teardown(void **state)
{
    struct room *r = *state;
    sessions_free(r->sessions);
    mem_free(r);
    return 0;
}

static void begin(struct room *r, int64_t member, int64_t now_ms, char token[SESSION_TOKEN])
{
    struct session who = {.member = member, .roles = ROLE_CASEWORKER};
    assert_int_equal(opener_new(&who.identity), 0);
    assert_int_equal(session_begin(r->sessions, &who, now_ms, token), 0);
}

/* Whether the token still opens something at that time. */
static bool lives(struct room *r, const char *token, int64_t now_ms, bool quiet)
{
    struct session *s = session_take(r->sessions, span_of(token), now_ms, quiet);
    session_give(r->sessions, s);
    return s != NULL;
}

static void a_session_ends_a_quarter_of_an_hour_after_the_last_request(void **state)
{
    char token[SESSION_TOKEN];
    begin(*state, 1, 0, token);
    assert_true(lives(*state, token, 14 * MINUTE, false));
    assert_true(lives(*state, token, 28 * MINUTE, false));
    assert_false(lives(*state, token, 43 * MINUTE + 1, false));
    assert_false(lives(*state, token, 28 * MINUTE, false));
}

static void asking_for_news_is_no_activity(void **state)
{
    char token[SESSION_TOKEN];
    begin(*state, 1, 0, token);
    assert_true(lives(*state, token, 10 * MINUTE, true));
    assert_true(lives(*state, token, 15 * MINUTE, true));
    assert_false(lives(*state, token, 15 * MINUTE + 1, true));
}

static void a_session_ends_after_twelve_hours_however_busy(void **state)
{
    char token[SESSION_TOKEN];
    begin(*state, 1, 0, token);
    for (int64_t now = 0; now <= 12 * HOUR; now += 10 * MINUTE)
        assert_true(lives(*state, token, now, false));
    assert_false(lives(*state, token, 12 * HOUR + 1, false));
}

static int64_t left(struct room *r, const char *token, int64_t now_ms, bool quiet)
{
    struct session *s = session_take(r->sessions, span_of(token), now_ms, quiet);
    assert_non_null(s);
    int64_t ms = session_left_ms(r->sessions, s, now_ms);
    session_give(r->sessions, s);
    return ms;
}

static void how_long_is_left_is_what_the_idle_time_and_the_twelve_hours_leave(void **state)
{
    char token[SESSION_TOKEN];
    begin(*state, 1, 0, token);
    assert_int_equal(left(*state, token, 5 * MINUTE, true), 10 * MINUTE);
    assert_int_equal(left(*state, token, 6 * MINUTE, false), 15 * MINUTE);
    for (int64_t now = 10 * MINUTE; now < 12 * HOUR; now += 10 * MINUTE)
        left(*state, token, now, false);
    assert_int_equal(left(*state, token, 12 * HOUR - MINUTE, false), MINUTE);
}

static void the_sweep_ends_what_nobody_asks_for(void **state)
{
    char token[SESSION_TOKEN];
    struct room *r = *state;
    begin(r, 1, 0, token);
    sessions_sweep(r->sessions, 15 * MINUTE + 1);
    assert_false(lives(r, token, 1, false));
}

static void a_key_is_there_until_the_last_page_that_uses_it_is_done(void **state)
{
    struct room *r = *state;
    char token[SESSION_TOKEN];
    begin(r, 1, 0, token);
    struct session *page = session_take(r->sessions, span_of(token), 1, false);
    struct session *other = session_take(r->sessions, span_of(token), 1, false);
    session_end(r->sessions, other);
    session_give(r->sessions, other);
    assert_false(lives(r, token, 2, false));
    assert_non_null(opener_public(page->identity)); // under the address sanitizer: not freed yet
    unsigned char first = opener_public(page->identity)[0];
    assert_int_equal(opener_public(page->identity)[0], first);
    session_give(r->sessions, page);
}

static void a_visit_that_ended_while_a_page_used_it_leaves_its_seat(void **state)
{
    struct room *r = *state;
    char first[SESSION_TOKEN], token[SESSION_TOKEN];
    begin(r, 1, 0, first);
    for (int i = 1; i <= SESSIONS_MAX; i++) {
        begin(r, 2, i, token);
        struct session *page = session_take(r->sessions, span_of(token), i, false);
        session_end(r->sessions, page);
        session_give(r->sessions, page);
    }
    assert_true(lives(r, first, SESSIONS_MAX + 1, false)); // no seat was wanting, so nobody had to go
}

static void a_member_sees_and_ends_their_own_visits_alone(void **state)
{
    struct room *r = *state;
    struct session_row rows[4];
    char here[SESSION_TOKEN], there[SESSION_TOKEN], third[SESSION_TOKEN], else_[SESSION_TOKEN];
    begin(r, 1, 10, here);
    begin(r, 2, 20, else_);
    begin(r, 1, 30, there);
    begin(r, 1, 40, third);
    struct session *mine = session_take(r->sessions, span_of(here), 50, false);
    assert_int_equal(session_list(r->sessions, mine, rows, 4), 3);
    assert_int_equal(rows[0].began_ms, 40);
    assert_false(rows[0].mine);
    assert_true(rows[2].mine);
    assert_int_equal(rows[2].seen_ms, 50);
    session_end_others(r->sessions, mine, rows[2].serial);     // one's own is not another
    session_end_others(r->sessions, mine, rows[1].serial - 1); // somebody else's
    assert_true(lives(r, here, 51, false) && lives(r, else_, 51, false) && lives(r, third, 51, false));
    session_end_others(r->sessions, mine, rows[1].serial);
    assert_false(lives(r, there, 52, false));
    assert_true(lives(r, third, 52, false));
    session_end_others(r->sessions, mine, 0);
    assert_false(lives(r, third, 53, false));
    assert_true(lives(r, here, 53, false) && lives(r, else_, 53, false));
    session_give(r->sessions, mine);
}

static void ending_a_member_ends_all_of_theirs_and_nobody_elses(void **state)
{
    struct room *r = *state;
    char one[SESSION_TOKEN], two[SESSION_TOKEN], else_[SESSION_TOKEN];
    begin(r, 1, 0, one);
    begin(r, 1, 0, two);
    begin(r, 2, 0, else_);
    session_end_member(r->sessions, 1);
    assert_false(lives(r, one, 1, false));
    assert_false(lives(r, two, 1, false));
    assert_true(lives(r, else_, 1, false));
}

static void where_all_seats_are_taken_the_one_that_is_idle_longest_goes(void **state)
{
    struct room *r = *state;
    char first[SESSION_TOKEN], second[SESSION_TOKEN], token[SESSION_TOKEN];
    begin(r, 1, 0, first);
    begin(r, 2, 1, second);
    for (int i = 2; i < SESSIONS_MAX; i++)
        begin(r, i + 1, i, token);
    assert_true(lives(r, first, 1000, false)); // used again, so it is not the oldest
    begin(r, 9999, 1001, token);
    assert_true(lives(r, first, 1002, false));
    assert_false(lives(r, second, 1002, false));
}

static void a_token_opens_its_own_session_alone_and_no_part_of_it_does(void **state)
{
    char token[SESSION_TOKEN];
    begin(*state, 1, 0, token);
    struct room *r = *state;
    assert_null(session_take(r->sessions, span_first(span_of(token), 63), 1, false));
    assert_null(session_take(r->sessions, SPAN(""), 1, false));
    token[0] = token[0] == 'a' ? 'b' : 'a';
    assert_false(lives(r, token, 1, false));
}

static void the_forms_token_comes_from_the_visits_and_does_not_tell_it(void **state)
{
    (void)state;
    char token[SESSION_TOKEN], other[SESSION_TOKEN], csrf[SESSION_TOKEN], again[SESSION_TOKEN];
    session_token(token);
    session_token(other);
    assert_string_not_equal(token, other);
    session_csrf(token, csrf);
    session_csrf(token, again);
    assert_string_equal(csrf, again);
    assert_string_not_equal(csrf, token);
    session_csrf(other, again);
    assert_string_not_equal(csrf, again);
}

/* ---- who looks again later ---- */

static int64_t serial_of(struct room *r, const char *token, int64_t now_ms)
{
    struct session *s = session_take(r->sessions, span_of(token), now_ms, true);
    assert_non_null(s);
    int64_t serial = session_serial(s);
    session_give(r->sessions, s);
    return serial;
}

static void looking_keeps_no_session_and_sees_its_end(void **state)
{
    struct room *r = *state;
    char token[SESSION_TOKEN], next[SESSION_TOKEN];
    begin(r, 1, 0, token);
    int64_t serial = serial_of(r, token, 0);
    for (int64_t at = 0; at <= 15 * MINUTE; at += MINUTE)
        assert_true(session_lives(r->sessions, serial, at));
    assert_false(session_lives(r->sessions, serial, 15 * MINUTE + 1));
    begin(r, 1, 16 * MINUTE, next); // in the same seat
    assert_false(session_lives(r->sessions, serial, 16 * MINUTE));
    serial = serial_of(r, next, 16 * MINUTE);
    for (int64_t at = 16 * MINUTE; at < 12 * HOUR + 16 * MINUTE; at += 10 * MINUTE)
        assert_true(lives(r, next, at, false) && session_lives(r->sessions, serial, at));
    assert_false(session_lives(r->sessions, serial, 12 * HOUR + 16 * MINUTE + 1));
}

static void a_session_ends_when_its_member_is_not_who_they_were(void **state)
{
    struct room *r = *state;
    char token[SESSION_TOKEN];
    struct staff as[5] = {{.id = 7, .roles = ROLE_CASEWORKER}};
    begin(r, 7, 10, token);
    struct session *s = session_take(r->sessions, span_of(token), 10, true);
    memcpy(as[0].public_key, opener_public(s->identity), sizeof as[0].public_key);
    session_give(r->sessions, s);
    for (int i = 1; i < 5; i++)
        as[i] = as[0];
    as[1].id = 8;
    as[2].roles = ROLE_SUPERVISOR;
    as[3].disabled = true;
    as[4].public_key[0] ^= 1;
    int64_t serial = serial_of(r, token, 10);
    sessions_match(r->sessions, as, 5, 11);
    assert_true(session_lives(r->sessions, serial, 11));
    sessions_match(r->sessions, as + 1, 4, 10);
    assert_true(session_lives(r->sessions, serial, 11)); // it began after they were read
    sessions_match(r->sessions, as + 1, 4, 11);
    assert_false(session_lives(r->sessions, serial, 11));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* One thread makes and drops what another would be reading: so no two threads work on it. */
static void what_works_on_a_second_factor_goes_one_after_the_other(void **state)
{
    static const struct {
        const char *method, *path;
    } pages[] = {{"GET", "/welcome"},         {"POST", "/welcome/factor"},         {"GET", "/account"},
                 {"POST", "/account/factor"}, {"POST", "/account/factor/confirm"}, {"GET", "/account/factor.svg"},
                 {"POST", "/account/visits"}, {"POST", "/account/passphrase"},     {"HEAD", "/account"}};
    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        assert_true(
            console_slow(&(struct wire_request){.method = span_of(pages[i].method), .url = span_of(pages[i].path)}));
    assert_false(console_slow(&(struct wire_request){.method = SPAN("GET"), .url = SPAN("/inbox")}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(looking_keeps_no_session_and_sees_its_end),
        TEST(a_session_ends_when_its_member_is_not_who_they_were),
        TEST(a_session_ends_a_quarter_of_an_hour_after_the_last_request),
        TEST(asking_for_news_is_no_activity),
        TEST(a_session_ends_after_twelve_hours_however_busy),
        TEST(how_long_is_left_is_what_the_idle_time_and_the_twelve_hours_leave),
        TEST(the_sweep_ends_what_nobody_asks_for),
        TEST(a_key_is_there_until_the_last_page_that_uses_it_is_done),
        TEST(a_visit_that_ended_while_a_page_used_it_leaves_its_seat),
        TEST(a_member_sees_and_ends_their_own_visits_alone),
        TEST(ending_a_member_ends_all_of_theirs_and_nobody_elses),
        TEST(where_all_seats_are_taken_the_one_that_is_idle_longest_goes),
        TEST(a_token_opens_its_own_session_alone_and_no_part_of_it_does),
        TEST(the_forms_token_comes_from_the_visits_and_does_not_tell_it),
        cmocka_unit_test(what_works_on_a_second_factor_goes_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

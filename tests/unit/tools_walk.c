// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools_fixture.h"

#include "tools/walk.h"
#include "tools/walk_type.h"

static struct fixture f;

static int open_example(void **state)
{
    (void)state;
    fixture_open(&f, NULL);
    return 0;
}

static int close_example(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

static struct walk_input input(uint64_t seed, size_t sessions)
{
    return (struct walk_input){.program = f.program,
                               .ussd = {MEDIUM_USSD, 182, 80},
                               .sms = {MEDIUM_SMS, 459, 201},
                               .seed = seed,
                               .sessions = sessions,
                               .drafts = true,
                               .today = date_to_day((struct date){2026, 4, 14})};
}

static struct walk_report walked(const struct walk_input *in)
{
    struct walk_report r = {.coverage = coverage_new(f.program, f.arena), .path = STR_INIT(1 << 20)};
    assert_non_null(r.coverage);
    assert_int_equal(walk_run(in, &r), 0);
    return r;
}

static void callers_come_nearly_everywhere_and_break_nothing(void **state)
{
    (void)state;
    struct walk_input in = input(1, 400);
    struct walk_report r = walked(&in);
    if (r.why)
        fail_msg("%s\n%s", r.why, str_z(&r.path));
    assert_int_equal(r.sessions, 400);
    assert_true(coverage_done(r.coverage, COVERAGE_SCREENS, COVERAGE_ANY) + 2 >=
                coverage_count(r.coverage, COVERAGE_SCREENS));
    assert_true(r.wrong > 100 && r.drops > 20 && r.messages > 20 && r.registered > 5 && r.stopped > 20);
    assert_int_equal(r.path.len, 0);
    str_release(&r.path);
}

static void the_same_seed_is_the_same_walk(void **state)
{
    (void)state;
    struct walk_input in = input(77, 20), other = input(78, 20);
    struct walk_report a = walked(&in), b = walked(&in), c = walked(&other);
    assert_int_equal(a.steps, b.steps);
    assert_int_equal(a.wrong, b.wrong);
    assert_true(a.steps != c.steps || a.wrong != c.wrong);
    str_release(&a.path), str_release(&b.path), str_release(&c.path);
}

/* A channel that carries less than one word: the engine cannot keep to it, and the walk must say so. */
static void a_failure_is_told_and_found_again_by_its_own_seed(void **state)
{
    (void)state;
    struct walk_input in = input(5, 50);
    in.sms = (struct profile){MEDIUM_SMS, 1, 1};
    struct walk_report first = walked(&in);
    assert_non_null(first.why);
    assert_string_equal(first.why, "the page is longer than the channel carries");
    in.seed = first.seed;
    in.sessions = 1;
    struct walk_report again = walked(&in);
    assert_non_null(again.why);
    assert_string_equal(str_z(&again.path), str_z(&first.path));
    assert_true(span_starts(str_span(&first.path), SPAN("talk Found by a walk with seed ")));
    str_release(&first.path), str_release(&again.path);
}

static void one_language_is_spoken_where_it_is_asked_for(void **state)
{
    (void)state;
    struct walk_input in = input(3, 60);
    in.language = SPAN("ar");
    struct walk_report r = walked(&in);
    assert_null(r.why);
    assert_true(coverage_done(r.coverage, COVERAGE_SCREENS, 2) > coverage_done(r.coverage, COVERAGE_SCREENS, 1));
    str_release(&r.path);
}

/* Who has stopped and then dials, or goes on by SMS, asks anew: what they are sent then is no part of the withdrawal.
 */
static void what_is_asked_for_after_a_withdrawal_is_a_new_matter(void **state)
{
    static const char menus[] =
        "start main\n"
        "trigger main\n  words en HELP\n"
        "trigger stopped\n  words en STOP\n"
        "screen main\n  send Welcome.\n  say Welcome.\n"
        "  option 1 Again -> main\n  option 2 Call -> agree\n  option 3 Finish -> bye\n"
        "screen bye\n  say Goodbye.\n  -> end\n"
        "consent agree\n  version 1\n  say May we?\n  agree 1 Yes -> main\n  refuse 2 No -> main\n"
        "screen stopped\n  withdraw agree\n  hide back\n  say Stopped.\n  -> end\n";
    struct fixture whole = f;
    (void)state;
    fixture_open(&f, menus);
    struct walk_input in = input(1, 6000);
    struct walk_report r = walked(&in);
    if (r.why)
        fail_msg("%s\n%s", r.why, str_z(&r.path));
    assert_true(r.stopped > 1000);
    str_release(&r.path);
    fixture_close(&f);
    f = whole;
}

/* Published values of splitmix64 for the seed 1234567. */
static void luck_is_splitmix64(void **state)
{
    (void)state;
    struct luck l = {1234567};
    assert_true(luck_next(&l) == UINT64_C(6457827717110365317));
    assert_true(luck_next(&l) == UINT64_C(3203168211198807973));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callers_come_nearly_everywhere_and_break_nothing),
        cmocka_unit_test(the_same_seed_is_the_same_walk),
        cmocka_unit_test(a_failure_is_told_and_found_again_by_its_own_seed),
        cmocka_unit_test(one_language_is_spoken_where_it_is_asked_for),
        cmocka_unit_test(what_is_asked_for_after_a_withdrawal_is_a_new_matter),
        cmocka_unit_test(luck_is_splitmix64),
    };
    return cmocka_run_group_tests(tests, open_example, close_example);
}

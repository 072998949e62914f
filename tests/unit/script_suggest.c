// SPDX-License-Identifier: AGPL-3.0-or-later
#include "script/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void edits_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int most, distance;
    } rows[] = {
        {"", "", 3, 0},          {"abc", "abc", 0, 0},       {"contry", "country", 3, 1}, {"sya", "say", 3, 1},
        {"ca", "abc", 3, 3},     {"abcd", "badc", 3, 2},     {"kitten", "sitting", 3, 3}, {"kitten", "sitting", 2, 3},
        {"a", "abcdefgh", 3, 4}, {"abcdef", "uvwxyz", 3, 4}, {"", "abc", 3, 3},           {"abc", "", 2, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(suggest_distance(span_of(rows[i].a), span_of(rows[i].b), rows[i].most), rows[i].distance);
        assert_int_equal(suggest_distance(span_of(rows[i].b), span_of(rows[i].a), rows[i].most), rows[i].distance);
    }
}

static void endless_words_are_no_guess(void **state)
{
    (void)state;
    static char a[100000], b[100000];
    memset(a, 'a', sizeof a);
    memset(b, 'a', sizeof b);
    struct span left = {a, sizeof a}, right = {b, sizeof b};
    assert_int_equal(suggest_distance(left, right, 3), 0);
    b[500] = 'b';
    assert_int_equal(suggest_distance(left, right, 3), 4);
    struct suggest s = suggest_start(left);
    suggest_try(&s, right);
    assert_int_equal(suggest_best(&s).len, 0);
}

static const char *nearest(const char *wanted)
{
    static const char *const candidates[] = {"say", "ask", "send", "option", "register", "restart", "into"};
    struct suggest s = suggest_start(span_of(wanted));
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        suggest_try(&s, span_of(candidates[i]));
    return suggest_best(&s).len ? suggest_best(&s).p : "";
}

static void the_nearest_within_a_third_is_meant(void **state)
{
    (void)state;
    static const struct {
        const char *wanted, *best;
    } rows[] = {
        {"sya", "say"},           {"snd", "send"},
        {"opton", "option"},      {"regsiter", "register"},
        {"xyzwvut", ""},          {"options", "option"},
        {"optoins", "option"},    {"so", ""},
        {"rgistr", "register"},   {"ASK", "ask"},
        {"int", "into"},          {"Restart", "restart"},
        {"REGISTER", "register"}, {"preregistered", "register"},
        {"saying", ""},           {"regi", "register"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(nearest(rows[i].wanted), rows[i].best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_counted),
        cmocka_unit_test(endless_words_are_no_guess),
        cmocka_unit_test(the_nearest_within_a_third_is_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

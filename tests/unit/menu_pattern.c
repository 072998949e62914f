// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "menu/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct pattern *compile(const char *text)
{
    struct pattern *p = NULL;
    size_t offset;
    char why[200];
    assert_int_equal(pattern_compile(span_of(text), &p, &offset, why, sizeof why), 0);
    return p;
}

static void a_pattern_must_fit_the_whole_answer(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *answer;
        bool fits;
    } rows[] = {
        {"[a-z]+", "abc", true},
        {"[a-z]+", "abc1", false},
        {"[a-z]+", "1abc", false},
        {"a|ab", "ab", true},
        {"abc$", "abc\n", false},
        {"", "", true},
        {"^[\\p{L}\\p{M} '-]{2,30}$", "Côte d'Ivoire", true},
        {"^[\\p{L}\\p{M} '-]{2,30}$", "غانا", true},
        {"^[\\p{L}\\p{M} '-]{2,30}$", "Ghana 1", false},
        {"\\d{4}", "٢٠٢٦", true},
        {"..", "éé", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pattern *p = compile(rows[i].pattern);
        if (pattern_matches(p, span_of(rows[i].answer)) != rows[i].fits)
            fail_msg("%s against %s", rows[i].pattern, rows[i].answer);
        pattern_free(p);
    }
}

static void a_bad_pattern_says_where_and_why(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        size_t offset;
    } rows[] = {{"ab[cd", 5}, {"a(b", 3}, {"a**", 2}, {"x\\C", 3}, {"*a", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pattern *p = NULL;
        size_t offset = 99;
        char why[200] = "";
        int rc = pattern_compile(span_of(rows[i].pattern), &p, &offset, why, sizeof why);
        assert_int_equal(rc, ERR_SYNTAX);
        assert_null(p);
        assert_true(why[0] != '\0');
        if (offset != rows[i].offset)
            fail_msg("%s: offset %zu", rows[i].pattern, offset);
    }
}

static void a_pattern_that_backtracks_forever_is_given_up_quickly(void **state)
{
    (void)state;
    static const char *const patterns[] = {"(a+)+$", "(a*)*b", "(a|aa)+$", "(?:(?:a+)+)+c",
                                           "^(([a-z])+.)+[A-Z]([a-z])+$"};
    char answer[1025];
    memset(answer, 'a', sizeof answer);
    answer[1023] = '!';
    answer[1024] = '\0';
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        struct pattern *p = compile(patterns[i]);
        int64_t begun = clock_monotonic_ms();
        assert_false(pattern_matches(p, span_of(answer)));
        assert_true(clock_monotonic_ms() - begun < 500);
        pattern_free(p);
    }
}

/* The second branch fits, but the first takes some hundred thousand steps to be given up. */
static void a_match_that_meets_a_limit_counts_as_none(void **state)
{
    (void)state;
    struct pattern *p = compile("(a|aa)+c|a+!");
    assert_true(pattern_matches(p, SPAN("aaaa!")));
    assert_false(pattern_matches(p, SPAN("aaaaaaaaaaaaaaaaaaaaaaaa!")));
    pattern_free(p);
}

/* What the page proof relies on: never "plain" where a letter of two septets, or none of GSM-7, could pass. */
static void only_what_surely_lets_plain_letters_through_is_plain(void **state)
{
    (void)state;
    static const char *const plain[] = {"^[A-Za-z0-9]{1,20}$", "(?:yes|no)", "[A-Z .,'-]{2,}",
                                        "A{2}(-[0-9]+)?",      "a\\.b",      ""};
    static const char *const others[] = {
        "^[\\p{L}]{2,30}$", ".",           "[^a]", "\\d", "\\w+", "(?i)k",   "[Z-a]", "\\x41", "\xC3\xA9", "{",
        "[a-z\\]]",         "[[:alpha:]]", "[]a]", "~",   "a{1,", "(*UCP)a", "a{,4}", "a{,}",  "a{1,2,3}", "a{}"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (!pattern_plain(span_of(plain[i])))
            fail_msg("%s", plain[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (pattern_plain(span_of(others[i])))
            fail_msg("%s", others[i]);
}

static void a_pattern_survives_failing_allocation(void **state)
{
    (void)state;
    int rc = ERR_NOMEM;
    for (long n = 0; rc == ERR_NOMEM && n < 50; n++) {
        struct pattern *p = NULL;
        size_t offset;
        char why[200];
        mem_fail_after(n);
        rc = pattern_compile(SPAN("^[\\p{L}]{2,30}$"), &p, &offset, why, sizeof why);
        mem_fail_after(-1);
        pattern_free(p);
    }
    assert_int_equal(rc, 0);
    struct pattern *p = compile("a");
    mem_fail_after(0);
    bool fits = pattern_matches(p, SPAN("a"));
    mem_fail_after(-1);
    assert_false(fits);
    pattern_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_must_fit_the_whole_answer),
        cmocka_unit_test(a_bad_pattern_says_where_and_why),
        cmocka_unit_test(a_pattern_that_backtracks_forever_is_given_up_quickly),
        cmocka_unit_test(a_match_that_meets_a_limit_counts_as_none),
        cmocka_unit_test(only_what_surely_lets_plain_letters_through_is_plain),
        cmocka_unit_test(a_pattern_survives_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

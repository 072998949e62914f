// SPDX-License-Identifier: AGPL-3.0-or-later
/* Addresses and ranges. */
#include "base/err.h"
#include "base/ip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_range_holds_what_it_says_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *range, *address;
        bool within;
    } cases[] = {
        {"45.233.20.0/24", "45.233.20.0", true},     {"45.233.20.0/24", "45.233.20.255", true},
        {"45.233.20.0/24", "45.233.21.0", false},    {"45.233.20.0/24", "45.233.19.255", false},
        {"3.233.231.228/32", "3.233.231.228", true}, {"3.233.231.228/32", "3.233.231.229", false},
        {"3.233.231.228", "3.233.231.228", true},    {"3.233.231.228", "3.233.231.229", false},
        {"216.147.0.0/18", "216.147.63.255", true},  {"216.147.0.0/18", "216.147.64.0", false},
        {"0.0.0.0/0", "255.255.255.255", true},      {"0.0.0.0/0", "2001:db8::1", false},
        {"2001:db8::/32", "2001:db8:ffff::1", true}, {"2001:db8::/32", "2001:db9::1", false},
        {"10.0.0.0/8", "::ffff:10.1.2.3", true},     {"::/0", "10.0.0.1", true},
        {"2001:db8::1", "2001:db8::1", true},        {"2001:db8::1", "2001:db8::2", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ip_range range;
        struct ip ip;
        assert_int_equal(ip_range_read(span_of(cases[i].range), &range), 0);
        assert_int_equal(ip_read(span_of(cases[i].address), &ip), 0);
        if (ip_within(&ip, &range, 1) != cases[i].within)
            fail_msg("%s in %s", cases[i].address, cases[i].range);
        assert_false(ip_within(&ip, &range, 0));
    }
}

static void what_is_no_range_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int expected;
    } cases[] = {{"", ERR_SYNTAX},
                 {"host", ERR_SYNTAX},
                 {"10.0.0", ERR_SYNTAX},
                 {"10.0.0.256", ERR_SYNTAX},
                 {"10.0.0.0/33", ERR_SYNTAX},
                 {"10.0.0.0/-1", ERR_SYNTAX},
                 {"10.0.0.0/", ERR_SYNTAX},
                 {"10.0.0.0/8/8", ERR_SYNTAX},
                 {"2001:db8::/129", ERR_SYNTAX},
                 {"10.0.0.1:80", ERR_SYNTAX},
                 {"1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111", ERR_SYNTAX},
                 {"10.0.0.1/8", ERR_RANGE},
                 {"2001:db8::1/32", ERR_RANGE}};
    struct ip_range range;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (ip_range_read(span_of(cases[i].text), &range) != cases[i].expected)
            fail_msg("%s", cases[i].text);
    struct ip ip;
    assert_int_equal(ip_read((struct span){"10.0.0.1\0", 9}, &ip), ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_holds_what_it_says_and_nothing_else),
        cmocka_unit_test(what_is_no_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

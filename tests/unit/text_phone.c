// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "text/phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    const char *text, *country;
    int err;
    const char *digits;
} numbers[] = {
    {"+12025550123", "", 0, "12025550123"},
    {"12025550123", "", 0, "12025550123"},
    {"0012025550123", "", 0, "12025550123"},
    {"00 1 (202) 555-0123", "", 0, "12025550123"},
    {" 12025550123", "", 0, "12025550123"}, // a form decoder made the "+" a blank
    {" 12025550123", "44", 0, "12025550123"},
    {"+1 (202) 555-0123", "", 0, "12025550123"},
    {"+1.202.555.0123", "", 0, "12025550123"},
    {"+1 (0)202 555 0123", "", 0, "12025550123"},
    {"+1\u00A0202\u2011555\u20110123", "", 0, "12025550123"},
    {"\u202A+12025550123\u202C", "", 0, "12025550123"},
    {"+١٢٠٢٥٥٥٠١٢٣", "", 0, "12025550123"},
    {"+१२०२५५५०१२३", "", 0, "12025550123"},
    {"02025550123", "1", 0, "12025550123"},
    {"(0)2025550123", "1", 0, "12025550123"},
    {"(0202) 555 0123", "1", 0, "12025550123"},
    {"12025550123", "1", 0, "12025550123"},
    {"02025550123", "", ERR_RANGE, ""},
    {"+02025550123", "1", ERR_RANGE, ""},
    {"+0012025550123", "1", ERR_RANGE, ""},
    {"00012025550123", "1", ERR_RANGE, ""},
    {"1202555", "", 0, "1202555"},
    {"120255", "", ERR_RANGE, ""},
    {"120255501230123", "", 0, "120255501230123"},
    {"00120255501230123", "", 0, "120255501230123"},
    {"1202555012301234", "", ERR_RANGE, ""},
    {"001202555012301234", "", ERR_RANGE, ""},
    {"12025550123012345678901234567890", "", ERR_RANGE, ""},
    {"0120255501230123", "1", ERR_RANGE, ""},
    {"02025550123", "1234567890123456789", ERR_RANGE, ""},
    {"", "", ERR_SYNTAX, ""},
    {"+", "", ERR_SYNTAX, ""},
    {" - ", "", ERR_SYNTAX, ""},
    {"1+2025550123", "", ERR_SYNTAX, ""},
    {"++12025550123", "", ERR_SYNTAX, ""},
    {"whatsapp:+12025550123", "", ERR_SYNTAX, ""},
    {"1202555012x", "", ERR_SYNTAX, ""},
    {"1202555\xFF"
     "0123",
     "", ERR_SYNTAX, ""},
};

static void numbers_become_international_digits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct msisdn n = {.digits = ""};
        int err = phone_parse(span_of(numbers[i].text), span_of(numbers[i].country), &n);
        if (err != numbers[i].err || !span_is(span_of(n.digits), numbers[i].digits))
            fail_msg("row %zu: %s gave %d", i, numbers[i].text, err);
    }
}

static void a_number_is_filled_with_zeros_behind(void **state)
{
    (void)state;
    struct msisdn n;
    memset(&n, 'x', sizeof n);
    static const char zeros[sizeof n.digits] = "";
    assert_int_equal(phone_parse(SPAN("+12025550123"), SPAN(""), &n), 0);
    assert_memory_equal(n.digits + 11, zeros, sizeof n.digits - 11); // vaults and indexes take all of its bytes
}

static const struct {
    const char *text;
    bool service;
} senders[] = {
    {"384", true},          {"40404", true},         {"123456", true}, {"+40404", true},   {"WAYMARK", true},
    {"MTN-Info", true},     {"*123#", true},         {"10", false},    {"1202555", false}, {"+12025550123", false},
    {"02025550123", false}, {" 12025550123", false}, {"", false},      {"٤٠٤٠٤", true},
};

static void services_are_told_from_people(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof senders / sizeof *senders; i++)
        if (phone_is_service(span_of(senders[i].text)) != senders[i].service)
            fail_msg("row %zu", i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_become_international_digits),
        cmocka_unit_test(a_number_is_filled_with_zeros_behind),
        cmocka_unit_test(services_are_told_from_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

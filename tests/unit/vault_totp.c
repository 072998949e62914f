// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/totp.h"

#include "vault_fixture.h"

static const struct span ana = SPAN("ana");

/* RFC 6238, appendix B: the SHA-1 rows, of which six digits are the last six of eight. */
static void codes_are_those_of_the_rfc(void **state)
{
    static const struct {
        int64_t at_s;
        const char *code;
    } rows[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char code[TOTP_DIGITS + 1];
        assert_int_equal(totp_code(SPAN("12345678901234567890"), rows[i].at_s / TOTP_STEP_S, code), 0);
        assert_string_equal(code, rows[i].code);
    }
}

/* The secret out of the URI, as an app would read it. */
static struct span secret_of(struct keyed *k, char secret[20])
{
    struct span uri = str_span(&k->plain), found = {0};
    for (size_t i = 0; i < uri.len; i++)
        if (span_starts(span_from(uri, i), SPAN("secret=")))
            found = span_first(span_from(uri, i + 7), 32);
    assert_int_equal(found.len, 32);
    uint64_t bits = 0;
    int held = 0, filled = 0;
    for (size_t i = 0; i < found.len; i++) {
        char c = found.p[i];
        bits = bits << 5 | (uint64_t)(c >= 'A' ? c - 'A' : c - '2' + 26);
        held += 5;
        if (held >= 8) {
            held -= 8;
            secret[filled++] = (char)(bits >> held);
        }
    }
    return (struct span){secret, 20};
}

static int64_t last;

static int check(struct keyed *k, struct span code, int64_t now_s)
{
    int64_t step = -1;
    int rc = totp_check(k->v, ana, str_span(&k->box), code, now_s, last, &step);
    if (rc == 0)
        last = step;
    return rc;
}

static void a_code_counts_once_and_one_step_around_its_time(void **state)
{
    enum { STEP = 50000000, NOW = STEP * TOTP_STEP_S + 7 };
    struct keyed *k = *state;
    char secret[20], code[TOTP_DIGITS + 1];
    assert_int_equal(totp_new(k->v, ana, SPAN("Way & Mark"), &k->box, &k->plain), 0);
    assert_true(span_starts(str_span(&k->plain), SPAN("otpauth://totp/Way%20%26%20Mark:ana?secret=")));
    struct span s = secret_of(k, secret);
    totp_code(s, STEP, code);
    last = 0;
    assert_int_equal(check(k, span_of(code), NOW - 2 * TOTP_STEP_S), ERR_AUTH);
    assert_int_equal(check(k, span_of(code), NOW + 2 * TOTP_STEP_S), ERR_AUTH);
    assert_int_equal(check(k, span_of(code), NOW + TOTP_STEP_S), 0);
    assert_int_equal(last, STEP);
    assert_int_equal(check(k, span_of(code), NOW), ERR_AUTH); // used
    totp_code(s, STEP - 1, code);
    assert_int_equal(check(k, span_of(code), NOW), ERR_AUTH); // earlier than one that was used
    totp_code(s, STEP + 1, code);
    char spaced[8];
    snprintf(spaced, sizeof spaced, "%.3s %s", code, code + 3);
    assert_int_equal(check(k, span_of(spaced), NOW), 0);
}

static void what_is_no_code_is_refused(void **state)
{
    static const char *const rows[] = {"", "12345", "1234567", "12345a", "-12345", "      ", "\xD9\xA1\xD9\xA2"};
    struct keyed *k = *state;
    assert_int_equal(totp_new(k->v, ana, SPAN("W"), &k->box, &k->plain), 0);
    last = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(check(k, span_of(rows[i]), 1000000), ERR_AUTH);
}

static void a_box_of_another_member_or_master_is_refused(void **state)
{
    struct keyed *k = *state;
    int64_t step;
    assert_int_equal(totp_new(k->v, ana, SPAN("W"), &k->box, &k->plain), 0);
    assert_int_equal(totp_check(k->v, SPAN("ben"), str_span(&k->box), SPAN("123456"), 9000, 0, &step), ERR_CRYPTO);
    assert_int_equal(totp_check(k->other, ana, str_span(&k->box), SPAN("123456"), 9000, 0, &step), ERR_CRYPTO);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, keyed_setup, keyed_teardown)
    const struct CMUnitTest tests[] = {
        TEST(codes_are_those_of_the_rfc),
        TEST(a_code_counts_once_and_one_step_around_its_time),
        TEST(what_is_no_code_is_refused),
        TEST(a_box_of_another_member_or_master_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/printed.h"

#include "vault_fixture.h"

#include <string.h>

static struct opener *open_text(const char *text)
{
    struct opener *o;
    assert_int_equal(printed_open(span_of(text), &o), 0);
    return o;
}

static void the_same_paper_is_always_the_same_key(void **state)
{
    (void)state;
    char text[PRINTED_CHARS + 1], other[PRINTED_CHARS + 1], lower[2 * sizeof text];
    printed_new(text);
    printed_new(other);
    assert_int_equal(strlen(text), PRINTED_CHARS);
    size_t at = 0;
    for (size_t i = 0; text[i]; i++) { // as a tired hand writes it
        char c = text[i];
        lower[at++] = (char)(c == '-' ? ' ' : c == '0' ? 'o' : c == '1' ? 'l' : c >= 'A' ? c + 32 : c);
    }
    lower[at] = '\0';
    struct opener *a = open_text(text), *b = open_text(lower), *c = open_text(other);
    assert_memory_equal(opener_public(a), opener_public(b), VAULT_PUBLIC_BYTES);
    assert_memory_not_equal(opener_public(a), opener_public(c), VAULT_PUBLIC_BYTES);
    opener_close(a);
    opener_close(b);
    opener_close(c);
}

/* What papers in drawers say must open for ever. */
static void a_paper_of_today_is_read_by_every_later_version(void **state)
{
    (void)state;
    static const unsigned char known[VAULT_PUBLIC_BYTES] = {
        0xdd, 0x5c, 0x92, 0x68, 0xb0, 0xff, 0xc4, 0x10, 0x2a, 0xe8, 0x13, 0xef, 0xe5, 0xc8, 0xc7, 0x5e,
        0x06, 0xe4, 0x98, 0xb4, 0x51, 0xae, 0x0d, 0x5b, 0xcc, 0xbd, 0x7e, 0x2f, 0x2f, 0x69, 0x1b, 0x58};
    struct opener *o = open_text("0410-6105-0R3G-G28A-1C60-T3GF-219Y-68DC");
    assert_memory_equal(opener_public(o), known, sizeof known);
    opener_close(o);
}

static void every_slip_of_one_sign_is_noticed(void **state)
{
    static const char signs[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    (void)state;
    char text[PRINTED_CHARS + 1];
    struct opener *o;
    printed_new(text);
    for (size_t i = 0; text[i]; i++) {
        char was = text[i];
        for (size_t j = 0; was != '-' && j < sizeof signs - 1; j++) {
            text[i] = signs[j];
            assert_int_equal(printed_open(span_of(text), &o), signs[j] == was ? 0 : ERR_RANGE);
            if (signs[j] == was)
                opener_close(o);
        }
        text[i] = was;
    }
}

static void two_neighbours_changed_over_are_noticed(void **state)
{
    (void)state;
    char text[PRINTED_CHARS + 1];
    struct opener *o;
    printed_new(text);
    for (size_t i = 0; text[i + 1]; i++) {
        char a = text[i], b = text[i + 1];
        if (a == b || a == '-' || b == '-')
            continue;
        text[i] = b;
        text[i + 1] = a;
        assert_int_equal(printed_open(span_of(text), &o), ERR_RANGE);
        text[i] = a;
        text[i + 1] = b;
    }
}

static void what_is_no_key_is_refused(void **state)
{
    static const char *const rows[] = {"", "A", "W4KD-", "UUUU-UUUU-UUUU-UUUU-UUUU-UUUU-UUUU-UUUU",
                                       "0000-0000-0000-0000-0000-0000-0000-0000-0"};
    (void)state;
    struct opener *o;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(printed_open(span_of(rows[i]), &o), ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_paper_is_always_the_same_key),
        cmocka_unit_test(a_paper_of_today_is_read_by_every_later_version),
        cmocka_unit_test(every_slip_of_one_sign_is_noticed),
        cmocka_unit_test(two_neighbours_changed_over_are_noticed),
        cmocka_unit_test(what_is_no_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

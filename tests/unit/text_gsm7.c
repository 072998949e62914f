// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "base/utf8.h"
#include "text/gsm7.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_alphabet_is_the_one_of_23_038_and_goes_both_ways(void **state)
{
    (void)state;
    static const char expected[] = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ"
                                   " ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
                                   "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    struct str text = STR_INIT(300), back = STR_INIT(300);
    char code[128];
    for (int i = 0; i < 128; i++)
        code[i] = (char)i;
    gsm7_decode((struct span){code, 0x1B}, &text);
    str_addc(&text, ' '); // where the escape stands
    gsm7_decode((struct span){code + 0x1C, 128 - 0x1C}, &text);
    assert_string_equal(str_z(&text), expected);
    assert_int_equal(gsm7_encode(str_span(&text), &back), 0);
    code[0x1B] = ' ';
    assert_int_equal(back.len, 128);
    assert_memory_equal(back.p, code, 128);
    str_release(&text);
    str_release(&back);
}

static void the_extension_table_costs_two_and_goes_both_ways(void **state)
{
    (void)state;
    static const char text[] = "\f^{}\\[~]|€";
    static const char codes[] = "\x1B\x0A\x1B\x14\x1B\x28\x1B\x29\x1B\x2F\x1B\x3C\x1B\x3D\x1B\x3E\x1B\x40\x1B\x65";
    struct str out = STR_INIT(100);
    assert_int_equal(gsm7_count(span_of(text)), 20);
    assert_int_equal(gsm7_encode(span_of(text), &out), 0);
    assert_string_equal(str_z(&out), codes);
    str_clear(&out);
    gsm7_decode(span_of(codes), &out);
    assert_string_equal(str_z(&out), text);
    str_release(&out);
}

static void only_those_137_letters_have_septets(void **state)
{
    (void)state;
    int one = 0, two = 0;
    struct str text = STR_INIT(8), codes = STR_INIT(8), back = STR_INIT(8);
    for (int32_t cp = -1; cp <= 0x10FFFF; cp++) {
        int septets = gsm7_septets(cp);
        if (septets == 0)
            continue;
        *(septets == 1 ? &one : &two) += 1;
        str_clear(&text);
        str_clear(&codes);
        str_clear(&back);
        utf8_put(&text, cp);
        assert_int_equal(gsm7_count(str_span(&text)), septets);
        assert_int_equal(gsm7_encode(str_span(&text), &codes), 0);
        assert_int_equal(codes.len, septets);
        gsm7_decode(str_span(&codes), &back);
        assert_string_equal(str_z(&back), str_z(&text));
    }
    assert_int_equal(one, 127);
    assert_int_equal(two, 10);
    str_release(&text);
    str_release(&codes);
    str_release(&back);
}

static const struct {
    const char *text;
    int septets;
} counts[] = {
    {"", 0},   {"Ç", 1},  {"ç", -1},      {"á", -1}, {"í", -1},  {"ó", -1},    {"ú", -1},     {"â", -1},
    {"ê", -1}, {"ã", -1}, {"õ", -1},      {"`", -1}, {"$", 1},   {"¤", 1},     {"_", 1},      {"’", -1},
    {"–", -1}, {"…", -1}, {"\u00A0", -1}, {"€", 2},  {"a€b", 4}, {"\x1B", -1}, {"a\xFF", -1}, {"niño", 4},
};

/* Counting takes several letters at once: each must count the same at every place among others. */
static void a_letter_counts_the_same_wherever_it_stands(void **state)
{
    (void)state;
    for (int byte = 0; byte < 0x80; byte++)
        for (size_t at = 0; at < 24; at++) {
            char text[24], one = (char)byte;
            memset(text, "Az 9@"[at % 5], sizeof text);
            text[at] = one;
            int alone = gsm7_count((struct span){&one, 1});
            assert_int_equal(gsm7_count((struct span){text, sizeof text}),
                             alone < 0 ? -1 : (int)sizeof text - 1 + alone);
        }
}

static void letters_that_look_as_if_they_were_in_it_are_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        assert_int_equal(gsm7_count(span_of(counts[i].text)), counts[i].septets);
    assert_int_equal(gsm7_count(SPAN("\0")), -1); // 0x00 is "@", not NUL
    struct str out = STR_INIT(10);
    assert_int_equal(gsm7_encode(SPAN("aç"), &out), ERR_RANGE);
    str_release(&out);
    struct str tight = STR_INIT(1);
    assert_int_equal(gsm7_encode(SPAN("€"), &tight), ERR_LIMIT);
    str_release(&tight);
}

static void ucs2_counts_units_and_not_letters(void **state)
{
    (void)state;
    assert_int_equal(ucs2_count(SPAN("")), 0);
    assert_int_equal(ucs2_count(SPAN("aé€")), 3);
    assert_int_equal(ucs2_count(SPAN("ı😀")), 3);
    assert_int_equal(ucs2_count(SPAN("\uFFFF")), 1);
    assert_int_equal(ucs2_count(SPAN("\xFF\xFE")), 2);
}

static void unknown_escapes_are_shown_as_the_standard_says(void **state)
{
    (void)state;
    struct str out = STR_INIT(50);
    gsm7_decode(SPAN("\x1B"
                     "a\x1B\x1B"
                     "b\x1B\x09"
                     "c\x1B"),
                &out);
    assert_string_equal(str_z(&out), "a bÇc ");
    str_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_alphabet_is_the_one_of_23_038_and_goes_both_ways),
        cmocka_unit_test(the_extension_table_costs_two_and_goes_both_ways),
        cmocka_unit_test(only_those_137_letters_have_septets),
        cmocka_unit_test(a_letter_counts_the_same_wherever_it_stands),
        cmocka_unit_test(letters_that_look_as_if_they_were_in_it_are_not),
        cmocka_unit_test(ucs2_counts_units_and_not_letters),
        cmocka_unit_test(unknown_escapes_are_shown_as_the_standard_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

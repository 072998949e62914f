// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    const char *bytes;
    int32_t cp;   /* of the first letter, -1: not UTF-8 */
    size_t taken; /* bytes */
} firsts[] = {
    {"A", 'A', 1},
    {"\x7F", 0x7F, 1},
    {"\xC2\x80", 0x80, 2},
    {"\xDF\xBF", 0x7FF, 2},
    {"\xE0\xA0\x80", 0x800, 3},
    {"\xED\x9F\xBF", 0xD7FF, 3},
    {"\xEE\x80\x80", 0xE000, 3},
    {"\xEF\xBF\xBF", 0xFFFF, 3},
    {"\xF0\x90\x80\x80", 0x10000, 4},
    {"\xF0\x9F\x98\x80", 0x1F600, 4},
    {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4},
    {"\x80", -1, 1},             // a tail without a front
    {"\xC0\x80", -1, 1},         // overlong
    {"\xC1\xBF", -1, 1},         // overlong
    {"\xE0\x9F\xBF", -1, 1},     // overlong
    {"\xF0\x8F\xBF\xBF", -1, 1}, // overlong
    {"\xED\xA0\x80", -1, 1},     // a surrogate
    {"\xF4\x90\x80\x80", -1, 1}, // past U+10FFFF
    {"\xF5\x80\x80\x80", -1, 1},
    {"\xFF", -1, 1},
    {"\xC3", -1, 1},     // cut off
    {"\xE2\x82", -1, 1}, // cut off
    {"\xE2\x82"
     "A",
     -1, 1},                 // broken off
    {"\xF0\x9F\x98", -1, 1}, // cut off
    {"\xF0\x9F\x98"
     "A",
     -1, 1},
};

static void the_first_letter_is_read_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        struct span s = span_of(firsts[i].bytes);
        size_t len = s.len;
        assert_int_equal(utf8_next(&s), firsts[i].cp);
        assert_int_equal(len - s.len, firsts[i].taken);
        bool valid = utf8_valid(span_of(firsts[i].bytes)) == len;
        assert_int_equal(valid, firsts[i].cp >= 0);
    }
}

static void every_letter_comes_back_as_it_was_put(void **state)
{
    (void)state;
    struct str out = STR_INIT(8);
    for (int32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        str_clear(&out);
        utf8_put(&out, cp);
        struct span s = str_span(&out);
        if (utf8_next(&s) != cp || s.len)
            fail_msg("U+%04X", (unsigned)cp);
    }
    str_release(&out);
}

static void the_valid_part_ends_before_the_first_bad_byte(void **state)
{
    (void)state;
    assert_int_equal(utf8_valid(SPAN("")), 0);
    assert_int_equal(utf8_valid((struct span){NULL, 0}), 0);
    assert_int_equal(utf8_valid(SPAN("a\xC3\xA9"
                                     "b\xFF"
                                     "c")),
                     4);
    assert_int_equal(utf8_valid(SPAN("ab\xC3")), 2);
}

static void bad_bytes_count_as_one_letter_each(void **state)
{
    (void)state;
    assert_int_equal(utf8_length(SPAN("")), 0);
    assert_int_equal(utf8_length(SPAN("é😀a")), 3);
    assert_int_equal(utf8_length(SPAN("\xF0\x9F\x98"
                                      "a")),
                     4);
}

static void scrubbing_leaves_clean_text_and_line_feeds(void **state)
{
    (void)state;
    struct str out = STR_INIT(100);
    utf8_scrub(&out, SPAN("a\r\n\tb\x01\x7F\xC2\x85\0é\xFFz"));
    assert_string_equal(str_z(&out), "a \n b    é\uFFFDz");
    assert_int_equal(out.len, strlen(str_z(&out)));
    str_clear(&out);
    utf8_scrub(&out, SPAN("a\u202Eb\u2066c\u2069"));
    assert_string_equal(str_z(&out), "abc");
    str_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_letter_is_read_strictly),
        cmocka_unit_test(every_letter_comes_back_as_it_was_put),
        cmocka_unit_test(the_valid_part_ends_before_the_first_bad_byte),
        cmocka_unit_test(bad_bytes_count_as_one_letter_each),
        cmocka_unit_test(scrubbing_leaves_clean_text_and_line_feeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

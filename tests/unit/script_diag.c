// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/mem.h"
#include "script/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void add_example(struct diags *d)
{
    diag_error(d, "E02", (struct place){"menus/main.menu", 67, 6}, SPAN("  -> contry"),
               "no such screen \"%s\"\ndid you mean \"%s\"?", "contry", "country");
}

static void expect_text(const struct diags *d, const char *expected)
{
    struct str out = STR_INIT(1 << 20);
    diags_text(d, &out);
    assert_string_equal(str_z(&out), expected);
    str_release(&out);
}

static void a_message_looks_as_the_language_says(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    add_example(d);
    expect_text(d, "menus/main.menu:67:6: error E02: no such screen \"contry\"\n"
                   "   67 |   -> contry\n"
                   "      |      ^\n"
                   "  hint: did you mean \"country\"?\n");
    diags_free(d);
}

static void the_caret_stands_under_its_letter(void **state)
{
    (void)state;
    static const struct {
        int line, column;
        const char *source, *shown;
    } rows[] = {
        {7, 1, "x", "    7 | x\n      | ^\n"},
        {7, 3, "\t\tx", "    7 | \t\tx\n      | \t\t^\n"},
        {7, 3, "\xD9\x85\xD8\xB3x", "    7 | \xD9\x85\xD8\xB3x\n      |   ^\n"},
        {7, 5, "ab", "    7 | ab\n      |     ^\n"},
        {7, 2, "a\xE9z", "    7 | a\xEF\xBF\xBDz\n      |  ^\n"},
        {7, 2, "\x1B[2J", "    7 | \xEF\xBF\xBD[2J\n      |  ^\n"},
        {123456, 2, "ab", "123456 | ab\n       |  ^\n"},
        {7, 0, "ab", "    7 | ab\n"},
        {7, 2, "", ""},
        {0, 0, "ab", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diags *d = diags_new();
        struct str out = STR_INIT(1000);
        diag_warning(d, "W01", (struct place){"f", rows[i].line, rows[i].column}, span_of(rows[i].source), "m");
        diags_text(d, &out);
        assert_string_equal(str_z(&out) + span_find(str_span(&out), '\n') + 1, rows[i].shown);
        str_release(&out);
        diags_free(d);
    }
}

static void an_unknown_place_is_left_out(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    diag_warning(d, "W01", (struct place){0}, SPAN(""), "a");
    diag_warning(d, "W01", (struct place){.file = "f"}, SPAN(""), "b");
    diag_warning(d, "W01", (struct place){.file = "f", .line = 3}, SPAN(""), "c");
    expect_text(d, "warning W01: a\nf: warning W01: b\nf:3: warning W01: c\n");
    diags_free(d);
}

static void messages_are_sorted_and_repeats_dropped(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    char again[] = "b.menu"; // the same name at another address is the same file
    diag_error(d, "E01", (struct place){"b.menu", 9, 1}, SPAN(""), "one");
    diag_error(d, "E01", (struct place){"a.menu", 1, 1}, SPAN(""), "two");
    diag_error(d, "E01", (struct place){again, 2, 5}, SPAN(""), "three");
    diag_error(d, "E02", (struct place){again, 2, 5}, SPAN(""), "three");
    diag_error(d, "E01", (struct place){again, 2, 5}, SPAN(""), "three");
    diag_error(d, "E01", (struct place){again, 2, 4}, SPAN(""), "four");
    assert_int_equal(diags_errors(d), 6);
    diags_sort(d);
    expect_text(d, "b.menu:2:4: error E01: four\nb.menu:2:5: error E01: three\nb.menu:2:5: error E02: three\n"
                   "b.menu:9:1: error E01: one\na.menu:1:1: error E01: two\n");
    assert_int_equal(diags_errors(d), 5);
    assert_int_equal(diags_count(d), 5);
    diags_free(d);
}

static void past_a_thousand_they_are_only_counted(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    for (int i = 0; i < 1234; i++)
        diag_error(d, "E01", (struct place){"f", i + 1, 1}, SPAN("x"), "m");
    assert_int_equal(diags_count(d), 1000);
    assert_int_equal(diags_errors(d), 1234);
    assert_null(diags_at(d, 1000));
    assert_int_equal(diags_at(d, 999)->at.line, 1000);
    struct str out = STR_INIT(1 << 20);
    diags_text(d, &out);
    assert_string_equal(str_z(&out) + out.len - 13, "and 234 more\n");
    str_clear(&out);
    diags_json(d, &out);
    assert_non_null(strstr(str_z(&out), "\"message\":\"and 234 more\"}]"));
    str_release(&out);
    diags_free(d);
}

static void one_cause_is_told_once_with_its_places(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    for (int i = 0; i < 8; i++)
        diag_error(d, "E02", (struct place){"f", i + 1, 2}, SPAN("x"), "no such name\nspell it");
    diag_error(d, "E02", (struct place){"f", 9, 2}, SPAN("x"), "no such name\nspell it otherwise");
    diag_warning(d, "E02", (struct place){"f", 9, 3}, SPAN("x"), "no such name\nspell it");
    diag_error(d, "E02", (struct place){"g", 3, 0}, SPAN("x"), "no such name\nspell it otherwise");
    expect_text(d, "f:1:2: error E02: no such name\n    1 | x\n      |  ^\n  hint: spell it\n"
                   "  also at f:2:2, f:3:2, f:4:2, f:5:2, f:6:2 and 2 more\n"
                   "f:9:2: error E02: no such name\n    9 | x\n      |  ^\n  hint: spell it otherwise\n"
                   "  also at g:3\n"
                   "f:9:3: warning E02: no such name\n    9 | x\n      |   ^\n  hint: spell it\n");
    assert_int_equal(diags_errors(d), 10);
    diags_free(d);
}

static void json_is_quoted(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    struct str out = STR_INIT(1000);
    diags_json(d, &out);
    assert_string_equal(str_z(&out), "[]\n");
    str_clear(&out);
    diag_error(d, "E01", (struct place){"a\"b", 1, 2}, SPAN("src"), "tab\there \\ \xC3\xA9 \xE9\nhint");
    diags_json(d, &out);
    assert_string_equal(str_z(&out),
                        "[{\"severity\":\"error\",\"code\":\"E01\",\"file\":\"a\\\"b\",\"line\":1,\"column\":2,"
                        "\"message\":\"tab\\u0009here \\\\ \xC3\xA9 \\ufffd\",\"hint\":\"hint\"}]\n");
    str_release(&out);
    diags_free(d);
}

static void texts_are_copied(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    char file[] = "f.menu", source[] = "line";
    diag_error(d, "E01", (struct place){file, 1, 1}, span_of(source), "m");
    file[0] = source[0] = '?';
    expect_text(d, "f.menu:1:1: error E01: m\n    1 | line\n      | ^\n");
    diags_free(d);
}

static void no_error_is_lost_when_memory_is(void **state)
{
    (void)state;
    for (int nth = 0; nth < 8; nth++) {
        mem_fail_after(nth);
        struct diags *d = diags_new();
        if (d)
            add_example(d);
        mem_fail_after(-1);
        if (d)
            assert_int_equal(diags_errors(d), 1);
        if (d && diags_count(d) == 0)
            expect_text(d, "and 1 more\n");
        diags_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_looks_as_the_language_says),
        cmocka_unit_test(the_caret_stands_under_its_letter),
        cmocka_unit_test(an_unknown_place_is_left_out),
        cmocka_unit_test(messages_are_sorted_and_repeats_dropped),
        cmocka_unit_test(past_a_thousand_they_are_only_counted),
        cmocka_unit_test(one_cause_is_told_once_with_its_places),
        cmocka_unit_test(json_is_quoted),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(no_error_is_lost_when_memory_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "script/script.h"
#include "base/err.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct fixture {
    struct arena *a;
    struct diags *d;
    struct script script;
};

static struct fixture read_bytes(struct span bytes)
{
    struct fixture f = {.a = arena_new(200 << 20), .d = diags_new()};
    assert_int_equal(script_read("f.menu", bytes, f.a, f.d, &f.script), 0);
    return f;
}

static void done(struct fixture *f)
{
    diags_free(f->d);
    arena_free(f->a);
}

/* All statements as "line:column text" lines, then all messages as "line:column!code". */
static void expect(struct span bytes, const char *expected)
{
    struct fixture f = read_bytes(bytes);
    struct str out = STR_INIT(10000);
    for (size_t i = 0; i < f.script.count; i++) {
        const struct statement *st = &f.script.statements[i];
        str_addf(&out, "%d:%d %.*s\n", st->at.line, st->at.column, SPAN_ARG(st->text));
    }
    for (size_t i = 0; i < diags_count(f.d); i++) {
        const struct diag *one = diags_at(f.d, i);
        assert_string_equal(one->at.file, "f.menu");
        str_addf(&out, "%d:%d!%s\n", one->at.line, one->at.column, one->code);
    }
    assert_string_equal(str_z(&out), expected);
    str_release(&out);
    done(&f);
}

static void files_are_cut_into_statements(void **state)
{
    (void)state;
    static const struct {
        struct span bytes;
        const char *expected;
    } rows[] = {
        {SPAN(""), ""},
        {SPAN("\n\n  \n\t\n# note\n  # note"), ""},
        {SPAN("a b"), "1:1 a b\n"},
        {SPAN("  a b  \n\tc\n"), "1:3 a b\n2:2 c\n"},
        {SPAN("a\r\n  b\r\n| c\r\n"), "1:1 a\n2:3 b\nc\n"},
        {SPAN("\xEF\xBB\xBF"
              "a\n"),
         "1:1 a\n"},
        {SPAN("say a\n  | b\n  |c\n  |\n  |  d"), "1:1 say a\nb\nc\n\n d\n"},
        {SPAN("say a # no note\n"), "1:1 say a # no note\n"},
        {SPAN("> *123#\n< shown\n| more\n@ screen\n= end\n"),
         "1:1 > *123#\n2:1 < shown\nmore\n4:1 @ screen\n5:1 = end\n"},
        {SPAN("| x\na\n"), "2:1 a\n1:1!E01\n"},
        {SPAN("a\n\n  | x\n  | y\nb\n"), "1:1 a\n5:1 b\n3:3!E01\n"},
        {SPAN("a\n# note\n| x\n"), "1:1 a\n3:1!E01\n"},
        {SPAN("a\nb\0c\n| x\nd"), "1:1 a\n4:1 d\n2:2!E01\n"},
        {SPAN("  caf\xE9\n"), "1:6!E01\n"},
        {SPAN("\xC3\xA9t\xC3\xA9 \xFF\nb"), "2:1 b\n1:5!E01\n"},
        {SPAN("\xED\xA0\x80\n\xC0\x80\n\xF4\x90\x80\x80\n\xE2\x82\n"), "1:1!E01\n2:1!E01\n3:1!E01\n4:1!E01\n"},
        {SPAN("# note \xE9\n"), "1:8!E01\n"},
        {SPAN("a\n<<<<<<< HEAD\nb\n| c\n||||||| old\nx\n=======\ny\n| z\n>>>>>>> theirs\nd\n"),
         "1:1 a\n3:1 b\nc\n11:1 d\n2:1!E01\n"},
        {SPAN("<<<<<<< HEAD\r\nb\r\n=======\r\nc\r\n>>>>>>> x\r\n<<<<<<< HEAD\r\n=======\r\n>>>>>>> x\r\n"),
         "2:1 b\n1:1!E01\n6:1!E01\n"},
        {SPAN("a\n>>>>>>> theirs\nb\n"), "1:1 a\n3:1 b\n2:1!E01\n"},
        {SPAN("<<<<<< a\n<<<<<<<< b\n<<<<<<<c\n  ======= d\n"),
         "1:1 <<<<<< a\n2:1 <<<<<<<< b\n3:1 <<<<<<<c\n4:3 ======= d\n"},
        {SPAN("\xFF\xFE"
              "a\0\n\0b\0\n\0"),
         "1:1!E01\n"},
        {SPAN("PK\x03\x04\n\xE9\n\x01\n"), "1:1!E01\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(rows[i].bytes, rows[i].expected);
}

static void expect_message(struct span bytes, const char *message)
{
    struct fixture f = read_bytes(bytes);
    assert_int_equal(diags_count(f.d), 1);
    struct span told = diags_at(f.d, 0)->message;
    assert_true(span_is(told, message));
    done(&f);
}

static void messages_say_what_is_wrong(void **state)
{
    (void)state;
    expect_message(SPAN("a\0b"), "a NUL byte in the text");
    expect_message(SPAN("a\xE9"), "byte 0xE9 is not UTF-8");
    expect_message(SPAN("a \r b"), "an end of line of old Macintoshes (CR) in the text");
    expect_message(SPAN("\xFE\xFF\0a"), "the file is saved as UTF-16, not as UTF-8");
    expect_message(SPAN("a\0b\0c\0\n\0a\0b\0c\0\n\0"), "the file is saved as UTF-16, not as UTF-8");
    expect_message(SPAN("PK\x03\x04\x14"), "the file is a document of an office program, not a text");
    expect_message(SPAN("{\\rtf1\\ansi\n{\\fonttbl}\n}"),
                   "the file is a document of a word processor (RTF), not a text");
    expect_message(SPAN("<<<<<<< HEAD\n=======\n>>>>>>> x\n"),
                   "git left both texts of a conflict here, between <<<<<<< and >>>>>>>");
    expect_message(SPAN("a\x7F"), "a control character (0x7F) in the text");
    expect_message(SPAN("| b"), "\"|\" with nothing above it to continue");
}

static void a_line_too_long_is_skipped_and_reading_goes_on(void **state)
{
    (void)state;
    static const size_t sizes[] = {SCRIPT_LINE_MAX, SCRIPT_LINE_MAX + 1, 1 << 20};
    for (size_t i = 0; i < 3; i++) {
        struct str s = STR_INIT(2 << 20);
        str_addz(&s, "a\n");
        for (size_t n = 0; n < sizes[i]; n++)
            str_addc(&s, 'x');
        str_addz(&s, "\r\nb\n");
        struct fixture f = read_bytes(str_span(&s));
        bool fits = sizes[i] <= SCRIPT_LINE_MAX;
        assert_int_equal(f.script.count, fits ? 3 : 2);
        assert_int_equal(diags_errors(f.d), fits ? 0 : 1);
        if (!fits)
            assert_int_equal(diags_at(f.d, 0)->at.line, 2);
        assert_int_equal(f.script.statements[f.script.count - 1].at.line, 3);
        done(&f);
        str_release(&s);
    }
}

static void files_have_a_ceiling_in_bytes_and_lines(void **state)
{
    (void)state;
    char *big = mem_calloc(1, SCRIPT_FILE_MAX + 1);
    memset(big, '\n', SCRIPT_FILE_MAX + 1);
    struct fixture f = read_bytes((struct span){big, SCRIPT_FILE_MAX + 1});
    assert_int_equal(diags_errors(f.d), 1);
    done(&f);
    for (size_t i = 0; i < SCRIPT_FILE_MAX; i += 2)
        big[i] = 'a';
    f = read_bytes((struct span){big, SCRIPT_FILE_MAX});
    assert_int_equal(f.script.count, SCRIPT_LINES_MAX);
    assert_int_equal(diags_errors(f.d), 1);
    assert_int_equal(diags_at(f.d, 0)->at.line, SCRIPT_LINES_MAX + 1);
    done(&f);
    f = read_bytes((struct span){big, (size_t)SCRIPT_LINES_MAX * 2});
    assert_int_equal(f.script.count, SCRIPT_LINES_MAX);
    assert_int_equal(diags_errors(f.d), 0);
    done(&f);
    mem_free(big);
}

static void a_cursor_walks_words_and_takes_the_rest(void **state)
{
    (void)state;
    struct fixture f = read_bytes(SPAN("  option  1\t\xC3\xA9t\xC3\xA9 now -> x \n   |  on y\n"));
    struct script_cursor c = script_cursor(&f.script.statements[0]);
    struct token t;
    assert_false(script_accept(&c, "opt"));
    assert_true(script_accept(&c, "option"));
    assert_true(script_word(&c, &t));
    assert_true(span_is(t.text, "1"));
    assert_int_equal(t.at.column, 11);
    assert_true(span_is(script_peek(&c), "\t\xC3\xA9t\xC3\xA9 now -> x\n on y"));
    assert_true(script_word(&c, &t));
    assert_int_equal(t.at.column, 13);
    assert_true(script_word(&c, &t));
    assert_int_equal(t.at.column, 17); // columns count code points
    t = script_take(&c, 3);
    assert_true(span_is(t.text, " ->"));
    struct script_cursor here = c;
    t = script_rest(&c);
    assert_true(span_is(t.text, "x\n on y"));
    assert_int_equal(t.at.column, 24);
    assert_true(script_accept(&here, "x"));
    assert_true(script_word(&here, &t));
    assert_true(span_is(t.text, "on"));
    assert_int_equal(t.at.line, 2);
    assert_int_equal(t.at.column, 7);
    assert_true(span_is(t.source, "   |  on y"));
    assert_true(script_accept(&here, "y"));
    assert_false(script_word(&here, &t));
    assert_int_equal(t.text.len, 0);
    assert_int_equal(t.at.column, 11);
    assert_int_equal(script_take(&here, 1000).text.len, 0);
    assert_int_equal(script_rest(&here).text.len, 0);
    done(&f);
}

static void places_lead_back_to_the_line(void **state)
{
    (void)state;
    struct fixture f = read_bytes(SPAN("say ab\n  | cd\n  |\n  |e"));
    static const struct {
        size_t offset;
        int line, column;
    } rows[] = {{0, 1, 1}, {5, 1, 6}, {6, 1, 7}, {7, 2, 5}, {9, 2, 7}, {10, 3, 4}, {11, 4, 4}, {12, 4, 5}, {99, 4, 5}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct place at = script_place(&f.script.statements[0], rows[i].offset, NULL);
        assert_int_equal(at.line, rows[i].line);
        assert_int_equal(at.column, rows[i].column);
    }
    assert_int_equal(f.script.statements[0].line_count, 4);
    done(&f);
}

static void names_and_words_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool name, word;
    } rows[] = {
        {"a", true, true},     {"main-2_x", true, true}, {"part/screen", true, false}, {"a/b/c", false, false},
        {"a/", false, false},  {"/a", false, false},     {"2a", false, true},          {"A", false, true},
        {"", false, false},    {"a b", false, false},    {"2026-02", false, true},     {"a.b", false, true},
        {"a:b", false, false}, {"a/2", false, false},    {"\xC3\xA9", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(script_is_name(span_of(rows[i].text)), rows[i].name);
        assert_int_equal(script_is_word(span_of(rows[i].text)), rows[i].word);
    }
}

static void no_memory_is_told(void **state)
{
    (void)state;
    int succeeded = 0;
    for (int nth = 0; nth < 6; nth++) {
        struct arena *a = arena_new(1 << 20);
        struct diags *d = diags_new();
        struct script script;
        mem_fail_after(nth);
        int rc = script_read("f", SPAN("a\n| b\n"), a, d, &script);
        mem_fail_after(-1);
        assert_true(rc == 0 || rc == ERR_NOMEM);
        succeeded += rc == 0;
        if (rc == 0)
            assert_int_equal(script.count, 1);
        diags_free(d);
        arena_free(a);
    }
    assert_in_range(succeeded, 1, 5);
    struct arena *tight = arena_new(100);
    struct diags *d = diags_new();
    struct script script;
    assert_int_equal(script_read("f", SPAN("a\n| b\n"), tight, d, &script), ERR_NOMEM);
    diags_free(d);
    arena_free(tight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_cut_into_statements),
        cmocka_unit_test(messages_say_what_is_wrong),
        cmocka_unit_test(a_line_too_long_is_skipped_and_reading_goes_on),
        cmocka_unit_test(files_have_a_ceiling_in_bytes_and_lines),
        cmocka_unit_test(a_cursor_walks_words_and_takes_the_rest),
        cmocka_unit_test(places_lead_back_to_the_line),
        cmocka_unit_test(names_and_words_are_told_apart),
        cmocka_unit_test(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "locale/locale.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#define HEADER                                                                                                         \
    "msgid \"\"\nmsgstr \"\"\n\"Language: es\\n\"\n\"X-Reviewed-By: A. Person\\n\"\n"                                  \
    "\"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n\n"
enum { HEADER_LINES = 7 };

static char folder[] = P_tmpdir "/waymark-locale-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/xy.po", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

struct heard {
    size_t count, line, column;
    char message[200];
};

static void hear(void *ctx, const struct locale_problem *problem)
{
    struct heard *h = ctx;
    assert_string_equal(problem->file, path);
    if (h->count++)
        return;
    h->line = problem->line;
    h->column = problem->column;
    snprintf(h->message, sizeof h->message, "%s", problem->message);
}

static int load(struct span bytes, struct heard *h, struct locale **out)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.p, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
    *h = (struct heard){0};
    return locale_load(path, hear, h, out);
}

static const struct span example = SPAN(HEADER "msgctxt \"main/option\"\nmsgid \"Back\"\nmsgstr \"Atr\xC3\xA1s\"\n"
                                               "\n#, fuzzy\n#| msgid \"Hom\"\nmsgid \"Home\"\nmsgstr \"Casa\"\n"
                                               "\nmsgid \"\"\n\"Mo\"\n\"re\"\nmsgstr \"M\xC3\xA1s\"\n"
                                               "\nmsgid \"Empty\"\nmsgstr \"\"\n"
                                               "\n#~ msgid \"Old\"\n#~ msgstr \"Viejo\"\n"
                                               "\nmsgctxt \"c\"\nmsgid \"{n} day\"\nmsgid_plural \"{n} days\"\n"
                                               "msgstr[0] \"{n} d\xC3\xAD"
                                               "a\"\nmsgstr[1] \"\"\n");

static void translations_are_found_by_context_and_text(void **state)
{
    (void)state;
    struct heard h;
    struct locale *l;
    assert_int_equal(load(example, &h, &l), 0);
    assert_int_equal(h.count, 0);
    assert_true(span_is(locale_code(l), "es"));
    assert_true(span_is(locale_reviewer(l), "A. Person"));
    assert_true(span_is(locale_text(l, SPAN("main/option"), SPAN("Back")), "Atr\xC3\xA1s"));
    assert_true(span_is(locale_text(l, SPAN(""), SPAN("More")), "M\xC3\xA1s"));
    assert_null(locale_text(l, SPAN(""), SPAN("Back")).p);
    assert_null(locale_text(l, SPAN("main"), SPAN("Back")).p);
    assert_null(locale_text(l, SPAN(""), SPAN("Home")).p);  // fuzzy
    assert_null(locale_text(l, SPAN(""), SPAN("Empty")).p); // not yet translated
    assert_null(locale_text(l, SPAN(""), SPAN("Old")).p);   // obsolete
    assert_null(locale_text(l, SPAN(""), SPAN("")).p);      // the header is no text
    assert_true(span_is(locale_plural(l, SPAN("c"), SPAN("{n} day"), 0), "{n} d\xC3\xAD"
                                                                         "a"));
    assert_null(locale_plural(l, SPAN("c"), SPAN("{n} day"), 1).p);
    assert_null(locale_plural(l, SPAN("c"), SPAN("{n} day"), 2).p);
    assert_null(locale_plural(l, SPAN("c"), SPAN("{n} day"), -1).p);
    assert_null(locale_text(l, SPAN("c"), SPAN("{n} day")).p);
    assert_null(locale_plural(l, SPAN("main/option"), SPAN("Back"), 0).p);
    assert_int_equal(locale_plural_count(l), 2);
    assert_int_equal(locale_plural_form(l, 1), 0);
    assert_int_equal(locale_plural_form(l, 0), 1);
    locale_free(l);
}

static void entries_know_their_lines(void **state)
{
    (void)state;
    static const struct {
        const char *source, *text;
        size_t line;
    } rows[] = {{"Back", "Atr\xC3\xA1s", HEADER_LINES + 2},
                {"Home", NULL, HEADER_LINES + 7},
                {"More", "M\xC3\xA1s", HEADER_LINES + 10},
                {"Empty", NULL, HEADER_LINES + 15},
                {"{n} day",
                 "{n} d\xC3\xAD"
                 "a",
                 HEADER_LINES + 22}};
    struct heard h;
    struct locale *l;
    assert_int_equal(load(example, &h, &l), 0);
    struct span context, source, text;
    size_t line;
    for (size_t i = 0; i < 5; i++) {
        assert_true(locale_entry(l, i, &context, &source, &text, &line));
        assert_true(span_is(source, rows[i].source));
        assert_int_equal(text.p != NULL, rows[i].text != NULL);
        assert_true(span_is(text, rows[i].text));
        assert_int_equal(line, rows[i].line);
    }
    assert_false(locale_entry(l, 5, &context, &source, &text, &line));
    locale_free(l);
}

static void broken_files_are_told_with_their_place(void **state)
{
    (void)state;
    static const struct {
        struct span bytes;
        size_t line, column;
        const char *message; // how it starts
    } rows[] = {
        {SPAN(HEADER "msgid \"x\nmsgstr \"y\"\n"), 8, 9, "a text without its second quote\nwrite the quote"},
        {SPAN(HEADER "msgid \"x\"\nmsgstr \"y"), 9, 1, "the file ends in the middle of a text\nit was cut off"},
        {SPAN(HEADER "msgid \"x\"\nmsgstr \"caf\xE9\"\n"), 9, 12, "a byte that is not UTF-8\nsave the file as UTF-8"},
        {SPAN(HEADER "msgid \"x\"\nmsgstr \"\xC3\xA9\xC3\xA9\xED\xA0\x80\"\n"), 9, 11, "a byte that is not UTF-8"},
        {SPAN(HEADER "msgid \"x\"\nmsgstr \"a\0b\"\n"), 9, 10, "a NUL byte"},
        {SPAN("\xEF\xBB\xBF" HEADER), 1, 1, "the file starts with a byte-order mark"},
        {SPAN(HEADER "msgid \"x\"\nmsgstr \"y\"\nmsgid \"x\"\nmsgstr \"z\"\n"), 10, 1,
         "an entry for this text is there already\ntake one"},
        {SPAN(HEADER "msgctxt \"\"\nmsgid \"x\"\nmsgstr \"y\"\nmsgid \"x\"\nmsgstr \"z\"\n"), 11, 1,
         "the same text twice"},
        {SPAN("msgid \"x\"\nmsgstr \"y\"\n"), 0, 0, "the header must say"},
        {SPAN(""), 0, 0, "the header must say"},
        {SPAN("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=ISO-8859-1\\n\"\n"), 0, 0, "the header must say"},
        {SPAN("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; "
              "plural=q;\\n\"\n"),
         0, 0, "Plural-Forms cannot be understood at \"q;\""},
        {SPAN("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\nmsgid \"x\"\nmsgid_plural \"xs\"\n"
              "msgstr[0] \"y\"\n"),
         4, 1, "a plural, but the header has no Plural-Forms\nadd a line"},
        {SPAN(HEADER "msgid \"x\"\nmsgid_plural \"xs\"\nmsgstr[0] \"a\"\nmsgstr[1] \"b\"\nmsgstr[2] \"c\"\n"), 8, 1,
         "more plural forms"},
        {SPAN(HEADER "msgid \"x\"\nmsgid_plural \"xs\"\nmsgstr[0] \"a\"\nmsgstr[2] \"c\"\n"), 11, 1,
         "plural form has wrong index"},
        {SPAN("garbage\n"), 1, 1, "keyword \"garbage\" unknown\na text stands between"},
        {SPAN(HEADER "msgid \"x\"\nmsgstr \"y \"z\" y\"\n"), 9, 1, "keyword \"z\" unknown"},
        {SPAN(HEADER "msgid \"x\"\nmsgstr \"a\\q\"\n"), 9, 11, "a \"\\\" that means nothing\nwrite"},
        {SPAN(HEADER "msgid \"x\"\nmsgstr \"y\"\nmsgstr \"z\"\n"), 10, 7, "something that cannot stand here\nan entry"},
        {SPAN(HEADER "msgid \"x\"\n<<<<<<< HEAD\nmsgstr \"y\"\n=======\nmsgstr \"z\"\n>>>>>>> x\n"), 9, 1,
         "git left both texts"},
        {SPAN("\xFF\xFEm\0s\0"), 1, 1, "the file is saved as UTF-16, not as UTF-8\nchoose"},
        {SPAN("PK\x03\x04\x14"), 1, 1, "the file is a document of an office program"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct heard h;
        struct locale *l;
        assert_int_equal(load(rows[i].bytes, &h, &l), ERR_SYNTAX);
        assert_null(l);
        assert_int_equal(h.count, 1); // and nothing that comes of it
        assert_true(span_starts(span_of(h.message), span_of(rows[i].message)));
        assert_int_equal(h.line, rows[i].line);
        assert_int_equal(h.column, rows[i].column);
    }
}

static void many_errors_and_noise_do_not_end_the_program(void **state)
{
    (void)state;
    struct str s = STR_INIT(4 << 20);
    struct heard h;
    struct locale *l;
    for (int i = 0; i < 2000; i++)
        str_addz(&s, "garbage \"\n");
    assert_int_equal(load(str_span(&s), &h, &l), ERR_SYNTAX);
    assert_true(h.count > 1000);
    str_clear(&s);
    uint32_t noise = 1;
    for (int i = 0; i < 100000; i++) {
        noise = noise * 1664525 + 1013904223;
        str_addc(&s, (char)(noise >> 24 ? noise >> 24 : 1));
    }
    assert_int_equal(load(str_span(&s), &h, &l), ERR_SYNTAX);
    str_release(&s);
}

static void long_lines_and_crlf_are_read(void **state)
{
    (void)state;
    struct str s = STR_INIT(4 << 20);
    struct heard h;
    struct locale *l;
    str_addz(&s, HEADER "msgid \"a\"\r\nmsgstr \"b\"\r\nmsgid \"x\"\nmsgstr \"");
    for (int i = 0; i < 1 << 20; i++)
        str_addc(&s, 'y');
    str_addz(&s, "\"\n");
    assert_int_equal(load(str_span(&s), &h, &l), 0);
    assert_int_equal(locale_text(l, SPAN(""), SPAN("x")).len, 1 << 20);
    assert_true(span_is(locale_text(l, SPAN(""), SPAN("a")), "b"));
    locale_free(l);
    str_release(&s);
}

static void files_that_cannot_be_read_are_told_apart(void **state)
{
    (void)state;
    struct heard h = {0};
    struct locale *l;
    assert_int_equal(locale_load(folder, hear, &h, &l), ERR_IO);
    assert_int_equal(locale_load("/nowhere/xx.po", hear, &h, &l), ERR_MISSING);
    assert_int_equal(locale_load("-", hear, &h, &l), ERR_MISSING); // not standard input
    assert_int_equal(h.count, 0);
}

static void the_file_names_the_language_when_the_header_does_not(void **state)
{
    (void)state;
    struct heard h;
    struct locale *l;
    assert_int_equal(
        load(SPAN("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=utf-8\\nLanguage: \\n\"\n"), &h, &l), 0);
    assert_true(span_is(locale_code(l), "xy"));
    assert_int_equal(locale_reviewer(l).len, 0);
    locale_free(l);
}

static void the_source_language_is_its_own_translation(void **state)
{
    (void)state;
    struct locale *l = locale_source(SPAN("en"));
    assert_true(span_is(locale_code(l), "en"));
    assert_true(span_is(locale_text(l, SPAN("any"), SPAN("text")), "text"));
    assert_true(span_is(locale_plural(l, SPAN("any"), SPAN("day"), 0), "day"));
    assert_null(locale_plural(l, SPAN("any"), SPAN("day"), 1).p);
    assert_int_equal(locale_plural_form(l, 1), 0);
    assert_int_equal(locale_plural_form(l, 5), 1);
    locale_free(l);
}

static void no_memory_is_told(void **state)
{
    (void)state;
    struct heard h;
    struct locale *l = NULL;
    int rc = ERR_NOMEM;
    for (int nth = 0; rc != 0; nth++) {
        assert_in_range(nth, 0, 60);
        mem_fail_after(nth);
        rc = load(example, &h, &l);
        mem_fail_after(-1);
        assert_true(rc == 0 || (rc == ERR_NOMEM && !l));
    }
    locale_free(l);
    for (int nth = 0; nth < 3; nth++) {
        mem_fail_after(nth);
        assert_null(locale_source(SPAN("en")));
        mem_fail_after(-1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(translations_are_found_by_context_and_text),
        cmocka_unit_test(entries_know_their_lines),
        cmocka_unit_test(broken_files_are_told_with_their_place),
        cmocka_unit_test(many_errors_and_noise_do_not_end_the_program),
        cmocka_unit_test(long_lines_and_crlf_are_read),
        cmocka_unit_test(files_that_cannot_be_read_are_told_apart),
        cmocka_unit_test(the_file_names_the_language_when_the_header_does_not),
        cmocka_unit_test(the_source_language_is_its_own_translation),
        cmocka_unit_test(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* What we write is read back the same by libgettextpo, and every plural rule of the table is one. */
#include "base/err.h"
#include "base/file.h"
#include "locale/locale.h"
#include "locale/plural.h"
#include "locale/pot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static void complain(void *ctx, const struct locale_problem *problem)
{
    ++*(int *)ctx;
    fprintf(stderr, "%zu: %s\n", problem->line, problem->message);
}

static struct locale *read_back(struct span bytes)
{
    char path[] = "/tmp/waymark-pot-XXXXXX";
    int problems = 0, fd = mkstemp(path);
    struct locale *l = NULL;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(file_write(path, bytes, 0600), 0);
    assert_int_equal(locale_load(path, complain, &problems, &l), 0);
    assert_int_equal(problems, 0);
    unlink(path);
    return l;
}

static void texts_are_read_back_as_they_were(void **state)
{
    (void)state;
    static const char *const texts[] = {"plain", "two\nlines", "ends\n", "\n", "\"quoted\" \\ and\ttab",
                                        "\\n",   "ñ {x}"};
    enum { TEXTS = sizeof texts / sizeof texts[0] };
    struct str out = STR_INIT(100000);
    pot_new(&out, SPAN("en"));
    for (size_t i = 0; i < TEXTS; i++)
        pot_entry(&out, &(struct pot_entry){.context = SPAN("a/say"),
                                            .id = span_of(texts[i]),
                                            .comment = SPAN("one\ntwo"),
                                            .references = &(struct pot_reference){SPAN("m.menu"), 7},
                                            .reference_count = 1,
                                            .braces = true});
    pot_entry(&out, &(struct pot_entry){.context = SPAN("a/say"), .id = SPAN("{n} day"), .plural = SPAN("{n} days")});
    struct locale *l = read_back(str_span(&out));
    struct span context, source, text;
    size_t line, i = 0;
    for (; locale_entry(l, i, &context, &source, &text, &line); i++) {
        assert_true(span_is(source, i < TEXTS ? texts[i] : "{n} day"));
        assert_null(text.p);
    }
    assert_int_equal(i, TEXTS + 1);
    locale_free(l);
    str_release(&out);
}

static void a_new_language_has_its_plural_rule(void **state)
{
    (void)state;
    static const struct {
        const char *language;
        uint64_t n;
        int forms, form;
    } rows[] = {
        {"es", 1, 2, 0},  {"es", 0, 2, 1}, {"fr", 0, 2, 0},  {"fr", 2, 2, 1},   {"ar", 0, 6, 0},
        {"ar", 2, 6, 2},  {"ar", 7, 6, 3}, {"ar", 11, 6, 4}, {"ar", 100, 6, 5}, {"ru", 21, 3, 0},
        {"ru", 12, 3, 2}, {"zh", 5, 1, 0}, {"ti", 1, 2, 0},  {"xx", 2, 2, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str out = STR_INIT(10000);
        pot_new(&out, span_of(rows[i].language));
        struct locale *l = read_back(str_span(&out));
        assert_true(span_is(locale_code(l), rows[i].language));
        assert_int_equal(locale_reviewer(l).len, 0);
        assert_int_equal(locale_plural_count(l), rows[i].forms);
        assert_int_equal(locale_plural_form(l, rows[i].n), rows[i].form);
        locale_free(l);
        str_release(&out);
    }
    assert_null(pot_plural_forms(SPAN("xx")).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_back_as_they_were),
        cmocka_unit_test(a_new_language_has_its_plural_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

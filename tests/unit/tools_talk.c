// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "base/file.h"
#include "config/config.h"
#include "menu/menu.h"
#include "tools/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct arena *arena;
static struct settings settings;
static struct program *program;

static void show(const struct diags *d)
{
    struct str text = STR_INIT(100000);
    diags_text(d, &text);
    fputs(str_z(&text), stderr);
    str_release(&text);
}

static int load(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    arena = arena_new(1 << 20);
    assert_int_equal(config_load("tests/menus/example/waymark.conf", arena, d, &settings), 0);
    const struct menu_input in = {
        .settings = &settings, .start = "tests/menus/example/main.menu", .locales = "tests/no-locales"};
    int rc = menu_load(&in, d, &program);
    if (rc < 0)
        show(d);
    diags_free(d);
    return rc;
}

static int unload(void **state)
{
    (void)state;
    program_free(program);
    arena_free(arena);
    return 0;
}

static void the_worked_example_holds(void **state)
{
    (void)state;
    struct str bytes = STR_INIT(100000);
    struct diags *d = diags_new();
    struct talk_report report = {.coverage = coverage_new(program, arena), .keep = arena};
    assert_non_null(report.coverage);
    assert_int_equal(file_read("tests/menus/example/register.talk", &bytes), 0);
    assert_int_equal(talk_run(program, "register.talk", str_span(&bytes), d, &report), 0);
    show(d);
    assert_int_equal(report.talks, 6);
    assert_int_equal(report.failed, 0);
    assert_int_equal(diags_errors(d), 0);
    assert_true(coverage_screen(report.coverage, program_screen(program, SPAN("child"))));
    assert_false(coverage_screen(report.coverage, program_screen(program, SPAN("call-us"))));
    assert_int_equal(report.result_count, 6);
    assert_true(span_is(report.results[1].title, "A child is not signed up; children's helpers get the call"));
    assert_int_equal(report.results[1].why.len, 0);
    diags_free(d);
    str_release(&bytes);
}

#define DIAL "talk T\nphone +12025550101 ussd\nat 2026-04-14 10:00\n> *123#\n> 1\n"

/* What does not hold, and the line that is told; 0: all holds. */
static const struct {
    const char *text;
    int line;
    const char *code;
} rows[] = {
    {DIAL "@ main\n", 0, NULL},
    {DIAL "@ help\n", 6, "T01"},
    {DIAL "@ nowhere\n", 6, "E01"},
    {DIAL "< Return Help...\n", 0, NULL},
    {DIAL "< Return Help\n", 6, "T01"},
    {DIAL "< ...Language\n= end\n", 7, "T01"},
    {DIAL "= case request\n", 6, "T01"},
    {DIAL "= no case\n", 0, NULL},
    {DIAL "= sms ...\n", 6, "T01"},
    {DIAL "= consent agree 2026-02 yes\n", 6, "T01"},
    {DIAL "> 4\n> The driver was rude\n= case complaint priority high flags complaint\n= anonymous\n", 0, NULL},
    {DIAL "> 4\n> The driver was rude\n= case complaint priority normal\n", 8, "T01"},
    {DIAL "> 4\n> The driver was rude\n= case complaint flags minor\n", 8, "T01"},
    {DIAL "> 4\n> The driver was rude\n= case complaint flags\n", 8, "T01"},
    {DIAL "> 4\n> The driver was rude\n= no case\n", 8, "T01"},
    {DIAL "> 5\n> 1\n= end\n> 1\n", 9, "E01"},
    {DIAL "> 5\n> 1\n= end\n> *123#\n@ language\n", 0, NULL},
    {DIAL "> 2\n> 98\n> 1\n> 1\n> 24\n> *123#\n< Go on...\n> 1\n@ country\n", 0, NULL},
    {"> 1\n", 1, "E01"},
    {"talk T\n> 1\n", 2, "E01"},
    {"talk T\nphone +12025550101 fax\n", 2, "E01"},
    {"talk T\nat 2026-02-30 10:00\n", 2, "E01"},
    {"talk T\n= rain\n", 2, "E01"},
    {"talk T\nsay Hello\n", 2, "E01"},
};

static void what_does_not_hold_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct diags *d = diags_new();
        struct talk_report report = {0};
        assert_int_equal(talk_run(program, "t.talk", span_of(rows[i].text), d, &report), 0);
        const struct diag *first = diags_count(d) ? diags_at(d, 0) : NULL;
        if ((first ? first->at.line : 0) != rows[i].line || (first && !span_is(span_of(first->code), rows[i].code))) {
            show(d);
            fail_msg("row %zu", i);
        }
        diags_free(d);
    }
}

static void dots_are_anything(void **state)
{
    (void)state;
    static const struct {
        const char *expected, *shown;
        bool same;
    } pairs[] = {
        {"a...c", "abc", true},
        {"a...c", "ac", true},
        {"a...c", "abcd", false},
        {"...", "", true},
        {"a...c", "abcabc", true},
        {"...\n98", "a\nb\n98", true},
        {"", "a", false},
        {"a", "", false},
        {"No {ref}.", "No K7M3QX.", true},
        {"No {ref}.", "No k7m3qx.", false},
        {"...{ref}", "AAAAAAAAA", true},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (talk_matches(span_of(pairs[i].expected), span_of(pairs[i].shown), (struct span){0}) != pairs[i].same)
            fail_msg("%s / %s", pairs[i].expected, pairs[i].shown);
    assert_true(talk_matches(SPAN("No {ref}"), SPAN("No ABCDEF"), SPAN("ABCDEF")));
    assert_false(talk_matches(SPAN("No {ref}"), SPAN("No ABCDEG"), SPAN("ABCDEF")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_holds),
        cmocka_unit_test(what_does_not_hold_is_told_with_its_line),
        cmocka_unit_test(dots_are_anything),
    };
    return cmocka_run_group_tests(tests, load, unload);
}

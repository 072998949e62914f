// SPDX-License-Identifier: AGPL-3.0-or-later
/* What a run of transcripts leaves behind: coverage, accepted lines, JUnit. */
#include "tools_fixture.h"

#include "tools/junit.h"

static const char menus[] = "start a\n"
                            "screen a\n  say Hello.\n  option 1 Yes, please -> b\n  option 2 No -> end\n"
                            "screen b\n  say Ref.\n  option 1 Home -> a\n  option 7 Never -> c\n"
                            "screen c\n  say Bye.\n  -> end\n"
                            "screen d\n  when has lang: say There.\n  -> c\n"
                            "trigger d\n  words en D\n  words fr DF\n  words ar DA\n"
                            "trigger gone\n  words en STOP\n  words fr ARRET\n  words ar QIF\n"
                            "screen gone\n  erase\n  say Gone.\n  -> end\n";

#define HEAD "talk T & <co>\nphone +12025550101 ussd\nat 2026-04-14 10:00\n> *123#\n"

static void run(const struct fixture *f, const char *text, struct talk_report *report, int errors)
{
    struct diags *d = diags_new();
    assert_int_equal(talk_run(f->program, "t.talk", span_of(text), d, report), 0);
    assert_int_equal(diags_errors(d), errors);
    diags_free(d);
}

static void coverage_tells_what_was_never_come_by(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, menus);
    struct coverage *c = coverage_new(f.program, f.arena);
    struct talk_report report = {.coverage = c};
    assert_int_equal(coverage_count(c, COVERAGE_SCREENS), 4); // d only leads on
    assert_int_equal(coverage_count(c, COVERAGE_OPTIONS), 4);
    assert_int_equal(coverage_count(c, COVERAGE_WRONG), 2);
    assert_int_equal(coverage_count(c, COVERAGE_WHENS), 2); // one line, both ways
    run(&f, HEAD "> 3\n> YES, please!\n@ b\n> 1.\n@ a\n", &report, 0);
    struct str text = STR_INIT(10000);
    coverage_text(c, &text);
    assert_string_equal(str_z(&text), "coverage            any        en        fr        ar\n"
                                      "screens             2/4       2/4       0/4       0/4\n"
                                      "options             2/4       2/4       0/4       0/4\n"
                                      "wrong answers       1/2       1/2       0/2       0/2\n"
                                      "when lines          0/2       0/2       0/2       0/2\n"
                                      "Screens never come by:\n  c, gone\n"
                                      "Options never taken:\n  a 2, b 7\n"
                                      "Questions never answered wrongly:\n  b\n"
                                      "Lines with \"when\" not seen both ways:\n"
                                      "  main.menu:14 (never held), main.menu:14 (never failed)\n");
    run(&f, "talk F\nphone +12025550101 sms\nat 2026-04-14 10:00\n> DF\n@ c\n", &report, 0);
    str_clear(&text);
    coverage_text(c, &text);
    assert_non_null(strstr(str_z(&text), "Screens never come by:\n  gone\n"));
    assert_non_null(strstr(str_z(&text), "Screens never come by in en:\n  c\n"
                                         "Lines with \"when\" not seen both ways in en:\n  main.menu:14 (never held)\n"
                                         "Screens never come by in fr:\n  a, b\n"
                                         "Options never taken in fr:\n  a 1, b 1\n"
                                         "Questions never answered wrongly in fr:\n  a\n"));
    assert_null(strstr(str_z(&text), " in ar"));
    const struct condition *when = &f.program->screens[program_screen(f.program, SPAN("d"))].lines[0].when;
    assert_non_null(strstr(str_z(&text), "Lines with \"when\" not seen both ways:\n  main.menu:14 (never failed)\n"));
    assert_true(coverage_decided(c, when, true, program_language(f.program, SPAN("fr"))));
    assert_false(coverage_decided(c, when, true, program_language(f.program, SPAN("en"))));
    assert_false(coverage_decided(c, when, false, COVERAGE_ANY));
    assert_true(coverage_option(c, program_screen(f.program, SPAN("b")), 1));
    assert_false(coverage_option(c, program_screen(f.program, SPAN("b")), 2));
    str_release(&text);
    fixture_close(&f);
}

static void junit_names_what_failed(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, menus);
    struct talk_report report = {.keep = f.arena, .coverage = coverage_new(f.program, f.arena)};
    run(&f, HEAD "@ b\n" HEAD "@ a\n", &report, 1);
    struct str text = STR_INIT(10000);
    junit_text(report.results, report.result_count, report.coverage, &text);
    assert_string_equal(str_z(&text),
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"2\" failures=\"1\">\n"
                        "  <testsuite name=\"t.talk\" tests=\"2\" failures=\"1\">\n"
                        "    <testcase classname=\"t.talk\" name=\"T &amp; &lt;co&gt;\" file=\"t.talk\" line=\"1\">\n"
                        "      <failure message=\"expected &quot;b&quot;&#10;it is &quot;a&quot;\"/>\n    </testcase>\n"
                        "    <testcase classname=\"t.talk\" name=\"T &amp; &lt;co&gt;\" file=\"t.talk\" line=\"6\"/>\n"
                        "  </testsuite>\n"
                        "  <testsuite name=\"coverage\" tests=\"0\" failures=\"0\">\n    <properties>\n"
                        "      <property name=\"screens\" value=\"1/4\"/>\n"
                        "      <property name=\"options\" value=\"0/4\"/>\n"
                        "      <property name=\"wrong answers\" value=\"0/2\"/>\n"
                        "      <property name=\"when lines\" value=\"0/2\"/>\n"
                        "    </properties>\n  </testsuite>\n</testsuites>\n");
    str_release(&text);
    fixture_close(&f);
}

static const struct {
    const char *expected, *shown, *accepted;
} rows[] = {
    {"Old", "New", "New"},
    {"Old\n1 Yes\n2 No", "New\n1 Yes\n2 No", "New\n1 Yes\n2 No"},
    {"Old\n...", "New\n1 Yes\n2 No", "New\n..."},
    {"Old...\n...\n98 More", "New words\nmiddle\n98 More", "New words\n...\n98 More"},
    {"Ne...\n1 Ja", "New words\n1 Yes", "Ne...\n1 Yes"},
    {"A\nB", "A\nX\nB", "A\nX\nB"},
    {"A\nX\nB", "A\nB", "A\nB"},
    {"Yours is {ref}.", "Your number is ABCDEF.", "Your number is {ref}."},
    {"...", "", "..."},
};

static void only_what_does_not_hold_is_accepted(void **state)
{
    (void)state;
    struct arena *a = arena_new(16 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str out = STR_INIT(1000);
        int rc = talk_accepted(span_of(rows[i].expected), span_of(rows[i].shown), SPAN("ABCDEF"), a, &out);
        assert_int_equal(rc, 0);
        assert_string_equal(str_z(&out), rows[i].accepted);
        assert_true(talk_matches(str_span(&out), span_of(rows[i].shown), SPAN("ABCDEF")));
        str_release(&out);
    }
    arena_free(a);
}

static void accepting_changes_nothing_else_in_the_file(void **state)
{
    (void)state;
    static const char before[] = "# note\r\n" HEAD "  < Hallo\n\t| 1 Yes, please\n  | ...\n\n@ a\n# end";
    static const char after[] = "# note\r\n" HEAD "  < Hello.\n  | 1 Yes, please\n  | ...\n\n@ a\n# end";
    struct fixture f;
    fixture_open(&f, menus);
    struct talk_report report = {.keep = f.arena, .accept = true};
    run(&f, before, &report, 0);
    assert_int_equal(report.failed, 0);
    assert_int_equal(report.edit_count, 1);
    struct str out = STR_INIT(10000);
    talk_rewrite(span_of(before), report.edits, report.edit_count, &out);
    assert_string_equal(str_z(&out), after);
    run(&f, after, &report, 0);
    assert_int_equal(report.edit_count, 0);
    run(&f, HEAD "@ b\n", &report, 1); // never accepted by itself
    assert_int_equal(report.edit_count, 0);
    str_release(&out);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coverage_tells_what_was_never_come_by),
        cmocka_unit_test(junit_names_what_failed),
        cmocka_unit_test(only_what_does_not_hold_is_accepted),
        cmocka_unit_test(accepting_changes_nothing_else_in_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

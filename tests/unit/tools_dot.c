// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools_fixture.h"

#include "base/clock.h"
#include "tools/dot.h"
#include "tools/talk.h"

static const char menus[] =
    "start a\n"
    "screen a\n  say {old}\n  option 1 Say \"yes\" \\-> now -> p then b\n  option/sms 2 No -> end\n"
    "  when during office and not has lang: option 3 Ask -> yes\n"
    "part p\n  ask Age?\n  into age\n  kind number 1..9\n  error No.\n  tries 3 -> return\n  when age < 5: -> return\n"
    "  -> return\n"
    "screen b\n  option 1 Go back -> back\n"
    "consent yes\n  version 1\n  say May we?\n  agree 1 Yes -> b\n  refuse 2 No -> end\n"
    "fact old\n  text Old.\n  source s\n  owner o\n  reviewed 2025-01-01\n  review-by 2026-04-01\n  expired E.\n"
    "trigger gone\n  words en STOP, QUIT, END, CEASE\n  words fr ARRET\n  words ar QIF\n"
    "screen gone\n  withdraw yes\n  say Gone.\n  -> end\n";

static const char golden[] =
    "digraph waymark {\n"
    "  rankdir=LR;\n"
    "  node [shape=box fontname=\"sans-serif\"];\n"
    "  edge [fontname=\"sans-serif\" fontsize=10];\n"
    "  \"start \" [label=start shape=plaintext];\n"
    "  \"end \" [label=end shape=doublecircle];\n"
    "  \"back \" [label=\"back\" shape=plaintext];\n"
    "  \"a\" [label=\"a\\npast its date: old, 2026-04-01\"];\n"
    "  \"b\" [label=\"b\"];\n"
    "  \"yes\" [label=\"consent yes\\nno talk comes by\" shape=octagon];\n"
    "  \"gone\" [label=\"gone\\nno talk comes by\"];\n"
    "  subgraph \"cluster p\" {\n"
    "  label=\"part p\" style=dashed\n"
    "  \"return p\" [label=return shape=plaintext];\n"
    "  \"p\" [label=\"part p\"];\n"
    "  }\n"
    "  \"start \" -> \"a\";\n"
    "  \"a\" -> \"p\" [label=\"1 Say \\\"yes\\\" -> now\"];\n"
    "  \"return p\" -> \"b\" [label=\"for a\" style=dotted];\n"
    "  \"a\" -> \"end \" [label=\"2 No\\nby SMS\\nno talk takes it\"];\n"
    "  \"a\" -> \"yes\" [label=\"3 Ask\\nwhen during office and not has lang\\nno talk takes it\"];\n"
    "  \"p\" -> \"return p\" [label=\"after 3 tries\" style=dashed];\n"
    "  \"p\" -> \"return p\" [label=\"when age < 5\\nin no talk it holds\"];\n"
    "  \"p\" -> \"return p\" [label=\"answered\"];\n"
    "  \"b\" -> \"back \" [label=\"1 Go back\\nno talk takes it\"];\n"
    "  \"yes\" -> \"b\" [label=\"1 Yes\\nno talk takes it\"];\n"
    "  \"yes\" -> \"end \" [label=\"2 No\\nno talk takes it\"];\n"
    "  \"gone\" -> \"end \" [label=\"\"];\n"
    "  \"words gone\" [label=\"by SMS: \\\"stop\\\", \\\"quit\\\", \\\"end\\\", ...\\nstops\" shape=plaintext];\n"
    "  \"words gone\" -> \"gone\" [style=dashed];\n"
    "}\n";

static void the_drawing_has_names_ways_conditions_coverage_and_dates(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, menus);
    struct diags *d = diags_new();
    struct talk_report report = {.coverage = coverage_new(f.program, f.arena)};
    assert_int_equal(talk_run(f.program, "t.talk",
                              SPAN("talk T\nphone +12025550101 ussd\nat 2026-04-12 10:00\n> *123#\n> 1\n> 7\n@ b\n"), d,
                              &report),
                     0);
    assert_int_equal(report.failed, 0);
    struct dot_input in = {
        .program = f.program, .coverage = report.coverage, .today = date_to_day((struct date){2026, 4, 14})};
    struct str text = STR_INIT(1 << 20), again = STR_INIT(1 << 20);
    assert_int_equal(dot_text(&in, &text), 0);
    assert_string_equal(str_z(&text), golden);
    assert_int_equal(dot_text(&in, &again), 0);
    assert_string_equal(str_z(&again), golden);
    in.coverage = NULL;
    in.today -= 60;
    str_clear(&text);
    assert_int_equal(dot_text(&in, &text), 0);
    assert_null(strstr(str_z(&text), "no talk"));
    assert_null(strstr(str_z(&text), "old"));
    str_release(&text), str_release(&again);
    diags_free(d);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_drawing_has_names_ways_conditions_coverage_and_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* The page proof: what it refuses, where it says so, and that nothing which it accepts is ever cut or too long. */
#include "fit_walk.h"

#include "base/mem.h"

/* ---- the table ---- */

#define J10 "жжжжжжжжжж"
#define J40 J10 J10 J10 J10
#define A10 "aaaaaaaaaa"
#define A40 A10 A10 A10 A10
#define A50 A10 A10 A10 A10 A10
#define Z   "screen z\n  say bye\n  -> end\n"

#define ONE(label)  "start a\nscreen a\n  say hello\n  option 1 " label " -> z\n  option 2 no -> z\n" Z
#define LAST(label) "start a\nscreen a\n  say hello\n  option 1 no -> z\n  option 2 " label " -> z\n" Z
#define NAMED(limit, rest)                                                                                             \
    "start a\nscreen a\n  ask Who?\n  into who\n  " limit "\n  error Again.\n  tries 3 -> z\n  -> b\nscreen b\n" rest Z
#define ECHO(limit, label) NAMED(limit, "  option 1 " label " -> z\n  option 2 no -> z\n")
#define CONSENT(yes, no)                                                                                               \
    "start c\nconsent c\n  version 1\n  say May we?\n  agree 1 " yes " -> z\n  refuse 2 " no " -> z\n" Z               \
    "screen stopped\n  withdraw c\n  -> end\ntrigger stopped\n  words en STOP\n"
#define FACT(text, expired)                                                                                            \
    "fact f\n  text " text                                                                                             \
    "\n  source s\n  owner o\n  reviewed 2026-03-02\n  review-by 2026-09-01\n  expired " expired "\n"

/* A page of 204 septets or 102 units; that nothing is saved takes 22, keys take 23, More 8. Where another page follows,
 * only Back is left of the keys, with 7. */
static const struct {
    const char *what, *menu, *code;
    int line, column;
    const char *message, *hint;
} rows[] = {
    {"an option that fits to the letter in units", ONE(J40 J10 J10 "жжж"), NULL, 0, 0, NULL, NULL},
    {"an option one unit too long", ONE(J40 J10 J10 "жжжж"), "E32", 4, 3,
     "66 characters, but 65 fit (screen \"a\", option 1)", "shorten it, or give a short form: option/ussd"},
    {"an option that fits to the letter in septets", ONE(A50 A50 A50 A10 "1234"), NULL, 0, 0, NULL, NULL},
    {"an option one septet too long", ONE(A50 A50 A50 A10 "123€"), "E32", 4, 3, "167 characters, but 166 fit", NULL},
    {"a last option that fits without More, and with fewer keys", LAST(J40 J10 J10 "жжж"), NULL, 0, 0, NULL, NULL},
    {"the last option one unit too long", LAST(J40 J10 J10 "жжжж"), "E32", 5, 3,
     "66 characters, but 65 fit (screen \"a\", option 2)", NULL},
    {"a long option by SMS alone",
     "start a\nscreen a\n  say hello\n  option/ussd 1 yes -> z\n  option/sms 1 " J40 J40 J40 " -> z\n" Z, NULL, 0, 0,
     NULL, NULL},
    {"an answer that fits", ECHO("kind text 1..20", "{who} a"), NULL, 0, 0, NULL, NULL},
    {"an answer that may be too long", ECHO("kind text 1..21", "{who} a"), "E32", 10, 3,
     "67 characters, but 65 fit (screen \"b\", option 1)", "{who} may be that long"},
    {"an answer without a greatest length", ECHO("match ^[a-z]+$", "{who}"), "E32", 10, 3, NULL,
     "{who} has no greatest length: add \"kind text 1..30\""},
    {"a number stays inside the alphabet", ECHO("kind number 0..999", "{who}" A50 A50 A50 A10 "1"), NULL, 0, 0, NULL,
     NULL},
    {"a number of four digits", ECHO("kind number 0..1000", "{who}" A50 A50 A50 A10 "1"), "E32", 10, 3, NULL,
     "option/ussd"},
    {"an error too long for its page",
     "start a\nscreen a\n  ask Who?\n  into who\n  kind date\n  error " J40 J10 J10
     "жжжжжж\n  tries 3 -> z\n  -> z\n" Z,
     "E32", 6, 3, "66 characters, but 65 fit (screen \"a\", error)", "error/ussd"},
    {"a question too long for its page",
     "start a\nscreen a\n  ask " J40 J10 J10 "жжжжжж\n  into who\n  kind date\n  error No\n  tries 3 -> z\n  -> z\n" Z,
     "E32", 3, 3, "66 characters, but 65 fit (screen \"a\", question)", NULL},
    {"agree and refuse that fit together", CONSENT(J10 J10 "жжжжж", J10 J10 J10 "жжжжж"), NULL, 0, 0, NULL, NULL},
    {"agree and refuse that fit, but not together", CONSENT(J10 J10 "жжжжж", J10 J10 J10 "жжжжжж"), "E32", 5, 3,
     "66 characters, but 65 fit (screen \"c\", agree and refuse together)", "shorten it"},
    {"a fact's words while it is checked", ONE("{f}") FACT("short", J40 J10 J10 J10), "E32", 4, 3, "72 characters",
     NULL},
    {"a fact's words", ONE("{f}") FACT(J40 J10 J10 J10, "short"), "E32", 4, 3, "72 characters", NULL},
    {"the longest plural form", ONE("{callback_days: # d | # " J40 J10 J10 J10 "}"), "E32", 4, 3, "74 characters",
     NULL},
    {"the longest status",
     NAMED("kind reference",
           "  find k by who\n  option 1 {k.status} -> z\n  option 2 no -> z\n") "case k\n"
                                                                                "  anonymous\n  fields who\n  status "
                                                                                "new ok\n  status old " J40 J10 J10 J10
                                                                                "\n",
     "E32", 11, 3, "72 characters", NULL},
    {"a letter carried from a screen that asks nothing",
     "start b\nscreen b\n  say ж\n  -> a\nscreen a\n  option 1 " A50 A10 A10 " -> z\n  option 2 no -> z\n" Z, "E32", 6,
     3, "72 characters, but 65 fit", NULL},
    {"a letter that is not carried past a question",
     "start b\nscreen b\n  say ж\n  option 1 go -> a\nscreen a\n  option 1 " A50 A10 A10
     " -> z\n  option 2 no -> z\n" Z,
     NULL, 0, 0, NULL, NULL},
    {"a message of three parts",
     "start b\nscreen b\n  option 1 go -> a\nscreen a\n  send " J40 J40 J40 J40 J40 "ж\n  say hello\n  -> end\n", NULL,
     0, 0, NULL, NULL},
    {"a message of four parts",
     "start b\nscreen b\n  option 1 go -> a\nscreen a\n  send " J40 J40 J40 J40 J40 "жж\n  say hello\n  -> end\n",
     "E32", 5, 3, "4 messages, but \"parts send 3\"", NULL},
    {"the languages themselves", "start a\nscreen a\n  say hello\n  choose language\n  -> z\n" Z, NULL, 0, 0, NULL,
     NULL},
    {"a keyword's answer",
     "start a\nscreen a\n  -> z\nscreen b\n  option 1 {n} -> z\n  option 2 no -> z\n"
     "trigger b\n  words en B {n}\n" Z,
     "E32", 5, 3, NULL, "{n} has no greatest length"},
    {"eight pages of half the length", "start a\nscreen a\n  say " J40 J40 J40 J40 J40 J40 J40 J40 "\n  -> end\n", NULL,
     0, 0, NULL, NULL},
    {"nine pages of half the length",
     "start a\nscreen a\n  say " J40 J40 J40 J40 J40 J40 J40 J40 J40 J40 J40 J40 J40 J40 J40 "\n  -> end\n", "W32", 2,
     8, "more than 8 USSD pages: 9", NULL},
    {"five pages",
     "start a\nscreen a\n  say " A40 A40 A40 A40 A40 A40 A40 A40 A40 A40 A40 A40 A40 A40 A40 A40 A40 A40 A40 A40
     "\n  -> end\n",
     "W32", 2, 8, "more than 4 USSD pages: 5", NULL},
};

static void check_row(size_t i)
{
    struct fixture menu = fixture_of(rows[i].menu, 1);
    const struct profile pages[] = {{MEDIUM_USSD, 204, 102}, {MEDIUM_SMS, 459, 201}, {MEDIUM_USSD, 204, 102}};
    int rc = fit_check(menu.p, pages, 3, menu.d);
    const struct diag *told = diags_count(menu.d) ? diags_at(menu.d, 0) : NULL;
    if (!told != !rows[i].code || (told && strcmp(told->code, rows[i].code) != 0))
        fail_msg("%s: %s %s", rows[i].what, told ? told->code : "nothing",
                 told ? told->message.p : "was told"); // the copies end with a zero byte
    assert_int_equal(rc, told && told->severity == SEVERITY_ERROR ? ERR_REFUSED : 0);
    if (told) {
        assert_int_equal(diags_count(menu.d), 1);
        if (told->at.line != rows[i].line || told->at.column != rows[i].column)
            fail_msg("%s: at %d:%d", rows[i].what, told->at.line, told->at.column);
        if (rows[i].message && !holds(told->message, rows[i].message))
            fail_msg("%s: %.*s", rows[i].what, SPAN_ARG(told->message));
        if (rows[i].hint && !holds(told->hint, rows[i].hint))
            fail_msg("%s: %.*s", rows[i].what, SPAN_ARG(told->hint));
        assert_true(told->source.len > 0);
    }
    fixture_close(&menu);
}

static void what_cannot_stand_on_a_page_is_refused_where_it_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(i);
}

static void a_translation_is_refused_in_its_own_file(void **state)
{
    (void)state;
    struct fixture menu = fixture_of(ONE("yes"), 2);
    const struct profile page = {MEDIUM_USSD, 204, 102};
    assert_int_equal(fit_check(menu.p, &page, 1, menu.d), ERR_REFUSED);
    const struct diag *told = diags_at(menu.d, 0);
    assert_string_equal(told->at.file, "locales/fr.po");
    assert_int_equal(told->at.line, 13);
    assert_int_equal(told->at.column, 9);
    assert_true(holds(told->message, "72 characters, but 65 fit (screen \"a\", option 1)"));
    assert_true(span_starts(told->source, SPAN("msgstr \"")));
    assert_int_equal(diags_count(menu.d), 1);
    fixture_close(&menu);
}

static void no_page_is_too_small_to_be_looked_at(void **state)
{
    (void)state;
    struct fixture menu = fixture_of(CONSENT("yes", "no"), 1);
    for (int size = 0; size < 60; size++)
        for (int medium = 0; medium < MEDIUM_COUNT; medium++) {
            const struct profile page = {(enum medium)medium, size, size};
            struct diags *d = diags_new();
            int rc = fit_check(menu.p, &page, 1, d);
            assert_true(size > 10 || rc == ERR_REFUSED); // no room for More, or for anything beside it
            diags_free(d);
        }
    fixture_close(&menu);
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    struct fixture menu = fixture_of(ECHO("kind text 1..15", "{who} a"), 1);
    const struct profile page = {MEDIUM_USSD, 204, 102};
    int rc = ERR_NOMEM, rounds = 0;
    for (; rc == ERR_NOMEM && rounds < 1000; rounds++) {
        mem_fail_after(rounds);
        rc = fit_check(menu.p, &page, 1, menu.d);
        mem_fail_after(-1);
    }
    assert_int_equal(rc, 0);
    assert_true(rounds > 4);
    fixture_close(&menu);
}

/* ---- random menus ---- */

static void nothing_that_is_accepted_is_ever_cut(void **state)
{
    (void)state;
    long wanted = getenv("WAYMARK_TORTURE") ? 100000 : 3000;
    struct tally t = random_menus(wanted, 20261122);
    print_message("%ld screens, %ld accepted, %ld of them within %d of the limit; %ld pages, %ld violations\n",
                  t.screens, t.accepted, t.near, NEAR, t.pages, t.violations);
    if (FIT_PLANTED) { // the proof that counts one too few must be caught
        assert_true(t.violations > 0);
        return;
    }
    assert_int_equal(t.violations, 0);
    assert_true(t.near * 10 >= t.accepted);
    assert_true(t.accepted * 4 >= t.screens && t.accepted * 10 <= t.screens * 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_stand_on_a_page_is_refused_where_it_is_written),
        cmocka_unit_test(a_translation_is_refused_in_its_own_file),
        cmocka_unit_test(no_page_is_too_small_to_be_looked_at),
        cmocka_unit_test(running_out_of_memory_is_told),
        cmocka_unit_test(nothing_that_is_accepted_is_ever_cut),
    };
    const struct CMUnitTest planted[] = {cmocka_unit_test(nothing_that_is_accepted_is_ever_cut)};
    return FIT_PLANTED ? cmocka_run_group_tests(planted, NULL, NULL) : cmocka_run_group_tests(tests, NULL, NULL);
}

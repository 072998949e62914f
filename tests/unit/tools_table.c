// SPDX-License-Identifier: AGPL-3.0-or-later
/* The page proof with directories: the longest cell of a column counts, and all rows that one key can give. */
#include "menu_fixture.h"

#include "tools/fit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define J10  "жжжжжжжжжж"
#define A10  "aaaaaaaaaa"
#define A50  A10 A10 A10 A10 A10
#define A164 A50 A50 A50 A10 "1234"
#define MENU(lines)                                                                                                    \
    "start a\nscreen a\nask who\ninto n\nkind text 1..9\nerror no\ntries 3 -> z\n-> b\nscreen z\nsay bye\n-> end\n"    \
    "screen b\nfind t by n\n" lines                                                                                    \
    "table t\nfile t.csv\nkey k\ncolumn name phone\nsource s\nowner o\nreviewed 2026-01-02\nreview-by "                \
    "2026-09-01\nexpired e\n"
#define SAY  MENU("say {t.name} {t.phone}\noption 1 ok -> z\n")
#define LONG MENU("say {t.name}\noption 1 " A50 A10 A10 " -> z\noption 2 no -> z\n")
#define SEND MENU("option 1 text -> c\nscreen c\nfind t by n\nsend {t.name}\nsay x\n-> end\n")

/* A page of 204 septets or 102 units; that nothing is saved takes 22, keys take 23, More 8. Where another page follows,
 * only Back is left of the keys, with 7. */
static const struct {
    const char *name, *menu, *csv, *code;
    int line;
    const char *says;
} rows[] = {
    {"short rows", SAY, "k,name,phone\n1,Ann,1-202-555-0101\n", NULL, 0, NULL},
    {"a row that fits to the letter", SAY, "k,name,phone\n1," A164 ",1\n2,b,2\n", NULL, 0, NULL},
    {"a row one letter too long", SAY, "k,name,phone\n1," A164 ",12\n2,b,2\n", "E32", 14,
     "167 characters, but 166 fit (screen \"b\", the longest row of a table)"},
    {"the longest cells of two rows", SAY, "k,name,phone\n1," A164 ",1\n2,b,22\n", "E32", 14,
     "shorten the longest cells"},
    {"a row outside the alphabet", SAY, "k,name,phone\n1," J10 J10 J10 J10 J10 J10 J10 ",1\n", "E32", 14,
     "72 characters, but 65 fit"},
    {"a cell outside the alphabet beside a long option", LONG, "k,name,phone\n1,ж,1\n", "E32", 15,
     "72 characters, but 65"},
    {"the same inside it", LONG, "k,name,phone\n1,b,1\n", NULL, 0, NULL},
    {"a message of three parts", SEND, "k,name,phone\n1," A50 A50 A50 ",1\n1," A50 A50 "b,2\n1," A50 A50 "c,3\n", NULL,
     0, NULL},
    {"a message of too many parts", SEND,
     "k,name,phone\n1," A50 A50 A50 ",1\n1," A50 A50 "b,2\n1," A50 A50 "c,3\n1,d,4\n", "E32", 17, "4 messages"},
    {"rows of other keys", SEND,
     "k,name,phone\n1," A50 A50 A50 ",1\n2," A50 A50 "b,2\n3," A50 A50 "c,3\n4," A50 A50 "d,4\n", NULL, 0, NULL},
    {"more pages than anybody reads", SAY,
     "k,name,phone\n1," A50 A50 ",1\n1," A50 A50 "b,2\n1," A50 A50 "c,3\n1," A50 A50 "d,4\n1," A50 A50 "e,5\n1," A50 A50
     "f,6\n1," A50 A50 "g,7\n",
     "W32", 12, "USSD pages"},
};

static void one(size_t i)
{
    const struct fixture_file files[] = {{"m/main.menu", rows[i].menu}, {"m/t.csv", rows[i].csv}};
    struct settings settings = fixture_settings(1);
    settings.parts_send = 3;
    const struct menu_input in = {
        .settings = &settings, .start = "m/main.menu", .read = fixture_read, .ctx = &(struct fixture){files, 2}};
    const struct profile pages[] = {{MEDIUM_USSD, 204, 102}, {MEDIUM_SMS, 459, 201}};
    struct program *p = NULL;
    struct diags *d = diags_new();
    assert_int_equal(menu_load(&in, d, &p), 0);
    assert_true(fit_check(p, pages, 2, d) != ERR_NOMEM);
    struct str text = STR_INIT(100000);
    diags_text(d, &text);
    const struct diag *first = diags_count(d) ? diags_at(d, 0) : NULL;
    if (!first != !rows[i].code || (first && (strcmp(first->code, rows[i].code) || first->at.line != rows[i].line ||
                                              !strstr(str_z(&text), rows[i].says))))
        fail_msg("%s:\n%s", rows[i].name, str_z(&text));
    str_release(&text);
    diags_free(d);
    program_free(p);
}

static void the_longest_row_is_proved(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        one(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_longest_row_is_proved)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

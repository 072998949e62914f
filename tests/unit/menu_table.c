// SPDX-License-Identifier: AGPL-3.0-or-later
/* Directories: what is refused in the section, in the file and in texts, and where; what is read. */
#include "menu_fixture.h"

#include "base/mem.h"
#include "menu/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ASK                                                                                                            \
    "start a\nscreen a\nask who\ninto n\nkind text 1..9\nerror no\ntries 3 -> z\n-> b\nscreen z\nsay bye\n-> end\n"
#define SOURCE "source s\nowner o\nreviewed 2026-01-02\nreview-by 2026-09-01\nexpired e\n"
#define FIND   "screen b\nfind t by n\nsay {t.name}\n-> end\n"          /* lines 12..15 */
#define TABLE  "table t\nfile t.csv\nkey k\ncolumn name phone\n" SOURCE /* lines 16..24 */
#define ROW    "k,name,phone\none,Ann,1\n"

static const struct row {
    const char *name, *menu, *csv; /* csv NULL: no file */
    const char *code;              /* NULL: accepted */
    const char *file;              /* NULL: the menu */
    int line, column;
    const char *says;
} rows[] = {
    {"a table", ASK FIND TABLE, ROW, NULL, NULL, 0, 0, NULL},
    {"a table with CRLF, quotes and a byte-order mark", ASK FIND TABLE,
     "\xEF\xBB\xBFk,name,phone\r\n\"o\"\"ne\",\"Ann, Bob\",1\r\n", NULL, NULL, 0, 0, NULL},
    {"no end of the last line", ASK FIND TABLE, "k,name,phone\none,Ann,1", NULL, NULL, 0, 0, NULL},

    {"no file", ASK FIND TABLE, NULL, "E02", NULL, 17, 6, "no such file"},
    {"a file outside", ASK FIND "table t\nfile ../t.csv\nkey k\ncolumn name\n" SOURCE, ROW, "E02", NULL, 17, 6,
     "under the menus' folder"},
    {"no file line", ASK FIND "table t\nkey k\ncolumn name\n" SOURCE, ROW, "E01", NULL, 16, 7, "without \"file\""},
    {"no key line", ASK FIND "table t\nfile t.csv\ncolumn name\n" SOURCE, ROW, "E01", NULL, 16, 7, "without \"key\""},
    {"no column line", ASK FIND "table t\nfile t.csv\nkey k\n" SOURCE, ROW, "E01", NULL, 16, 7, "without \"column\""},
    {"no source",
     ASK FIND "table t\nfile t.csv\nkey k\ncolumn name\nowner o\nreviewed 2026-01-02\nreview-by "
              "2026-09-01\nexpired e\n",
     ROW, "E50", NULL, 16, 7, "table \"t\" without \"source\""},
    {"dates turned",
     ASK FIND "table t\nfile t.csv\nkey k\ncolumn name\nsource s\nowner o\nreviewed 2026-09-02\n"
              "review-by 2026-09-01\nexpired e\n",
     ROW, "E50", NULL, 16, 7, "before it was reviewed"},
    {"past its date",
     ASK FIND "table t\nfile t.csv\nkey k\ncolumn name\nsource s\nowner o\nreviewed 2026-01-02\n"
              "  review-by 2026-04-13\nexpired e\n",
     ROW, "E51", NULL, 23, 3, "table \"t\" was due"},
    {"due soon",
     ASK FIND "table t\nfile t.csv\nkey k\ncolumn name\nsource s\nowner o\nreviewed 2026-01-02\nreview-by "
              "2026-04-20\nexpired e\n",
     ROW, "W50", NULL, 23, 1, NULL},
    {"name of a fact", ASK FIND TABLE "fact t\ntext x\n" SOURCE, ROW, "E03", NULL, 16, 7, "also the name of a fact"},
    {"name of a case", ASK FIND TABLE "case t\nanonymous\n", ROW, "E03", NULL, 16, 7, "also the name of a case"},
    {"twice", ASK FIND TABLE TABLE, ROW, "E03", NULL, 25, 7, "given twice"},
    {"statement of another section", ASK FIND TABLE "text x\n", ROW, "E01", NULL, 25, 1, "belongs in a fact"},

    {"unknown column", ASK FIND "table t\nfile t.csv\nkey k\ncolumn nmae phone\n" SOURCE, ROW, "E02", NULL, 19, 8,
     "did you mean \"name\"?"},
    {"unknown column in the section",
     ASK "screen b\nfind t by n\nsay x\n-> end\n"
         "table t\nfile t.csv\nkey k\ncolumn name nmae\n" SOURCE,
     ROW, "E02", NULL, 19, 13, "did you mean \"name\"?"},
    {"unknown key", ASK FIND "table t\nfile t.csv\nkey state\ncolumn name\n" SOURCE, ROW, "E02", NULL, 18, 5,
     "no such column \"state\""},
    {"unknown column in a text", ASK "screen b\nfind t by n\nsay Call {t.fone}\n-> end\n" TABLE, ROW, "E02", NULL, 14,
     11, "{t.name}"},
    {"a cell in an option", ASK "screen b\nfind t by n\noption 1 {t.name} -> z\n" TABLE, ROW, "E01", NULL, 14, 11,
     "put it into a \"say\""},
    {"a cell in a fact", ASK FIND TABLE "fact f\ntext {t.name}\n" SOURCE, ROW, "E01", NULL, 26, 7, NULL},
    {"a cell in its own table",
     ASK FIND "table t\nfile t.csv\nkey k\ncolumn name\nsource s\nowner o\nreviewed "
              "2026-01-02\nreview-by 2026-09-01\nexpired {t.name}\n",
     ROW, "E01", NULL, 24, 10, NULL},
    {"find in nothing", ASK "screen b\nfind s by n\nsay x\n-> end\n" TABLE, ROW, "E02", NULL, 13, 6,
     "no such case or table \"s\""},
    {"find by nothing", ASK "screen b\nfind t by m\nsay x\n-> end\n" TABLE, ROW, "E02", NULL, 13, 11, NULL},
    {"find by what may not be answered",
     "start a\nscreen a\n-> b\nscreen b\nfind t by n\nsay x\n-> end\nscreen c\nask who\ninto n\nkind text 1..9\nerror "
     "no\ntries 3 -> b\n-> b\ntrigger c\nwords en C\n" TABLE,
     ROW, "E20", NULL, 5, 1, NULL},
    {"source and dates in a text",
     ASK "screen b\nfind t by n\nsay {t.source} {t.reviewed} {t.owner} {t.k}\n-> end\n" TABLE, ROW, NULL, NULL, 0, 0,
     NULL},

    {"an empty file", ASK FIND TABLE, "", "E01", "m/t.csv", 1, 1, "empty"},
    {"a table of a spreadsheet that has semicolons", ASK FIND TABLE, "k;name;phone\none;Ann;1\n", "E01", "m/t.csv", 1,
     2, "divided by semicolons"},
    {"a table with tabs", ASK FIND TABLE, "k\tname\tphone\none\tAnn\t1\n", "E01", "m/t.csv", 1, 2, "divided by tabs"},
    {"names alone", ASK FIND TABLE, "k,name,phone\n", "E01", NULL, 17, 6, "no rows"},
    {"a row too short", ASK FIND TABLE, "k,name,phone\none,Ann\n", "E01", "m/t.csv", 2, 1,
     "2 cells, but the first line names 3"},
    {"a row too long", ASK FIND TABLE, ROW "two,Bob,1,2\n", "E01", "m/t.csv", 3, 1, "4 cells"},
    {"an empty line", ASK FIND TABLE, "k,name,phone\n\none,Ann,1\n", "E01", "m/t.csv", 2, 1, "1 cell,"},
    {"a quote inside a cell", ASK FIND TABLE, "k,name,phone\none,A\"nn,1\n", "E01", "m/t.csv", 2, 6, "a quote inside"},
    {"a quote that is not closed", ASK FIND TABLE, "k,name,phone\none,\"Ann,1\ntwo,Bob,2\n", "E01", "m/t.csv", 2, 5,
     "never closed"},
    {"text behind a quote", ASK FIND TABLE, "k,name,phone\none,\"Ann\" x,1\n", "E01", "m/t.csv", 2, 10, "behind"},
    {"not UTF-8", ASK FIND TABLE, "k,name,phone\none,Ren\xE9,1\n", "E01", "m/t.csv", 2, 8, "UTF-8"},
    {"a tab", ASK FIND TABLE, "k,name,phone\n\xC3\xA9,A\tnn,1\n", "E01", "m/t.csv", 2, 4, "control character"},
    {"not UTF-8 in the second line of a cell", ASK FIND TABLE, "k,name,phone,note\none,A,1,\"x\nyz\xE9\"\n", "E01",
     "m/t.csv", 3, 3, "UTF-8"},
    {"text behind a cell of two lines", ASK FIND TABLE, "k,name,phone,note\none,A,1,\"x\ny\"z\n", "E01", "m/t.csv", 3,
     3, "behind"},
    {"a lonely CR", ASK FIND TABLE, "k,name,phone\none,A\rnn,1\n", "E01", "m/t.csv", 2, 6, NULL},
    {"a column twice", ASK FIND TABLE, "k,name,phone,name\none,Ann,1,x\n", "E03", "m/t.csv", 1, 14, "stands twice"},
    {"a column without a name", ASK FIND TABLE, "k,name,phone,\none,Ann,1,x\n", "E01", "m/t.csv", 1, 14, NULL},
    {"a row without a key", ASK FIND TABLE, ROW " ,Bob,2\n", "E01", "m/t.csv", 3, 1, "without its key"},
    {"a row twice", ASK FIND TABLE, ROW "ONE,Ann,1\n", "E03", "m/t.csv", 3, 1, "first on line 2"},
    {"a key twice", ASK FIND TABLE, ROW "one,Bob,2\n", NULL, NULL, 0, 0, NULL},
    {"an alias that is a key", ASK FIND TABLE, "k,aliases,name,phone\none,1;eins,A,1\ntwo,EINS,B,2\n", "E03", "m/t.csv",
     3, 5, "already stands for \"one\""},
    {"an alias of the same key", ASK FIND TABLE, "k,aliases,name,phone\none,1;eins;one,A,1\none,1,B,2\n", NULL, NULL, 0,
     0, NULL},
    {"a line break in a cell that is shown", ASK FIND TABLE, "k,name,phone\none,\"A\nnn\",1\n", "E01", "m/t.csv", 2, 5,
     "a row is one line"},
    {"a line break in another cell", ASK FIND TABLE, "k,name,phone,note\none,A,1,\"x\ny\"\n", NULL, NULL, 0, 0, NULL},
    {"a row past its date", ASK FIND TABLE, "k,name,phone,review-by\none,Ann,1,\ntwo,B,2,2026-04-13\n", "E51",
     "m/t.csv", 3, 9, "row \"two\" was due"},
    {"a row with no date", ASK FIND TABLE, "k,name,phone,review-by\none,Ann,1,soon\n", "E50", "m/t.csv", 2, 11,
     "is not a date"},
    {"a row with its dates turned", ASK FIND TABLE, "k,name,phone,reviewed\none,Ann,1,2026-10-01\n", "E50", "m/t.csv",
     2, 1, NULL},
    {"a cell that pushes", ASK FIND TABLE, "k,name,phone\none,Hurry Inc,1\n", "E45", "m/t.csv", 2, 1, NULL},
};

static int load(const char *menu, const char *csv, struct diags *d, struct program **p)
{
    const struct fixture_file files[] = {{"m/main.menu", menu}, {"m/t.csv", csv}};
    static struct settings settings; // outlives the program
    settings = fixture_settings(1);
    const struct menu_input in = {.settings = &settings,
                                  .start = "m/main.menu",
                                  .read = fixture_read,
                                  .ctx = &(struct fixture){files, csv ? 2 : 1},
                                  .today = fixture_today(),
                                  .dated = true};
    return menu_load(&in, d, p);
}

static bool fits(const struct row *row, int rc, const struct diags *d)
{
    const struct diag *first = diags_count(d) ? diags_at(d, 0) : NULL;
    if (!row->code)
        return rc == 0 && !first;
    char all[4000] = "";
    if (first)
        snprintf(all, sizeof all, "%.*s\n%.*s", SPAN_ARG(first->message), SPAN_ARG(first->hint));
    return rc == (row->code[0] == 'W' ? 0 : ERR_REFUSED) && first && !strcmp(first->code, row->code) &&
           !strcmp(first->at.file, row->file ? row->file : "m/main.menu") && first->at.line == row->line &&
           first->at.column == row->column && (!row->says || strstr(all, row->says)) && first->hint.len &&
           (first->source.len || !row->csv || !*row->csv || strstr(row->csv, "\n\n"));
}

static void every_broken_table_is_refused_at_its_place(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct program *p = NULL;
        struct diags *d = diags_new();
        int rc = load(rows[i].menu, rows[i].csv, d, &p);
        if (!fits(&rows[i], rc, d)) {
            struct str text = STR_INIT(100000);
            diags_text(d, &text);
            print_error("%s: got %d:\n%s\n", rows[i].name, rc, str_z(&text));
            str_release(&text);
            wrong++;
        }
        diags_free(d);
        if (!rc)
            program_free(p);
    }
    assert_int_equal(wrong, 0);
}

static void a_table_is_read_whole(void **state)
{
    (void)state;
    struct program *p = NULL;
    struct diags *d = diags_new();
    const char *csv =
        "phone,k,name,aliases,review-by\r\n1,\"New \"\"York\"\"\",Ann ,NY; nueva york;,\r\n2,OH,Bob,,2026-12-24\r\n";
    assert_int_equal(load(ASK FIND TABLE, csv, d, &p), 0);
    const struct table *t = &p->tables[0];
    assert_int_equal(t->row_count, 2);
    assert_int_equal(t->column_count, 3);
    assert_true(span_is(t->rows[0].cells[0], "Ann"));
    assert_true(span_is(t->rows[0].cells[1], "1"));
    assert_true(span_is(t->rows[0].cells[2], "New \"York\""));
    assert_true(span_eq(program_key(t, SPAN("ny")), t->rows[0].key));
    assert_true(span_eq(program_key(t, SPAN("nueva york")), t->rows[0].key));
    assert_null(program_key(t, SPAN("texas")).p);
    assert_int_equal(t->rows[0].review_by_day, date_to_day((struct date){2026, 9, 1}));
    assert_int_equal(t->rows[1].review_by_day, date_to_day((struct date){2026, 12, 24}));
    assert_int_equal(t->rows[1].at.line, 3);
    assert_int_equal(p->source_count, 2); // the table is part of the bundle
    assert_true(span_is(p->sources[1].name, "t.csv"));
    diags_free(d);
    program_free(p);
}

static void a_cell_too_long_is_told(void **state)
{
    (void)state;
    struct str text = STR_INIT(100000);
    struct arena *a = arena_new(1 << 20);
    struct diags *d = diags_new();
    struct csv csv;
    str_addz(&text, "k,name\none,\"");
    for (int i = 0; i < CSV_CELL_MAX / 2 + 1; i++)
        str_addz(&text, "\nx");
    str_addz(&text, "\"\n");
    assert_int_equal(csv_read("t.csv", str_span(&text), a, d, &csv), 0);
    assert_int_equal(diags_count(d), 1);
    assert_int_equal(diags_at(d, 0)->at.line, 2);
    assert_int_equal(diags_at(d, 0)->at.column, 5);
    str_release(&text);
    diags_free(d);
    arena_free(a);
}

static void nul_bytes_are_told(void **state)
{
    (void)state;
    static const char bytes[] = "k,name\none,A\0B\n";
    struct arena *a = arena_new(1 << 20);
    struct diags *d = diags_new();
    struct csv csv;
    assert_int_equal(csv_read("t.csv", (struct span){bytes, sizeof bytes - 1}, a, d, &csv), 0);
    assert_int_equal(diags_count(d), 1);
    assert_int_equal(diags_at(d, 0)->at.column, 6);
    diags_free(d);
    arena_free(a);
}

static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    int rc = ERR_NOMEM, rounds = 0;
    for (; rc == ERR_NOMEM && rounds < 2000; rounds++) {
        struct program *p = NULL;
        struct diags *d = diags_new();
        mem_fail_after(rounds);
        rc = load(ASK FIND TABLE, "k,name,phone,aliases\n\"o\"\"ne\",Ann,1,x;y\n", d, &p);
        mem_fail_after(-1);
        if (!rc)
            program_free(p);
        diags_free(d);
    }
    assert_int_equal(rc, 0);
    assert_true(rounds > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_broken_table_is_refused_at_its_place),
        cmocka_unit_test(a_table_is_read_whole),
        cmocka_unit_test(a_cell_too_long_is_told),
        cmocka_unit_test(nul_bytes_are_told),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

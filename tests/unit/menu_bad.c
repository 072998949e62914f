// SPDX-License-Identifier: AGPL-3.0-or-later
/* What somebody may put in front of the compiler by accident or on purpose, from the disk: each is refused in words, at
 * its place, and soon. */
#include "menu_fixture.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/waymark-bad-XXXXXX";
static char main_menu[64], other_menu[64];

enum { SOON_S = 10 /* even in a slow build on a busy machine */, TOLD_MOST = 20 };

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(main_menu, sizeof main_menu, "%s/main.menu", folder);
    snprintf(other_menu, sizeof other_menu, "%s/other.menu", folder);
    return 0;
}

static int take_folder(void **state)
{
    (void)state;
    rmdir(other_menu);
    unlink(other_menu);
    unlink(main_menu);
    return rmdir(folder);
}

/* Loads main.menu from the disk; the first message is copied out. */
struct told {
    int rc;
    size_t count;
    char code[8], message[400], hint[400];
    int line, column;
    double seconds;
};

static struct told load(void)
{
    struct told t = {0};
    struct settings settings = fixture_settings(1);
    const struct menu_input in = {.settings = &settings, .start = main_menu, .today = fixture_today(), .dated = true};
    struct diags *d = diags_new();
    struct program *p = NULL;
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    t.rc = menu_load(&in, d, &p);
    clock_gettime(CLOCK_MONOTONIC, &to);
    t.seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    t.count = diags_count(d);
    if (t.count) {
        const struct diag *first = diags_at(d, 0);
        snprintf(t.code, sizeof t.code, "%s", first->code);
        snprintf(t.message, sizeof t.message, "%.*s", SPAN_ARG(first->message));
        snprintf(t.hint, sizeof t.hint, "%.*s", SPAN_ARG(first->hint));
        t.line = first->at.line, t.column = first->at.column;
    }
    program_free(p);
    diags_free(d);
    return t;
}

static struct told load_bytes(const char *bytes, size_t len)
{
    assert_int_equal(file_write(main_menu, (struct span){bytes, len}, 0600), 0);
    return load();
}

static void expect(const char *name, const struct told *t, const char *code, int line, int column, const char *says)
{
    bool as_wanted = code ? t->rc == ERR_REFUSED && !strcmp(t->code, code) && t->line == line && t->column == column
                          : t->rc == 0 && !t->count;
    if (!as_wanted || (says && !strstr(t->message, says) && !strstr(t->hint, says)))
        fail_msg("%s: %d, %s at %d:%d: %s\n%s", name, t->rc, t->code, t->line, t->column, t->message, t->hint);
    if (t->seconds > SOON_S || t->count > TOLD_MOST)
        fail_msg("%s: %.1f s, %zu messages", name, t->seconds, t->count);
}

/* ---- bytes ---- */

#define BYTES(s) s, sizeof(s) - 1

static const struct {
    const char *name, *bytes;
    size_t len;
    const char *code;
    int line, column;
    const char *says;
} rows[] = {
    {"CRLF", BYTES("start a\r\nscreen a\r\n  say hi\r\n  -> end\r\n"), NULL, 0, 0, NULL},
    {"a byte-order mark", BYTES("\xEF\xBB\xBFstart a\nscreen a\nsay hi\n-> end\n"), NULL, 0, 0, NULL},
    {"tabs for the eye", BYTES("start a\nscreen a\n\tsay hi\n\t\t-> end\n"), NULL, 0, 0, NULL},
    {"no end of the last line", BYTES("start a\nscreen a\nsay hi\n-> end"), NULL, 0, 0, NULL},
    {"nothing", BYTES(""), "E01", 1, 1, "no \"start\" line"},
    {"blanks and notes", BYTES("\n  \n# note\n"), "E01", 1, 1, "no \"start\" line"},
    {"not UTF-8", BYTES("start a\nscreen a\nsay caf\xE9!\n-> end\n"), "E01", 3, 8, "UTF-8"},
    {"a surrogate", BYTES("start a\nscreen a\nsay \xED\xA0\x80\n-> end\n"), "E01", 3, 5, "UTF-8"},
    {"an overlong slash", BYTES("start a\nscreen a\nsay \xC0\xAF\n-> end\n"), "E01", 3, 5, "UTF-8"},
    {"UTF-16", BYTES("\xFF\xFEs\0t\0a\0r\0t\0 \0a\0\n\0"), "E01", 1, 1, "UTF-16"},
    {"a NUL byte", BYTES("start a\nscreen a\nsay a\0b\n-> end\n"), "E01", 3, 6, "NUL"},
    {"a ZIP file", BYTES("PK\x03\x04\x14\0\x06\0"), "E01", 1, 1, "a document of an office program"},
    {"a carriage return within a line", BYTES("start a\nscreen a\nsay a \rb\n-> end\n"), "E01", 3, 7, "(CR)"},
    {"a continuation of nothing", BYTES("| hi\nstart a\nscreen a\n-> end\n"), "E01", 1, 1, NULL},
    {"itself", BYTES("start a\ninclude main.menu\nscreen a\n-> end\n"), "E03", 2, 9, "includes itself"},
    {"a missing file", BYTES("start a\ninclude other.menu\nscreen a\n-> end\n"), "E02", 2, 9, "no such file"},
    {"a file elsewhere", BYTES("start a\ninclude ../other.menu\nscreen a\n-> end\n"), "E02", 2, 9,
     "under the menus' folder"},
    {"an absolute file", BYTES("start a\ninclude /etc/passwd\nscreen a\n-> end\n"), "E02", 2, 9,
     "under the menus' folder"},
    {"the folder", BYTES("start a\ninclude .\nscreen a\n-> end\n"), "E02", 2, 9, NULL},
    {"a pattern too large to compile",
     BYTES("start a\nscreen a\nask q\ninto n\nmatch (((a{1,999}){1,999}){1,999})\nerror no\ntries 3 -> end\n-> end\n"),
     "E21", 5, 35, "does not work"},
    {"a pattern nested too deep",
     BYTES(
         "start a\nscreen a\nask q\ninto n\nmatch ((((((((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))"
         "))))))))))))\nerror no\ntries 3 -> end\n-> end\n"),
     "E21", 5, 40, "does not work"},
    {"format letters", BYTES("start a\nscreen a\nsay %s%n%100000d {%s}\n-> end\n"), "E02", 3, 19, NULL},
    {"an endless brace", BYTES("start a\nscreen a\nsay {{{{{{\n-> end\n"), "E01", 3, 5, "without its"},
    {"a number of many digits", BYTES("start a\nscreen a\noption 99999999999999999999 x -> a\n-> end\n"), "E01", 3, 8,
     NULL},
};

static void bad_bytes_are_refused_at_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct told t = load_bytes(rows[i].bytes, rows[i].len);
        expect(rows[i].name, &t, rows[i].code, rows[i].line, rows[i].column, rows[i].says);
    }
}

/* ---- files that are none ---- */

static void what_is_no_file_is_told(void **state)
{
    (void)state;
    unlink(main_menu);
    struct told t = load();
    expect("no first file", &t, "E02", 0, 0, "no such file");
    assert_int_equal(mkdir(main_menu, 0700), 0);
    t = load();
    expect("a folder as the first file", &t, "E02", 0, 0, "cannot read");
    rmdir(main_menu);
    assert_int_equal(mkdir(other_menu, 0700), 0);
    t = load_bytes(BYTES("start a\ninclude other.menu\nscreen a\n-> end\n"));
    expect("a folder", &t, "E02", 2, 9, "cannot read");
    rmdir(other_menu);
    assert_int_equal(symlink("other.menu", other_menu), 0);
    t = load();
    expect("a link to itself", &t, "E02", 2, 9, NULL);
    unlink(other_menu);
}

static void a_file_that_may_not_be_read_is_told(void **state)
{
    (void)state;
    if (geteuid() == 0)
        skip(); // root may read everything
    assert_int_equal(file_write(other_menu, SPAN("screen b\n"), 0000), 0);
    struct told t = load_bytes(BYTES("start a\ninclude other.menu\nscreen a\n-> end\n"));
    expect("no permission", &t, "E02", 2, 9, "cannot read");
    unlink(other_menu);
}

/* ---- sizes ---- */

static void a_long_line_is_told_once(void **state)
{
    (void)state;
    struct str text = STR_INIT(4 << 20);
    str_addz(&text, "start a\nscreen a\nsay ");
    for (int i = 0; i < 1 << 20; i++)
        str_addc(&text, 'x');
    str_addz(&text, "\n-> end\n");
    struct told t = load_bytes(text.p, text.len);
    expect("a line of 1 MB", &t, "E01", 3, t.column, "4096");
    str_release(&text);
}

static struct told load_screens(int count)
{
    struct str text = STR_INIT(16 << 20);
    str_addz(&text, "start s0\n");
    for (int i = 0; i < count; i++)
        str_addf(&text, "screen s%d\n-> end\n", i);
    struct told t = load_bytes(text.p, text.len);
    str_release(&text);
    return t;
}

static void too_many_screens_are_told_once(void **state)
{
    (void)state;
    struct told t = load_screens(100000);
    expect("100,000 screens", &t, "E01", t.line, 1, "200000 lines");
    assert_int_equal(t.count, 1);
    t = load_screens(70000);
    expect("70,000 screens", &t, "E03", 2 * 65535 + 2, 8, "more than 65534 of one kind");
    assert_int_equal(t.count, 1);
}

static void a_file_too_large_is_told(void **state)
{
    (void)state;
    struct str text = STR_INIT(16 << 20);
    while (text.len <= 8 << 20)
        str_addz(&text, "# a note that goes on for a while and says nothing at all, over and over again\n");
    struct told t = load_bytes(text.p, text.len);
    expect("more than 8 MB", &t, "E02", 0, 0, "larger than");
    str_release(&text);
}

static void a_slow_pattern_gives_up(void **state)
{
    (void)state;
    struct told t =
        load_bytes(BYTES("start a\nscreen a\nask q\ninto n\nmatch ^(a+)+$\nerror no\ntries 3 -> end\n-> end\n"));
    expect("a slow pattern", &t, NULL, 0, 0, NULL);
    char why[200], answer[1001];
    size_t offset;
    struct pattern *p = NULL;
    struct timespec from, to;
    memset(answer, 'a', 1000);
    answer[999] = '!';
    assert_int_equal(pattern_compile(SPAN("^(a+)+$"), &p, &offset, why, sizeof why), 0);
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_false(pattern_matches(p, (struct span){answer, 1000}));
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_true(to.tv_sec - from.tv_sec < 2);
    pattern_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_bytes_are_refused_at_their_place),
        cmocka_unit_test(what_is_no_file_is_told),
        cmocka_unit_test(a_file_that_may_not_be_read_is_told),
        cmocka_unit_test(a_long_line_is_told_once),
        cmocka_unit_test(too_many_screens_are_told_once),
        cmocka_unit_test(a_file_too_large_is_told),
        cmocka_unit_test(a_slow_pattern_gives_up),
    };
    return cmocka_run_group_tests(tests, make_folder, take_folder);
}

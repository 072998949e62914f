// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "base/file.h"
#include "script/script.h"
#include "tools/fmt.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int laid_out(const char *file, struct span bytes, struct str *out)
{
    struct diags *d = diags_new();
    int rc = fmt_text(fmt_rules(file), file, bytes, d, out);
    diags_free(d);
    return rc;
}

static const struct {
    const char *file, *before, *after;
} rows[] = {
    {"a.menu", "", ""},
    {"a.menu", "\n\n# note\n\n\nstart a\n", "# note\n\nstart a\n"},
    {"a.menu", "start a\nscreen a\nsay hi  \n-> end", "start a\n\nscreen a\n  say hi\n  -> end\n"},
    {"a.menu", "screen a\r\n\r\n\tsay hi\r\n\t|  there\r\n|you\r\n|\r\n  -> end\r\n",
     "screen a\n  say hi\n    |  there\n    | you\n    |\n  -> end\n"},
    {"a.menu", "\xEF\xBB\xBFscreen a\n-> end\n# about b\nscreen b\n# inside\n-> end\n",
     "screen a\n  -> end\n\n# about b\nscreen b\n  # inside\n  -> end\n"},
    {"a.menu", "screen a\n\n# inside\n-> end\n# loose\n\nscreen b\n-> end\n",
     "screen a\n  # inside\n  -> end\n\n# loose\n\nscreen b\n  -> end\n"},
    {"a.menu", "trigger a\n  words en A\ntrigger b\n  words en B\n\n\n  words fr B\ninclude c.menu\ninclude d.menu\n",
     "trigger a\n  words en A\n\ntrigger b\n  words en B\n\n  words fr B\n\ninclude c.menu\ninclude d.menu\n"},
    {"a.menu", "screen a\n  -> end\n# last\n", "screen a\n  -> end\n# last\n"},
    {"a.menu", "  # only a note", "# only a note\n"},
    {"a.conf", "  service X\nvalue a b\n| c\nhours o\nopen mon 09:00-17:00\nzone UTC\n",
     "service X\nvalue a b\n  | c\n\nhours o\n  open mon 09:00-17:00\n\nzone UTC\n"},
    {"a.channel", "title T\nevent x\nkind ended\n# from\nfield from from form a\nevent y\nkind delivery\n",
     "title T\n\nevent x\n  kind ended\n  # from\n  field from from form a\n\nevent y\n  kind delivery\n"},
    {"a.talk", "talk A\n  > 1\n\n< x\n   | y\n\n\ntalk B\n@ a\n", "talk A\n> 1\n\n< x\n| y\n\ntalk B\n@ a\n"},
};

static void lines_get_their_places_and_keep_their_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str once = STR_INIT(10000), twice = STR_INIT(10000);
        assert_int_equal(laid_out(rows[i].file, span_of(rows[i].before), &once), 0);
        assert_string_equal(str_z(&once), rows[i].after);
        assert_int_equal(laid_out(rows[i].file, str_span(&once), &twice), 0);
        assert_string_equal(str_z(&twice), str_z(&once));
        str_release(&once), str_release(&twice);
    }
}

static void a_file_that_cannot_be_read_is_left_alone(void **state)
{
    (void)state;
    static const char *const bad[] = {"screen a\n  say \xFF\n", "| nothing above\n", "screen a\n\n  | gap\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct str out = STR_INIT(10000);
        assert_int_equal(laid_out("a.menu", span_of(bad[i]), &out), ERR_REFUSED);
        str_release(&out);
    }
    assert_null(fmt_rules("README.md"));
    assert_null(fmt_rules(".menu"));
}

static void shipped_files_are_laid_out(void **state)
{
    (void)state;
    static const char *const patterns[] = {"menus/*.menu", "menus/*/*.menu", "menus/tests/*.talk", "config/*.conf",
                                           "config/channels/*.channel"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        glob_t found;
        assert_int_equal(glob(patterns[i], 0, NULL, &found), 0);
        for (size_t k = 0; k < found.gl_pathc; k++) {
            struct str bytes = STR_INIT(SCRIPT_FILE_MAX), out = STR_INIT(SCRIPT_FILE_MAX);
            assert_int_equal(file_read(found.gl_pathv[k], &bytes), 0);
            assert_int_equal(laid_out(found.gl_pathv[k], str_span(&bytes), &out), 0);
            if (!span_eq(str_span(&bytes), str_span(&out)))
                fail_msg("%s: run waymark fmt", found.gl_pathv[k]);
            str_release(&bytes), str_release(&out);
        }
        globfree(&found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_get_their_places_and_keep_their_words),
        cmocka_unit_test(a_file_that_cannot_be_read_is_left_alone),
        cmocka_unit_test(shipped_files_are_laid_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

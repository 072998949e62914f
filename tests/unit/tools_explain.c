// SPDX-License-Identifier: AGPL-3.0-or-later
/* Every message has its page, and the examples on it are what they say they are. */
#include "tools_fixture.h"

#include "base/clock.h"
#include "base/file.h"
#include "tools/explain.h"
#include "tools/fit.h"

#include <glob.h>

static void every_check_has_a_page(void **state)
{
    (void)state;
    for (size_t i = 0; menu_check(i); i++) {
        const struct explain_page *page = explain_find(span_of(menu_check(i)->code));
        if (!page)
            fail_msg("%s has no page", menu_check(i)->code);
        else
            assert_string_equal(page->title, menu_check(i)->title);
    }
}

static bool is_code(const char *p)
{
    return p[0] == '"' && strchr("ETW", p[1]) && p[1] && p[2] >= '0' && p[2] <= '9' && p[3] >= '0' && p[3] <= '9' &&
           p[4] == '"';
}

static void every_code_that_the_program_tells_has_a_page(void **state)
{
    (void)state;
    glob_t found;
    size_t codes = 0;
    assert_int_equal(glob("src/*/*.c", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct str text = STR_INIT(1 << 20);
        assert_int_equal(file_read(found.gl_pathv[i], &text), 0);
        for (const char *p = str_z(&text); (p = strchr(p, '"')); p++) {
            if (!is_code(p))
                continue;
            codes++;
            if (!explain_find((struct span){p + 1, 3}))
                fail_msg("%.3s (%s) has no page", p + 1, found.gl_pathv[i]);
        }
        str_release(&text);
    }
    globfree(&found);
    assert_true(codes > 50);
}

static void pages_are_in_order_and_once(void **state)
{
    (void)state;
    for (size_t i = 1; explain_page(i); i++)
        if (strcmp(explain_page(i - 1)->code, explain_page(i)->code) >= 0)
            fail_msg("%s", explain_page(i)->code);
}

static struct settings settings;
static char menu[64 * 1024];

/** Whether a menu has a message of this code; `code` NULL: any at all. */
static bool told(const char *example, const char *rest, const char *code)
{
    struct diags *d = diags_new();
    struct program *p = NULL;
    snprintf(menu, sizeof menu, "start main\n%s%s", example, rest);
    struct menu_input in = {.settings = &settings,
                            .start = "main.menu",
                            .locales = "tests/no-locales",
                            .read = fixture_read,
                            .ctx = menu,
                            .dated = true,
                            .today = date_to_day((struct date){2026, 4, 14})};
    static const struct profile page = {MEDIUM_USSD, 182, 80};
    if (menu_load(&in, d, &p) == 0) {
        assert_true(fit_check(p, &page, 1, d) != ERR_NOMEM);
        program_free(p);
    }
    bool found = false;
    for (size_t i = 0; i < diags_count(d); i++)
        found |= !code || strcmp(diags_at(d, i)->code, code) == 0;
    struct str text = STR_INIT(1 << 20);
    diags_text(d, &text);
    if (found != (code != NULL))
        fprintf(stderr, "%s\n%s", menu, str_z(&text));
    str_release(&text);
    diags_free(d);
    return found;
}

static void wrong_examples_are_wrong_and_right_ones_right(void **state)
{
    (void)state;
    struct arena *a = arena_new(16 << 20);
    struct diags *d = diags_new();
    const struct explain_page *page;
    size_t compiled = 0;
    assert_int_equal(config_load("tests/menus/example/waymark.conf", a, d, &settings), 0);
    for (size_t i = 0; (page = explain_page(i)); i++) {
        if (!page->rest)
            continue;
        compiled++;
        if (!told(page->wrong, page->rest, page->code))
            fail_msg("%s: the wrong example is not refused with it", page->code);
        if (told(page->right, page->rest, NULL))
            fail_msg("%s: the right example is refused", page->code);
    }
    assert_true(compiled >= 18);
    diags_free(d);
    arena_free(a);
}

static void a_page_reads_like_this(void **state)
{
    (void)state;
    struct str text = STR_INIT(10000);
    assert_null(explain_find(SPAN("E99")));
    explain_text(explain_find(SPAN("e12")), &text);
    assert_string_equal(
        str_z(&text),
        "E12: a loop with no way to the end except hanging up\n\n"
        "From this screen every way leads back into the same few screens. Give one of them a way to\n\"end\".\n\n"
        "Wrong (menus/main.menu):\n"
        "    screen main\n      option 1 More -> more\n    screen more\n      option 1 Again -> main\n\n"
        "Right (menus/main.menu):\n"
        "    screen main\n      option 1 More -> more\n    screen more\n      option 1 Again -> main\n"
        "      option 2 Finish -> end\n");
    str_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_check_has_a_page),      cmocka_unit_test(every_code_that_the_program_tells_has_a_page),
        cmocka_unit_test(pages_are_in_order_and_once), cmocka_unit_test(wrong_examples_are_wrong_and_right_ones_right),
        cmocka_unit_test(a_page_reads_like_this),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

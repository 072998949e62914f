// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "base/mem.h"
#include "console/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ARENA = 1 << 20 };

/* The page of tests: a name for a value, a list, sections, and addresses. */
static const char *render(struct view *v, struct str *out)
{
    str_clear(out);
    assert_int_equal(html_render("missing", v, out), 0);
    return str_z(out);
}

static void text_from_outside_is_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *text, *html;
    } rows[] = {
        {"plain", "plain"},
        {"<script>", "&lt;script&gt;"},
        {"a & b", "a &amp; b"},
        {"\" onload=\"", "&quot; onload=&quot;"},
        {"'", "&#39;"},
        {"&amp;", "&amp;amp;"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str out = STR_INIT(1024);
        escape_text(&out, span_of(rows[i].text));
        assert_string_equal(str_z(&out), rows[i].html);
        str_release(&out);
    }
}

static void a_value_in_a_page_cannot_leave_its_place(void **state)
{
    (void)state;
    struct arena *a = arena_new(ARENA);
    struct view *v = view_new(a);
    struct str out = STR_INIT(1 << 20);
    view_setz(v, "service", "</title><script>x</script>");
    const char *html = render(v, &out);
    assert_null(strstr(html, "<script>x"));
    assert_non_null(strstr(html, "&lt;/title&gt;&lt;script&gt;x"));
    str_release(&out);
    arena_free(a);
}

static void an_address_that_leads_away_is_not_written(void **state)
{
    (void)state;
    static const struct {
        const char *path, *html;
    } rows[] = {
        {"/inbox", "href=\"/inbox\""},         {"//evil.example", "href=\"#\""}, {"/\\evil.example", "href=\"#\""},
        {"javascript:alert(1)", "href=\"#\""}, {"https://evil", "href=\"#\""},   {"/a\"b", "href=\"/a&quot;b\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *a = arena_new(ARENA);
        struct view *v = view_new(a), *row = view_add(v, "menu");
        struct str out = STR_INIT(1 << 20);
        view_setz(row, "path", rows[i].path);
        view_setz(row, "label", "x");
        assert_non_null(strstr(strstr(render(v, &out), "class=\"menu\""), rows[i].html));
        str_release(&out);
        arena_free(a);
    }
}

static void lists_and_sections_follow_their_values(void **state)
{
    (void)state;
    struct arena *a = arena_new(ARENA);
    struct view *v = view_new(a);
    struct str out = STR_INIT(1 << 20);
    assert_null(strstr(render(v, &out), "class=\"who\""));
    view_setz(v, "member", "Ada");
    for (int i = 0; i < 3; i++) {
        struct view *row = view_add(v, "menu");
        view_setf(row, "label", "row %d", i);
        view_setz(row, "path", "/x");
        view_flag(row, "here", i == 1);
    }
    const char *html = render(v, &out);
    assert_non_null(strstr(html, "Ada"));
    assert_non_null(strstr(html, "<a href=\"/x\" aria-current=\"page\">row 1</a>"));
    assert_non_null(strstr(html, "<a href=\"/x\">row 2</a>"));
    str_release(&out);
    arena_free(a);
}

static void out_of_memory_is_said_and_never_half_a_page(void **state)
{
    (void)state;
    for (long nth = 0; nth < 12; nth++) {
        mem_fail_after(nth);
        struct arena *a = arena_new(ARENA);
        struct view *v = a ? view_new(a) : NULL;
        struct str out = STR_INIT(1 << 20);
        int rc = ERR_NOMEM;
        if (v) {
            for (int i = 0; i < 2000; i++)
                view_setf(view_add(v, "menu"), "label", "%d", i);
            rc = html_render("missing", v, &out);
        }
        mem_fail_after(-1);
        assert_int_equal(rc, ERR_NOMEM);
        str_release(&out);
        arena_free(a);
    }
}

static void a_page_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct arena *a = arena_new(ARENA);
    struct str out = STR_INIT(1024);
    assert_int_equal(html_render("nothing", view_new(a), &out), ERR_MISSING);
    str_release(&out);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_from_outside_is_escaped),
        cmocka_unit_test(a_value_in_a_page_cannot_leave_its_place),
        cmocka_unit_test(an_address_that_leads_away_is_not_written),
        cmocka_unit_test(lists_and_sections_follow_their_values),
        cmocka_unit_test(out_of_memory_is_said_and_never_half_a_page),
        cmocka_unit_test(a_page_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

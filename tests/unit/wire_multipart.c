// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "wire/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PART(name) "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"

static void fields_are_cut_out_and_files_left_out(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 16);
    struct wire_field *fields = NULL;
    size_t count = 0;
    struct span body = SPAN("preamble\r\n" PART("from") "+12025550101\r\n" PART(
        "text") "a\r\n\r\n--c\r\n"
                "--b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nbytes\r\n"
                "--b\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=id\r\n\r\n\r\n--b--\r\n");
    assert_int_equal(
        multipart_read(SPAN("multipart/form-data; charset=utf-8; boundary=\"b\""), body, a, &fields, &count), 0);
    assert_int_equal(count, 3);
    assert_true(span_is(fields[0].name, "from") && span_is(fields[0].value, "+12025550101"));
    assert_true(span_is(fields[1].value, "a\r\n\r\n--c"));
    assert_true(span_is(fields[2].name, "id") && !fields[2].value.len);
    arena_free(a);
}

static void what_is_not_whole_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct span type, body;
    } bad[] = {
        {SPAN("multipart/form-data"), SPAN(PART("a") "1\r\n--b--")},
        {SPAN("multipart/form-data; boundary="), SPAN(PART("a") "1\r\n--b--")},
        {SPAN("multipart/form-data; boundary=b"), SPAN("")},
        {SPAN("multipart/form-data; boundary=b"), SPAN("--b")},
        {SPAN("multipart/form-data; boundary=b"), SPAN(PART("a") "1")},
        {SPAN("multipart/form-data; boundary=b"), SPAN(PART("a") "1\r\n--b")},
        {SPAN("multipart/form-data; boundary=b"), SPAN("--b\r\n\r\n1\r\n--b--")},
        {SPAN("multipart/form-data; boundary=b"), SPAN("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n--b--")},
    };
    struct arena *a = arena_new(1 << 16);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct wire_field *fields = NULL;
        size_t count = 0;
        if (multipart_read(bad[i].type, bad[i].body, a, &fields, &count) != ERR_SYNTAX)
            fail_msg("taken: %.*s", SPAN_ARG(bad[i].body));
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fields_are_cut_out_and_files_left_out),
                                       cmocka_unit_test(what_is_not_whole_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "wire/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char dial[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ussd v=\"2\"><msisdn> 12025550101 </msisdn>\n"
                           "<msg>a &amp; b &lt;c&gt; &#233;<![CDATA[ *1#]]></msg><empty/></ussd>";

static void elements_are_fields_by_the_way_to_them(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct wire_field *fields;
    size_t count;
    assert_int_equal(xml_read(span_of(dial), a, &fields, &count), 0);
    assert_true(span_is(wire_field_get(fields, count, SPAN("ussd/msisdn")), "12025550101"));
    assert_true(span_is(wire_field_get(fields, count, SPAN("ussd/msg")), "a & b <c> \xC3\xA9 *1#"));
    assert_true(span_is(wire_field_get(fields, count, SPAN("ussd/@v")), "2"));
    struct span empty = wire_field_get(fields, count, SPAN("ussd/empty"));
    assert_true(empty.p && !empty.len);
    assert_null(wire_field_get(fields, count, SPAN("ussd/other")).p);
    arena_free(a);
}

static void charsets_come_out_as_utf8(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct wire_field *fields;
    size_t count;
    assert_int_equal(xml_read(SPAN("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE9</a>"), a, &fields, &count),
                     0);
    assert_true(span_is(fields[0].value, "\xC3\xA9"));
    arena_free(a);
}

static void what_is_not_a_plain_document_is_refused(void **state)
{
    (void)state;
    static const struct span bad[] = {
        SPAN(""),
        SPAN("x"),
        SPAN("<a>"),
        SPAN("<a></b>"),
        SPAN("<a/><b/>"),
        SPAN("<a>&nbsp;</a>"),
        SPAN("<a>\xFF</a>"),
        SPAN("<!DOCTYPE a><a/>"),
        SPAN("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"),
        SPAN("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]><a>&b;</a>"),
        SPAN("<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\"><a/>"),
        SPAN("<?xml version=\"1.0\" encoding=\"EBCDIC\"?><a/>"),
    };
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct wire_field *fields;
        size_t count;
        if (xml_read(bad[i], a, &fields, &count) != ERR_SYNTAX)
            fail_msg("taken: %.*s", SPAN_ARG(bad[i]));
    }
    arena_free(a);
}

static int nested(int depth, struct arena *a)
{
    struct str text = STR_INIT(1 << 20);
    struct wire_field *fields;
    size_t count;
    for (int i = 0; i < depth; i++)
        str_addz(&text, "<a>");
    for (int i = 0; i < depth; i++)
        str_addz(&text, "</a>");
    int rc = xml_read(str_span(&text), a, &fields, &count);
    str_release(&text);
    return rc;
}

static void depth_and_number_are_limited(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct str many = STR_INIT(1 << 20);
    struct wire_field *fields;
    size_t count;
    assert_int_equal(nested(XML_DEPTH_MAX, a), 0);
    assert_int_equal(nested(XML_DEPTH_MAX + 1, a), ERR_LIMIT);
    assert_int_equal(nested(10000, a), ERR_LIMIT);
    str_addz(&many, "<a>");
    for (int i = 0; i < XML_FIELDS_MAX; i++)
        str_addz(&many, "<b/>");
    str_addz(&many, "</a>");
    assert_int_equal(xml_read(str_span(&many), a, &fields, &count), ERR_LIMIT);
    str_release(&many);
    arena_free(a);
}

static void reading_survives_every_failing_allocation(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    int rc = ERR_NOMEM;
    for (long nth = 0; rc && nth < 500; nth++) {
        struct wire_field *fields;
        size_t count;
        mem_fail_after(nth);
        rc = xml_read(span_of(dial), a, &fields, &count);
        mem_fail_after(-1);
        arena_reset(a);
        assert_true(rc == 0 || rc == ERR_NOMEM);
    }
    assert_int_equal(rc, 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_fields_by_the_way_to_them),    cmocka_unit_test(charsets_come_out_as_utf8),
        cmocka_unit_test(what_is_not_a_plain_document_is_refused),   cmocka_unit_test(depth_and_number_are_limited),
        cmocka_unit_test(reading_survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

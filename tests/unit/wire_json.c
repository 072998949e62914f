// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "base/mem.h"
#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ARENA = 1 << 16 };

static const char sample[] =
    "{\"SMSMessageData\": {\"Message\": \"Sent to 1/1\", \"Recipients\": [{\"status\": \"Success\", \"statusCode\": "
    "101,"
    " \"cost\": 0.1, \"big\": 9007199254740993, \"low\": -9223372036854775808, \"e\": 1e300, \"third\": "
    "0.3333333333333333, \"fresh\": true, \"old\": false, \"none\": null, \"\": 7}, 5, [6, [8]]]}, \"a b\": "
    "\"\\u00e9\\n\"}";

static void paths_lead_to_scalars(void **state)
{
    (void)state;
    static const struct {
        struct span path;
        int rc;
        const char *value;
    } rows[] = {
        {SPAN("SMSMessageData.Message"), 0, "Sent to 1/1"},
        {SPAN("SMSMessageData.Recipients[0].status"), 0, "Success"},
        {SPAN("SMSMessageData.Recipients[0].statusCode"), 0, "101"},
        {SPAN("SMSMessageData.Recipients[0].cost"), 0, "0.1"},
        {SPAN("SMSMessageData.Recipients[0].big"), 0, "9007199254740993"},
        {SPAN("SMSMessageData.Recipients[0].low"), 0, "-9223372036854775808"},
        {SPAN("SMSMessageData.Recipients[0].third"), 0, "0.3333333333333333"},
        {SPAN("SMSMessageData.Recipients[0].fresh"), 0, "true"},
        {SPAN("SMSMessageData.Recipients[0].old"), 0, "false"},
        {SPAN("SMSMessageData.Recipients[1]"), 0, "5"},
        {SPAN("SMSMessageData.Recipients[2][0]"), 0, "6"},
        {SPAN("SMSMessageData.Recipients[2][1][0]"), 0, "8"},
        {SPAN("a b"), 0, "\xC3\xA9\n"},
        {SPAN("SMSMessageData.Recipients[0].none"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData.Recipients[0].nowhere"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData.Recipients[3]"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData.Recipients[-1]"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData.Recipients[0"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData.Recipients[]"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData.Recipients[x]"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData.Recipients[0]_status"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData.Recipients.status"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData.Message.x"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData.Message[0]"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData[0]"), ERR_MISSING, NULL},
        {SPAN("SMSMessageDat"), ERR_MISSING, NULL},
        {SPAN(".SMSMessageData"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData..Message"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData.Message."), ERR_MISSING, NULL},
        {SPAN("smsmessagedata.Message"), ERR_MISSING, NULL},
        {SPAN("SMSMessageData"), ERR_SYNTAX, NULL},
        {SPAN("SMSMessageData.Recipients"), ERR_SYNTAX, NULL},
        {SPAN(""), ERR_SYNTAX, NULL},
    };
    struct json *doc;
    struct arena *a = arena_new(ARENA);
    assert_int_equal(json_read(span_of(sample), &doc), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span value;
        assert_int_equal(json_get(doc, rows[i].path, a, &value), rows[i].rc);
        if (rows[i].rc == 0)
            assert_string_equal(value.p, rows[i].value);
    }
    json_free(doc);
    arena_free(a);
}

static void a_path_may_begin_in_an_array_or_be_empty(void **state)
{
    (void)state;
    static const struct {
        struct span text, path;
        const char *value;
    } rows[] = {{SPAN("[{\"a\": \"x\"}, 2]"), SPAN("[0].a"), "x"},
                {SPAN("[{\"a\": \"x\"}, 2]"), SPAN("[1]"), "2"},
                {SPAN(" \"alone\" "), SPAN(""), "alone"},
                {SPAN("\"\""), SPAN(""), ""},
                {SPAN("2.50"), SPAN(""), "2.5"}};
    struct arena *a = arena_new(ARENA);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json *doc;
        struct span value;
        assert_int_equal(json_read(rows[i].text, &doc), 0);
        assert_int_equal(json_get(doc, rows[i].path, a, &value), 0);
        assert_string_equal(value.p, rows[i].value);
        json_free(doc);
    }
    arena_free(a);
}

static void texts_that_are_no_json_are_refused(void **state)
{
    (void)state;
    static const struct span rows[] = {
        {NULL, 0},
        SPAN(""),
        SPAN("{"),
        SPAN("{} x"),
        SPAN("{\"a\": 1,}"),
        SPAN("{'a': 1}"),
        SPAN("[01]"),
        SPAN("[NaN]"),
        SPAN("[18446744073709551616]"), // no integer of ours: better refused than rounded
        SPAN("[1e999]"),
        SPAN("{\"a\": 1, \"a\": 2}"), // who reads the first, and who the last?
        SPAN("{\"a\": {\"b\": 1, \"b\": 1}}"),
        SPAN("{\"a\": 1, \"\\u0061\": 2}"),
        SPAN("[\"a\\u0000b\"]"),
        SPAN("[\"a\0b\"]"),
        SPAN("{\"a\\u0000b\": 1}"),
        SPAN("[1]\0"),
        SPAN("[\"\xE9\"]"),
        SPAN("[\"\\ud800\"]"),
        SPAN("[\"a\nb\"]"),
        SPAN("[\"open]"),
        SPAN("[\"open\\"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json *doc;
        assert_int_equal(json_read(rows[i], &doc), ERR_SYNTAX);
    }
}

/* `depth` times `open`, a 1, and `depth` times `close`. */
static int read_nested(int depth, const char *open, const char *close)
{
    struct str s = STR_INIT(1 << 20);
    struct json *doc = NULL;
    for (int i = 0; i < depth; i++)
        str_addz(&s, open);
    str_addz(&s, "1");
    for (int i = 0; i < depth; i++)
        str_addz(&s, close);
    int rc = json_read(str_span(&s), &doc);
    json_free(doc);
    str_release(&s);
    return rc;
}

static void depth_has_a_limit(void **state)
{
    (void)state;
    assert_int_equal(read_nested(JSON_DEPTH_MAX, "[", "]"), 0);
    assert_int_equal(read_nested(JSON_DEPTH_MAX + 1, "[", "]"), ERR_LIMIT);
    assert_int_equal(read_nested(JSON_DEPTH_MAX, "{\"a\":", "}"), 0);
    assert_int_equal(read_nested(JSON_DEPTH_MAX + 1, "{\"a\":", "}"), ERR_LIMIT);
    assert_int_equal(read_nested(10000, "[", "]"), ERR_LIMIT);
    assert_int_equal(read_nested(10000, "[", ""), ERR_LIMIT);
    assert_int_equal(read_nested(10000, "{\"a\":[", "]}"), ERR_LIMIT);
}

static void brackets_in_strings_and_side_by_side_are_not_depth(void **state)
{
    (void)state;
    struct str s = STR_INIT(1000);
    struct json *doc;
    str_addz(&s, "[\"\\\"");
    for (int i = 0; i < 100; i++)
        str_addz(&s, "[{");
    str_addz(&s, "\\\\\"");
    for (int i = 0; i < 100; i++)
        str_addz(&s, ",[]");
    str_addz(&s, "]");
    assert_int_equal(json_read(str_span(&s), &doc), 0);
    json_free(doc);
    str_clear(&s);
    str_addz(&s, "[\"\\\\\""); // the string ends here: what follows counts
    for (int i = 0; i < 100; i++)
        str_addz(&s, ",[");
    assert_int_equal(json_read(str_span(&s), &doc), ERR_LIMIT);
    str_release(&s);
}

static void quoting_escapes_what_must_not_stand_bare(void **state)
{
    (void)state;
    static const struct {
        struct span text;
        const char *quoted;
    } rows[] = {
        {{NULL, 0}, "\"\""},
        {SPAN("plain \xC3\xA9 /"), "\"plain \xC3\xA9 /\""},
        {SPAN("a\"b\\c"), "\"a\\\"b\\\\c\""},
        {SPAN("\"\""), "\"\\\"\\\"\""},
        {SPAN("a\nb\t\x01\x1f\x7f"), "\"a\\u000ab\\u0009\\u0001\\u001f\\u007f\""},
        {SPAN("nul\0x"), "\"nul\\u0000x\""},
        {SPAN("\xE2\x80\xA8|\xE2\x80\xA9"), "\"\\u2028|\\u2029\""},
        {SPAN("\xE2\x80\xA7\xE2\x80\xAA\xE2\x82\xAC"), "\"\xE2\x80\xA7\xE2\x80\xAA\xE2\x82\xAC\""}, // neighbours
    };
    struct str s = STR_INIT(1000);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        str_clear(&s);
        json_quote(&s, rows[i].text);
        assert_string_equal(str_z(&s), rows[i].quoted);
    }
    str_release(&s);
}

static void what_is_quoted_reads_back_as_it_was(void **state)
{
    (void)state;
    struct str s = STR_INIT(1000);
    struct arena *a = arena_new(ARENA);
    char text[127 + 6];
    for (int i = 0; i < 127; i++)
        text[i] = (char)(i + 1);
    memcpy(text + 127, "\xE2\x80\xA8\xC3\xA9\\", 6);
    json_quote(&s, (struct span){text, sizeof text});
    struct json *doc;
    struct span value;
    assert_int_equal(json_read(str_span(&s), &doc), 0);
    assert_int_equal(json_get(doc, SPAN(""), a, &value), 0);
    assert_int_equal(value.len, sizeof text);
    assert_memory_equal(value.p, text, sizeof text);
    json_free(doc);
    arena_free(a);
    str_release(&s);
}

static void every_failing_allocation_is_survived(void **state)
{
    (void)state;
    int rc = ERR_NOMEM;
    for (long nth = 0; rc != 0; nth++) {
        struct json *doc;
        mem_fail_after(nth);
        rc = json_read(span_of(sample), &doc);
        mem_fail_after(-1);
        assert_true(rc == 0 || rc == ERR_NOMEM);
        assert_true(nth < 1000);
        if (rc == 0) {
            assert_true(nth > 10); // jansson does ask our allocator
            json_free(doc);
        }
    }
}

static int setup(void **state)
{
    (void)state;
    return 0;
}

static void keys_are_found_in_any_case_but_not_when_two_would_do(void **state)
{
    (void)state;
    struct json *doc;
    assert_int_equal(json_read(SPAN("{\"SessionId\":{\"Id\":1},\"a\":1,\"A\":2,\"list\":[{},{\"x\":null}]}"), &doc), 0);
    assert_non_null(json_find(doc, SPAN("sessionid.ID"), true));
    assert_null(json_find(doc, SPAN("sessionid.ID"), false));
    assert_null(json_find(doc, SPAN("a"), true));
    assert_null(json_find(doc, SPAN("list[1].x"), false));
    assert_ptr_equal(json_find(doc, SPAN("."), false), doc);
    assert_int_equal(json_length(json_find(doc, SPAN("list"), false)), 2);
    assert_int_equal(json_length(doc), 0);
    json_free(doc);
}

static void members_are_set_in_what_was_sent(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 16);
    struct span out;
    assert_int_equal(json_merge(SPAN("{\"a\":1,\"b\":{\"c\":[1.5,true,null]},\"text\":\"x\"}"),
                                SPAN("{\"text\":\"\\u00e9\",\"end\":false}"), a, &out),
                     0);
    assert_true(span_is(out, "{\"a\":1,\"b\":{\"c\":[1.5,true,null]},\"text\":\"\xC3\xA9\",\"end\":false}"));
    assert_int_equal(json_merge(SPAN("[1]"), SPAN("{}"), a, &out), ERR_SYNTAX);
    assert_int_equal(json_merge(SPAN("{}"), SPAN("1"), a, &out), ERR_SYNTAX);
    assert_int_equal(json_merge(SPAN("{"), SPAN("{}"), a, &out), ERR_SYNTAX);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_found_in_any_case_but_not_when_two_would_do),
        cmocka_unit_test(members_are_set_in_what_was_sent),
        cmocka_unit_test(paths_lead_to_scalars),
        cmocka_unit_test(a_path_may_begin_in_an_array_or_be_empty),
        cmocka_unit_test(texts_that_are_no_json_are_refused),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(brackets_in_strings_and_side_by_side_are_not_depth),
        cmocka_unit_test(quoting_escapes_what_must_not_stand_bare),
        cmocka_unit_test(what_is_quoted_reads_back_as_it_was),
        cmocka_unit_test(every_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}

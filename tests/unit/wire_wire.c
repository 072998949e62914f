// SPDX-License-Identifier: AGPL-3.0-or-later
#include "wire/wire.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ARENA = 1 << 20, PAIRS_MAX = 3 };

static void forms_decode_as_the_url_standard_says(void **state)
{
    (void)state;
    static const struct {
        struct span text;
        size_t count;
        const char *pairs[PAIRS_MAX][2];
    } rows[] = {
        {SPAN(""), 0, {{0}}},
        {SPAN("&&"), 0, {{0}}},
        {SPAN("a=b"), 1, {{"a", "b"}}},
        {SPAN("a=b&a=c&&d=e&"), 3, {{"a", "b"}, {"a", "c"}, {"d", "e"}}},
        {SPAN("a"), 1, {{"a", ""}}},
        {SPAN("a="), 1, {{"a", ""}}},
        {SPAN("=b"), 1, {{"", "b"}}},
        {SPAN("="), 1, {{"", ""}}},
        {SPAN("a=b=c"), 1, {{"a", "b=c"}}},
        {SPAN("text=1*2%2A%23+x"), 1, {{"text", "1*2*# x"}}},
        {SPAN("p=%2B12025550123"), 1, {{"p", "+12025550123"}}},
        {SPAN("a%3Db%26=%3d%26"), 1, {{"a=b&", "=&"}}},
        {SPAN("a=%C3%A9\xC3\xA9"), 1, {{"a", "\xC3\xA9\xC3\xA9"}}},
        {SPAN("a=%F0%9F%98%80"), 1, {{"a", "\xF0\x9F\x98\x80"}}},
        {SPAN("a=%&b=%4&c=%4g"), 3, {{"a", "%"}, {"b", "%4"}, {"c", "%4g"}}},
        {SPAN("a=%%41&b=100%&c=%g4"), 3, {{"a", "%A"}, {"b", "100%"}, {"c", "%g4"}}},
        {SPAN("a=%2541"), 1, {{"a", "%41"}}}, // once, not twice
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena *a = arena_new(ARENA);
        struct wire_field *fields = NULL;
        size_t count = 99;
        assert_int_equal(wire_form_decode(rows[i].text, a, &fields, &count), 0);
        assert_int_equal(count, rows[i].count);
        for (size_t k = 0; k < count; k++) {
            assert_true(span_is(fields[k].name, rows[i].pairs[k][0]));
            assert_true(span_is(fields[k].value, rows[i].pairs[k][1]));
        }
        arena_free(a);
    }
}

static int decode(struct span text, size_t ceiling)
{
    struct arena *a = arena_new(ceiling);
    struct wire_field *fields;
    size_t count;
    int rc = wire_form_decode(text, a, &fields, &count);
    arena_free(a);
    return rc;
}

static void forms_refuse_what_is_no_text(void **state)
{
    (void)state;
    static const struct span rows[] = {
        SPAN("a=%00"),
        SPAN("a=b\0c"),
        SPAN("%00=a"),
        SPAN("a=\xE9"),            // latin-1
        SPAN("a=%E9"),             //
        SPAN("a=%E9t%E9"),         //
        SPAN("%FF=a"),             // in a name
        SPAN("a=%C3"),             // cut off
        SPAN("a=%E2%82"),          //
        SPAN("a=%F0%9F%98"),       //
        SPAN("a=%80"),             // no lead byte
        SPAN("a=%C0%80"),          // overlong
        SPAN("a=%C1%BF"),          //
        SPAN("a=%E0%9F%BF"),       //
        SPAN("a=%F0%8F%BF%BF"),    //
        SPAN("a=%ED%A0%80"),       // surrogate
        SPAN("a=%F4%90%80%80"),    // past U+10FFFF
        SPAN("a=%F5%80%80%80"),    //
        SPAN("a=%E2%82%41"),       // last byte is none
        SPAN("a=%F0%9F%41%80"),    // third byte is none
        SPAN("ok=1&fine=2&a=%E9"), // behind good ones
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(decode(rows[i], ARENA), ERR_SYNTAX);
}

static void utf8_is_taken_up_to_its_borders(void **state)
{
    (void)state;
    static const struct span rows[] = {SPAN("%7F"),       SPAN("%C2%80"),       SPAN("%DF%BF"),
                                       SPAN("%E0%A0%80"), SPAN("%ED%9F%BF"),    SPAN("%EE%80%80"),
                                       SPAN("%EF%BF%BF"), SPAN("%F0%90%80%80"), SPAN("%F4%8F%BF%BF")};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(decode(rows[i], ARENA), 0);
}

static void a_character_that_is_cut_off_is_not_read_past_its_end(void **state)
{
    (void)state;
    static const struct span whole[] = {SPAN("\xC3\xA9"), SPAN("\xE2\x82\xAC"), SPAN("\xF0\x9F\x98\x80")};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        assert_int_equal(utf8_valid(whole[i]), whole[i].len);
        for (size_t len = 1; len < whole[i].len; len++)
            assert_int_equal(utf8_valid(span_first(whole[i], len)), 0);
    }
    assert_int_equal(utf8_valid((struct span){0}), 0);
}

static void a_form_has_256_fields_and_no_more(void **state)
{
    (void)state;
    struct str s = STR_INIT(10000);
    for (int i = 0; i < 256; i++)
        str_addz(&s, "a=1&&"); // empty sequences do not count
    assert_int_equal(decode(str_span(&s), ARENA), 0);
    str_addz(&s, "b");
    assert_int_equal(decode(str_span(&s), ARENA), ERR_LIMIT);
    str_release(&s);
}

static void memory_that_runs_out_is_said(void **state)
{
    (void)state;
    assert_int_equal(decode(SPAN("a=1&b=2&c=3"), 50), ERR_NOMEM);
    assert_int_equal(decode(SPAN("a=%41&b=%42&c=%43"), 130), ERR_NOMEM);
    struct arena *a = arena_new(32);
    const struct wire_field field = {SPAN("a"), SPAN("0123456789012345678901234567890123456789")};
    assert_null(wire_form_encode(&field, 1, a).p);
    assert_null(wire_percent_encode(field.value, a).p);
    arena_free(a);
}

static void only_unreserved_characters_stay_as_they_are(void **state)
{
    (void)state;
    struct arena *a = arena_new(ARENA);
    assert_string_equal(wire_percent_encode(SPAN("AZaz09-._~ +&=%*/\xC3\xA9\x7F\n"), a).p,
                        "AZaz09-._~%20%2B%26%3D%25%2A%2F%C3%A9%7F%0A");
    assert_true(span_is(wire_percent_encode((struct span){0}, a), ""));
    assert_non_null(wire_percent_encode((struct span){0}, a).p);
    const struct wire_field fields[] = {{SPAN("to"), SPAN("+12025550123")}, {SPAN(""), SPAN("a b")}, {SPAN("x"), {0}}};
    assert_string_equal(wire_form_encode(fields, 3, a).p, "to=%2B12025550123&=a%20b&x=");
    assert_string_equal(wire_form_encode(fields, 0, a).p, "");
    arena_free(a);
}

/* A small generator of our own (xorshift), so that a failure can be repeated. */
static unsigned next_random(unsigned *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    return *seed ^= *seed << 5;
}

/* Up to 20 characters of every UTF-8 length, no NUL. */
static struct span random_text(unsigned *seed, struct arena *a)
{
    static const unsigned spans[][2] = {{1, 0x7F}, {0x80, 0x7FF}, {0x800, 0xD7FF}, {0x10000, 0x10FFFF}};
    char *to = arena_alloc(a, 81), *p = to;
    for (unsigned n = next_random(seed) % 21; n; n--) {
        unsigned kind = next_random(seed) % 4;
        unsigned c = spans[kind][0] + next_random(seed) % (spans[kind][1] - spans[kind][0] + 1);
        if (kind == 0)
            *p++ = (char)c;
        else
            *p++ = (char)((0xFFu << (7 - kind)) | c >> (6 * kind));
        for (unsigned tail = kind; tail; tail--)
            *p++ = (char)(0x80 | (c >> (6 * (tail - 1)) & 0x3F));
    }
    return (struct span){.p = to, .len = (size_t)(p - to)};
}

static void what_is_encoded_decodes_to_itself(void **state)
{
    (void)state;
    unsigned seed = 2463534242u;
    struct arena *a = arena_new(ARENA);
    for (int round = 0; round < 3000; round++) {
        struct wire_field fields[8], *back = NULL;
        size_t count = 1 + next_random(&seed) % 8, back_count = 0;
        for (size_t i = 0; i < count; i++)
            fields[i] = (struct wire_field){random_text(&seed, a), random_text(&seed, a)};
        assert_int_equal(wire_form_decode(wire_form_encode(fields, count, a), a, &back, &back_count), 0);
        assert_int_equal(back_count, count);
        for (size_t i = 0; i < count; i++)
            assert_true(span_eq(back[i].name, fields[i].name) && span_eq(back[i].value, fields[i].value));
        arena_reset(a);
    }
    arena_free(a);
}

static void any_bytes_decode_or_are_refused(void **state)
{
    (void)state;
    unsigned seed = 88172645u, taken = 0;
    struct arena *a = arena_new(ARENA);
    for (int round = 0; round < 20000; round++) {
        static const char alphabet[] = "ab=&%+4E9\xC3\xA9\0";
        char bytes[24];
        size_t len = next_random(&seed) % sizeof bytes, count;
        for (size_t i = 0; i < len; i++)
            bytes[i] = alphabet[next_random(&seed) % (sizeof alphabet - 1)];
        struct wire_field *fields;
        int rc = wire_form_decode((struct span){bytes, len}, a, &fields, &count);
        assert_true(rc == 0 || rc == ERR_SYNTAX);
        taken += rc == 0;
        arena_reset(a);
    }
    assert_in_range(taken, 1000, 19000);
    arena_free(a);
}

static void headers_are_found_in_any_case_and_fields_in_theirs(void **state)
{
    (void)state;
    const struct wire_field list[] = {
        {SPAN("X-Token"), SPAN("1")}, {SPAN("x-token"), SPAN("2")}, {SPAN("E"), SPAN("")}};
    assert_true(span_is(wire_header(list, 3, "x-TOKEN"), "1"));
    assert_null(wire_header(list, 3, "X-Toke").p);
    assert_null(wire_header(NULL, 0, "X-Token").p);
    assert_true(span_is(wire_field_get(list, 3, SPAN("x-token")), "2"));
    assert_null(wire_field_get(list, 3, SPAN("X-TOKEN")).p);
    assert_non_null(wire_field_get(list, 3, SPAN("E")).p); // there, though empty
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_decode_as_the_url_standard_says),
        cmocka_unit_test(forms_refuse_what_is_no_text),
        cmocka_unit_test(utf8_is_taken_up_to_its_borders),
        cmocka_unit_test(a_character_that_is_cut_off_is_not_read_past_its_end),
        cmocka_unit_test(a_form_has_256_fields_and_no_more),
        cmocka_unit_test(memory_that_runs_out_is_said),
        cmocka_unit_test(only_unreserved_characters_stay_as_they_are),
        cmocka_unit_test(what_is_encoded_decodes_to_itself),
        cmocka_unit_test(any_bytes_decode_or_are_refused),
        cmocka_unit_test(headers_are_found_in_any_case_and_fields_in_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

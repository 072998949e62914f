// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "text/gsm7.h"
#include "text/paging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { CEILING = 200000 };

/* `count` times `piece`. */
struct repeated {
    int count;
    const char *piece;
};

/* The table that a public calculator of segments gives, each text as up to three repeated pieces. */
static const struct {
    struct repeated text[3];
    bool gsm;
    size_t parts;
    size_t letters[3]; /* in each part, 0: not published */
} table[] = {
    {{{160, "a"}}, true, 1, {160}},
    {{{161, "a"}}, true, 2, {153, 8}},
    {{{158, "a"}, {1, "€"}}, true, 1, {159}},
    {{{159, "a"}, {1, "€"}}, true, 2, {153, 7}},
    {{{152, "a"}, {1, "€"}, {100, "a"}}, true, 2, {152, 101}},
    {{{306, "a"}}, true, 2, {153, 153}},
    {{{307, "a"}}, true, 3, {153, 153, 1}},
    {{{80, "€"}}, true, 1, {80}},
    {{{81, "€"}}, true, 2, {76, 5}},
    {{{70, "ı"}}, false, 1, {70}},
    {{{71, "ı"}}, false, 2, {67, 4}},
    {{{134, "ı"}}, false, 2, {67, 67}},
    {{{135, "ı"}}, false, 3, {67, 67, 1}},
    {{{66, "ı"}, {1, "😀"}, {10, "ı"}}, false, 2, {66, 11}},
    {{{35, "😀"}}, false, 1, {35}},
    {{{36, "😀"}}, false, 2, {33, 3}},
    {{{0, ""}}, true, 1, {0}},
};

static void add_repeated(struct str *text, const struct repeated *piece)
{
    for (int i = 0; i < piece->count; i++)
        str_addz(text, piece->piece);
}

static void segments_are_those_of_the_published_table(void **state)
{
    (void)state;
    struct arena *a = arena_new(CEILING);
    struct str text = STR_INIT(CEILING);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        str_clear(&text);
        for (int j = 0; j < 3; j++)
            add_repeated(&text, &table[i].text[j]);
        struct span *parts;
        size_t count, from = 0;
        assert_int_equal(measure_of(str_span(&text)).gsm, table[i].gsm);
        assert_int_equal(paging_segments(str_span(&text)), table[i].parts);
        assert_int_equal(paging_segment(str_span(&text), a, &parts, &count), 0);
        assert_int_equal(count, table[i].parts);
        for (size_t j = 0; j < count; j++) {
            assert_int_equal(utf8_length(parts[j]), table[i].letters[j]);
            assert_true(span_eq(parts[j], span_first(span_from(str_span(&text), from), parts[j].len)));
            from += parts[j].len;
        }
        assert_int_equal(from, text.len);
    }
    str_release(&text);
    arena_free(a);
}

static void a_message_has_at_most_255_segments(void **state)
{
    (void)state;
    struct arena *a = arena_new(CEILING);
    struct str text = STR_INIT(CEILING);
    struct span *parts;
    size_t count;
    add_repeated(&text, &(struct repeated){255 * 153, "a"});
    assert_int_equal(paging_segment(str_span(&text), a, &parts, &count), 0);
    assert_int_equal(count, 255);
    str_addc(&text, 'a');
    assert_int_equal(paging_segments(str_span(&text)), 256);
    assert_int_equal(paging_segment(str_span(&text), a, &parts, &count), ERR_LIMIT);
    arena_free(a);
    struct arena *small = arena_new(8);
    assert_int_equal(paging_segment(SPAN("a"), small, &parts, &count), ERR_NOMEM);
    arena_free(small);
    str_release(&text);
}

static void room_is_what_so_many_segments_hold(void **state)
{
    (void)state;
    struct measure gsm = {.gsm = true}, ucs2 = {.gsm = false};
    static const int rows[][3] = {{0, 0, 0}, {1, 160, 70}, {2, 306, 134}, {3, 459, 201}, {255, 39015, 17085}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(paging_room(gsm, rows[i][0]), rows[i][1]);
        assert_int_equal(paging_room(ucs2, rows[i][0]), rows[i][2]);
    }
    assert_int_equal(paging_room(gsm, 256), 39015);
}

static void one_letter_outside_the_alphabet_makes_all_of_it_ucs2(void **state)
{
    (void)state;
    assert_true(measure_of(SPAN("")).gsm);
    assert_true(measure_of(SPAN("niño €")).gsm);
    assert_false(measure_of(SPAN("ça va")).gsm);
    assert_int_equal(measure_count((struct measure){.gsm = true}, SPAN("a€ç")), 4);
    assert_int_equal(measure_count((struct measure){.gsm = false}, SPAN("a€ç😀")), 5);
}

static const struct {
    const char *text;
    int limit;
    const char *pages[6];
} cuts[] = {
    {"", 10, {""}},
    {"short", 5, {"short"}},
    {" all of it ", 11, {" all of it "}},
    {"one two three", 7, {"one two", "three"}},
    {"one two three", 8, {"one two", "three"}},
    {"one   two", 3, {"one", "two"}},
    {"one   two", 5, {"one", "two"}},
    {"one   ", 3, {"one"}},
    {"Go. abc  ", 7, {"Go. abc"}},
    {"abcdefgh ij", 4, {"abcd", "efgh", "ij"}},
    {"ab cdefghij", 4, {"ab", "cdef", "ghij"}},
    {"Yes, he can. And so can you.", 16, {"Yes, he can.", "And so can you."}},
    {"No. It was a long way home", 16, {"No. It was a", "long way home"}}, // a stop in the first half is too early
    {"Go. it was so", 6, {"Go.", "it was", "so"}},                         // half a page is enough
    {"Go now! Or not", 13, {"Go now!", "Or not"}},
    {"Go now? Or not", 13, {"Go now?", "Or not"}},
    {"Go (now.) Or not", 14, {"Go (now.)", "Or not"}},
    {"first line\nsecond line", 17, {"first line", "second line"}},
    {"first line \n\n second", 17, {"first line", "second"}},
    {"version 2.5 of this", 15, {"version 2.5 of", "this"}}, // no blank behind the stop
    {"Pick:\n1. Maize\n2. Beans", 18, {"Pick:\n1. Maize", "2. Beans"}},
    {"12. Maize and", 10, {"12. Maize", "and"}}, // the number of an item is no sentence
    {"हाँ। नहीं तो", 8, {"हाँ।", "नहीं तो"}},
    {"Call +1 (202) 555 0100 now", 20, {"Call", "+1 (202) 555 0100", "now"}}, // a number to dial stays whole
    {"1 800 555 0100\n1 800 555 0101", 16, {"1 800 555 0100", "1 800 555 0101"}},
    {"1 202 555 0100", 9, {"1 202 555", "0100"}}, // unless it is longer than a page
    {"In May 3 (or 4) of us", 14, {"In May 3 (or", "4) of us"}},
    {"  abc def", 4, {"abc", "def"}}, // the indent goes so that the word stays whole
    {"        ", 3, {"   "}},
    {"     ab", 3, {"ab"}},
    {"a€€€", 3, {"a€", "€", "€"}},
    {"ç😀😀", 2, {"ç", "😀", "😀"}},
    {"a\xFF\xFE"
     "b c",
     3,
     {"a\xFF\xFE", "b c"}},
};

static void cuts_are_made_at_the_best_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct span rest = span_of(cuts[i].text);
        struct measure m = measure_of(rest);
        size_t page = 0;
        do {
            struct span piece = paging_take(m, &rest, cuts[i].limit);
            if (!cuts[i].pages[page] || !span_is(piece, cuts[i].pages[page]))
                fail_msg("row %zu, page %zu: \"%.*s\"", i, page, SPAN_ARG(piece));
            page++;
        } while (rest.len);
        if (cuts[i].pages[page])
            fail_msg("row %zu: only %zu pages", i, page);
    }
}

/* xorshift64 (Marsaglia, 2003): the same texts in every run. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void random_text(struct str *text, uint64_t *seed, bool gsm)
{
    static const char *const letters[] = {"a", "b", "1", ".",  "!", "€", "é", "[",
                                          " ", " ", " ", "\n", ".", "x", "ı", "😀"};
    size_t kinds = sizeof letters / sizeof *letters - (gsm ? 2 : 0);
    str_clear(text);
    for (uint64_t n = next_random(seed) % 120; n; n--) {
        const char *letter = letters[next_random(seed) % kinds];
        for (uint64_t run = next_random(seed) % 4; run; run--)
            str_addz(text, letter);
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n';
}

/* Size of the word that has a letter on both sides of byte `at`. */
static int word_around(struct measure m, struct span text, size_t at)
{
    size_t from = at, to = at;
    while (from && !is_blank(text.p[from - 1]))
        from--;
    while (to < text.len && !is_blank(text.p[to]))
        to++;
    return measure_count(m, span_first(span_from(text, from), to - from));
}

static void check_page(struct measure m, struct span text, struct span piece, struct span rest, int limit)
{
    assert_true(measure_count(m, piece) <= limit);
    assert_true(piece.len > 0);
    assert_int_equal(utf8_valid(piece), piece.len); // no letter, so no pair, was split
    assert_int_equal(utf8_valid(rest), rest.len);
    if (!rest.len)
        return;
    size_t end = (size_t)(piece.p - text.p) + piece.len;
    assert_false(is_blank(rest.p[0]));
    if (rest.p == text.p + end) // no blank went here: a word was cut, which must have been too long
        assert_true(word_around(m, text, end) > limit);
    else
        assert_false(is_blank(piece.p[piece.len - 1]));
}

/* Between two pages only blanks are left out. */
static void check_gap(const char *from, const char *to)
{
    for (; from < to; from++)
        assert_true(is_blank(*from));
}

static void pages_fit_and_lose_only_blanks(void **state)
{
    (void)state;
    struct str text = STR_INIT(CEILING);
    uint64_t seed = 20261;
    for (int round = 0; round < 4000; round++) {
        random_text(&text, &seed, round % 2);
        struct span whole = str_span(&text), rest = whole;
        struct measure m = measure_of(whole);
        int limit = 2 + (int)(next_random(&seed) % 40);
        const char *end = whole.p;
        while (rest.len) {
            struct span piece = paging_take(m, &rest, limit);
            check_gap(end, piece.p);
            check_page(m, whole, piece, rest, limit);
            end = piece.p + piece.len;
        }
        check_gap(end, whole.p + whole.len);
    }
    str_release(&text);
}

static void segments_fit_and_lose_nothing(void **state)
{
    (void)state;
    struct str text = STR_INIT(CEILING);
    struct arena *a = arena_new(CEILING);
    uint64_t seed = 77;
    for (int round = 0; round < 2000; round++) {
        random_text(&text, &seed, round % 2);
        struct span whole = str_span(&text);
        struct measure m = measure_of(whole);
        struct span *parts;
        size_t count, at = 0;
        arena_reset(a);
        assert_int_equal(paging_segment(whole, a, &parts, &count), 0);
        for (size_t i = 0; i < count; i++) {
            assert_true(measure_count(m, parts[i]) <= (count == 1 ? paging_room(m, 1) : paging_room(m, 2) / 2));
            assert_ptr_equal(parts[i].p, whole.p ? whole.p + at : NULL);
            assert_int_equal(utf8_valid(parts[i]), parts[i].len);
            at += parts[i].len;
        }
        assert_int_equal(at, whole.len);
    }
    arena_free(a);
    str_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_are_those_of_the_published_table),
        cmocka_unit_test(a_message_has_at_most_255_segments),
        cmocka_unit_test(room_is_what_so_many_segments_hold),
        cmocka_unit_test(one_letter_outside_the_alphabet_makes_all_of_it_ucs2),
        cmocka_unit_test(cuts_are_made_at_the_best_place),
        cmocka_unit_test(pages_fit_and_lose_only_blanks),
        cmocka_unit_test(segments_fit_and_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

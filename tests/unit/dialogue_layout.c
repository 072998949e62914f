// SPDX-License-Identifier: AGPL-3.0-or-later
#include "dialogue/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { ITEMS_MAX = 14, ROUNDS = 4000, TEXT_MAX = 4000 };

/* ---- chance, the same in every run ---- */

static unsigned chance(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static const char *const words_of[] = {
    "a", "help", "{[~]}", "caf\xC3\xA9", "return.", "80", "verylongwordwithoutend", "\xE2\x82\xAC"};
static const char *const arabic[] = {"\xD9\x85",
                                     "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7",
                                     "\xF0\x9F\x98\x80",
                                     "no.",
                                     "\xD8\xB9\xD9\x88\xD8\xAF\xD8\xA9",
                                     "1",
                                     "\xD9\x88",
                                     "\xD9\x81\xD9\x8A"};

struct made {
    char text[TEXT_MAX];
    size_t len;
    struct span items[ITEMS_MAX];
    int sizes[ITEMS_MAX];
    struct layout l;
};

static struct span make_text(struct made *m, unsigned *seed, unsigned words, bool gsm)
{
    size_t from = m->len;
    for (unsigned i = 0; i < words; i++)
        m->len += (size_t)snprintf(m->text + m->len, TEXT_MAX - m->len, "%s%s", i ? " " : "",
                                   (gsm ? words_of : arabic)[chance(seed, 8)]);
    return (struct span){.p = m->text + from, .len = m->len - from};
}

static void make(struct made *m, unsigned *seed)
{
    bool gsm = chance(seed, 2);
    m->len = 0;
    m->l = (struct layout){.measure = {.gsm = gsm}, .limit = gsm ? 182 : 80, .items = m->items, .sizes = m->sizes};
    if (chance(seed, 4) == 0)
        m->l.limit = 40 + (int)chance(seed, 60);
    m->l.count = 1 + chance(seed, ITEMS_MAX - 1);
    m->l.bound = chance(seed, 3) ? m->l.count : m->l.count - m->l.count / 3;
    m->items[0] = make_text(m, seed, chance(seed, 60), gsm);
    for (size_t i = 1; i < m->l.count; i++)
        m->items[i] = make_text(m, seed, 1 + chance(seed, i == 3 ? 20 : 4), gsm);
    for (size_t i = 0; i < m->l.count; i++)
        m->sizes[i] = measure_count(m->l.measure, m->items[i]);
    m->l.more = SPAN("98 More");
    m->l.keys[1] = chance(seed, 2) ? SPAN("0 Back") : (struct span){0};
    m->l.keys[0] = chance(seed, 2) ? m->l.keys[1] : (struct span){0};
    for (int i = LAYOUT_ON; i < LAYOUT_FEET; i++)
        m->l.keys[i] = chance(seed, 2) ? m->l.keys[i - LAYOUT_ON] : (struct span){0};
    for (int i = 0; i < LAYOUT_FEET; i++)
        m->l.keys_size[i] = (int)m->l.keys[i].len;
    m->l.more_size = (int)m->l.more.len;
}

/* ---- what must hold ---- */

/* Adds a page's own text to `all`, without blanks: what is left of words when cuts and line breaks do not matter. */
static size_t add_squeezed(char *all, size_t len, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] != ' ' && text.p[i] != '\n')
            all[len++] = text.p[i];
    return len;
}

static void check_page(const struct layout *l, const struct layout_page *page, struct span text)
{
    assert_non_null(text.p);
    assert_true(measure_count(l->measure, text) <= l->limit);
    assert_true(page->used <= l->limit);
    if (page->head.len)
        assert_int_equal(page->used, measure_count(l->measure, text));
    assert_true(page->last == !page->more.len);
    assert_true(page->last || page->foot & LAYOUT_ON);
    assert_ptr_equal(page->keys.p, l->keys[page->foot].p);
    if (page->last && page->foot & LAYOUT_ON && l->keys[page->foot & LAYOUT_LATER].len > page->keys.len)
        assert_true(page->first + 1 == l->count ||
                    page->first >= l->bound); // nothing could be left for a page of its own
}

static void check_screen(const struct made *m, struct arena *a)
{
    static char all[TEXT_MAX], expected[TEXT_MAX];
    size_t len = 0, expected_len = 0, options = 1;
    struct layout_at at = layout_start(&m->l);
    struct layout_page page = {0};
    int pages = 0;
    while (layout_cut(&m->l, &at, &page)) {
        check_page(&m->l, &page, layout_write(&m->l, &page, a));
        len = add_squeezed(all, len, page.head);
        for (size_t i = page.first + 1; i < page.end; i++)
            len = add_squeezed(all, len, m->items[i]);
        if (page.chosen > page.options) { // options act in order, each on one page
            assert_int_equal(page.options, options);
            options = page.chosen;
        }
        assert_true(++pages < 200);
    }
    assert_true(page.last);
    assert_int_equal(options, m->l.count);
    for (size_t i = 0; i < m->l.count; i++)
        expected_len = add_squeezed(expected, expected_len, m->items[i]);
    assert_int_equal(len, expected_len);
    assert_memory_equal(all, expected, len);
}

static void no_page_is_over_its_limit_and_nothing_is_lost(void **state)
{
    (void)state;
    unsigned seed = 1;
    struct arena *a = arena_new(1 << 20);
    static struct made m;
    for (int i = 0; i < ROUNDS; i++) {
        make(&m, &seed);
        check_screen(&m, a);
        arena_reset(a);
    }
    arena_free(a);
}

static void what_fits_is_one_page(void **state)
{
    (void)state;
    struct span items[] = {SPAN("0123456789"), SPAN("1 Yes"), SPAN("2 No")};
    int sizes[] = {10, 5, 4};
    struct layout l = {.measure = {.gsm = true}, .limit = 21, .items = items, .sizes = sizes, .count = 3, .bound = 3};
    l.more = SPAN("98 More");
    l.more_size = 7;
    struct arena *a = arena_new(10000);
    struct layout_at at = layout_start(&l);
    struct layout_page page;
    assert_true(layout_cut(&l, &at, &page));
    assert_true(page.last);
    assert_true(span_is(layout_write(&l, &page, a), "0123456789\n1 Yes\n2 No"));
    assert_false(layout_cut(&l, &at, &page));
    l.limit = 20; // one less: a page more
    at = layout_start(&l);
    assert_true(layout_cut(&l, &at, &page));
    assert_true(span_is(layout_write(&l, &page, a), "0123456789\n98 More"));
    assert_true(layout_cut(&l, &at, &page));
    assert_true(span_is(layout_write(&l, &page, a), "1 Yes\n2 No"));
    arena_free(a);
}

static void a_page_that_another_follows_may_have_fewer_keys(void **state)
{
    (void)state;
    struct span items[] = {SPAN("aaaa bbbb cccc dddd eeee ffff")};
    int sizes[] = {29};
    struct layout l = {.measure = {.gsm = true}, .limit = 21, .items = items, .sizes = sizes, .count = 1, .bound = 1};
    l.keys[LAYOUT_LATER] = SPAN("0 Back");
    l.keys_size[LAYOUT_LATER] = 6;
    l.more = SPAN("98 More");
    l.more_size = 7;
    struct arena *a = arena_new(10000);
    struct layout_at at = layout_start(&l);
    struct layout_page page;
    assert_true(layout_cut(&l, &at, &page));
    assert_true(span_is(layout_write(&l, &page, a), "aaaa bbbb\n98 More"));
    assert_true(layout_cut(&l, &at, &page));
    assert_true(span_is(layout_write(&l, &page, a), "cccc dddd\n98 More"));
    assert_true(layout_cut(&l, &at, &page));
    assert_true(span_is(layout_write(&l, &page, a), "eeee ffff\n0 Back"));
    assert_true(page.last);
    arena_free(a);
}

static void agree_and_refuse_stay_together_on_the_last_page(void **state)
{
    (void)state;
    struct span items[] = {SPAN("We keep what you tell us."), SPAN("1 I agree"), SPAN("2 I do not agree")};
    int sizes[] = {25, 9, 16};
    struct layout l = {.measure = {.gsm = true}, .limit = 45, .items = items, .sizes = sizes, .count = 3, .bound = 1};
    l.more = SPAN("98 More");
    l.more_size = 7;
    struct layout_at at = layout_start(&l);
    struct layout_page page;
    assert_true(layout_cut(&l, &at, &page));
    assert_true(page.options >= page.chosen);
    assert_true(layout_cut(&l, &at, &page));
    assert_true(page.last);
    assert_int_equal(page.options, 1);
    assert_int_equal(page.chosen, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_page_is_over_its_limit_and_nothing_is_lost),
        cmocka_unit_test(what_fits_is_one_page),
        cmocka_unit_test(a_page_that_another_follows_may_have_fewer_keys),
        cmocka_unit_test(agree_and_refuse_stay_together_on_the_last_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

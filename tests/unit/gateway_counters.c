// SPDX-License-Identifier: AGPL-3.0-or-later
/* What a batch counts comes out of the store as it was counted, however long an operator's names are. */
#include "gateway/counters.h"

#include "store_fixture.h"

static const char menus[8] = {'\x01', '\x23', '\x45', '\x67', '\x89', '\xab', '\xcd', '\xef'};

struct told {
    struct span screen; /* to look for */
    int64_t seen;       /* of it */
    size_t rows;
};

static void tell(void *ctx, struct span screen, int64_t seen, int64_t left)
{
    struct told *t = ctx;
    (void)left;
    t->rows++;
    if (span_eq(screen, t->screen))
        t->seen = seen;
}

static void count_screen(struct fixture *f, struct span screen, int64_t times)
{
    struct counters c;
    const struct store_counter what = {.menus = {menus, sizeof menus},
                                       .channel = SPAN("phone"),
                                       .language = SPAN("en"),
                                       .screen = screen,
                                       .event = SPAN("seen")};
    assert_int_equal(counters_begin(&c, f->arena), 0);
    for (int64_t i = 0; i < times; i++)
        counters_add(&c, &what);
    assert_int_equal(map_count(c.map), 1);
    assert_int_equal(store_begin(f->store), 0);
    assert_int_equal(counters_write(&c, f->store, DAY), 0);
    assert_int_equal(store_commit(f->store), 0);
    counters_end(&c);
    arena_reset(f->arena);
}

static void test_names_of_any_length_are_counted_whole(void **state)
{
    struct fixture *f = *state;
    char name[600];
    memset(name, 'a', sizeof name);
    for (size_t len = 1, rows = 1; len <= sizeof name; len += len < 200 || len > 260 ? 59 : 1, rows++) {
        struct told told = {.screen = {name, len}};
        count_screen(f, told.screen, 3);
        assert_int_equal(store_traffic(f->store, DAY, tell, &told), 0);
        assert_int_equal(told.rows, rows);
        assert_int_equal(told.seen, 3);
    }
}

static void test_without_memory_nothing_is_counted(void **state)
{
    (void)state;
    char name[600];
    struct counters c;
    struct arena *small = arena_new(300);
    memset(name, 'b', sizeof name);
    assert_int_equal(counters_begin(&c, small), 0);
    counters_add(&c, &(struct store_counter){.screen = {name, sizeof name}, .event = SPAN("seen")});
    assert_int_equal(map_count(c.map), 0);
    counters_end(&c);
    arena_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_of_any_length_are_counted_whole, fixture_setup, fixture_teardown),
        cmocka_unit_test(test_without_memory_nothing_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* Day keys: what a purge destroys in the store is nowhere in memory either. */
#include "gateway/keys.h"

#include "store_fixture.h"
#include "vault_fixture.h"

struct days {
    struct fixture *f;
    struct vault *v;
    struct keys keys;
};

static int setup(void **state)
{
    struct days *d = mem_calloc(1, sizeof *d);
    void *fixture = NULL;
    int rc = fixture_setup(&fixture);
    d->f = fixture;
    d->v = fresh_vault();
    keys_open(&d->keys, d->v);
    *state = d;
    return rc;
}

static int teardown(void **state)
{
    struct days *d = *state;
    void *fixture = d->f;
    keys_close(&d->keys);
    vault_close(d->v);
    mem_free(d);
    return fixture_teardown(&fixture);
}

static size_t kept(const struct days *d)
{
    size_t n = 0;
    for (size_t i = 0; i < KEYS_DAYS; i++)
        n += d->keys.days[i].secret != NULL;
    return n;
}

static void test_a_key_that_was_destroyed_is_forgotten(void **state)
{
    struct days *d = *state;
    for (int64_t day = DAY; day < DAY + 3; day++)
        assert_int_equal(keys_day_begin(&d->keys, d->f->store, day), 0);
    assert_int_equal(kept(d), 3);
    assert_int_equal(purge(d->f, NOW, DAY + 2, 0, 100), 0);
    keys_forget(&d->keys, d->f->store);
    assert_int_equal(kept(d), 1);
    assert_null(keys_day(&d->keys, d->f->store, DAY));
    assert_null(keys_day(&d->keys, d->f->store, DAY + 1));
    assert_non_null(keys_day(&d->keys, d->f->store, DAY + 2));
}

/* As it is when the clock was ahead for a while, and what was over then is deleted. */
static void test_the_present_day_gets_a_new_key_where_its_own_is_gone(void **state)
{
    struct days *d = *state;
    assert_int_equal(keys_day_begin(&d->keys, d->f->store, DAY), 0);
    assert_int_equal(purge(d->f, NOW, DAY + 1, 0, 100), 0);
    keys_forget(&d->keys, d->f->store);
    assert_null(keys_day(&d->keys, d->f->store, DAY));
    assert_int_equal(keys_day_begin(&d->keys, d->f->store, DAY), 0);
    assert_non_null(keys_day(&d->keys, d->f->store, DAY));
}

static void test_what_cannot_be_looked_up_is_kept(void **state)
{
    struct days *d = *state;
    assert_int_equal(keys_day_begin(&d->keys, d->f->store, DAY), 0);
    mem_fail_after(0);
    keys_forget(&d->keys, d->f->store);
    mem_fail_after(-1);
    assert_int_equal(kept(d), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_key_that_was_destroyed_is_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_present_day_gets_a_new_key_where_its_own_is_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_looked_up_is_kept, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

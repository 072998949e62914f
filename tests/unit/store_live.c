// SPDX-License-Identifier: AGPL-3.0-or-later
/* The directory of sessions against a plain array: random changes, settled or undone, with keys that collide. */
#include "store/live.h"

#include "base/err.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 600, CALLERS = 7, STEPS = 800 };

/* All names share a segment, and eight of them a hash. */
static struct store_index name(int n)
{
    struct store_index k = {.bytes = {9}};
    k.bytes[1] = (unsigned char)(n / 8);
    k.bytes[2] = (unsigned char)(n / 8 >> 8);
    k.bytes[15] = (unsigned char)(n % 8);
    return k;
}

static struct live_session session_of(int n, int64_t id)
{
    return (struct live_session){.key = name(n), .caller = name(n % CALLERS), .id = id, .turn = id, .expires_s = 5};
}

static void assert_same(const struct live *l, const struct live_session *expected)
{
    for (int n = 0; n < KEYS; n++) {
        struct store_index key = name(n);
        const struct live_session *found = live_find(l, &key);
        assert_int_equal(found ? found->id : 0, expected[n].id);
        if (found)
            assert_true(found->turn == expected[n].turn && found->expires_s == expected[n].expires_s);
    }
    for (int c = 0; c < CALLERS; c++) {
        int64_t count = 0, last = INT64_MAX;
        struct store_index caller = name(c);
        for (const struct live_session *s = live_newest(l, &caller); s; s = live_earlier(l, s), count++) {
            assert_true(s->id < last);
            last = s->id;
        }
        for (int n = c; n < KEYS; n += CALLERS)
            count -= expected[n].id != 0;
        assert_int_equal(count, 0);
    }
}

static uint32_t draw(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 16;
}

static void change_one(struct live *l, struct live_session *now, uint32_t *random, int64_t id)
{
    int n = (int)(draw(random) % KEYS);
    struct live_session *found = live_find(l, &now[n].key);
    if (!now[n].id) {
        now[n] = session_of(n, id);
        assert_int_equal(live_add(l, &now[n]), 0);
    } else if (draw(random) % 2) {
        live_change(l, found);
        found->turn = now[n].turn = id;
        found->expires_s = now[n].expires_s = id + 1;
    } else {
        live_drop(l, found);
        now[n].id = 0;
    }
}

static void it_is_what_a_plain_array_says(void **state)
{
    (void)state;
    static struct live_session settled[KEYS], now[KEYS];
    struct live l = {.known = true};
    uint32_t random = 3;
    int64_t id = 0;
    for (int n = 0; n < KEYS; n++)
        settled[n] = session_of(n, 0);
    for (int step = 0; step < STEPS; step++) {
        memcpy(now, settled, sizeof now);
        for (uint32_t i = draw(&random) % 9; i; i--)
            change_one(&l, now, &random, ++id);
        if (draw(&random) % 3) {
            live_settle(&l);
            memcpy(settled, now, sizeof now);
        } else {
            live_undo(&l);
        }
        assert_true(l.known);
        assert_same(&l, settled);
    }
    live_release(&l);
}

/* What cannot be noted cannot be taken back: the directory is read again. */
static void without_memory_for_a_note_it_is_read_again(void **state)
{
    (void)state;
    struct live l = {.known = true};
    struct live_session s = session_of(1, 1);
    mem_fail_after(4); // chunk list, chunk, two tables; no note
    assert_int_equal(live_add(&l, &s), 0);
    mem_fail_after(-1);
    assert_non_null(live_find(&l, &s.key));
    live_undo(&l);
    assert_false(l.known);
    live_release(&l);
}

static void without_memory_a_session_is_not_added(void **state)
{
    (void)state;
    for (long nth = 0; nth < 4; nth++) {
        struct live l = {.known = true};
        struct live_session s = session_of(1, 1);
        mem_fail_after(nth);
        assert_int_equal(live_add(&l, &s), ERR_NOMEM);
        mem_fail_after(-1);
        assert_null(live_find(&l, &s.key));
        assert_null(live_newest(&l, &s.caller));
        live_release(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_a_plain_array_says),
        cmocka_unit_test(without_memory_for_a_note_it_is_read_again),
        cmocka_unit_test(without_memory_a_session_is_not_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

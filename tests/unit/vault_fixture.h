// SPDX-License-Identifier: AGPL-3.0-or-later
/* A vault with a fresh master key, and two strings to box into; for the tests of what lies under keys. */
#ifndef WAYMARK_TESTS_VAULT_FIXTURE_H
#define WAYMARK_TESTS_VAULT_FIXTURE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "vault/vault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

enum { VAULT_CEILING = 64 * 1024 };

struct keyed {
    struct vault *v, *other; /* two masters */
    struct str box, plain;
    struct arena *arena;
};

static inline struct vault *fresh_vault(void)
{
    char folder[] = P_tmpdir "/waymark-vault-XXXXXX", path[64];
    struct vault *v;
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/master", folder);
    assert_int_equal(vault_open(path, true, &v), 0);
    unlink(path);
    rmdir(folder);
    return v;
}

static inline int keyed_setup(void **state)
{
    struct keyed *k = mem_calloc(1, sizeof *k);
    k->v = fresh_vault();
    k->other = fresh_vault();
    str_init(&k->box, VAULT_CEILING);
    str_init(&k->plain, VAULT_CEILING);
    k->arena = arena_new(1 << 20);
    *state = k;
    return 0;
}

static inline int keyed_teardown(void **state)
{
    struct keyed *k = *state;
    vault_close(k->v);
    vault_close(k->other);
    str_release(&k->box);
    str_release(&k->plain);
    arena_free(k->arena);
    mem_free(k);
    return 0;
}

/* Every box or seal of `box` with one bit turned, or with its end cut off, must be refused by `try`. */
static inline void refuses_damage(struct keyed *k, struct str *box, int (*try)(struct keyed *k, struct span box))
{
    for (size_t i = 0; i < box->len; i++) {
        box->p[i] ^= 4;
        assert_int_not_equal(try(k, str_span(box)), 0);
        box->p[i] ^= 4;
        assert_int_not_equal(try(k, span_first(str_span(box), i)), 0);
    }
    assert_int_equal(try(k, str_span(box)), 0);
}

#endif

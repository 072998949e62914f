// SPDX-License-Identifier: AGPL-3.0-or-later
/* Guessing costs the same whoever is asked for: the work on a passphrase is counted, never timed. */
#include "staff_fixture.h"

#include "staff/signin.h"

#include <dlfcn.h>
#include <sodium.h>

/* What libsodium was asked for. This stands before the library's own, which does the work. */
static struct {
    int calls;
    unsigned long long passes;
    size_t memory;
} asked;

int crypto_pwhash_argon2id(unsigned char *const out, unsigned long long outlen, const char *const passwd,
                           unsigned long long passwdlen, const unsigned char *const salt, unsigned long long opslimit,
                           size_t memlimit, int alg)
{
    static int (*own)(unsigned char *, unsigned long long, const char *, unsigned long long, const unsigned char *,
                      unsigned long long, size_t, int);
    if (!own)
        *(void **)&own = dlsym(RTLD_NEXT, "crypto_pwhash_argon2id");
    assert_non_null(own);
    asked.calls++;
    asked.passes = opslimit;
    asked.memory = memlimit;
    return own(out, outlen, passwd, passwdlen, salt, opslimit, memlimit, alg);
}

static int worked(struct place *p, const char *name, struct span passphrase)
{
    struct signin in;
    asked.calls = 0;
    arena_reset(p->f->arena);
    int rc = enter_with(p, name, passphrase, &in);
    assert_int_equal(asked.calls, 1);
    assert_int_equal(asked.passes, GATE_PASSES);
    assert_int_equal(asked.memory, 1 << 20);
    if (rc == 0)
        signin_end(&in);
    return rc;
}

static void somebody_and_nobody_cost_the_same(void **state)
{
    struct place *p = *state;
    char longest[4000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    join(p, "ana", ROLE_CASEWORKER);
    assert_int_equal(worked(p, "ana", words_of("ana")), 0);
    assert_int_equal(worked(p, "ana", SPAN("not the right words")), ERR_AUTH);
    assert_int_equal(worked(p, "nobody", SPAN("not the right words")), ERR_AUTH);
    assert_int_equal(worked(p, "", SPAN("")), ERR_AUTH);
    assert_int_equal(worked(p, "ana", span_of(longest)), ERR_AUTH);
    assert_int_equal(worked(p, longest, span_of(longest)), ERR_AUTH);
    assert_int_equal(office_disable(&p->o, admin, SPAN("ana"), true), 0);
    assert_int_equal(worked(p, "ana", words_of("ana")), ERR_AUTH);
}

static void a_thousand_guesses_lock_and_tell_nothing(void **state)
{
    struct place *p = *state;
    join(p, "ana", ROLE_CASEWORKER);
    for (int n = 0; n < 1000; n++) {
        char guess[32];
        snprintf(guess, sizeof guess, "guess number %d", n);
        assert_int_equal(worked(p, "ana", span_of(guess)), worked(p, "nobody", span_of(guess)));
    }
    assert_int_equal(worked(p, "ana", words_of("ana")), ERR_AUTH); // it is locked, and answers as before
    p->now_ms += (SIGNIN_LOCK_S + 1) * 1000;
    assert_int_equal(worked(p, "ana", words_of("ana")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(somebody_and_nobody_cost_the_same),
                                       TEST(a_thousand_guesses_lock_and_tell_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/vault.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* 64 digits that are a key. */
#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"

struct room {
    char folder[64], path[96];
    struct vault *v;
};

static int setup(void **state)
{
    struct room *r = mem_calloc(1, sizeof *r);
    snprintf(r->folder, sizeof r->folder, "%s", P_tmpdir "/waymark-vault-XXXXXX");
    unsetenv("CREDENTIALS_DIRECTORY");
    if (!mkdtemp(r->folder))
        return -1;
    snprintf(r->path, sizeof r->path, "%s/master", r->folder);
    *state = r;
    return file_write(r->path, SPAN(DIGITS "\n"), 0600) < 0 ? -1 : vault_open(r->path, false, &r->v);
}

static int teardown(void **state)
{
    struct room *r = *state;
    vault_close(r->v);
    unlink(r->path);
    int rc = rmdir(r->folder); // fails when a temporary file was left
    mem_free(r);
    return rc;
}

static bool blind_eq(struct blind a, struct blind b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

static int open_with(const struct room *r, struct span content, unsigned mode)
{
    struct vault *v = NULL;
    unlink(r->path);
    assert_int_equal(file_write(r->path, content, 0600), 0);
    assert_int_equal(chmod(r->path, mode), 0);
    int rc = vault_open(r->path, true, &v);
    vault_close(v);
    return rc;
}

static void a_key_file_is_64_digits_and_a_newline(void **state)
{
    const struct room *r = *state;
    static const struct {
        struct span content;
        int rc;
    } rows[] = {
        {SPAN(DIGITS "\n"), 0},
        {SPAN(DIGITS), 0}, // as tools that add no newline write it
        {SPAN(DIGITS "\n\n"), ERR_SYNTAX},
        {SPAN(DIGITS "0"), ERR_SYNTAX},
        {SPAN(DIGITS "00"), ERR_SYNTAX},
        {SPAN(DIGITS "\r\n"), ERR_SYNTAX},
        {SPAN(" " DIGITS), ERR_SYNTAX},
        {SPAN("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1\n"), ERR_SYNTAX},
        {SPAN("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1"), ERR_SYNTAX},
        {SPAN("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g\n"), ERR_SYNTAX},
        {SPAN("000102030405060708090a0b0c0d0e0f1011121314151617\n"), ERR_SYNTAX},
        {SPAN("\n"), ERR_SYNTAX},
        {SPAN(""), ERR_SYNTAX}, // not taken for a missing one, though `create` is true
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(open_with(r, rows[i].content, 0600), rows[i].rc);
}

static void a_key_that_others_can_read_is_refused(void **state)
{
    const struct room *r = *state;
    static const unsigned refused[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644, 0660, 0666};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_int_equal(open_with(r, SPAN(DIGITS "\n"), refused[i]), ERR_REFUSED);
    assert_int_equal(open_with(r, SPAN(DIGITS "\n"), 0400), 0);
}

static void a_missing_key_is_made_only_when_asked_for(void **state)
{
    const struct room *r = *state;
    struct vault *v, *again;
    struct stat st;
    unlink(r->path);
    assert_int_equal(vault_open(r->path, false, &v), ERR_MISSING);
    assert_int_equal(access(r->path, F_OK), -1);
    mode_t before = umask(0); // the mode does not hang on it
    assert_int_equal(vault_open(r->path, true, &v), 0);
    umask(before);
    assert_int_equal(stat(r->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 65);
    assert_int_equal(vault_open(r->path, true, &again), 0);
    struct blind index = vault_blind(v, BLIND_EVENT, SPAN("a"), SPAN("b"));
    assert_true(blind_eq(index, vault_blind(again, BLIND_EVENT, SPAN("a"), SPAN("b"))));
    assert_false(blind_eq(index, vault_blind(r->v, BLIND_EVENT, SPAN("a"), SPAN("b")))); // a fresh key, not a fixed one
    vault_close(v);
    vault_close(again);
}

static void places_where_no_key_can_be_are_errors(void **state)
{
    const struct room *r = *state;
    struct vault *v;
    char path[160];
    assert_int_equal(vault_open(r->folder, true, &v), ERR_IO);
    snprintf(path, sizeof path, "%s/nowhere/master", r->folder);
    assert_int_equal(vault_open(path, false, &v), ERR_MISSING);
    assert_int_equal(vault_open(path, true, &v), ERR_IO);
}

static void a_credential_comes_before_the_path(void **state)
{
    const struct room *r = *state;
    struct vault *v;
    char path[160];
    snprintf(path, sizeof path, "%s/waymark-master", r->folder);
    setenv("CREDENTIALS_DIRECTORY", r->folder, 1);
    assert_int_equal(vault_open(r->path, false, &v), 0); // there is none: the path
    vault_close(v);
    unlink(r->path);
    assert_int_equal(file_write(path, SPAN(DIGITS "\n"), 0600), 0);
    assert_int_equal(chmod(path, 0440), 0); // as systemd's ACL looks
    assert_int_equal(vault_open(r->path, false, &v), 0);
    assert_true(blind_eq(vault_blind(v, BLIND_EVENT, SPAN("a"), SPAN("")),
                         vault_blind(r->v, BLIND_EVENT, SPAN("a"), SPAN(""))));
    vault_close(v);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(vault_open(r->path, false, &v), ERR_REFUSED);
    unlink(path);
    unsetenv("CREDENTIALS_DIRECTORY");
}

/* Computed once with Python's hashlib from the documented construction, so that an index on a disk stays what it is. */
static void an_index_is_what_it_always_was(void **state)
{
    const struct room *r = *state;
    char hex[2 * VAULT_CHAIN_BYTES + 1];
    unsigned char link[VAULT_CHAIN_BYTES];
    const struct msisdn number = {"12025550123"};
    static const char *const known[] = {
        [BLIND_NUMBER] = "35c1a31d1c943a11dd0d62ce920ce40b",
        [BLIND_SESSION] = "a22785ceb71d1a0d9f20bd2e3faec34e",
        [BLIND_EVENT] = "a94c661479381a8f7c3fe145525f0086",
        [BLIND_MESSAGE] = "cf640b153629d520722ee492107bd468",
    };
    for (enum blind_kind kind = BLIND_NUMBER; kind <= BLIND_MESSAGE; kind++) {
        struct blind index = vault_blind(r->v, kind, SPAN("kannel"), SPAN("id-1"));
        sodium_bin2hex(hex, sizeof hex, index.bytes, sizeof index.bytes);
        assert_string_equal(hex, known[kind]);
    }
    struct blind index = vault_blind_number(r->v, &number);
    sodium_bin2hex(hex, sizeof hex, index.bytes, sizeof index.bytes);
    assert_string_equal(hex, "6e640d6ef6e3f414f0f58eb0f4a25e01");
    index = vault_session(r->v, &index, SPAN("kannel"), SPAN("id-1"));
    sodium_bin2hex(hex, sizeof hex, index.bytes, sizeof index.bytes);
    assert_string_equal(hex, "0582ffa3cceb2a8f7fdf496c68e5e854");
    vault_chain(r->v, NULL, SPAN("row"), link);
    sodium_bin2hex(hex, sizeof hex, link, sizeof link);
    assert_string_equal(hex, "cea8a9fd66ef942b74ecc0e55b2fd32456752e7c1ea88e3df7ba6aef8c3e31dd");
    vault_hash(SPAN("abc"), link); // as b2sum -l 256 says
    sodium_bin2hex(hex, sizeof hex, link, sizeof link);
    assert_string_equal(hex, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

/* The same for boxes, with libsodium alone: key 1 + n, nonce in front, context as associated data, ISO 7816-4 padding.
 */
static void a_box_is_what_it_always_was(void **state)
{
    const struct room *r = *state;
    unsigned char master[VAULT_KEY_BYTES], key[VAULT_KEY_BYTES], plain[8];
    for (unsigned i = 0; i < sizeof master; i++)
        master[i] = (unsigned char)i;
    for (enum vault_key name = VAULT_RECORD; name <= VAULT_KEYS; name++) {
        struct str box = STR_INIT(100);
        crypto_kdf_derive_from_key(key, sizeof key, 1 + (uint64_t)name, "waymark_", master);
        assert_int_equal(vault_box(r->v, name, SPAN("ctx"), SPAN("hello"), 8, &box), 0);
        const unsigned char *bytes = (const unsigned char *)box.p;
        assert_int_equal(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, bytes + 24, box.len - 24,
                                                                    (const unsigned char *)"ctx", 3, bytes, key),
                         0);
        assert_memory_equal(plain, "hello\x80\0\0", 8);
        str_release(&box);
    }
}

static void indexes_of_different_things_differ(void **state)
{
    const struct room *r = *state;
    static const struct {
        enum blind_kind kind;
        struct span a, b;
    } rows[] = {
        {BLIND_NUMBER, SPAN("ab"), SPAN("c")},
        {BLIND_SESSION, SPAN("ab"), SPAN("c")},
        {BLIND_EVENT, SPAN("ab"), SPAN("c")},
        {BLIND_MESSAGE, SPAN("ab"), SPAN("c")},
        {BLIND_EVENT, SPAN("a"), SPAN("bc")},
        {BLIND_EVENT, SPAN("abc"), SPAN("")},
        {BLIND_EVENT, SPAN(""), SPAN("abc")},
        {BLIND_EVENT, {0}, {0}},
        {BLIND_SESSION, {0}, {0}},
        {BLIND_EVENT, SPAN("ab"), SPAN("c\0")},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    for (size_t i = 0; i < ROWS; i++)
        for (size_t k = 0; k < ROWS; k++)
            assert_int_equal(blind_eq(vault_blind(r->v, rows[i].kind, rows[i].a, rows[i].b),
                                      vault_blind(r->v, rows[k].kind, rows[k].a, rows[k].b)),
                             i == k);
    const struct msisdn number = {"12025550123"}, other = {"12025550124"};
    assert_false(blind_eq(vault_blind_number(r->v, &number), vault_blind_number(r->v, &other)));
}

/* More numbers than are kept, each of them asked for three times. */
static void a_number_that_was_met_before_has_the_same_index(void **state)
{
    const struct room *r = *state;
    enum { NUMBERS = 10000 };
    for (unsigned i = 0; i < 3 * NUMBERS; i++) {
        struct msisdn number;
        snprintf(number.digits, sizeof number.digits, "1%07u", i % NUMBERS * 7919 % NUMBERS);
        struct blind again = vault_blind_number(r->v, &number), index = vault_blind_number(r->v, &number);
        struct blind made = vault_blind(r->v, BLIND_NUMBER, span_of(number.digits), (struct span){0});
        assert_true(blind_eq(index, made) && blind_eq(again, made));
    }
}

/* What was known under a key alone is not taken for what it is when other keys stand before it. */
static void numbers_are_met_anew_when_the_keys_change(void **state)
{
    struct room *r = *state;
    const struct msisdn number = {"12025550123"};
    struct vault *next, *later;
    struct str claim = STR_INIT(4096);
    unlink(r->path);
    assert_int_equal(vault_make(r->path), 0);
    assert_int_equal(vault_open(r->path, false, &next), 0);
    assert_int_equal(vault_open(r->path, false, &later), 0);
    struct blind old = vault_blind_number(r->v, &number), alone = vault_blind_number(next, &number);
    assert_true(blind_eq(alone, vault_blind_number(later, &number)));
    assert_int_equal(vault_succeed(next, r->v), 0);
    struct blind index = vault_blind_number(next, &number);
    assert_false(blind_eq(index, alone));
    assert_true(blind_eq(index, vault_blind_again(next, BLIND_NUMBER, &old)));
    assert_int_equal(vault_claim(next, &claim), 0);
    assert_int_equal(vault_adopt(later, str_span(&claim)), 0);
    assert_true(blind_eq(index, vault_blind_number(later, &number)));
    str_release(&claim);
    vault_close(next);
    vault_close(later);
}

/* And a session's by number, channel and name, wherever their borders lie. */
static void sessions_of_different_people_channels_and_names_differ(void **state)
{
    const struct room *r = *state;
    const struct msisdn numbers[] = {{"12025550123"}, {"12025550124"}};
    static const struct {
        int number;
        struct span channel, id;
    } rows[] = {
        {0, SPAN("ab"), SPAN("c")},
        {1, SPAN("ab"), SPAN("c")},
        {0, SPAN("a"), SPAN("bc")},
        {0, SPAN("c"), SPAN("ab")},
        {0, SPAN("abc"), SPAN("")},
        {0, SPAN(""), SPAN("abc")},
        {0, {0}, {0}},
        {0, SPAN("ab"), SPAN("c\0")},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    struct blind made[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        struct blind number = vault_blind_number(r->v, &numbers[rows[i].number]);
        made[i] = vault_session(r->v, &number, rows[i].channel, rows[i].id);
        assert_true(blind_eq(made[i], vault_session(r->v, &number, rows[i].channel, rows[i].id)));
        for (size_t k = 0; k < i; k++)
            assert_false(blind_eq(made[i], made[k]));
    }
}

static void a_chain_hangs_on_every_row_and_its_order(void **state)
{
    const struct room *r = *state;
    unsigned char first[VAULT_CHAIN_BYTES], second[VAULT_CHAIN_BYTES], other[VAULT_CHAIN_BYTES];
    char both[VAULT_CHAIN_BYTES + 1];
    vault_chain(r->v, NULL, SPAN("a"), first);
    vault_chain(r->v, first, SPAN("b"), second);
    vault_chain(r->v, NULL, SPAN("b"), other);
    assert_memory_not_equal(second, other, sizeof second);
    memcpy(both, first, sizeof first);
    both[VAULT_CHAIN_BYTES] = 'b';
    vault_chain(r->v, NULL, (struct span){both, sizeof both}, other);
    assert_memory_not_equal(second, other, sizeof second); // a row cannot play the previous link
    vault_chain(r->v, first, SPAN("b"), first);            // the same memory for both
    assert_memory_equal(first, second, sizeof second);
}

static bool hardened(void)
{
    struct rlimit core;
    vault_harden();
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 &&
           core.rlim_max == 0;
}

static void a_hardened_process_leaves_no_core(void **state)
{
    (void)state;
    int status;
    assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
    pid_t child = fork(); // a process that is not dumpable cannot be looked at by LeakSanitizer
    if (child == 0)
        _exit(hardened() ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void randomness_fills_and_wiping_empties(void **state)
{
    (void)state;
    static const unsigned char none[64];
    unsigned char a[64] = {0}, b[64] = {0};
    vault_random(NULL, a, sizeof a);
    vault_random(NULL, b, sizeof b - 1);
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_not_equal(a, none, sizeof a);
    assert_int_equal(b[63], 0); // not one byte more
    vault_wipe(a, sizeof a);
    assert_memory_equal(a, none, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_file_is_64_digits_and_a_newline, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_that_others_can_read_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_key_is_made_only_when_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(places_where_no_key_can_be_are_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(a_credential_comes_before_the_path, setup, teardown),
        cmocka_unit_test_setup_teardown(an_index_is_what_it_always_was, setup, teardown),
        cmocka_unit_test_setup_teardown(a_box_is_what_it_always_was, setup, teardown),
        cmocka_unit_test_setup_teardown(indexes_of_different_things_differ, setup, teardown),
        cmocka_unit_test_setup_teardown(a_number_that_was_met_before_has_the_same_index, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_are_met_anew_when_the_keys_change, setup, teardown),
        cmocka_unit_test_setup_teardown(sessions_of_different_people_channels_and_names_differ, setup, teardown),
        cmocka_unit_test_setup_teardown(a_chain_hangs_on_every_row_and_its_order, setup, teardown),
        cmocka_unit_test(randomness_fills_and_wiping_empties),
        cmocka_unit_test(a_hardened_process_leaves_no_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "vault/vault.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

enum { CEILING = 8192 };

struct room {
    struct vault *v;
    struct vault_secret *secret;
    struct vault_pair pair;
    struct str box, plain;
};

static const unsigned char raw_key[VAULT_KEY_BYTES] = {7, 1};
static const struct span context = SPAN("person 12, turn 3");

static int setup(void **state)
{
    char folder[] = P_tmpdir "/waymark-seal-XXXXXX", path[64];
    struct room *r = mem_calloc(1, sizeof *r);
    unsetenv("CREDENTIALS_DIRECTORY");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/master", folder);
    int rc = vault_open(path, true, &r->v);
    unlink(path);
    rmdir(folder);
    r->secret = vault_secret_new();
    vault_pair_new(&r->pair);
    str_init(&r->box, CEILING);
    str_init(&r->plain, CEILING);
    *state = r;
    return rc;
}

static int teardown(void **state)
{
    struct room *r = *state;
    vault_close(r->v);
    vault_secret_free(r->secret);
    str_release(&r->box);
    str_release(&r->plain);
    mem_free(r);
    return 0;
}

/* The four ways to close something, in one shape. Raw boxes have a number for a context: its length. */
static int box_v(struct room *r, struct span c, struct span plain, size_t pad, struct str *out)
{
    return vault_box(r->v, VAULT_OUTBOX, c, plain, pad, out);
}

static int unbox_v(struct room *r, struct span c, struct span box, struct str *out)
{
    return vault_unbox(r->v, VAULT_OUTBOX, c, box, out);
}

static int box_s(struct room *r, struct span c, struct span plain, size_t pad, struct str *out)
{
    return vault_secret_box(r->secret, c, plain, pad, out);
}

static int unbox_s(struct room *r, struct span c, struct span box, struct str *out)
{
    return vault_secret_unbox(r->secret, c, box, out);
}

static int box_r(struct room *r, struct span c, struct span plain, size_t pad, struct str *out)
{
    (void)r;
    return vault_raw_box(raw_key, c.len, plain, pad, out);
}

static int unbox_r(struct room *r, struct span c, struct span box, struct str *out)
{
    (void)r;
    return vault_raw_unbox(raw_key, c.len, box, out);
}

static int box_p(struct room *r, struct span c, struct span plain, size_t pad, struct str *out)
{
    return vault_seal(r->pair.public_key, c, plain, pad, out);
}

static int unbox_p(struct room *r, struct span c, struct span box, struct str *out)
{
    return vault_unseal(&r->pair, c, box, out);
}

static const struct way {
    int (*close)(struct room *, struct span, struct span, size_t, struct str *);
    int (*open)(struct room *, struct span, struct span, struct str *);
    size_t more; // bytes besides the padded content, for `context`
    size_t head; // of them, those that are padded too
} ways[] = {
    {box_v, unbox_v, VAULT_NONCE_BYTES + VAULT_TAG_BYTES, 0},
    {box_s, unbox_s, VAULT_NONCE_BYTES + VAULT_TAG_BYTES, 0},
    {box_r, unbox_r, VAULT_TAG_BYTES, 0},
    {box_p, unbox_p, VAULT_SEAL_BYTES, 2 + sizeof "person 12, turn 3" - 1},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

static void what_was_closed_opens_again_behind_what_was_there(void **state)
{
    struct room *r = *state;
    static const size_t pads[] = {1, 2, 16, 100, 1024};
    static const size_t lens[] = {0, 1, 15, 16, 17, 300, 1023, 1024, 1025};
    char plain[1025];
    memset(plain, 0, sizeof plain); // zeros look like padding
    memset(plain, 0x80, 17);
    for (size_t n = 0; n < WAYS * 5 * 9; n++) {
        const struct way *w = &ways[n % WAYS];
        size_t pad = pads[n / WAYS % 5], len = lens[n / WAYS / 5];
        str_clear(&r->box);
        str_clear(&r->plain);
        str_addz(&r->box, "before");
        str_addz(&r->plain, "front");
        assert_int_equal(w->close(r, context, (struct span){plain, len}, pad, &r->box), 0);
        size_t padded = (w->head + len) / pad * pad + pad;
        assert_int_equal(r->box.len, 6 + w->more + padded);
        assert_memory_equal(r->box.p, "before", 6);
        assert_int_equal(w->open(r, context, span_from(str_span(&r->box), 6), &r->plain), 0);
        assert_int_equal(r->plain.len, 5 + len);
        assert_memory_equal(r->plain.p, "front", 5);
        assert_memory_equal(r->plain.p + 5, plain, len);
        assert_int_equal(r->plain.p[r->plain.len], 0);
    }
}

static void a_change_of_any_bit_is_seen(void **state)
{
    struct room *r = *state;
    for (const struct way *w = ways; w < ways + WAYS; w++) {
        str_clear(&r->box);
        str_clear(&r->plain);
        str_addz(&r->plain, "front");
        assert_int_equal(w->close(r, context, SPAN("agreed"), 16, &r->box), 0);
        for (size_t bit = 0; bit < r->box.len * 8; bit++) {
            // X25519 takes the top bit of a public key for zero (RFC 7748, section 5), but the seal's nonce has it
            // hashed
            r->box.p[bit / 8] = (char)(r->box.p[bit / 8] ^ 1 << bit % 8);
            assert_int_equal(w->open(r, context, str_span(&r->box), &r->plain), ERR_CRYPTO);
            assert_string_equal(str_z(&r->plain), "front");
            r->box.p[bit / 8] = (char)(r->box.p[bit / 8] ^ 1 << bit % 8);
        }
        for (size_t len = 0; len < r->box.len; len++)
            assert_int_equal(w->open(r, context, span_first(str_span(&r->box), len), &r->plain), ERR_CRYPTO);
        assert_int_equal(w->open(r, context, str_span(&r->box), &r->plain), 0); // it was good all the time
        assert_string_equal(str_z(&r->plain), "frontagreed");
        str_addc(&r->box, '\0');
        assert_int_equal(w->open(r, context, str_span(&r->box), &r->plain), ERR_CRYPTO);
    }
}

static void another_context_does_not_open(void **state)
{
    struct room *r = *state;
    static const struct span others[] = {SPAN("person 12, turn 32"),
                                         SPAN("person 12, turn "),
                                         {0},
                                         SPAN("person 12, turn 3agreed"),
                                         SPAN("person 12, turn 3a")};
    for (const struct way *w = ways; w < ways + WAYS; w++) {
        str_clear(&r->box);
        str_clear(&r->plain);
        assert_int_equal(w->close(r, context, SPAN("agreed"), 1, &r->box), 0);
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            assert_int_equal(w->open(r, others[i], str_span(&r->box), &r->plain), ERR_CRYPTO);
        assert_int_equal(r->plain.len, 0);
    }
    str_clear(&r->box);
    assert_int_equal(vault_seal(r->pair.public_key, SPAN("turn 3"), SPAN("x"), 1, &r->box), 0);
    assert_int_equal(vault_unseal(&r->pair, SPAN("turn 4"), str_span(&r->box), &r->plain),
                     ERR_CRYPTO); // of equal length
    str_clear(&r->box);
    assert_int_equal(vault_secret_box(r->secret, SPAN("turn 3"), SPAN("x"), 1, &r->box), 0);
    assert_int_equal(vault_secret_unbox(r->secret, SPAN("turn 4"), str_span(&r->box), &r->plain), ERR_CRYPTO);
}

static void another_key_does_not_open(void **state)
{
    struct room *r = *state;
    struct vault_secret *other = vault_secret_new();
    struct vault_pair pair;
    vault_pair_new(&pair);
    assert_int_equal(vault_box(r->v, VAULT_RECORD, context, SPAN("x"), 1, &r->box), 0);
    assert_int_equal(vault_unbox(r->v, VAULT_OUTBOX, context, str_span(&r->box), &r->plain), ERR_CRYPTO);
    assert_int_equal(vault_unbox(r->v, VAULT_AUDIT, context, str_span(&r->box), &r->plain), ERR_CRYPTO);
    assert_int_equal(vault_unbox(r->v, VAULT_KEYS, context, str_span(&r->box), &r->plain), ERR_CRYPTO);
    str_clear(&r->box);
    assert_int_equal(vault_secret_box(r->secret, context, SPAN("x"), 1, &r->box), 0);
    assert_int_equal(vault_secret_unbox(other, context, str_span(&r->box), &r->plain), ERR_CRYPTO);
    str_clear(&r->box);
    assert_int_equal(vault_seal(r->pair.public_key, context, SPAN("x"), 1, &r->box), 0);
    assert_int_equal(vault_unseal(&pair, context, str_span(&r->box), &r->plain), ERR_CRYPTO);
    vault_secret_free(other);
}

static void padding_hides_the_length_and_is_the_standard_one(void **state)
{
    struct room *r = *state;
    size_t sizes[3], len;
    const struct span texts[] = {SPAN("1"), SPAN("a longer answer"), SPAN("0123456789012345678901234567890")};
    for (size_t i = 0; i < 3; i++) {
        str_clear(&r->box);
        assert_int_equal(vault_secret_box(r->secret, context, texts[i], 32, &r->box), 0);
        sizes[i] = r->box.len;
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_int_equal(sizes[0], sizes[2]);
    str_clear(&r->box);
    assert_int_equal(vault_raw_box(raw_key, 258, texts[1], 32, &r->box), 0);
    static const unsigned char nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = {[4] = 2, 1}; // 258, little-endian
    unsigned char plain[32];
    assert_int_equal(crypto_aead_chacha20poly1305_ietf_decrypt(plain, NULL, NULL, (unsigned char *)r->box.p, r->box.len,
                                                               NULL, 0, nonce, raw_key),
                     0);
    assert_int_equal(sodium_unpad(&len, plain, sizeof plain, 32), 0);
    assert_int_equal(len, texts[1].len);
    static const unsigned char bare[32] = {1}; // authentic, but never padded
    unsigned char sealed[32 + VAULT_TAG_BYTES];
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, bare, sizeof bare, NULL, 0, NULL, nonce, raw_key);
    assert_int_equal(vault_raw_unbox(raw_key, 258, (struct span){(char *)sealed, sizeof sealed}, &r->plain),
                     ERR_CRYPTO);
}

/* Around every length at which a box is made in another way, the library opens it. */
static void boxes_of_every_length_open_for_the_library(void **state)
{
    struct room *r = *state;
    enum { MOST = 800 };
    static const size_t contexts[] = {0, 1, 16, 63, 64, 65, 200};
    char plain[MOST], said[200];
    for (size_t i = 0; i < MOST; i++)
        plain[i] = (char)(i * 7 + 1);
    memset(said, 'c', sizeof said);
    for (size_t len = 0; len < MOST; len++)
        for (size_t i = 0; i < sizeof contexts / sizeof *contexts; i++) {
            const struct span c = {said, contexts[i]}, text = {plain, len};
            const struct way *w = &ways[1 + (len + i) % 2]; // both that have a key without a long nonce
            str_clear(&r->box);
            str_clear(&r->plain);
            assert_int_equal(w->close(r, c, text, 1, &r->box), 0);
            assert_int_equal(w->open(r, c, str_span(&r->box), &r->plain), 0);
            assert_int_equal(r->plain.len, len);
            assert_true(!len || memcmp(r->plain.p, plain, len) == 0);
        }
}

static void no_two_boxes_have_one_nonce(void **state)
{
    struct room *r = *state;
    enum { BOXES = 1000, LEN = VAULT_NONCE_BYTES + 1 + VAULT_TAG_BYTES };
    struct str wrapped = STR_INIT(200), all = STR_INIT(2 * BOXES * LEN);
    struct vault_secret *again;
    assert_int_equal(vault_secret_wrap(r->v, r->secret, context, &wrapped), 0);
    assert_int_equal(vault_secret_unwrap(r->v, context, str_span(&wrapped), &again), 0);
    for (int i = 0; i < 2 * BOXES; i++) // two handles of one key
        assert_int_equal(vault_secret_box(i % 2 ? r->secret : again, context, (struct span){0}, 1, &all), 0);
    for (size_t i = 0; i < 2 * BOXES; i++)
        for (size_t k = 0; k < i; k++)
            if (memcmp(all.p + i * LEN, all.p + k * LEN, VAULT_NONCE_BYTES) == 0)
                fail_msg("boxes %zu and %zu", k, i);
    vault_secret_free(again);
    str_release(&wrapped);
    str_release(&all);
}

static void a_wrapped_secret_opens_what_it_closed(void **state)
{
    struct room *r = *state;
    struct str wrapped = STR_INIT(200);
    struct vault_secret *again = NULL;
    assert_int_equal(vault_secret_wrap(r->v, r->secret, SPAN("day 20000"), &wrapped), 0);
    assert_int_equal(vault_secret_box(r->secret, context, SPAN("state"), 64, &r->box), 0);
    assert_int_equal(vault_secret_unwrap(r->v, SPAN("day 20001"), str_span(&wrapped), &again), ERR_CRYPTO);
    assert_int_equal(vault_secret_unwrap(r->v, SPAN("day 20000"), SPAN(""), &again), ERR_CRYPTO);
    assert_int_equal(vault_secret_unwrap(r->v, SPAN("day 20000"), str_span(&wrapped), &again), 0);
    assert_int_equal(vault_secret_unbox(again, context, str_span(&r->box), &r->plain), 0);
    assert_string_equal(str_z(&r->plain), "state");
    vault_secret_free(again);
    str_clear(&wrapped);
    assert_int_equal(vault_box(r->v, VAULT_KEYS, context, SPAN("31 bytes are not a key 45678901"), 1, &wrapped), 0);
    assert_int_equal(vault_secret_unwrap(r->v, context, str_span(&wrapped), &again), ERR_CRYPTO);
    str_release(&wrapped);
}

static void pads_and_ceilings_are_kept(void **state)
{
    struct room *r = *state;
    char plain[100] = {0};
    for (const struct way *w = ways; w < ways + WAYS; w++) {
        struct str small = STR_INIT(110);
        assert_int_equal(w->close(r, context, SPAN("x"), 0, &small), ERR_RANGE);
        assert_int_equal(w->close(r, context, SPAN("x"), 1025, &small), ERR_RANGE);
        assert_int_equal(small.len, 0);
        assert_int_equal(w->close(r, context, (struct span){plain, sizeof plain}, 1, &small), ERR_LIMIT);
        assert_int_equal(small.len, 0); // not half a box
        str_release(&small);
        str_clear(&r->box);
        assert_int_equal(w->close(r, context, (struct span){plain, sizeof plain}, 1, &r->box), 0);
        small = STR_INIT(50);
        assert_int_equal(w->open(r, context, str_span(&r->box), &small), ERR_LIMIT);
        str_release(&small);
    }
}

static void memory_that_runs_out_is_said(void **state)
{
    struct room *r = *state;
    struct str out = STR_INIT(1000), wrapped = STR_INIT(200);
    struct vault_secret *s = NULL;
    assert_int_equal(vault_secret_wrap(r->v, r->secret, context, &wrapped), 0);
    mem_fail_after(0);
    assert_int_equal(vault_secret_box(r->secret, context, SPAN("x"), 1, &out), ERR_NOMEM);
    assert_null(vault_secret_new());
    assert_int_equal(vault_secret_unwrap(r->v, context, str_span(&wrapped), &s), ERR_NOMEM);
    mem_fail_after(1); // room to unbox, none for the handle
    assert_int_equal(vault_secret_unwrap(r->v, context, str_span(&wrapped), &s), ERR_NOMEM);
    mem_fail_after(-1);
    str_release(&out);
    str_release(&wrapped);
}

static void a_public_key_that_seals_nothing_is_refused(void **state)
{
    struct room *r = *state;
    static const unsigned char zero[VAULT_PUBLIC_BYTES]; // a point of small order: everybody knows the shared secret
    str_addz(&r->box, "before");
    assert_int_equal(vault_seal(zero, context, SPAN("x"), 16, &r->box), ERR_CRYPTO);
    assert_string_equal(str_z(&r->box), "before");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_closed_opens_again_behind_what_was_there, setup, teardown),
        cmocka_unit_test_setup_teardown(a_change_of_any_bit_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(another_context_does_not_open, setup, teardown),
        cmocka_unit_test_setup_teardown(another_key_does_not_open, setup, teardown),
        cmocka_unit_test_setup_teardown(padding_hides_the_length_and_is_the_standard_one, setup, teardown),
        cmocka_unit_test_setup_teardown(boxes_of_every_length_open_for_the_library, setup, teardown),
        cmocka_unit_test_setup_teardown(no_two_boxes_have_one_nonce, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrapped_secret_opens_what_it_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(pads_and_ceilings_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_that_runs_out_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(a_public_key_that_seals_nothing_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

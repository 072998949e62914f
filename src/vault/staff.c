// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/staff.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pack.h"
#include "vault/common.h"
#include "vault/keys.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

enum { MIB = 1024 * 1024, MEMORY_MIB_MOST = 1024, PASSES_MOST = 16, SALT_BYTES = 16, DIFFERENT_LEAST = 5 };

_Static_assert(SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES, "sizes are those of libsodium");

struct gate {
    pthread_mutex_t one; /* at a time */
    int memory_mib;
    unsigned char salt[SALT_BYTES]; /* for names that nobody has */
};

/** How a passphrase becomes a key. */
struct cost {
    uint64_t memory_mib, passes;
    struct span salt;
};

int gate_new(int memory_mib, struct gate **out)
{
    if (memory_mib < 1 || memory_mib > MEMORY_MIB_MOST)
        return ERR_RANGE;
    struct gate *g = sodium_init() < 0 ? NULL : mem_alloc(sizeof *g);
    if (!g)
        return ERR_NOMEM;
    g->memory_mib = memory_mib;
    randombytes_buf(g->salt, sizeof g->salt);
    pthread_mutex_init(&g->one, NULL);
    *out = g;
    return 0;
}

void gate_free(struct gate *g)
{
    if (!g)
        return;
    pthread_mutex_destroy(&g->one);
    mem_free(g);
}

/* ---- passphrases ---- */

static size_t characters(struct span utf8)
{
    size_t count = 0;
    for (size_t i = 0; i < utf8.len; i++)
        count += (utf8.p[i] & 0xC0) != 0x80;
    return count;
}

static size_t different(struct span bytes)
{
    bool seen[256] = {false};
    size_t count = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        bool *one = &seen[(unsigned char)bytes.p[i]];
        count += !*one;
        *one = true;
    }
    return count;
}

static bool contains(struct span text, struct span part)
{
    for (size_t i = 0; i + part.len <= text.len; i++)
        if (span_eq_nocase(span_first(span_from(text, i), part.len), part))
            return true;
    return false;
}

int passphrase_check(struct span passphrase, struct span name)
{
    if (characters(passphrase) < PASSPHRASE_LEAST || passphrase.len > PASSPHRASE_MOST)
        return ERR_RANGE;
    bool weak = different(passphrase) < DIFFERENT_LEAST || contains(passphrase, name) || passphrase_common(passphrase);
    return weak ? ERR_REFUSED : 0;
}

/* Argon2id takes its memory from the system by itself: hundreds of mebibytes that no other allocation waits for. */
static int stretch(struct gate *g, const struct cost *cost, struct span passphrase, unsigned char key[VAULT_KEY_BYTES])
{
    pthread_mutex_lock(&g->one);
    int rc = crypto_pwhash_argon2id(key, VAULT_KEY_BYTES, passphrase.p ? passphrase.p : "", passphrase.len,
                                    (const unsigned char *)cost->salt.p, cost->passes, (size_t)cost->memory_mib * MIB,
                                    crypto_pwhash_argon2id_ALG_ARGON2ID13);
    pthread_mutex_unlock(&g->one);
    return rc == 0 ? 0 : ERR_NOMEM;
}

/* ---- records: box under the master key of memory | passes | salt | box under the passphrase ---- */

static struct span public_span(const unsigned char *public_key)
{
    return (struct span){(const char *)public_key, VAULT_PUBLIC_BYTES};
}

/* Whose record it is; a row that was put under another name does not open. */
static void whose(struct str *context, struct span name, const unsigned char *public_key)
{
    str_addz(context, "staff");
    pack_span(context, public_span(public_key));
    pack_span(context, name);
}

static int inner_close(struct gate *g, const struct cost *cost, struct span passphrase, const struct opener *identity,
                       struct str *inner)
{
    unsigned char key[VAULT_KEY_BYTES];
    const struct span secret = {(const char *)opener_secret(identity), VAULT_KEY_BYTES};
    struct nonces *nonces = nonces_new();
    int rc = nonces ? stretch(g, cost, passphrase, key) : ERR_NOMEM;
    pack_number(inner, cost->memory_mib);
    pack_number(inner, cost->passes);
    str_add(inner, cost->salt);
    if (rc == 0)
        rc = str_err(inner);
    if (rc == 0)
        rc = box_close_fresh(&(struct box_key){.key = key, .nonces = nonces}, public_span(opener_public(identity)),
                             secret, 1, inner);
    sodium_memzero(key, sizeof key);
    nonces_free(nonces);
    return rc;
}

int identity_rewrap(struct gate *g, const struct vault *v, struct span name, struct span passphrase,
                    const struct opener *identity, struct str *record)
{
    int rc = passphrase_check(passphrase, name);
    if (rc < 0)
        return rc;
    unsigned char salt[SALT_BYTES];
    randombytes_buf(salt, sizeof salt);
    const struct cost cost = {(uint64_t)g->memory_mib, GATE_PASSES, {(const char *)salt, sizeof salt}};
    struct str inner = STR_INIT(IDENTITY_MAX), context = STR_INIT(IDENTITY_MAX);
    rc = inner_close(g, &cost, passphrase, identity, &inner);
    whose(&context, name, opener_public(identity));
    if (rc == 0)
        rc = str_err(&context);
    if (rc == 0)
        rc = vault_box(v, VAULT_KEYS, str_span(&context), str_span(&inner), 1, record);
    str_release(&inner);
    str_release(&context);
    return rc;
}

int identity_make(struct gate *g, const struct vault *v, struct span name, struct span passphrase, struct str *record,
                  struct opener **out)
{
    struct opener *identity;
    int rc = opener_new(&identity);
    if (rc < 0)
        return rc;
    rc = identity_rewrap(g, v, name, passphrase, identity, record);
    if (rc == 0)
        *out = identity;
    else
        opener_close(identity);
    return rc;
}

static int inner_open(struct gate *g, struct span inner, const unsigned char *public_key, struct span passphrase,
                      struct str *secret)
{
    struct unpack u = unpack_start(inner);
    struct cost cost = {.memory_mib = unpack_number(&u, MEMORY_MIB_MOST), .passes = unpack_number(&u, PASSES_MOST)};
    cost.salt = unpack_bytes(&u, SALT_BYTES);
    if (unpack_err(&u, false) < 0)
        return ERR_CRYPTO;
    unsigned char key[VAULT_KEY_BYTES];
    int rc = stretch(g, &cost, passphrase, key);
    if (rc == 0)
        rc = box_open_fresh(key, public_span(public_key), u.left, secret);
    sodium_memzero(key, sizeof key);
    return rc == ERR_CRYPTO ? ERR_AUTH : rc; // what lies around it was whole, so it is the passphrase that is not
}

/* As much work as for somebody who is there. */
static int nobody(struct gate *g, struct span passphrase)
{
    unsigned char key[VAULT_KEY_BYTES];
    const struct cost cost = {(uint64_t)g->memory_mib, GATE_PASSES, {(const char *)g->salt, sizeof g->salt}};
    int rc = stretch(g, &cost, passphrase, key);
    sodium_memzero(key, sizeof key);
    return rc < 0 ? rc : ERR_AUTH;
}

/* What lies under the master key: of this member, or nothing. */
static int outer_open(const struct vault *v, struct span name, const unsigned char *public_key, struct span record,
                      struct str *inner)
{
    struct str context = STR_INIT(IDENTITY_MAX);
    whose(&context, name, public_key);
    int rc = str_err(&context);
    if (rc == 0)
        rc = vault_unbox(v, VAULT_KEYS, str_span(&context), record, inner);
    str_release(&context);
    return rc;
}

int identity_proved(const struct vault *v, struct span name, const unsigned char public_key[VAULT_PUBLIC_BYTES],
                    struct span record)
{
    struct str inner = STR_INIT(IDENTITY_MAX);
    int rc = outer_open(v, name, public_key, record, &inner);
    str_release(&inner);
    return rc;
}

int identity_open(struct gate *g, const struct vault *v, struct span name,
                  const unsigned char public_key[VAULT_PUBLIC_BYTES], struct span record, struct span passphrase,
                  struct opener **out)
{
    if (!record.len)
        return nobody(g, span_first(passphrase, PASSPHRASE_MOST));
    struct str inner = STR_INIT(IDENTITY_MAX), secret = STR_INIT(IDENTITY_MAX);
    int rc = outer_open(v, name, public_key, record, &inner);
    if (rc == 0)
        rc = inner_open(g, str_span(&inner), public_key, span_first(passphrase, PASSPHRASE_MOST), &secret);
    if (rc == 0)
        rc = opener_of_secret((const unsigned char *)secret.p, out);
    str_release(&inner);
    vault_forget(&secret);
    return rc;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* Opening a vault, and what is only hashed: blind indexes, chains, contents. */
#include "vault/vault.h"

#include "base/err.h"
#include "vault/keys.h"
#include "vault/master.h"

#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Which subkey is which. These numbers are for ever: changing one makes everything under that key unreadable. */
static const uint64_t subkey_ids[SLOT_COUNT] = {
    [VAULT_RECORD] = 1,
    [VAULT_OUTBOX] = 2,
    [VAULT_AUDIT] = 3,
    [VAULT_KEYS] = 4,
    [SLOT_INDEX + BLIND_NUMBER] = 16,
    [SLOT_INDEX + BLIND_SESSION] = 17,
    [SLOT_INDEX + BLIND_EVENT] = 18,
    [SLOT_INDEX + BLIND_MESSAGE] = 19,
    [SLOT_CHAIN] = 32,
    [SLOT_SESSION] = 33,
};

static const char subkey_context[] = "waymark_";
_Static_assert(sizeof subkey_context - 1 == crypto_kdf_CONTEXTBYTES, "the context of crypto_kdf has a fixed length");
_Static_assert(VAULT_KEY_BYTES == crypto_kdf_KEYBYTES && VAULT_KEY_BYTES == crypto_generichash_KEYBYTES &&
                   VAULT_CHAIN_BYTES == crypto_generichash_BYTES && VAULT_INDEX_BYTES == crypto_generichash_BYTES_MIN,
               "sizes are those of libsodium");

static int derive_all(struct vault *v, const unsigned char master[VAULT_KEY_BYTES])
{
    v->earlier_count = 0;
    v->known = NULL;
    v->nonces = nonces_new();
    if (!v->nonces)
        return ERR_NOMEM;
    v->known = known_new();
    for (size_t slot = 0; slot < SLOT_COUNT; slot++)
        crypto_kdf_derive_from_key(v->keys[slot], VAULT_KEY_BYTES, subkey_ids[slot], subkey_context, master);
    return sodium_mprotect_readonly(v) < 0 ? ERR_IO : 0;
}

static int begin(void)
{
    // The library's own generator, seeded by the system's: a system call for each new session would cost more than the
    // session.
    randombytes_set_implementation(&randombytes_internal_implementation);
    return sodium_init() < 0 ? ERR_IO : 0;
}

/* Wipes `master`. */
static int open_with(unsigned char master[VAULT_KEY_BYTES], int rc, struct vault **out)
{
    struct vault *v = rc < 0 ? NULL : sodium_malloc(sizeof *v);
    if (v)
        rc = derive_all(v, master);
    else if (rc == 0)
        rc = ERR_NOMEM;
    sodium_memzero(master, VAULT_KEY_BYTES);
    if (rc == 0)
        *out = v;
    else
        vault_close(v);
    return rc;
}

int vault_of_key(unsigned char master[VAULT_KEY_BYTES], struct vault **out)
{
    return open_with(master, begin(), out);
}

int vault_open(const char *path, bool create, struct vault **out)
{
    unsigned char master[VAULT_KEY_BYTES];
    int rc = begin();
    return rc < 0 ? rc : open_with(master, master_load(path, create, master), out);
}

int vault_open_file(const char *path, struct vault **out)
{
    unsigned char master[VAULT_KEY_BYTES];
    int rc = begin();
    return rc < 0 ? rc : open_with(master, master_file(path, master), out);
}

bool vault_from_credential(void)
{
    unsigned char master[VAULT_KEY_BYTES];
    bool there = begin() == 0 && master_credential(master) != ERR_MISSING;
    sodium_memzero(master, sizeof master);
    return there;
}

int vault_make(const char *path)
{
    int rc = begin();
    return rc < 0 ? rc : master_make(path);
}

void vault_close(struct vault *v)
{
    if (!v)
        return;
    nonces_free(v->nonces);
    known_free(v->known);
    sodium_free(v); // wipes it
}

static struct blind index_under(const unsigned char *key, enum blind_kind kind, struct span a, struct span b)
{
    unsigned char head[9] = {(unsigned char)kind};
    for (unsigned i = 0; i < 8; i++)
        head[1 + i] = (unsigned char)((uint64_t)a.len >> (8 * i)); // the length of `a` alone says where `b` begins
    struct blind index;
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, VAULT_KEY_BYTES, sizeof index.bytes);
    crypto_generichash_update(&state, head, sizeof head);
    crypto_generichash_update(&state, (const unsigned char *)a.p, a.len);
    crypto_generichash_update(&state, (const unsigned char *)b.p, b.len);
    crypto_generichash_final(&state, index.bytes, sizeof index.bytes);
    sodium_memzero(&state, sizeof state); // its last block is what was hashed
    return index;
}

static struct blind index_again(const unsigned char *key, enum blind_kind kind, const struct blind *before)
{
    return index_under(key, kind, (struct span){(const char *)before->bytes, sizeof before->bytes}, (struct span){0});
}

struct blind vault_blind(const struct vault *v, enum blind_kind kind, struct span a, struct span b)
{
    if (!v->earlier_count)
        return index_under(v->keys[SLOT_INDEX + kind], kind, a, b);
    struct blind index = index_under(v->earlier[0][kind], kind, a, b);
    for (size_t i = 1; i < v->earlier_count; i++)
        index = index_again(v->earlier[i][kind], kind, &index);
    return vault_blind_again(v, kind, &index);
}

struct blind vault_blind_again(const struct vault *v, enum blind_kind kind, const struct blind *before)
{
    return index_again(v->keys[SLOT_INDEX + kind], kind, before);
}

struct blind vault_blind_number(const struct vault *v, const struct msisdn *number)
{
    struct span digits = span_of(number->digits);
    struct known_mark mark;
    struct blind index;
    if (known_find(v->known, digits, &mark, &index))
        return index;
    index = vault_blind(v, BLIND_NUMBER, digits, (struct span){0});
    known_keep(v->known, &mark, &index);
    return index;
}

_Static_assert(VAULT_INDEX_BYTES == crypto_shorthash_siphashx24_BYTES &&
                   VAULT_KEY_BYTES == 2 * crypto_shorthash_siphashx24_KEYBYTES,
               "a session's index is SipHash-2-4 of 128 bits, and its subkey two keys");

/* Both names by the first key, so that they have one length; what stands beside the number by the second. */
struct blind vault_session(const struct vault *v, const struct blind *number, struct span channel, struct span id)
{
    const unsigned char *inner = v->keys[SLOT_SESSION], *outer = inner + crypto_shorthash_siphashx24_KEYBYTES;
    struct blind parts[] = {*number, {{0}}, {{0}}}, index;
    crypto_shorthash_siphashx24(parts[1].bytes, (const unsigned char *)channel.p, channel.len, inner);
    crypto_shorthash_siphashx24(parts[2].bytes, (const unsigned char *)id.p, id.len, inner);
    crypto_shorthash_siphashx24(index.bytes, parts[0].bytes, sizeof parts, outer);
    return index;
}

void vault_chain(const struct vault *v, const unsigned char previous[VAULT_CHAIN_BYTES], struct span row,
                 unsigned char link[VAULT_CHAIN_BYTES])
{
    static const unsigned char none[VAULT_CHAIN_BYTES]; // as long as a link, so that no row looks like link and row
    crypto_generichash_state state;
    crypto_generichash_init(&state, v->keys[SLOT_CHAIN], VAULT_KEY_BYTES, VAULT_CHAIN_BYTES);
    crypto_generichash_update(&state, previous ? previous : none, VAULT_CHAIN_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)row.p, row.len);
    crypto_generichash_final(&state, link, VAULT_CHAIN_BYTES);
}

void vault_hash(struct span bytes, unsigned char hash[VAULT_CHAIN_BYTES])
{
    crypto_generichash(hash, VAULT_CHAIN_BYTES, (const unsigned char *)bytes.p, bytes.len, NULL, 0);
}

void vault_random(void *ctx, void *bytes, size_t len)
{
    (void)ctx;
    randombytes_buf(bytes, len);
}

void vault_wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}

bool vault_equal(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

void vault_forget(struct str *secret)
{
    if (secret->p)
        sodium_memzero(secret->p, secret->cap);
    str_release(secret);
}

void vault_harden(void)
{
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0, .rlim_max = 0});
}

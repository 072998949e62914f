// SPDX-License-Identifier: AGPL-3.0-or-later
/* Keys that are kept wrapped in the store. */
#include "base/err.h"
#include "vault/keys.h"

#include <sodium.h>
#include <string.h>

/* Lies in guarded memory, read-only once it is filled. */
struct vault_secret {
    unsigned char key[VAULT_KEY_BYTES], inner[VAULT_KEY_BYTES]; // inner: of the nonces' prefix (keys.h)
    struct nonces *nonces;
};

/* A handle whose key is a copy of `key`, or random where that is NULL. */
static struct vault_secret *secret_make(const unsigned char *key)
{
    struct vault_secret *s = sodium_init() < 0 ? NULL : sodium_malloc(sizeof *s);
    if (!s)
        return NULL;
    if (key)
        memcpy(s->key, key, sizeof s->key);
    else
        randombytes_buf(s->key, sizeof s->key);
    s->nonces = nonces_new();
    if (s->nonces)
        crypto_core_hchacha20(s->inner, nonces_prefix(s->nonces), s->key, NULL);
    if (s->nonces && sodium_mprotect_readonly(s) == 0)
        return s;
    vault_secret_free(s);
    return NULL;
}

struct vault_secret *vault_secret_new(void)
{
    return secret_make(NULL);
}

void vault_secret_free(struct vault_secret *s)
{
    if (!s)
        return;
    nonces_free(s->nonces);
    sodium_free(s); // wipes it
}

int vault_secret_wrap(const struct vault *v, const struct vault_secret *s, struct span context, struct str *out)
{
    const struct span key = {.p = (const char *)s->key, .len = sizeof s->key};
    return vault_box(v, VAULT_KEYS, context, key, 1, out);
}

int vault_secret_unwrap(const struct vault *v, struct span context, struct span wrapped, struct vault_secret **out)
{
    struct str key = STR_INIT(wrapped.len);
    int rc = vault_unbox(v, VAULT_KEYS, context, wrapped, &key);
    if (rc == 0 && key.len != VAULT_KEY_BYTES)
        rc = ERR_CRYPTO;
    struct vault_secret *s = rc < 0 ? NULL : secret_make((const unsigned char *)key.p);
    if (rc == 0 && !s)
        rc = ERR_NOMEM;
    if (key.p)
        sodium_memzero(key.p, key.cap);
    str_release(&key);
    if (rc == 0)
        *out = s;
    return rc;
}

int vault_secret_box(const struct vault_secret *s, struct span context, struct span plain, size_t pad, struct str *out)
{
    const struct box_key key = {.key = s->inner, .inner = true, .nonces = s->nonces};
    return box_close_fresh(&key, context, plain, pad, out);
}

int vault_secret_unbox(const struct vault_secret *s, struct span context, struct span box, struct str *out)
{
    return box_open_fresh(s->key, context, box, out);
}

void *vault_locked_new(size_t size)
{
    void *p = sodium_init() < 0 ? NULL : sodium_malloc(size);
    if (p && sodium_mlock(p, size) < 0) { // sodium_malloc has tried, but does not say whether it could
        sodium_free(p);
        return NULL;
    }
    if (p)
        memset(p, 0, size);
    return p;
}

void vault_locked_free(void *p)
{
    sodium_free(p); // wipes it
}

_Static_assert(VAULT_MARK_BYTES == crypto_shorthash_BYTES && VAULT_MARK_KEY_BYTES == crypto_shorthash_KEYBYTES,
               "sizes are those of libsodium");

void vault_mark(const unsigned char key[VAULT_MARK_KEY_BYTES], struct span bytes, unsigned char mark[VAULT_MARK_BYTES])
{
    crypto_shorthash(mark, (const unsigned char *)bytes.p, bytes.len, key);
}

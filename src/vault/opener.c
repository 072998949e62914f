// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/opener.h"

#include "base/err.h"
#include "vault/keys.h"

#include <sodium.h>
#include <string.h>

enum { OPENER_SECRET_MAX = 4096 };

/* Lies in guarded memory, read-only once it is filled. */
struct opener {
    struct vault_pair pair;
};

static int opener_make(const unsigned char *secret, struct opener **out)
{
    struct opener *o = sodium_init() < 0 ? NULL : sodium_malloc(sizeof *o);
    if (!o)
        return ERR_NOMEM;
    if (secret) {
        memcpy(o->pair.secret_key, secret, sizeof o->pair.secret_key);
        crypto_scalarmult_base(o->pair.public_key, o->pair.secret_key);
    } else {
        vault_pair_new(&o->pair);
    }
    if (sodium_mprotect_readonly(o) < 0) {
        sodium_free(o);
        return ERR_IO;
    }
    *out = o;
    return 0;
}

int opener_new(struct opener **out)
{
    return opener_make(NULL, out);
}

int opener_of_secret(const unsigned char secret[VAULT_KEY_BYTES], struct opener **out)
{
    return opener_make(secret, out);
}

void opener_close(struct opener *o)
{
    if (o)
        sodium_free(o); // wipes it
}

const unsigned char *opener_public(const struct opener *o)
{
    return o->pair.public_key;
}

const unsigned char *opener_secret(const struct opener *o)
{
    return o->pair.secret_key;
}

int opener_unseal(const struct opener *o, struct span context, struct span seal, struct str *out)
{
    return vault_unseal(&o->pair, context, seal, out);
}

static struct span public_span(const unsigned char *public_key)
{
    return (struct span){(const char *)public_key, VAULT_PUBLIC_BYTES};
}

int opener_pass(const struct opener *o, const unsigned char to[VAULT_PUBLIC_BYTES], struct str *seal)
{
    const struct span secret = {(const char *)o->pair.secret_key, sizeof o->pair.secret_key};
    return vault_seal(to, public_span(o->pair.public_key), secret, 1, seal);
}

/* What was opened is the secret of that public key, and not merely something that was sealed in its name. */
static int opener_checked(struct span secret, const unsigned char *public_key, struct opener **out)
{
    if (secret.len != VAULT_KEY_BYTES)
        return ERR_CRYPTO;
    struct opener *o;
    int rc = opener_of_secret((const unsigned char *)secret.p, &o);
    if (rc < 0)
        return rc;
    if (sodium_memcmp(o->pair.public_key, public_key, VAULT_PUBLIC_BYTES) != 0) {
        opener_close(o);
        return ERR_CRYPTO;
    }
    *out = o;
    return 0;
}

int opener_take(const struct opener *holder, const unsigned char public_key[VAULT_PUBLIC_BYTES], struct span seal,
                struct opener **out)
{
    struct str secret = STR_INIT(OPENER_SECRET_MAX);
    int rc = opener_unseal(holder, public_span(public_key), seal, &secret);
    if (rc == 0)
        rc = opener_checked(str_span(&secret), public_key, out);
    vault_forget(&secret);
    return rc;
}

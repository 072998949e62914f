// SPDX-License-Identifier: AGPL-3.0-or-later
/* Which master key a database is under, and which it was under before: a box under VAULT_KEYS of the number of masters
 * before and their index keys, oldest first. */
#include "base/err.h"
#include "vault/keys.h"

#include <sodium.h>
#include <string.h>

enum { SET = BLIND_KINDS * VAULT_KEY_BYTES, CLAIM_MOST = 1 + VAULT_MASTERS_MOST * SET + 64 };

static const char context[] = "waymark master key 1";

int vault_claim(const struct vault *v, struct str *out)
{
    struct str plain = STR_INIT(CLAIM_MOST);
    if (!str_extend(&plain, CLAIM_MOST)) // at once: a string that grows leaves copies behind
        return ERR_NOMEM;
    str_clear(&plain);
    str_addc(&plain, (char)v->earlier_count);
    str_add(&plain, (struct span){(const char *)v->earlier, v->earlier_count * SET});
    int rc = vault_box(v, VAULT_KEYS, span_of(context), str_span(&plain), 1, out);
    vault_forget(&plain);
    return rc;
}

int vault_adopt(struct vault *v, struct span claim)
{
    struct str plain = STR_INIT(CLAIM_MOST);
    if (claim.len > CLAIM_MOST)
        return ERR_CRYPTO;
    int rc = vault_unbox(v, VAULT_KEYS, span_of(context), claim, &plain);
    size_t count = rc == 0 && plain.len ? (unsigned char)plain.p[0] : 0;
    if (rc == 0 && (count > VAULT_MASTERS_MOST || plain.len != 1 + count * SET))
        rc = ERR_CRYPTO;
    if (rc == 0 && sodium_mprotect_readwrite(v) < 0)
        rc = ERR_IO;
    if (rc == 0) {
        memcpy(v->earlier, plain.p + 1, count * SET);
        v->earlier_count = count;
        known_clear(v->known);
        rc = sodium_mprotect_readonly(v) < 0 ? ERR_IO : 0;
    }
    vault_forget(&plain);
    return rc;
}

int vault_succeed(struct vault *v, const struct vault *old)
{
    if (old->earlier_count == VAULT_MASTERS_MOST)
        return ERR_LIMIT;
    if (sodium_memcmp(v->keys, old->keys, sizeof v->keys) == 0)
        return ERR_EXISTS;
    if (sodium_mprotect_readwrite(v) < 0)
        return ERR_IO;
    memcpy(v->earlier, old->earlier, sizeof v->earlier);
    memcpy(v->earlier[old->earlier_count], old->keys[SLOT_INDEX], SET);
    v->earlier_count = old->earlier_count + 1;
    known_clear(v->known);
    return sodium_mprotect_readonly(v) < 0 ? ERR_IO : 0;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* Seals: crypto_box_seal of length of the context (2 bytes, little-endian) | context | content, padded as a whole. */
#include "base/err.h"
#include "vault/keys.h"

#include <sodium.h>
#include <string.h>

enum { SEAL_HEAD = 2, SEAL_CONTEXT_MAX = 65535, SEAL_PAD_MAX = 1024 };

_Static_assert(VAULT_SEAL_BYTES == crypto_box_SEALBYTES && VAULT_PUBLIC_BYTES == crypto_box_PUBLICKEYBYTES &&
                   VAULT_KEY_BYTES == crypto_box_SECRETKEYBYTES,
               "sizes are those of libsodium");

void vault_pair_new(struct vault_pair *pair)
{
    crypto_box_keypair(pair->public_key, pair->secret_key);
}

/* Writes what is sealed, without its padding. */
static void content_put(unsigned char *to, struct span context, struct span plain)
{
    to[0] = (unsigned char)(context.len & 0xFF);
    to[1] = (unsigned char)(context.len >> 8);
    if (context.len)
        memcpy(to + SEAL_HEAD, context.p, context.len);
    if (plain.len)
        memcpy(to + SEAL_HEAD + context.len, plain.p, plain.len);
}

int vault_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], struct span context, struct span plain, size_t pad,
               struct str *out)
{
    if (pad < 1 || pad > SEAL_PAD_MAX || context.len > SEAL_CONTEXT_MAX)
        return ERR_RANGE;
    size_t start = out->len, bare = SEAL_HEAD + context.len + plain.len, len = padded_len(bare, pad);
    unsigned char *seal = (unsigned char *)str_extend(out, VAULT_SEAL_BYTES + len);
    if (!seal)
        return str_err(out);
    unsigned char *content = seal + VAULT_SEAL_BYTES; // where the ciphertext will stand
    content_put(content, context, plain);
    padded_fill(content, bare, pad);
    if (crypto_box_seal(seal, content, len, public_key) == 0)
        return 0;
    sodium_memzero(seal, VAULT_SEAL_BYTES + len); // a public key of small order
    str_cut(out, start);
    return ERR_CRYPTO;
}

/* Length of the head before the content; 0: the seal was made for something else. */
static size_t head_len(const unsigned char *bytes, size_t len, struct span context)
{
    if (len < SEAL_HEAD + context.len || (size_t)(bytes[0] | bytes[1] << 8) != context.len)
        return 0;
    const struct span inside = {.p = (const char *)bytes + SEAL_HEAD, .len = context.len};
    return span_eq(inside, context) ? SEAL_HEAD + context.len : 0;
}

int vault_unseal(const struct vault_pair *pair, struct span context, struct span seal, struct str *out)
{
    if (seal.len < VAULT_SEAL_BYTES)
        return ERR_CRYPTO;
    size_t start = out->len, room = seal.len - VAULT_SEAL_BYTES, len = room, head = 0;
    unsigned char *bytes = (unsigned char *)str_extend(out, room);
    if (!bytes)
        return str_err(out);
    int rc = crypto_box_seal_open(bytes, (const unsigned char *)seal.p, seal.len, pair->public_key, pair->secret_key);
    rc = rc < 0 ? ERR_CRYPTO : padded_strip(bytes, &len);
    if (rc == 0 && (head = head_len(bytes, len, context)) == 0)
        rc = ERR_CRYPTO;
    size_t keep = rc < 0 ? 0 : len - head;
    memmove(bytes, bytes + head, keep);
    sodium_memzero(bytes + keep, room - keep); // what was moved, or must not be read
    str_cut(out, start + keep);
    return rc;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* Boxes: padded and encrypted in place, in the string that they are appended to. */
#include "base/err.h"
#include "vault/keys.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

#ifndef VAULT_PLANTED
#define VAULT_PLANTED 0 /* 1: nothing is encrypted; for tests that prove that they would find it */
#endif

enum {
    PAD_MAX = 1024,
    INNER_NONCE_BYTES = crypto_aead_chacha20poly1305_ietf_NPUBBYTES,
    INNER_ZEROS = 4,
    CHACHA_BLOCK = 64,
    STREAM = 12 * CHACHA_BLOCK, /* the first block is the tag's key */
    LANES = 4 * CHACHA_BLOCK,   /* what the cipher makes at once, or twice that */
    POLY_BLOCK = 16,
    CONTEXT_SHORT = 64,
};

_Static_assert(VAULT_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
                   VAULT_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES &&
                   VAULT_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
               "sizes are those of libsodium");

size_t padded_len(size_t len, size_t pad)
{
    return len - len % pad + pad;
}

/* ISO/IEC 7816-4, as sodium_pad: one byte 0x80, then zeros. sodium_pad hides the length from a clock on this machine as
 * well, at the cost of a volatile loop over the block that takes longer than the cipher; whoever boxes knows the
 * length. */
void padded_fill(unsigned char *bytes, size_t len, size_t pad)
{
    memset(bytes + len, 0, padded_len(len, pad) - len);
    bytes[len] = 0x80;
}

int padded_strip(const unsigned char *bytes, size_t *len)
{
    size_t end = *len;
    while (end && bytes[end - 1] == 0)
        end--;
    if (!end || bytes[end - 1] != 0x80)
        return ERR_CRYPTO;
    *len = end - 1;
    return 0;
}

/* ChaCha20's own nonce: 4 zero bytes and the last 8. */
static void inner_nonce(const struct box_terms *terms, unsigned char nonce[INNER_NONCE_BYTES])
{
    memset(nonce, 0, INNER_ZEROS);
    memcpy(nonce + INNER_ZEROS, terms->nonce + crypto_core_hchacha20_INPUTBYTES, INNER_NONCE_BYTES - INNER_ZEROS);
}

static size_t put(unsigned char *out, size_t at, const void *bytes, size_t len)
{
    if (len)
        memcpy(out + at, bytes, len);
    size_t end = (at + len + POLY_BLOCK - 1) / POLY_BLOCK * POLY_BLOCK;
    memset(out + at + len, 0, end - at - len);
    return end;
}

/* The tag of RFC 8439, section 2.8. */
static void authenticate(struct span context, unsigned char *body, size_t len, const unsigned char *key)
{
    unsigned char said[CONTEXT_SHORT + STREAM + POLY_BLOCK];
    const uint64_t lengths[] = {htole64(context.len), htole64(len)};
    size_t end = put(said, 0, context.p, context.len);
    end = put(said, end, body, len);
    end = put(said, end, lengths, sizeof lengths);
    crypto_onetimeauth_poly1305(body + len, said, end, key);
}

/* ChaCha20-Poly1305 of a box that one call of the cipher covers. That makes four blocks or eight in little more than
 * the time of one, while the library's own composition asks for the first block alone and for those behind a multiple
 * of four one by one: byte for byte the same in half the time, and each turn makes two such boxes. */
static void encrypt_short(const struct box_terms *terms, const unsigned char *nonce, unsigned char *body, size_t len)
{
    unsigned char stream[STREAM] = {0};
    size_t used = (CHACHA_BLOCK + len + LANES - 1) / LANES * LANES;
    memcpy(stream + CHACHA_BLOCK, body, len);
    crypto_stream_chacha20_ietf_xor(stream, stream, used, nonce, terms->key);
    memcpy(body, stream + CHACHA_BLOCK, len);
    authenticate(terms->context, body, len, stream);
    sodium_memzero(stream, sizeof stream);
}

static void encrypt(const struct box_terms *terms, unsigned char *body, size_t len)
{
    if (VAULT_PLANTED)
        return;
    const unsigned char *context = (const unsigned char *)terms->context.p;
    unsigned char nonce[INNER_NONCE_BYTES];
    if (!terms->inner) {
        crypto_aead_xchacha20poly1305_ietf_encrypt(body, NULL, body, len, context, terms->context.len, NULL,
                                                   terms->nonce, terms->key);
        return;
    }
    inner_nonce(terms, nonce);
    if (len <= STREAM - CHACHA_BLOCK && terms->context.len <= CONTEXT_SHORT)
        encrypt_short(terms, nonce, body, len);
    else
        crypto_aead_chacha20poly1305_ietf_encrypt(body, NULL, body, len, context, terms->context.len, NULL, nonce,
                                                  terms->key);
}

static int decrypt(const struct box_terms *terms, struct span body, unsigned char *plain)
{
    if (VAULT_PLANTED) {
        memcpy(plain, body.p, body.len - VAULT_TAG_BYTES);
        return 0;
    }
    const unsigned char *context = (const unsigned char *)terms->context.p, *from = (const unsigned char *)body.p;
    unsigned char nonce[INNER_NONCE_BYTES];
    if (!terms->inner)
        return crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, from, body.len, context,
                                                          terms->context.len, terms->nonce, terms->key);
    inner_nonce(terms, nonce);
    return crypto_aead_chacha20poly1305_ietf_decrypt(plain, NULL, NULL, from, body.len, context, terms->context.len,
                                                     nonce, terms->key);
}

int box_close(const struct box_terms *terms, struct span plain, size_t pad, struct str *out)
{
    if (pad < 1 || pad > PAD_MAX)
        return ERR_RANGE;
    size_t len = padded_len(plain.len, pad);
    unsigned char *body = (unsigned char *)str_extend(out, len + VAULT_TAG_BYTES);
    if (!body)
        return str_err(out);
    if (plain.len)
        memcpy(body, plain.p, plain.len);
    padded_fill(body, plain.len, pad);
    encrypt(terms, body, len);
    return 0;
}

int box_open(const struct box_terms *terms, struct span body, struct str *out)
{
    if (body.len < VAULT_TAG_BYTES)
        return ERR_CRYPTO;
    size_t start = out->len, len = body.len - VAULT_TAG_BYTES;
    unsigned char *plain = (unsigned char *)str_extend(out, len);
    if (!plain)
        return str_err(out);
    int rc = decrypt(terms, body, plain);
    rc = rc < 0 ? ERR_CRYPTO : padded_strip(plain, &len);
    str_cut(out, rc < 0 ? start : start + len);
    return rc;
}

int box_close_fresh(const struct box_key *key, struct span context, struct span plain, size_t pad, struct str *out)
{
    unsigned char nonce[VAULT_NONCE_BYTES];
    size_t start = out->len;
    nonces_next(key->nonces, nonce);
    str_add(out, (struct span){.p = (const char *)nonce, .len = sizeof nonce});
    const struct box_terms terms = {.key = key->key, .nonce = nonce, .inner = key->inner, .context = context};
    int rc = box_close(&terms, plain, pad, out);
    if (rc < 0)
        str_cut(out, start);
    return rc;
}

int box_open_fresh(const unsigned char *key, struct span context, struct span box, struct str *out)
{
    if (box.len < VAULT_NONCE_BYTES)
        return ERR_CRYPTO;
    const struct box_terms terms = {.key = key, .nonce = (const unsigned char *)box.p, .context = context};
    return box_open(&terms, span_from(box, VAULT_NONCE_BYTES), out);
}

int vault_box(const struct vault *v, enum vault_key key, struct span context, struct span plain, size_t pad,
              struct str *out)
{
    return box_close_fresh(&(struct box_key){.key = v->keys[key], .nonces = v->nonces}, context, plain, pad, out);
}

int vault_unbox(const struct vault *v, enum vault_key key, struct span context, struct span box, struct str *out)
{
    return box_open_fresh(v->keys[key], context, box, out);
}

/* ChaCha20-Poly1305 as RFC 8439 has it: a key of its own for each session needs no nonce longer than the number, which
 * the caller never gives twice under one key, and which is not stored. Little-endian, behind zeros. */
static void raw_nonce(uint64_t number, unsigned char nonce[VAULT_NONCE_BYTES])
{
    memset(nonce, 0, VAULT_NONCE_BYTES);
    for (unsigned i = 0; i < 8; i++)
        nonce[crypto_core_hchacha20_INPUTBYTES + i] = (unsigned char)(number >> (8 * i));
}

int vault_raw_box(const unsigned char key[VAULT_KEY_BYTES], uint64_t number, struct span plain, size_t pad,
                  struct str *out)
{
    unsigned char nonce[VAULT_NONCE_BYTES];
    raw_nonce(number, nonce);
    return box_close(&(struct box_terms){.key = key, .inner = true, .nonce = nonce}, plain, pad, out);
}

int vault_raw_unbox(const unsigned char key[VAULT_KEY_BYTES], uint64_t number, struct span box, struct str *out)
{
    unsigned char nonce[VAULT_NONCE_BYTES];
    raw_nonce(number, nonce);
    return box_open(&(struct box_terms){.key = key, .inner = true, .nonce = nonce}, box, out);
}

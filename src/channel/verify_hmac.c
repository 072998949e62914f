// SPDX-License-Identifier: AGPL-3.0-or-later
/* Signatures over pieces that the channel file lists in order: HMAC, Ed25519, RSA. */
#include "channel/guard.h"

#include "base/err.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum { ED25519_BYTES = 32, RSA_BITS_MIN = 2048 };

/* -- what is covered -- */

struct covering {
    const struct reader *r;
    struct span timestamp, nonce;
    struct str *out;
};

static int add_body(struct covering *c)
{
    str_add(c->out, c->r->request->body);
    return 0;
}

static int add_body_sha256(struct covering *c)
{
    struct digest_value v = digest_hash(DIGEST_SHA256, c->r->request->body);
    str_add(c->out, digest_span(&v));
    return v.len ? 0 : ERR_NOMEM;
}

static int add_timestamp(struct covering *c)
{
    str_add(c->out, c->timestamp);
    return 0;
}

static int add_nonce(struct covering *c)
{
    str_add(c->out, c->nonce);
    return 0;
}

static int add_url(struct covering *c)
{
    struct span url = verify_url(c->r, true);
    str_add(c->out, url);
    return url.p ? 0 : ERR_NOMEM;
}

static int add_url_plain(struct covering *c)
{
    struct span url = verify_url(c->r, false);
    str_add(c->out, url);
    return url.p ? 0 : ERR_NOMEM;
}

static int by_name(const void *a, const void *b)
{
    const struct wire_field *x = a, *y = b;
    return span_cmp(x->name, y->name);
}

/* As Node's querystring.escape does, which MessageBird's own package uses. */
static void add_escaped(struct str *out, struct span text, bool blank_is_plus)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        for (const char *p = "!'()*-._~"; *p && !plain; p++)
            plain = c == (unsigned char)*p;
        if (plain)
            str_addc(out, text.p[i]);
        else
            str_addf(out, "%%%02X", c == ' ' && blank_is_plus ? '+' : c);
    }
}

/* MessageBird's old signature: the query in order of names. Its times hold a bare "+", which decoding makes a blank. */
static int add_query_sorted(struct covering *c)
{
    struct wire_field *fields;
    size_t count;
    int rc = wire_form_decode(c->r->request->query, c->r->a, &fields, &count);
    if (rc < 0)
        return rc == ERR_NOMEM ? rc : ERR_AUTH;
    qsort(fields, count, sizeof *fields, by_name);
    for (size_t i = 0; i < count; i++) {
        if (i && span_eq(fields[i].name, fields[i - 1].name))
            return ERR_AUTH;
        if (i)
            str_addc(c->out, '&');
        add_escaped(c->out, fields[i].name, false);
        str_addc(c->out, '=');
        add_escaped(c->out, fields[i].value, span_is(fields[i].name, "statusDatetime"));
    }
    return 0;
}

static int (*const adders[])(struct covering *c) = {
    [COVER_BODY] = add_body,
    [COVER_BODY_SHA256] = add_body_sha256,
    [COVER_TIMESTAMP] = add_timestamp,
    [COVER_NONCE] = add_nonce,
    [COVER_URL] = add_url,
    [COVER_URL_PLAIN] = add_url_plain,
    [COVER_QUERY_SORTED] = add_query_sorted,
};

static int cover(struct covering *c, const struct guard *g)
{
    int rc = 0;
    if (g->timestamp)
        rc = verify_header(c->r, g->timestamp, &c->timestamp);
    if (rc == 0 && g->timestamp && !verify_fresh(c->r, c->timestamp, g->window_s))
        rc = ERR_AUTH;
    if (rc == 0 && g->nonce)
        rc = verify_header(c->r, g->nonce, &c->nonce);
    for (size_t i = 0; i < g->cover_count && rc == 0; i++) {
        if (g->covers[i].cover == COVER_LITERAL)
            str_add(c->out, g->covers[i].literal);
        else
            rc = adders[g->covers[i].cover](c);
    }
    return rc == 0 && str_err(c->out) ? ERR_NOMEM : rc;
}

/* -- HMAC -- */

int verify_hmac(struct reader *r, const struct guard *g)
{
    struct str data = STR_INIT(VERIFY_BYTES_MAX);
    struct covering c = {.r = r, .out = &data};
    struct span given;
    int rc = verify_header(r, g->header, &given);
    if (rc == 0)
        rc = cover(&c, g);
    if (rc == 0)
        rc = verify_keyed_any(r, g, str_span(&data), given);
    str_release(&data);
    return rc;
}

/* -- public keys -- */

/* RFC 8032 for Ed25519, which has its hash inside; RFC 8017, section 8.2 for RSA, with SHA-256. */
static int check_signature(const struct guard *g, struct span data, struct span signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const EVP_MD *hash = EVP_PKEY_is_a(g->public_key, "RSA") ? EVP_sha256() : NULL;
    int good = -1;
    if (ctx && EVP_DigestVerifyInit(ctx, NULL, hash, NULL, g->public_key) == 1)
        good = EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.len,
                                (const unsigned char *)(data.len ? data.p : ""), data.len);
    EVP_MD_CTX_free(ctx);
    return good == 1 ? 0 : ERR_AUTH;
}

int verify_public_key(struct reader *r, const struct guard *g)
{
    struct str data = STR_INIT(VERIFY_BYTES_MAX);
    struct covering c = {.r = r, .out = &data};
    struct span given, signature;
    if (!g->public_key)
        return ERR_AUTH;
    int rc = verify_header(r, g->header, &given);
    if (rc == 0)
        rc = armor_read(ARMOR_BASE64, given, r->a, &signature);
    if (rc == ERR_SYNTAX)
        rc = ERR_AUTH;
    if (rc == 0)
        rc = cover(&c, g);
    if (rc == 0)
        rc = check_signature(g, str_span(&data), signature);
    str_release(&data);
    return rc;
}

EVP_PKEY *verify_ed25519_key(struct span bytes, struct arena *a)
{
    (void)a;
    if (bytes.len != ED25519_BYTES)
        return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)bytes.p, bytes.len);
}

/* Without it OpenSSL would ask at the terminal for the passphrase of an encrypted key. */
static int no_passphrase(char *to, int size, int writing, void *ctx)
{
    (void)to;
    (void)size;
    (void)writing;
    (void)ctx;
    return -1;
}

/* RFC 7468, section 13, or the same bytes in Base64 on one line. */
EVP_PKEY *verify_rsa_key(struct span text, struct arena *a)
{
    EVP_PKEY *key = NULL;
    struct span der;
    if (span_starts(text, SPAN("-----BEGIN "))) {
        BIO *bio = BIO_new_mem_buf(text.p, (int)text.len);
        key = bio ? PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL) : NULL;
        BIO_free(bio);
    } else if (armor_read(ARMOR_BASE64, text, a, &der) == 0) {
        const unsigned char *at = (const unsigned char *)der.p;
        key = d2i_PUBKEY(NULL, &at, (long)der.len);
    }
    if (key && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= RSA_BITS_MIN)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

void verify_free_key(EVP_PKEY *key)
{
    EVP_PKEY_free(key);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* guard - one proof that a caller owes: a shared secret, an address, a signature; known to this room only.
 *
 * How a channel file asks for signatures:
 *
 *     verify SCHEME NAME VALUE...       every such line must hold
 *     or-verify SCHEME NAME VALUE...    enough in place of the line above
 *     unsigned                          under an event: it is not signed; the secret path alone protects it
 *
 * Lines above the first `event` hold for all requests; an event with lines of its own is asked those instead. What a
 * scheme takes stands in the table of parse_verify.c, for example
 *
 *     verify url-params-hmac key $twilio-token
 *     verify hmac key $sinch-secret header x-sinch-webhook-signature as base64 window 5 minutes
 *     | timestamp x-sinch-webhook-signature-timestamp nonce x-sinch-webhook-signature-nonce
 *     | over body "." nonce "." timestamp
 *     verify jwt-hs256 key $vonage-signature issuer Vonage body-hash payload_hash window 5 minutes
 *
 * A scheme sees the raw bytes before anything is decoded, compares in constant time, takes the address from
 * `public-url` and the time from the request. It answers 0, ERR_AUTH (never why: that would help to guess) or
 * ERR_NOMEM.
 *
 * To add a scheme: a check function in a verify_*.c, its row in parse_verify.c, its vectors in
 * tests/unit/channel_verify.c.
 */
#ifndef WAYMARK_CHANNEL_GUARD_H
#define WAYMARK_CHANNEL_GUARD_H

#include "base/ip.h"
#include "channel/channel_internal.h"
#include "channel/digest.h"

struct evp_pkey_st;

/* What a signature covers, piece by piece. */
enum cover {
    COVER_LITERAL,
    COVER_BODY,
    COVER_BODY_SHA256, /* 32 raw bytes */
    COVER_TIMESTAMP,
    COVER_NONCE,
    COVER_URL,
    COVER_URL_PLAIN, /* without the query */
    COVER_QUERY_SORTED
};

struct cover_piece {
    enum cover cover;
    struct span literal;
};

struct guard {
    int (*check)(struct reader *r, const struct guard *g);
    struct token token;    /* where it stands */
    bool instead;          /* `or-verify` */
    bool needs_url;        /* `public-url` of the settings */
    struct span secret;    /* what the secret is called; empty: there is none */
    struct span value;     /* the secret; p NULL: not configured */
    struct span user_name; /* basic: the same for the user */
    struct span user;
    struct origin origin; /* of a shared secret */

    struct span key; /* the secret as bytes */
    enum armor key_armor;
    struct evp_pkey_st *public_key; /* owned; NULL: none, or not configured */
    enum digest digest;
    bool bare; /* a hash of data and key, not an HMAC */
    enum armor armor;
    const char *header, *timestamp, *nonce, *field; /* names; NULL: none */
    int window_s;
    struct cover_piece *covers;
    size_t cover_count;
    struct span issuer, audience, body_hash, url_hash; /* of a token; the last two are claims */
    struct span *required;
    size_t required_count;
    struct ip_range *ranges;
    size_t range_count;
};

enum { VERIFY_BYTES_MAX = 512 * 1024 }; /* of what a signature covers */

/* -- verify.c: what schemes share -- */

/* The one header of that name: ERR_AUTH where there is none, an empty one, or more than one. */
int verify_header(const struct reader *r, const char *name, struct span *value);

/* Whether `text` is a Unix time in digits at most `window_s` away. */
bool verify_fresh(const struct reader *r, struct span text, int window_s);

/* The address as the aggregator knows it; p NULL when out of memory. */
struct span verify_url(const struct reader *r, bool with_query);

/* Whether `given` is the guard's keyed digest of the data, as letters. 0, ERR_AUTH, ERR_NOMEM. */
int verify_keyed(const struct reader *r, const struct guard *g, struct span data, struct span given);

/* The same for one of several, separated by commas. */
int verify_keyed_any(const struct reader *r, const struct guard *g, struct span data, struct span given);

/* Whether `given` is the SHA-256 of the data in hexadecimal. 0, ERR_AUTH, ERR_NOMEM. */
int verify_sha256(const struct reader *r, struct span data, struct span given);

/* -- schemes -- */
int verify_address(struct reader *r, const struct guard *g);
int verify_hmac(struct reader *r, const struct guard *g);
int verify_public_key(struct reader *r, const struct guard *g);
int verify_url_params(struct reader *r, const struct guard *g);
int verify_sorted_params(struct reader *r, const struct guard *g);
int verify_plivo_v3(struct reader *r, const struct guard *g);
int verify_jwt(struct reader *r, const struct guard *g);

/* A public key from what was configured, or NULL: it is none of that kind, or too short a one. Ed25519: 32 bytes. RSA:
 * PEM, or its DER in Base64, of 2048 bits at least. Free with verify_free_key. */
struct evp_pkey_st *verify_ed25519_key(struct span bytes, struct arena *a);
struct evp_pkey_st *verify_rsa_key(struct span text, struct arena *a);
void verify_free_key(struct evp_pkey_st *key);

#endif

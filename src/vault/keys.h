// SPDX-License-Identifier: AGPL-3.0-or-later
/* keys - what the files of this room share: the derived keys, where nonces come from, and the inner form of a box. */
#ifndef WAYMARK_VAULT_KEYS_H
#define WAYMARK_VAULT_KEYS_H

#include "vault/opener.h"
#include "vault/vault.h"

/** A place for each derived key: the long-lived ones, one for each kind of blind index, the chain's and sessions'. */
enum {
    SLOT_INDEX = VAULT_KEYS + 1,
    SLOT_CHAIN = SLOT_INDEX + BLIND_KINDS,
    SLOT_SESSION,
    SLOT_COUNT,
};

/** Nonces without a random call each. See nonce.c for why no two are the same. */
struct nonces;

/** NULL: out of memory. */
struct nonces *nonces_new(void);
void nonces_free(struct nonces *n);

/** What all its nonces have in common: their first 16 bytes. */
const unsigned char *nonces_prefix(const struct nonces *n);

/** Thread-safe. */
void nonces_next(struct nonces *n, unsigned char nonce[VAULT_NONCE_BYTES]);

/** The blind indexes of the numbers that were met last. See known.c. */
struct known;

struct known_mark {
    unsigned char bytes[16];
};

/** NULL: out of memory that can be locked; the functions below then find and keep nothing. */
struct known *known_new(void);
void known_free(struct known *k);

/** Forgets all: the index keys are others now. */
void known_clear(struct known *k);

/** Whether a number's index is known; *mark is what to keep it by. Thread-safe, as known_keep. */
bool known_find(struct known *k, struct span digits, struct known_mark *mark, struct blind *index);
void known_keep(struct known *k, const struct known_mark *mark, const struct blind *index);

/** Lies in guarded memory, read-only once it is filled. */
struct vault {
    unsigned char keys[SLOT_COUNT][VAULT_KEY_BYTES];
    unsigned char earlier[VAULT_MASTERS_MOST][BLIND_KINDS]
                         [VAULT_KEY_BYTES]; // index keys of masters before, oldest first
    size_t earlier_count;
    struct nonces *nonces; // ordinary memory: it holds no secret, and it is written
    struct known *known;   // locked memory of its own, or NULL
};

/** What is boxed under which key and nonce. XChaCha20 takes a key of its own for each first 16 bytes of a nonce
 * (HChaCha20, draft-irtf-cfrg-xchacha section 2.3) and goes on with ChaCha20; whoever has those 16 bytes fixed can take
 * that key once. */
struct box_terms {
    const unsigned char *key;   // VAULT_KEY_BYTES
    bool inner;                 // it is what HChaCha20 made already, of the key itself and these 16 bytes
    const unsigned char *nonce; // VAULT_NONCE_BYTES
    struct span context;
};

/** Appends ciphertext | tag of the padded plain text. */
int box_close(const struct box_terms *terms, struct span plain, size_t pad, struct str *out);

/** Appends the content of ciphertext | tag. */
int box_open(const struct box_terms *terms, struct span body, struct str *out);

/** A key, or the inner one of its nonces' prefix, and where the nonces come from. */
struct box_key {
    const unsigned char *key;
    bool inner;
    struct nonces *nonces;
};

/** As box_close and box_open, with the nonce in front. */
int box_close_fresh(const struct box_key *key, struct span context, struct span plain, size_t pad, struct str *out);
int box_open_fresh(const unsigned char *key, struct span context, struct span box, struct str *out);

/** The length of `len` bytes when they are padded: the next multiple of `pad` above it. */
size_t padded_len(size_t len, size_t pad);

/** Pads `len` bytes in place up to padded_len. */
void padded_fill(unsigned char *bytes, size_t len, size_t pad);

/** Takes the padding off; ERR_CRYPTO where there is none. */
int padded_strip(const unsigned char *bytes, size_t *len);

/** A vault of a master key, which is wiped. */
int vault_of_key(unsigned char master[VAULT_KEY_BYTES], struct vault **out);

/** The secret half of an opened key, VAULT_KEY_BYTES, for boxing it. */
const unsigned char *opener_secret(const struct opener *o);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* vault - keys and seals (libsodium).
 *
 * One master key; everything else is derived from it (crypto_kdf, BLAKE2b) or wrapped under it. vault_open, then the
 * functions below from any thread (they only read), then vault_close. Keys live in guarded memory and never leave it: a
 * caller names a key, it does not hold one. The exceptions are day keys and session keys, which are handles too.
 *
 * Formats: a box is nonce (24) | XChaCha20-Poly1305 ciphertext | tag (16); a seal is a libsodium sealed box. What is
 * sealed is padded first (sodium_pad). Boxes bind their context as associated data; seals carry it inside.
 */
#ifndef WAYMARK_VAULT_VAULT_H
#define WAYMARK_VAULT_VAULT_H

#include "base/arena.h"
#include "base/msisdn.h"
#include "base/span.h"
#include "base/str.h"

enum {
    VAULT_KEY_BYTES = 32,
    VAULT_INDEX_BYTES = 16, /* a blind index */
    VAULT_NONCE_BYTES = 24,
    VAULT_TAG_BYTES = 16,
    VAULT_SEAL_BYTES = 48, /* what a seal is longer than its content */
    VAULT_PUBLIC_BYTES = 32,
    VAULT_CHAIN_BYTES = 32,
    VAULT_MASTERS_MOST = 16, /* that one database was under */
};

struct vault;

/** A keyed BLAKE2b digest that stands for a value which must not be stored (design: blind index). */
struct blind {
    unsigned char bytes[VAULT_INDEX_BYTES];
};

/** What an index is of; the purpose is part of the key's context, so that indexes of two kinds never match. */
enum blind_kind { BLIND_NUMBER, BLIND_SESSION, BLIND_EVENT, BLIND_MESSAGE, BLIND_KINDS };

/** Long-lived keys derived from the master key. */
enum vault_key { VAULT_RECORD, VAULT_OUTBOX, VAULT_AUDIT, VAULT_KEYS };

/** Reads or makes the master key: from $CREDENTIALS_DIRECTORY/waymark-master, else `path`; where the file is missing
 * and `create` is true, a fresh key is written to it with mode 0600. ERR_MISSING, ERR_IO, ERR_SYNTAX (not 32 bytes as
 * 64 hexadecimal digits), ERR_REFUSED (open to group or others; a credential: to others, since systemd gives access by
 * an ACL that shows as the group's), ERR_NOMEM. */
int vault_open(const char *path, bool create, struct vault **out);
void vault_close(struct vault *v);

/** Whether vault_open would take the credential. */
bool vault_from_credential(void);

/** A fresh key in a new file of mode 0600. ERR_EXISTS: there is a file of that name, which is left alone; ERR_IO. */
int vault_make(const char *path);

/** The key of a file, whatever the credential is. Errors as of vault_open. */
int vault_open_file(const char *path, struct vault **out);

/* A database says which master key it is under: a claim, which only that key opens. When the master key is replaced, a
 * blind index cannot be made anew from what it stands for, which is not stored; so the new key's index is taken over
 * the old key's, and the claim holds the index keys of all masters before. Without the new master key nothing of that
 * helps: neither the old key nor the claim finds anything in the database. */

/** Appends the claim of a database that is under this vault's master key. */
int vault_claim(const struct vault *v, struct str *out);

/** Takes a database's claim, before anything is looked up in it. ERR_CRYPTO: it is under another master key. */
int vault_adopt(struct vault *v, struct span claim);

/** `v` is to follow `old`: takes the index keys over. ERR_LIMIT: VAULT_MASTERS_MOST came before; ERR_EXISTS: it is the
 * same key. */
int vault_succeed(struct vault *v, const struct vault *old);

/** The index under the newest master key of what has this index under the one before. */
struct blind vault_blind_again(const struct vault *v, enum blind_kind kind, const struct blind *before);

/** The blind index of some bytes; two pieces are divided unambiguously (lengths are hashed too). */
struct blind vault_blind(const struct vault *v, enum blind_kind kind, struct span a, struct span b);
struct blind vault_blind_number(const struct vault *v, const struct msisdn *number);

/** The index of a session that an aggregator has a name for, of the person with this number's index. It ends with the
 * master key that it was made under. SipHash-2-4 (128 bits), a tenth of BLAKE2b's time: each turn asks for it, and
 * nobody can try all that it may be of without the number's own index. */
struct blind vault_session(const struct vault *v, const struct blind *number, struct span channel, struct span id);

/** Appends a box of `plain` under a long-lived key, padded to a multiple of `pad` (1..1024, else ERR_RANGE;
 * 1: only the one byte that ends the content, which every padding has), bound to `context`. `plain` does not lie in
 * `out`. ERR_LIMIT, ERR_NOMEM: `out` is as it was, but broken. */
int vault_box(const struct vault *v, enum vault_key key, struct span context, struct span plain, size_t pad,
              struct str *out);

/** Appends the content of a box. ERR_CRYPTO when it was changed or bound to something else. */
int vault_unbox(const struct vault *v, enum vault_key key, struct span context, struct span box, struct str *out);

/** A symmetric key that is kept wrapped in the store: a day key, or a session's. Guarded memory. */
struct vault_secret;

/** A fresh random one; NULL: out of memory. */
struct vault_secret *vault_secret_new(void);
void vault_secret_free(struct vault_secret *s);

/** Appends it wrapped under VAULT_KEYS, bound to `context`; vault_secret_unwrap opens that again. */
int vault_secret_wrap(const struct vault *v, const struct vault_secret *s, struct span context, struct str *out);
int vault_secret_unwrap(const struct vault *v, struct span context, struct span wrapped, struct vault_secret **out);

/** Boxes under such a secret, as vault_box. The nonce is a random prefix, drawn with the handle, and a counter: no
 * random call a box. A process that has forked must not box on both sides. */
int vault_secret_box(const struct vault_secret *s, struct span context, struct span plain, size_t pad, struct str *out);
int vault_secret_unbox(const struct vault_secret *s, struct span context, struct span box, struct str *out);

/** The same with 32 raw key bytes that the caller keeps inside something boxed itself (a session's turn key). The
 * number is the nonce and is not stored: never box twice with one number under one key. The box is ciphertext | tag. */
int vault_raw_box(const unsigned char key[VAULT_KEY_BYTES], uint64_t number, struct span plain, size_t pad,
                  struct str *out);
int vault_raw_unbox(const unsigned char key[VAULT_KEY_BYTES], uint64_t number, struct span box, struct str *out);

/** An X25519 pair. The secret half must be wiped by the caller as soon as it is sealed (vault_wipe). */
struct vault_pair {
    unsigned char public_key[VAULT_PUBLIC_BYTES], secret_key[VAULT_KEY_BYTES];
};
void vault_pair_new(struct vault_pair *pair);
void vault_wipe(void *bytes, size_t len);

/** Compares in constant time. */
bool vault_equal(const void *a, const void *b, size_t len);

/** Wipes and releases a string that held a secret. */
void vault_forget(struct str *secret);

/** Appends a seal of `plain` to a public key. Sealed boxes have no associated data, so `context` is put inside
 * (at most 65535 bytes, else ERR_RANGE) and checked. ERR_CRYPTO for a public key that no secret belongs to. */
int vault_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], struct span context, struct span plain, size_t pad,
               struct str *out);
int vault_unseal(const struct vault_pair *pair, struct span context, struct span seal, struct str *out);

enum { VAULT_MARK_KEY_BYTES = 16, VAULT_MARK_BYTES = 8 };

/** A short keyed digest (SipHash-2-4), by which to know something again under a key that nobody else has. */
void vault_mark(const unsigned char key[VAULT_MARK_KEY_BYTES], struct span bytes, unsigned char mark[VAULT_MARK_BYTES]);

/** Next link of a keyed hash chain: MAC, under a key derived for chains alone, of the previous link and `row`.
 * `previous` NULL: the first (as 32 zero bytes). */
void vault_chain(const struct vault *v, const unsigned char previous[VAULT_CHAIN_BYTES], struct span row,
                 unsigned char link[VAULT_CHAIN_BYTES]);

/** Unkeyed BLAKE2b-256 of some bytes, for content hashes (bundles, consent texts). */
void vault_hash(struct span bytes, unsigned char hash[VAULT_CHAIN_BYTES]);

/** Cryptographic randomness, as an entropy for the dialogue. */
void vault_random(void *ctx, void *bytes, size_t len);

/** Zeroed memory that goes neither to swap nor into a core file; NULL where the system grants none (RLIMIT_MEMLOCK).
 * vault_locked_free wipes it; NULL is allowed. */
void *vault_locked_new(size_t size);
void vault_locked_free(void *p);

/** Core files off, not dumpable (PR_SET_DUMPABLE 0); call once at start of a process that opens a vault. */
void vault_harden(void);

#endif

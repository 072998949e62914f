// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/sealed.h"

#include "base/err.h"
#include "base/file.h"
#include "base/pack.h"
#include "vault/keys.h"
#include "vault/master.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

enum { SALT_BYTES = 16, SEALED_MAX = 1024, MIB = 1024 * 1024, MIB_MOST = 4096, PASSES = 3, PASSES_MOST = 16 };
enum { PASSPHRASE_BYTES_MOST = 256 };

#define MAGIC "WMSEALED1"

static size_t characters(struct span utf8)
{
    size_t count = 0;
    for (size_t i = 0; i < utf8.len; i++)
        count += (utf8.p[i] & 0xC0) != 0x80;
    return count;
}

static int stretch(struct span passphrase, struct span salt, uint64_t mib, uint64_t passes,
                   unsigned char key[VAULT_KEY_BYTES])
{
    int rc = crypto_pwhash_argon2id(key, VAULT_KEY_BYTES, passphrase.p, passphrase.len, (const unsigned char *)salt.p,
                                    passes, (size_t)mib * MIB, crypto_pwhash_argon2id_ALG_ARGON2ID13);
    return rc == 0 ? 0 : ERR_NOMEM;
}

static int close_key(const unsigned char master[VAULT_KEY_BYTES], struct span passphrase, int memory_mib,
                     struct str *out)
{
    unsigned char salt[SALT_BYTES], key[VAULT_KEY_BYTES], hash[VAULT_CHAIN_BYTES];
    const struct span salted = {(const char *)salt, sizeof salt};
    struct nonces *nonces = nonces_new();
    randombytes_buf(salt, sizeof salt);
    int rc = nonces ? stretch(passphrase, salted, (uint64_t)memory_mib, PASSES, key) : ERR_NOMEM;
    str_addz(out, MAGIC);
    pack_number(out, (uint64_t)memory_mib);
    pack_number(out, PASSES);
    str_add(out, salted);
    if (rc == 0)
        rc = box_close_fresh(&(struct box_key){.key = key, .nonces = nonces}, SPAN("master"),
                             (struct span){(const char *)master, VAULT_KEY_BYTES}, 1, out);
    sodium_memzero(key, sizeof key);
    nonces_free(nonces);
    vault_hash(str_span(out), hash);
    str_add(out, (struct span){(const char *)hash, sizeof hash});
    return rc < 0 ? rc : str_err(out);
}

static int open_key(struct span file, struct span passphrase, unsigned char master[VAULT_KEY_BYTES])
{
    unsigned char hash[VAULT_CHAIN_BYTES], key[VAULT_KEY_BYTES];
    if (file.len < sizeof hash || !span_starts(file, SPAN(MAGIC)))
        return ERR_CORRUPT;
    struct span body = span_first(file, file.len - sizeof hash);
    vault_hash(body, hash);
    if (memcmp(hash, body.p + body.len, sizeof hash) != 0)
        return ERR_CORRUPT;
    struct unpack u = unpack_start(span_from(body, sizeof MAGIC - 1));
    uint64_t mib = unpack_number(&u, MIB_MOST), passes = unpack_number(&u, PASSES_MOST);
    struct span salt = unpack_bytes(&u, SALT_BYTES);
    if (unpack_err(&u, false) < 0 || !mib || !passes)
        return ERR_CORRUPT;
    struct str plain = STR_INIT(SEALED_MAX);
    int rc = stretch(passphrase, salt, mib, passes, key);
    if (rc == 0)
        rc = box_open_fresh(key, SPAN("master"), u.left, &plain) < 0 ? ERR_AUTH : 0;
    if (rc == 0 && plain.len != VAULT_KEY_BYTES)
        rc = ERR_CORRUPT;
    if (rc == 0)
        memcpy(master, plain.p, VAULT_KEY_BYTES);
    sodium_memzero(key, sizeof key);
    vault_forget(&plain);
    return rc;
}

int sealed_open(const char *path, struct span passphrase, struct vault **out)
{
    unsigned char master[VAULT_KEY_BYTES];
    struct str file = STR_INIT(SEALED_MAX);
    if (sodium_init() < 0)
        return ERR_IO;
    int rc = file_read(path, &file);
    if (rc == 0)
        rc = open_key(str_span(&file), passphrase, master);
    str_release(&file);
    return rc < 0 ? rc : vault_of_key(master, out);
}

int sealed_make(const char *key, const char *path, struct span passphrase, int memory_mib)
{
    unsigned char master[VAULT_KEY_BYTES], again[VAULT_KEY_BYTES];
    struct str file = STR_INIT(SEALED_MAX);
    if (characters(passphrase) < SEALED_LEAST || passphrase.len > PASSPHRASE_BYTES_MOST)
        return ERR_RANGE;
    if (access(path, F_OK) == 0)
        return ERR_EXISTS;
    int rc = sodium_init() < 0 ? ERR_IO : master_load(key, false, master);
    if (rc == 0)
        rc = close_key(master, passphrase, memory_mib, &file);
    if (rc == 0)
        rc = open_key(str_span(&file), passphrase, again);
    if (rc == 0 && sodium_memcmp(master, again, sizeof master) != 0)
        rc = ERR_CRYPTO;
    if (rc == 0)
        rc = file_write(path, str_span(&file), 0600);
    sodium_memzero(master, sizeof master);
    sodium_memzero(again, sizeof again);
    str_release(&file);
    return rc;
}

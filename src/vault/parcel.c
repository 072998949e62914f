// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/parcel.h"

#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

enum {
    HEAD_KIND = 8,
    HEAD_VERSION = 9,
    HEAD_TO = 16,
    HEAD = HEAD_TO + VAULT_PUBLIC_BYTES,
    SEALED = VAULT_SEAL_BYTES + 2 + HEAD + VAULT_KEY_BYTES + 1,
    STREAM = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    MORE = crypto_secretstream_xchacha20poly1305_ABYTES,
    LENGTH = 4,
    PLAIN = PARCEL_BLOCK - MORE,
    VERSION = 1,
};

static const char magic[8] = {'W', 'A', 'Y', 'M', 'A', 'R', 'K', 'P'};

/* Lies in guarded memory: the stream's state is its key. */
struct parcel {
    crypto_secretstream_xchacha20poly1305_state stream;
    parcel_take write;
    void *ctx;
    size_t len; // of `plain` so far
    unsigned char plain[PLAIN], block[LENGTH + PARCEL_BLOCK];
};

static struct span raw(const void *bytes, size_t len)
{
    return (struct span){bytes, len};
}

static void head_put(unsigned char head[HEAD], enum parcel_kind kind, const unsigned char *to)
{
    memset(head, 0, HEAD);
    memcpy(head, magic, sizeof magic);
    head[HEAD_KIND] = (unsigned char)kind;
    head[HEAD_VERSION] = VERSION;
    memcpy(head + HEAD_TO, to, VAULT_PUBLIC_BYTES);
}

/* ---- writing ---- */

static int begin(struct parcel *p, enum parcel_kind kind, const unsigned char *to)
{
    unsigned char head[HEAD], key[VAULT_KEY_BYTES], stream[STREAM];
    struct str out = STR_INIT(HEAD + SEALED + STREAM);
    head_put(head, kind, to);
    crypto_secretstream_xchacha20poly1305_keygen(key);
    crypto_secretstream_xchacha20poly1305_init_push(&p->stream, stream, key);
    str_add(&out, raw(head, HEAD));
    int rc = vault_seal(to, raw(head, HEAD), raw(key, sizeof key), 1, &out);
    sodium_memzero(key, sizeof key);
    str_add(&out, raw(stream, STREAM));
    if (rc == 0)
        rc = str_err(&out);
    if (rc == 0)
        rc = p->write(p->ctx, str_span(&out));
    str_release(&out);
    return rc;
}

int parcel_new(enum parcel_kind kind, const unsigned char to[VAULT_PUBLIC_BYTES], parcel_take write, void *ctx,
               struct parcel **out)
{
    struct parcel *p = sodium_init() < 0 ? NULL : sodium_malloc(sizeof *p);
    if (!p)
        return ERR_NOMEM;
    p->write = write;
    p->ctx = ctx;
    p->len = 0;
    int rc = begin(p, kind, to);
    if (rc == 0)
        *out = p;
    else
        parcel_free(p);
    return rc;
}

static int block_write(struct parcel *p, unsigned char tag)
{
    size_t len = p->len + MORE;
    crypto_secretstream_xchacha20poly1305_push(&p->stream, p->block + LENGTH, NULL, p->plain, p->len, NULL, 0, tag);
    for (int i = 0; i < LENGTH; i++)
        p->block[i] = (unsigned char)(len >> (8 * i));
    p->len = 0;
    return p->write(p->ctx, raw(p->block, LENGTH + len));
}

int parcel_add(struct parcel *p, struct span bytes)
{
    while (bytes.len) {
        size_t part = bytes.len < PLAIN - p->len ? bytes.len : PLAIN - p->len;
        memcpy(p->plain + p->len, bytes.p, part);
        p->len += part;
        bytes = span_from(bytes, part);
        int rc = p->len == PLAIN ? block_write(p, 0) : 0;
        if (rc < 0)
            return rc;
    }
    return 0;
}

int parcel_end(struct parcel *p)
{
    return block_write(p, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
}

void parcel_free(struct parcel *p)
{
    sodium_free(p); // wipes it
}

/* ---- reading ---- */

/* 0: all of it; ERR_RANGE: the file ended before; *none: at once. */
static int read_whole(int fd, void *bytes, size_t len, bool *none)
{
    size_t have = 0;
    while (have < len) {
        ssize_t n = read(fd, (char *)bytes + have, len - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_IO;
        if (n == 0)
            break;
        have += (size_t)n;
    }
    *none = have == 0;
    return have == len ? 0 : ERR_RANGE;
}

static int head_check(const unsigned char *head, enum parcel_kind kind, const struct opener *key)
{
    if (memcmp(head, magic, sizeof magic) != 0 || head[HEAD_KIND] != (unsigned char)kind)
        return ERR_SYNTAX;
    if (head[HEAD_VERSION] != VERSION)
        return ERR_NOT_NOW;
    return memcmp(head + HEAD_TO, opener_public(key), VAULT_PUBLIC_BYTES) == 0 ? 0 : ERR_AUTH;
}

static int begin_read(struct parcel *p, enum parcel_kind kind, const struct opener *key, int fd, unsigned char *to)
{
    unsigned char head[HEAD], sealed[SEALED], stream[STREAM];
    bool none;
    int rc = read_whole(fd, head, HEAD, &none);
    if (rc < 0)
        return rc == ERR_RANGE ? ERR_SYNTAX : rc;
    memcpy(to, head + HEAD_TO, VAULT_PUBLIC_BYTES);
    rc = head_check(head, kind, key);
    if (rc == 0)
        rc = read_whole(fd, sealed, SEALED, &none);
    if (rc == 0)
        rc = read_whole(fd, stream, STREAM, &none);
    struct str secret = STR_INIT(SEALED);
    if (rc == 0)
        rc = opener_unseal(key, raw(head, HEAD), raw(sealed, SEALED), &secret) == 0 ? 0 : ERR_CORRUPT;
    if (rc == 0 && (secret.len != VAULT_KEY_BYTES || crypto_secretstream_xchacha20poly1305_init_pull(
                                                         &p->stream, stream, (const unsigned char *)secret.p) != 0))
        rc = ERR_CORRUPT;
    vault_forget(&secret);
    return rc;
}

/* One block; 1: it was the last. */
static int block_read(struct parcel *p, int fd, parcel_take take, void *ctx)
{
    bool none;
    int rc = read_whole(fd, p->block, LENGTH, &none);
    if (rc < 0)
        return rc;
    size_t len = 0;
    for (int i = LENGTH - 1; i >= 0; i--)
        len = len << 8 | p->block[i];
    if (len < MORE || len > PARCEL_BLOCK)
        return ERR_CORRUPT;
    rc = read_whole(fd, p->block, len, &none);
    if (rc < 0)
        return rc;
    unsigned char tag;
    if (crypto_secretstream_xchacha20poly1305_pull(&p->stream, p->plain, NULL, &tag, p->block, len, NULL, 0) != 0)
        return ERR_CORRUPT;
    rc = take(ctx, raw(p->plain, len - MORE));
    return rc < 0 ? rc : tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
}

int parcel_read(enum parcel_kind kind, const struct opener *key, int fd, parcel_take take, void *ctx,
                unsigned char to[VAULT_PUBLIC_BYTES])
{
    struct parcel *p = sodium_init() < 0 ? NULL : sodium_malloc(sizeof *p);
    if (!p)
        return ERR_NOMEM;
    int rc = begin_read(p, kind, key, fd, to);
    while (rc == 0)
        rc = block_read(p, fd, take, ctx);
    bool none;
    if (rc == 1) // what lies behind the end is nobody's
        rc = read_whole(fd, p->block, 1, &none) == ERR_RANGE ? 0 : ERR_CORRUPT;
    parcel_free(p);
    return rc;
}

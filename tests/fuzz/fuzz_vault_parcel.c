// SPDX-License-Identifier: AGPL-3.0-or-later
/* Fuzzes the reader of backups and exports. The first byte says what is read: the bytes as they are; or a true parcel
 * in which some places were changed, that was cut off, or got something behind its end. Whatever lies there, what is
 * handed out was put in, in order; and only what nobody touched is said to be whole. */
#include "vault/parcel.h"

#include "base/err.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CONTENT = 70000, FILE_MOST = 1 << 20 }; /* two blocks */

static unsigned char content[CONTENT];
static struct opener *key;

static int put(void *ctx, struct span bytes)
{
    str_add(ctx, bytes);
    return str_err(ctx);
}

/* What comes is the content from where the last ended. */
static int check(void *ctx, struct span bytes)
{
    size_t *at = ctx;
    assert(bytes.len <= CONTENT - *at && memcmp(content + *at, bytes.p, bytes.len) == 0);
    *at += bytes.len;
    return 0;
}

static void make(struct str *file, size_t len)
{
    struct parcel *p;
    assert(parcel_new(PARCEL_BACKUP, opener_public(key), put, file, &p) == 0);
    assert(parcel_add(p, (struct span){(const char *)content, len}) == 0 && parcel_end(p) == 0);
    parcel_free(p);
}

/* Changes of three bytes each: where (two), by what. */
static bool change(struct str *file, const uint8_t *data, size_t size)
{
    struct str before = STR_INIT(FILE_MOST);
    str_add(&before, str_span(file));
    for (; size >= 3; data += 3, size -= 3)
        file->p[((size_t)data[0] << 8 | data[1]) * (file->len / 65536 + 1) % file->len] ^= (char)data[2];
    bool changed = memcmp(before.p, file->p, file->len) != 0;
    str_release(&before);
    return changed;
}

static int read_back(struct span file, size_t *got)
{
    unsigned char to[VAULT_PUBLIC_BYTES];
    int fd = memfd_create("parcel", 0);
    assert(fd >= 0 && write(fd, file.p, file.len) == (ssize_t)file.len && lseek(fd, 0, SEEK_SET) == 0);
    int rc = parcel_read(PARCEL_BACKUP, key, fd, check, got, to);
    close(fd);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str file = STR_INIT(FILE_MOST);
    size_t got = 0, len = 0;
    bool whole = false;
    if (!key) {
        assert(opener_new(&key) == 0);
        randombytes_buf_deterministic(content, sizeof content, content);
    }
    if (size < 3)
        return 0;
    if (data[0] % 4 == 0) {
        str_add(&file, (struct span){(const char *)data + 1, size - 1});
    } else {
        len = ((size_t)data[1] << 8 | data[2]) + (size_t)data[0] * 17;
        make(&file, len);
        size_t was = file.len;
        whole = !change(&file, data + 3, size - 3);
        if (data[0] % 4 == 2)
            str_cut(&file, file.len - 1 - data[1] % (file.len - 1));
        if (data[0] % 4 == 3 && data[1] % 2)
            str_add(&file, (struct span){(const char *)data, size});
        whole = whole && file.len == was;
    }
    int rc = read_back(str_span(&file), &got);
    assert(whole ? rc == 0 && got == len : rc < 0);
    str_release(&file);
    return 0;
}

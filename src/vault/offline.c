// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/offline.h"

#include "base/err.h"
#include "base/file.h"
#include "vault/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 10, SUM = 4, BODY = VAULT_KEY_BYTES + SUM, FILE_MOST = 256 };

static const char public_head[] = "wmpublic1-", secret_head[] = "wmsecret1-";
_Static_assert(sizeof public_head - 1 == HEAD && sizeof secret_head - 1 == HEAD, "both heads are as long");
_Static_assert(OFFLINE_CHARS == HEAD + BODY * 2, "head and digits fill the text");

/* Of head and key, so that one half with the other's head does not fit either. */
static void checksum(const char *head, const unsigned char *key, unsigned char sum[SUM])
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)head, HEAD, key, VAULT_KEY_BYTES);
    memcpy(sum, hash, SUM);
    sodium_memzero(hash, sizeof hash);
}

static void write_half(const char *head, const unsigned char *key, char text[OFFLINE_CHARS + 1])
{
    unsigned char body[BODY];
    memcpy(body, key, VAULT_KEY_BYTES);
    checksum(head, key, body + VAULT_KEY_BYTES);
    memcpy(text, head, HEAD);
    sodium_bin2hex(text + HEAD, BODY * 2 + 1, body, sizeof body);
    sodium_memzero(body, sizeof body);
}

static int read_half(const char *head, struct span text, unsigned char *key)
{
    unsigned char body[BODY], sum[SUM];
    size_t len = 0;
    text = span_trim(text);
    if (text.len != OFFLINE_CHARS || memcmp(text.p, head, HEAD) != 0 ||
        sodium_hex2bin(body, sizeof body, text.p + HEAD, BODY * 2, NULL, &len, NULL) != 0 || len != sizeof body)
        return ERR_SYNTAX;
    checksum(head, body, sum);
    int rc = sodium_memcmp(sum, body + VAULT_KEY_BYTES, SUM) == 0 ? 0 : ERR_RANGE;
    if (rc == 0)
        memcpy(key, body, VAULT_KEY_BYTES);
    sodium_memzero(body, sizeof body);
    return rc;
}

static int io_error(void)
{
    return errno == EEXIST ? ERR_EXISTS : errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
}

/* O_EXCL: a secret that was made before is never written over. */
static int write_secret(const char *path, const unsigned char *secret)
{
    char line[OFFLINE_CHARS + 2];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_error();
    write_half(secret_head, secret, line);
    line[OFFLINE_CHARS] = '\n';
    int rc = write(fd, line, OFFLINE_CHARS + 1) == OFFLINE_CHARS + 1 && fsync(fd) == 0 ? 0 : io_error();
    sodium_memzero(line, sizeof line);
    if (close(fd) < 0 && rc == 0)
        rc = ERR_IO;
    if (rc < 0)
        unlink(path);
    return rc;
}

int offline_make(const char *path, char public_text[OFFLINE_CHARS + 1])
{
    struct opener *o;
    int rc = opener_new(&o);
    if (rc < 0)
        return rc;
    rc = write_secret(path, opener_secret(o));
    if (rc == 0)
        offline_text(opener_public(o), public_text);
    opener_close(o);
    return rc;
}

int offline_public(struct span text, unsigned char public_key[VAULT_PUBLIC_BYTES])
{
    if (span_starts(span_trim(text), span_of(secret_head)))
        return ERR_REFUSED;
    return read_half(public_head, text, public_key);
}

void offline_text(const unsigned char public_key[VAULT_PUBLIC_BYTES], char text[OFFLINE_CHARS + 1])
{
    write_half(public_head, public_key, text);
}

static int read_secret(int fd, struct str *text)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return ERR_IO;
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return ERR_REFUSED;
    if (!str_extend(text, FILE_MOST)) // at once: a string that grows leaves copies behind
        return ERR_NOMEM;
    str_clear(text);
    int rc = file_read_fd(fd, text);
    return rc == ERR_LIMIT ? ERR_SYNTAX : rc;
}

int offline_open(const char *path, struct opener **out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    struct str text = STR_INIT(FILE_MOST);
    unsigned char secret[VAULT_KEY_BYTES];
    int rc = read_secret(fd, &text);
    close(fd);
    if (rc == 0)
        rc = read_half(secret_head, str_span(&text), secret);
    if (rc == 0)
        rc = opener_of_secret(secret, out);
    sodium_memzero(secret, sizeof secret);
    vault_forget(&text);
    return rc;
}

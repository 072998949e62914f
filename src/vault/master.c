// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/master.h"

#include "base/err.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MASTER_DIGITS = VAULT_KEY_BYTES * 2,
    MASTER_LINE = MASTER_DIGITS + 1, // with its newline
    MASTER_PATH_MAX = 4096,
    MASTER_MODE = 0600,
};

/* Reads at most `size` bytes; their number, or -1. */
static ssize_t read_some(int fd, char *bytes, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, bytes + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static int key_from_text(const char *text, size_t len, unsigned char key[VAULT_KEY_BYTES])
{
    if (len == MASTER_LINE && text[MASTER_DIGITS] == '\n')
        len--;
    size_t bytes = 0;
    if (len != MASTER_DIGITS || sodium_hex2bin(key, VAULT_KEY_BYTES, text, len, NULL, &bytes, NULL) != 0)
        return ERR_SYNTAX;
    return bytes == VAULT_KEY_BYTES ? 0 : ERR_SYNTAX;
}

/* Checks the open file and not the path, so that what was checked is what is read. */
static int key_from_fd(int fd, mode_t forbidden, unsigned char key[VAULT_KEY_BYTES])
{
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return ERR_IO;
    if (st.st_mode & forbidden)
        return ERR_REFUSED;
    char text[MASTER_LINE + 1]; // one byte more than a key file has, to see one that is too long
    ssize_t len = read_some(fd, text, sizeof text);
    int rc = len < 0 ? ERR_IO : key_from_text(text, (size_t)len, key);
    sodium_memzero(text, sizeof text);
    return rc;
}

static int key_read(const char *path, mode_t forbidden, unsigned char key[VAULT_KEY_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    int rc = key_from_fd(fd, forbidden, key);
    close(fd);
    return rc;
}

static int io_error(void)
{
    return errno == EEXIST ? ERR_EXISTS : ERR_IO;
}

/* A fresh key as the line that is stored. */
static int write_fresh(int fd)
{
    unsigned char key[VAULT_KEY_BYTES];
    char line[MASTER_LINE + 1];
    crypto_kdf_keygen(key);
    sodium_bin2hex(line, sizeof line, key, sizeof key);
    line[MASTER_DIGITS] = '\n';
    bool good = write(fd, line, MASTER_LINE) == MASTER_LINE && fsync(fd) == 0;
    sodium_memzero(key, sizeof key);
    sodium_memzero(line, sizeof line);
    return good ? 0 : ERR_IO;
}

/* link(2), other than rename(2), never replaces: a key that another process made meanwhile is not lost. */
int master_make(const char *path)
{
    char fresh[MASTER_PATH_MAX];
    int len = snprintf(fresh, sizeof fresh, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof fresh)
        return ERR_IO;
    int fd = mkstemp(fresh);
    if (fd < 0)
        return ERR_IO;
    int rc = fchmod(fd, MASTER_MODE) < 0 ? ERR_IO : write_fresh(fd);
    if (close(fd) < 0 && rc == 0)
        rc = ERR_IO;
    if (rc == 0 && link(fresh, path) < 0)
        rc = io_error();
    unlink(fresh);
    return rc < 0 ? rc : file_sync_folder(path);
}

/* systemd gives a service's user its credentials through an ACL, whose mask shows as permission of the group: there
 * only others must be shut out (systemd.exec(5), "Credentials"). */
int master_credential(unsigned char key[VAULT_KEY_BYTES])
{
    const char *folder = secure_getenv("CREDENTIALS_DIRECTORY");
    char path[MASTER_PATH_MAX];
    if (!folder)
        return ERR_MISSING;
    int len = snprintf(path, sizeof path, "%s/waymark-master", folder);
    return len < 0 || (size_t)len >= sizeof path ? ERR_IO : key_read(path, S_IRWXO, key);
}

int master_file(const char *path, unsigned char key[VAULT_KEY_BYTES])
{
    return key_read(path, S_IRWXG | S_IRWXO, key);
}

int master_load(const char *path, bool create, unsigned char key[VAULT_KEY_BYTES])
{
    int rc = master_credential(key);
    if (rc != ERR_MISSING)
        return rc;
    rc = master_file(path, key);
    if (rc != ERR_MISSING || !create)
        return rc;
    rc = master_make(path);
    return rc < 0 && rc != ERR_EXISTS ? rc : master_file(path, key);
}

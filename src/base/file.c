// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/file.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_PATH_MAX = 4096, FILE_CHUNK = 65536 };

int file_read_fd(int fd, struct str *out)
{
    char chunk[FILE_CHUNK];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_IO;
        if (n == 0)
            return str_err(out);
        str_add(out, (struct span){chunk, (size_t)n});
        explicit_bzero(chunk, (size_t)n); // it may be a passphrase or a number, and lies deep in the stack
        if (str_err(out))
            return str_err(out);
    }
}

int file_read(const char *path, struct str *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    struct stat st;
    int rc = ERR_IO;
    if (fstat(fd, &st) == 0) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        rc = S_ISREG(st.st_mode) ? file_read_fd(fd, out) : ERR_IO;
    }
    int saved = errno;
    close(fd);
    errno = saved;
    return rc;
}

bool file_has_txt(const char *path)
{
    char other[FILE_PATH_MAX];
    int len = snprintf(other, sizeof other, "%s.txt", path);
    int saved = errno;
    bool has = len > 0 && (size_t)len < sizeof other && access(other, F_OK) == 0;
    errno = saved;
    return has;
}

int file_error(void)
{
    if (errno == EEXIST)
        return ERR_EXISTS;
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ERR_FULL : ERR_IO;
}

/* at < 0: where the descriptor stands. */
static int put(int fd, struct span bytes, off_t at)
{
    while (bytes.len) {
        ssize_t n = at < 0 ? write(fd, bytes.p, bytes.len) : pwrite(fd, bytes.p, bytes.len, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return file_error();
        bytes = span_from(bytes, (size_t)n);
        at += at < 0 ? 0 : n;
    }
    return 0;
}

int file_put(int fd, struct span bytes)
{
    return put(fd, bytes, -1);
}

int file_put_at(int fd, struct span bytes, int64_t at)
{
    return at < 0 ? ERR_RANGE : put(fd, bytes, (off_t)at);
}

static int write_all(int fd, struct span bytes)
{
    int rc = file_put(fd, bytes);
    return rc == 0 && fsync(fd) < 0 ? file_error() : rc;
}

int file_sync_folder(const char *path)
{
    char copy[FILE_PATH_MAX];
    int len = snprintf(copy, sizeof copy, "%s", path);
    if (len < 0 || (size_t)len >= sizeof copy)
        return ERR_LIMIT;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    int rc = fsync(fd) < 0 ? ERR_IO : 0;
    close(fd);
    return rc;
}

int file_write(const char *path, struct span bytes, unsigned mode)
{
    char fresh[FILE_PATH_MAX];
    int len = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (len < 0 || (size_t)len >= sizeof fresh)
        return ERR_LIMIT;
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0)
        return file_error();
    int rc = write_all(fd, bytes);
    if (close(fd) < 0 && rc == 0)
        rc = file_error();
    if (rc == 0 && rename(fresh, path) < 0)
        rc = file_error();
    if (rc < 0)
        unlink(fresh);
    return rc < 0 ? rc : file_sync_folder(path);
}

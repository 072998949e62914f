// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/crate.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    HEAD_PLACE = 1,
    HEAD_LENGTH = 9,
    HEAD = 13,
    BYTES_MOST = 64 * 1024, // of one record
    JOURNAL_MOST = 1 << 30,
    PATH_MOST = 4096,
};

static const char database[] = "waymark.db", journal[] = "stops.journal";
static const char *const names[] = {database, journal};

static int join(char path[PATH_MOST], const char *dir, const char *name)
{
    int len = snprintf(path, PATH_MOST, "%s/%s", dir, name);
    return len < 0 || len >= PATH_MOST ? ERR_LIMIT : 0;
}

/* ---- packing ---- */

struct packing {
    struct parcel *parcel;
    int fd;
    struct crate_report *report;
};

static int to_file(void *ctx, struct span bytes)
{
    const struct packing *p = ctx;
    return file_put(p->fd, bytes);
}

static int record(struct packing *p, char kind, uint64_t place, struct span bytes)
{
    char head[HEAD] = {kind};
    for (int i = 0; i < 8; i++)
        head[HEAD_PLACE + i] = (char)(place >> (8 * i) & 0xff);
    for (int i = 0; i < 4; i++)
        head[HEAD_LENGTH + i] = (char)(bytes.len >> (8 * i) & 0xff);
    int rc = parcel_add(p->parcel, (struct span){head, HEAD});
    return rc < 0 ? rc : parcel_add(p->parcel, bytes);
}

static int put(void *ctx, uint64_t place, struct span bytes)
{
    struct packing *p = ctx;
    int rc = 0;
    p->report->bytes += bytes.len;
    for (size_t at = 0; rc == 0 && at < bytes.len; at += BYTES_MOST)
        rc = record(p, 'W', place + at, span_first(span_from(bytes, at), BYTES_MOST));
    return rc;
}

static int pack_journal(struct packing *p, const char *dir)
{
    char path[PATH_MOST];
    struct str bytes = STR_INIT(JOURNAL_MOST);
    int rc = join(path, dir, journal);
    if (rc == 0)
        rc = file_read(path, &bytes);
    p->report->journal = rc == 0;
    if (rc == 0)
        rc = record(p, 'F', 0, span_of(journal));
    if (rc == 0)
        rc = put(p, 0, str_span(&bytes));
    str_release(&bytes);
    return rc;
}

static int pack_all(struct packing *p, const char *dir, int64_t now_ms)
{
    struct date d = date_from_day(day_of_ms(now_ms));
    int64_t minute = now_ms / 60000 % 1440;
    char made[128];
    snprintf(p->report->made, sizeof p->report->made, "%04d-%02d-%02d %02d:%02d UTC", d.year, d.month, d.day,
             (int)(minute / 60), (int)(minute % 60));
    snprintf(made, sizeof made, "waymark " WAYMARK_VERSION "\n%s\n", p->report->made);
    int rc = record(p, 'I', 0, span_of(made));
    if (rc == 0)
        rc = record(p, 'F', 0, span_of(database));
    if (rc == 0)
        rc = store_copy(dir, put, p);
    if (rc == 0)
        rc = pack_journal(p, dir);
    if (rc == 0)
        rc = record(p, 'Z', 0, (struct span){0});
    return rc < 0 ? rc : parcel_end(p->parcel);
}

static int pack_to(int fd, const char *dir, const unsigned char *to, int64_t now_ms, struct crate_report *report)
{
    struct packing p = {.fd = fd, .report = report};
    int rc = parcel_new(PARCEL_BACKUP, to, to_file, &p, &p.parcel);
    if (rc < 0)
        return rc;
    rc = pack_all(&p, dir, now_ms);
    parcel_free(p.parcel);
    return rc == 0 && fsync(fd) < 0 ? file_error() : rc;
}

/* Under another name until it is whole; link(2), other than rename(2), never replaces. */
int crate_pack(const char *dir, const unsigned char to[VAULT_PUBLIC_BYTES], int64_t now_ms, const char *file,
               struct crate_report *report)
{
    char part[PATH_MOST];
    *report = (struct crate_report){0};
    int len = snprintf(part, sizeof part, "%s.part", file);
    if (len < 0 || len >= PATH_MOST)
        return ERR_LIMIT;
    if (access(file, F_OK) == 0)
        return ERR_EXISTS;
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return file_error();
    int rc = pack_to(fd, dir, to, now_ms, report);
    if (close(fd) < 0 && rc == 0)
        rc = ERR_IO;
    if (rc == 0 && link(part, file) < 0)
        rc = file_error();
    unlink(part);
    return rc < 0 ? rc : file_sync_folder(file);
}

/* ---- unpacking ---- */

struct unpacking {
    const char *dir;
    int fd;          // of the file under way, -1: none
    bool begun[2];   // by name
    bool over;       // 'Z' was read
    struct str held; // bytes of a record whose rest is in the next block
    struct crate_report *report;
};

static uint64_t number_at(const char *p, int bytes)
{
    uint64_t n = 0;
    for (int i = bytes - 1; i >= 0; i--)
        n = n << 8 | (unsigned char)p[i];
    return n;
}

static int file_end(struct unpacking *u)
{
    if (u->fd < 0)
        return 0;
    int rc = fsync(u->fd) < 0 ? file_error() : 0;
    close(u->fd);
    u->fd = -1;
    return rc;
}

static int on_info(struct unpacking *u, uint64_t place, struct span bytes)
{
    (void)place;
    struct span line;
    // NOLINTNEXTLINE(misc-redundant-expression): each call goes on to the next line
    if (span_split(&bytes, '\n', &line) && span_split(&bytes, '\n', &line))
        snprintf(u->report->made, sizeof u->report->made, "%.*s", SPAN_ARG(line));
    return 0;
}

static int on_file(struct unpacking *u, uint64_t place, struct span name)
{
    (void)place;
    char path[PATH_MOST];
    int rc = file_end(u);
    for (size_t i = 0; rc == 0 && i < sizeof names / sizeof *names; i++) {
        if (!span_is(name, names[i]))
            continue;
        if (u->begun[i])
            return ERR_CORRUPT;
        u->begun[i] = true;
        rc = join(path, u->dir, names[i]);
        if (rc < 0)
            return rc;
        u->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        return u->fd < 0 ? file_error() : 0;
    }
    return rc < 0 ? rc : ERR_CORRUPT;
}

static int on_bytes(struct unpacking *u, uint64_t place, struct span bytes)
{
    if (u->fd < 0 || place > INT64_MAX - BYTES_MOST)
        return ERR_CORRUPT;
    u->report->bytes += bytes.len;
    return file_put_at(u->fd, bytes, (int64_t)place);
}

static int on_end(struct unpacking *u, uint64_t place, struct span bytes)
{
    (void)place, (void)bytes;
    u->over = true;
    return file_end(u);
}

static const struct {
    char kind;
    int (*take)(struct unpacking *u, uint64_t place, struct span bytes);
} kinds[] = {{'I', on_info}, {'F', on_file}, {'W', on_bytes}, {'Z', on_end}};

static int take_record(struct unpacking *u, const char *head, struct span bytes)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == head[0] && !u->over)
            return kinds[i].take(u, number_at(head + HEAD_PLACE, 8), bytes);
    return ERR_CORRUPT;
}

/* As many whole records as there are. */
static int take_block(void *ctx, struct span block)
{
    struct unpacking *u = ctx;
    str_add(&u->held, block);
    int rc = str_err(&u->held);
    struct span left = str_span(&u->held);
    while (rc == 0 && left.len >= HEAD) {
        size_t len = (size_t)number_at(left.p + HEAD_LENGTH, 4);
        if (len > BYTES_MOST)
            return ERR_CORRUPT;
        if (left.len < HEAD + len)
            break;
        rc = take_record(u, left.p, span_first(span_from(left, HEAD), len));
        left = span_from(left, HEAD + len);
    }
    if (left.len)
        memmove(u->held.p, left.p, left.len);
    str_cut(&u->held, left.len);
    return rc;
}

int crate_unpack(const char *file, const struct opener *key, const char *dir, struct crate_report *report,
                 unsigned char to[VAULT_PUBLIC_BYTES])
{
    *report = (struct crate_report){0};
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    struct unpacking u = {.dir = dir, .fd = -1, .report = report, .held = STR_INIT(HEAD + BYTES_MOST + PARCEL_BLOCK)};
    int rc = parcel_read(PARCEL_BACKUP, key, fd, take_block, &u, to);
    if (rc == 0)
        rc = u.over && u.begun[0] && u.held.len == 0 ? 0 : ERR_CORRUPT;
    report->journal = u.begun[1];
    if (u.fd >= 0)
        close(u.fd);
    close(fd);
    str_release(&u.held);
    return rc;
}

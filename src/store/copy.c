// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/copy.h"

#include "base/err.h"
#include "store/db.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 4096, PATH_MOST = 4096, STEP_PAGES = 256 };

/* ---- the file that is no file ---- */

/** Where the pieces go; one a copy. */
struct sink {
    store_copy_fn put;
    void *ctx;
    int rc;                    // what `put` said first
    sqlite3_int64 size;        // of the copy
    unsigned char first[PAGE]; // the first page, which SQLite reads again
};

struct sink_file {
    sqlite3_file base;
    struct sink *sink;
};

static struct sink *sink_of(sqlite3_file *file)
{
    return ((struct sink_file *)file)->sink;
}

static int sink_close(sqlite3_file *file)
{
    (void)file;
    return SQLITE_OK;
}

/* SQLite reads a page that it is about to fill; what it reads does not matter but in the first one. */
static int sink_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 at)
{
    struct sink *s = sink_of(file);
    memset(bytes, 0, (size_t)count);
    if (at + count > s->size)
        return SQLITE_IOERR_SHORT_READ;
    if (at + count <= PAGE)
        memcpy(bytes, s->first + at, (size_t)count);
    return SQLITE_OK;
}

static int sink_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 at)
{
    struct sink *s = sink_of(file);
    if (at + count <= PAGE)
        memcpy(s->first + at, bytes, (size_t)count);
    if (at + count > s->size)
        s->size = at + count;
    if (s->rc == 0)
        s->rc = s->put(s->ctx, (uint64_t)at, (struct span){bytes, (size_t)count});
    return s->rc < 0 ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int sink_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return size == sink_of(file)->size ? SQLITE_OK : SQLITE_IOERR_TRUNCATE; // the copy only grows
}

static int sink_sync(sqlite3_file *file, int flags)
{
    (void)file, (void)flags;
    return SQLITE_OK;
}

static int sink_size(sqlite3_file *file, sqlite3_int64 *size)
{
    *size = sink_of(file)->size;
    return SQLITE_OK;
}

static int sink_lock(sqlite3_file *file, int level)
{
    (void)file, (void)level;
    return SQLITE_OK;
}

static int sink_reserved(sqlite3_file *file, int *out)
{
    (void)file;
    *out = 0;
    return SQLITE_OK;
}

static int sink_control(sqlite3_file *file, int what, void *arg)
{
    (void)file, (void)what, (void)arg;
    return SQLITE_NOTFOUND;
}

static int sink_sector(sqlite3_file *file)
{
    (void)file;
    return PAGE;
}

static int sink_traits(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static const sqlite3_io_methods sink_methods = {
    .iVersion = 1,
    .xClose = sink_close,
    .xRead = sink_read,
    .xWrite = sink_write,
    .xTruncate = sink_truncate,
    .xSync = sink_sync,
    .xFileSize = sink_size,
    .xLock = sink_lock,
    .xUnlock = sink_lock,
    .xCheckReservedLock = sink_reserved,
    .xFileControl = sink_control,
    .xSectorSize = sink_sector,
    .xDeviceCharacteristics = sink_traits,
};

static int sink_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
    file->pMethods = NULL;
    if (!(flags & SQLITE_OPEN_MAIN_DB) || !name) // journal_mode is OFF: nothing else is asked for
        return SQLITE_CANTOPEN;
    ((struct sink_file *)file)->sink = vfs->pAppData;
    file->pMethods = &sink_methods;
    if (flags_out)
        *flags_out = flags;
    return SQLITE_OK;
}

static int sink_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)name, (void)sync;
    return SQLITE_OK;
}

static int sink_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs, (void)name, (void)flags;
    *out = 0;
    return SQLITE_OK;
}

static int sink_path(sqlite3_vfs *vfs, const char *name, int room, char *out)
{
    (void)vfs;
    return snprintf(out, (size_t)room, "%s", name) < room ? SQLITE_OK : SQLITE_CANTOPEN;
}

/* ---- copying ---- */

static int code_error(int code)
{
    int low = code & 0xff;
    return low == SQLITE_NOMEM ? ERR_NOMEM : low == SQLITE_CORRUPT || low == SQLITE_NOTADB ? ERR_CORRUPT : ERR_IO;
}

static int open_reader(const char *path, sqlite3 **db)
{
    int code = sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(*db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(*db, 10000);
    return code;
}

/* From the first read on the snapshot stands. */
static int hold_still(sqlite3 *db)
{
    return sqlite3_exec(db, "PRAGMA mmap_size = 0; BEGIN; SELECT count(*) FROM sqlite_master;", NULL, NULL, NULL);
}

static int open_sink(struct sink *s, sqlite3_vfs *vfs, sqlite3 **db)
{
    const sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    *vfs = (sqlite3_vfs){.iVersion = 1,
                         .szOsFile = sizeof(struct sink_file),
                         .mxPathname = 64,
                         .zName = "waymark-copy",
                         .pAppData = s,
                         .xOpen = sink_open,
                         .xDelete = sink_delete,
                         .xAccess = sink_access,
                         .xFullPathname = sink_path,
                         .xRandomness = real->xRandomness,
                         .xSleep = real->xSleep,
                         .xCurrentTime = real->xCurrentTime};
    int code = sqlite3_vfs_register(vfs, 0);
    if (code == SQLITE_OK)
        code =
            sqlite3_open_v2("copy", db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, vfs->zName);
    if (code == SQLITE_OK) // a small cache: pages leave it as they come
        code = sqlite3_exec(*db,
                            "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE;"
                            "PRAGMA synchronous = OFF; PRAGMA cache_size = 64; PRAGMA temp_store = MEMORY;",
                            NULL, NULL, NULL);
    return code;
}

static int run(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return sqlite3_errcode(to);
    int code;
    do
        code = sqlite3_backup_step(backup, STEP_PAGES);
    while (code == SQLITE_OK);
    int finished = sqlite3_backup_finish(backup);
    return code != SQLITE_DONE ? code : finished;
}

int store_copy(const char *dir, store_copy_fn put, void *ctx)
{
    char path[PATH_MOST];
    int len = snprintf(path, sizeof path, "%s/waymark.db", dir);
    if (len < 0 || len >= PATH_MOST)
        return ERR_LIMIT;
    if (access(path, F_OK) < 0)
        return ERR_MISSING;
    store_memory_init();
    struct sink sink = {.put = put, .ctx = ctx};
    sqlite3_vfs vfs = {0};
    sqlite3 *from = NULL, *to = NULL;
    int code = open_reader(path, &from);
    if (code == SQLITE_OK)
        code = hold_still(from);
    if (code == SQLITE_OK)
        code = open_sink(&sink, &vfs, &to);
    if (code == SQLITE_OK)
        code = run(from, to);
    sqlite3_close(to);
    sqlite3_close(from);
    sqlite3_vfs_unregister(&vfs);
    return sink.rc < 0 ? sink.rc : code == SQLITE_OK ? 0 : code_error(code);
}

/* ---- looking at one ---- */

int store_sound(struct store *s)
{
    sqlite3_stmt *st = NULL;
    int code = sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &st, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(st);
    bool sound = code == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(st, 0), "ok") == 0;
    sqlite3_finalize(st);
    return sound ? 0 : code == SQLITE_ROW ? ERR_CORRUPT : code_error(code);
}

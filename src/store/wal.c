// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/wal.h"

#include "base/mem.h"

#include <sqlite3.h>
#include <stdbool.h>

// A longer commit is written in pieces of this size; SQLite's unix VFS takes at most 0x1ffff bytes at once
// (seekAndWriteFd).
enum { GATHER_BYTES = 120 * 1024 };

/* A log that is open: what was gathered, and the file below, which follows it in memory. */
struct wal_file {
    sqlite3_file base;
    sqlite3_file *below;
    char *bytes;        // GATHER_BYTES, made at the first write
    sqlite3_int64 from; // where the gathered bytes belong
    int count;
    bool unsynced; // something was written below since the last sync
};

static struct wal_file *wal_of(sqlite3_file *file)
{
    return (struct wal_file *)file;
}

static int wal_flush(struct wal_file *w)
{
    int count = w->count;
    w->count = 0; // written or failed: what failed is given up with its commit
    w->unsynced |= count > 0;
    return count ? w->below->pMethods->xWrite(w->below, w->bytes, count, w->from) : SQLITE_OK;
}

static int wal_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 at)
{
    struct wal_file *w = wal_of(file);
    if (!w->bytes)
        w->bytes = mem_alloc(GATHER_BYTES);
    bool follows = w->count && at == w->from + w->count && count <= GATHER_BYTES - w->count;
    int code = follows ? SQLITE_OK : wal_flush(w);
    if (code != SQLITE_OK)
        return code;
    w->unsynced = true;
    if (!w->bytes || count > GATHER_BYTES)
        return w->below->pMethods->xWrite(w->below, bytes, count, at);
    if (!follows)
        w->from = at;
    memcpy(w->bytes + w->count, bytes, (size_t)count);
    w->count += count;
    return SQLITE_OK;
}

static int wal_sync(sqlite3_file *file, int flags)
{
    struct wal_file *w = wal_of(file);
    int code = wal_flush(w);
    if (code == SQLITE_OK && w->unsynced) // a checkpoint syncs once more what every commit has synced
        code = w->below->pMethods->xSync(w->below, flags);
    w->unsynced = w->unsynced && code != SQLITE_OK;
    return code;
}

static int wal_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 at)
{
    struct wal_file *w = wal_of(file);
    int code = wal_flush(w);
    return code == SQLITE_OK ? w->below->pMethods->xRead(w->below, bytes, count, at) : code;
}

static int wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct wal_file *w = wal_of(file);
    int code = wal_flush(w);
    w->unsynced = true;
    return code == SQLITE_OK ? w->below->pMethods->xTruncate(w->below, size) : code;
}

static int wal_size(sqlite3_file *file, sqlite3_int64 *size)
{
    struct wal_file *w = wal_of(file);
    int code = wal_flush(w);
    return code == SQLITE_OK ? w->below->pMethods->xFileSize(w->below, size) : code;
}

static int wal_close(sqlite3_file *file)
{
    struct wal_file *w = wal_of(file);
    int code = wal_flush(w);
    int closed = w->below->pMethods->xClose(w->below);
    mem_free(w->bytes);
    w->bytes = NULL;
    return code == SQLITE_OK ? closed : code;
}

/* The rest goes straight to the file below. */
static int wal_lock(sqlite3_file *file, int level)
{
    return wal_of(file)->below->pMethods->xLock(wal_of(file)->below, level);
}

static int wal_unlock(sqlite3_file *file, int level)
{
    return wal_of(file)->below->pMethods->xUnlock(wal_of(file)->below, level);
}

static int wal_reserved(sqlite3_file *file, int *out)
{
    return wal_of(file)->below->pMethods->xCheckReservedLock(wal_of(file)->below, out);
}

static int wal_control(sqlite3_file *file, int what, void *arg)
{
    return wal_of(file)->below->pMethods->xFileControl(wal_of(file)->below, what, arg);
}

static int wal_sector(sqlite3_file *file)
{
    return wal_of(file)->below->pMethods->xSectorSize(wal_of(file)->below);
}

static int wal_device(sqlite3_file *file)
{
    return wal_of(file)->below->pMethods->xDeviceCharacteristics(wal_of(file)->below);
}

static const sqlite3_io_methods wal_methods = {.iVersion = 1,
                                               .xClose = wal_close,
                                               .xRead = wal_read,
                                               .xWrite = wal_write,
                                               .xTruncate = wal_truncate,
                                               .xSync = wal_sync,
                                               .xFileSize = wal_size,
                                               .xLock = wal_lock,
                                               .xUnlock = wal_unlock,
                                               .xCheckReservedLock = wal_reserved,
                                               .xFileControl = wal_control,
                                               .xSectorSize = wal_sector,
                                               .xDeviceCharacteristics = wal_device};

/* SQLite keeps a registered VFS in a list of the whole process, so these two live as long as it does. */
static sqlite3_vfs wal_layer;
static sqlite3_vfs *layer_below;

static int layer_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    if (!(flags & SQLITE_OPEN_WAL))
        return layer_below->xOpen(layer_below, name, file, flags, out_flags);
    struct wal_file *w = wal_of(file);
    // An earlier process may have left writes behind that it never synced.
    *w = (struct wal_file){.below = (sqlite3_file *)(void *)(w + 1), .unsynced = true};
    int code = layer_below->xOpen(layer_below, name, w->below, flags, out_flags);
    if (code == SQLITE_OK)
        w->base.pMethods = &wal_methods;
    return code;
}

const char *wal_vfs(void)
{
    static const char name[] = "waymark";
    if (sqlite3_vfs_find(name))
        return name;
    layer_below = sqlite3_vfs_find(NULL);
    if (!layer_below)
        return NULL;
    wal_layer = *layer_below;
    wal_layer.zName = name;
    wal_layer.pNext = NULL;
    wal_layer.szOsFile += (int)sizeof(struct wal_file);
    wal_layer.xOpen = layer_open;
    return sqlite3_vfs_register(&wal_layer, 0) == SQLITE_OK ? name : NULL;
}

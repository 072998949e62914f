// SPDX-License-Identifier: AGPL-3.0-or-later
/* powercut_vfs - what a power cut leaves on the disk, for any program that uses SQLite.
 *
 * Loaded with LD_PRELOAD it becomes SQLite's default VFS. What is written to a database or its log stays in this
 * process's memory until that file is synced; only xSync carries it to the real file. So the death of the process loses
 * exactly what was not synced, and nothing else: kill -9 is a power cut.
 *
 * A real disk may also have written some of the rest. With POWERCUT_TORN=SEED in the environment, SIGUSR1 lets a random
 * part of the unsynced sectors (none, a beginning, any of them, all) through, then ends the process with _exit(137).
 *
 * Shared memory is the unix VFS's own: it never outlives a power cut, and SQLite builds it anew. Temporary files are
 * not ours either. The program must close a file before anything else reads it; sqlite3_vfs.xOpen with the same name
 * gives the same contents within this process.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR = 512, IMAGES = 64, OURS = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL };

/* One file as the program sees it, and which of its sectors the disk does not have yet. */
struct image {
    char *name;
    int users;
    int fd; /* our own door to the real file. Closing it would drop SQLite's POSIX locks: only after the last user */
    unsigned char *bytes, *dirty;
    size_t size, room; /* room is a multiple of SECTOR */
    size_t cut;        /* the file was cut to this size since the last sync; SIZE_MAX: it was not */
};

struct cut_file {
    sqlite3_file base;
    struct image *image; /* NULL: not ours, everything goes to `real` */
    sqlite3_file *real;
};

static sqlite3_vfs *unix_vfs;
static struct image images[IMAGES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- an image ---- */

static bool image_room(struct image *m, size_t size)
{
    if (size <= m->room)
        return true;
    size_t room = (size + size / 2 + SECTOR) / SECTOR * SECTOR;
    unsigned char *bytes = realloc(m->bytes, room);
    if (bytes)
        m->bytes = bytes;
    unsigned char *dirty = realloc(m->dirty, room / SECTOR);
    if (dirty)
        m->dirty = dirty;
    if (!bytes || !dirty)
        return false;
    memset(bytes + m->room, 0, room - m->room);
    memset(dirty + m->room / SECTOR, 0, (room - m->room) / SECTOR);
    m->room = room;
    return true;
}

static bool image_fill(struct image *m)
{
    off_t size = lseek(m->fd, 0, SEEK_END);
    if (size < 0 || !image_room(m, (size_t)size))
        return false;
    m->size = (size_t)size;
    m->cut = SIZE_MAX;
    return pread(m->fd, m->bytes, m->size, 0) == size;
}

static struct image *image_find(const char *name)
{
    for (int i = 0; i < IMAGES; i++)
        if (images[i].name && strcmp(images[i].name, name) == 0)
            return &images[i];
    return NULL;
}

static void image_forget(struct image *m)
{
    if (m->fd >= 0)
        close(m->fd);
    free(m->name);
    free(m->bytes);
    free(m->dirty);
    *m = (struct image){0};
}

static struct image *image_new(const char *name)
{
    for (int i = 0; i < IMAGES; i++) {
        struct image *m = &images[i];
        if (m->name)
            continue;
        *m = (struct image){.name = strdup(name), .fd = open(name, O_RDWR | O_CLOEXEC)};
        if (m->name && m->fd >= 0 && image_fill(m))
            return m;
        image_forget(m);
        break;
    }
    return NULL;
}

static bool image_cut(struct image *m)
{
    off_t real = lseek(m->fd, 0, SEEK_END);
    size_t cut = m->cut;
    m->cut = SIZE_MAX;
    return real >= 0 && (cut >= (size_t)real || ftruncate(m->fd, (off_t)cut) == 0);
}

/* Carries one sector to the real file. */
static bool image_write(struct image *m, size_t sector)
{
    size_t from = sector * SECTOR, len = m->size - from < SECTOR ? m->size - from : SECTOR;
    m->dirty[sector] = 0;
    return pwrite(m->fd, m->bytes + from, len, (off_t)from) == (ssize_t)len;
}

static size_t image_sectors(const struct image *m)
{
    return (m->size + SECTOR - 1) / SECTOR;
}

static bool image_sync(struct image *m)
{
    bool fine = image_cut(m);
    for (size_t i = 0; fine && i < image_sectors(m); i++)
        if (m->dirty[i])
            fine = image_write(m, i);
    return fine;
}

/* ---- the cut ---- */

static uint64_t seed;

static uint64_t draw(uint64_t below) /* xorshift64*, Vigna 2016 */
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (seed * UINT64_C(2685821657736338717) >> 33) % below;
}

static void image_tear(struct image *m)
{
    enum { NOTHING, BEGINNING, SOME, ALL, WAYS };
    uint64_t way = draw(WAYS);
    size_t sectors = image_sectors(m), end = way == BEGINNING && sectors ? (size_t)draw(sectors) : sectors;
    if (way == NOTHING)
        return;
    if (draw(2))
        image_cut(m);
    for (size_t i = 0; i < end; i++)
        if (m->dirty[i] && (way != SOME || draw(2)))
            image_write(m, i);
}

static void *wait_for_the_cut(void *signals)
{
    int which;
    sigwait(signals, &which);
    pthread_mutex_lock(&lock); /* for good: nobody writes any more */
    for (int i = 0; i < IMAGES; i++)
        if (images[i].name)
            image_tear(&images[i]);
    _exit(137);
}

static void arm_the_cut(void)
{
    static sigset_t signals;
    const char *torn = getenv("POWERCUT_TORN");
    pthread_t thread;
    if (!torn)
        return;
    seed = strtoull(torn, NULL, 10) * 2 + 1;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before main: every thread inherits it */
    if (pthread_create(&thread, NULL, wait_for_the_cut, &signals) != 0)
        abort();
}

/* ---- a file ---- */

static struct cut_file *self(sqlite3_file *f)
{
    return (struct cut_file *)f;
}

static sqlite3_file *real_of(sqlite3_file *f)
{
    return self(f)->real;
}

static int cut_close(sqlite3_file *f)
{
    struct image *m = self(f)->image;
    pthread_mutex_lock(&lock);
    int rc = real_of(f)->pMethods->xClose(real_of(f));
    free(real_of(f));
    if (m && --m->users == 0) { /* closed in good order: the system writes the rest some time */
        image_sync(m);
        image_forget(m);
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

static int cut_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
    const struct image *m = self(f)->image;
    if (!m)
        return real_of(f)->pMethods->xRead(real_of(f), to, len, at);
    pthread_mutex_lock(&lock);
    size_t from = (size_t)at, there = from < m->size ? m->size - from : 0, wanted = (size_t)len;
    size_t given = there < wanted ? there : wanted;
    if (given)
        memcpy(to, m->bytes + from, given);
    memset((char *)to + given, 0, wanted - given);
    pthread_mutex_unlock(&lock);
    return given < wanted ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int cut_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
    struct image *m = self(f)->image;
    if (!m)
        return real_of(f)->pMethods->xWrite(real_of(f), bytes, len, at);
    pthread_mutex_lock(&lock);
    size_t from = (size_t)at, end = from + (size_t)len;
    bool fits = image_room(m, end);
    if (fits) {
        memcpy(m->bytes + from, bytes, (size_t)len);
        memset(m->dirty + from / SECTOR, 1, (end + SECTOR - 1) / SECTOR - from / SECTOR);
        if (end > m->size)
            m->size = end;
    }
    pthread_mutex_unlock(&lock);
    return fits ? SQLITE_OK : SQLITE_NOMEM;
}

static int cut_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    struct image *m = self(f)->image;
    if (!m)
        return real_of(f)->pMethods->xTruncate(real_of(f), size);
    pthread_mutex_lock(&lock);
    size_t to = (size_t)size;
    if (to < m->size) {
        memset(m->bytes + to, 0, m->size - to);
        size_t first = (to + SECTOR - 1) / SECTOR;
        memset(m->dirty + first, 0, m->room / SECTOR - first);
        m->size = to;
        if (to < m->cut)
            m->cut = to;
    }
    pthread_mutex_unlock(&lock);
    return SQLITE_OK;
}

static int cut_sync(sqlite3_file *f, int flags)
{
    (void)flags; /* the real file need not reach a real disk: only this process dies */
    struct image *m = self(f)->image;
    if (!m)
        return SQLITE_OK;
    pthread_mutex_lock(&lock);
    bool fine = image_sync(m);
    pthread_mutex_unlock(&lock);
    return fine ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int cut_size(sqlite3_file *f, sqlite3_int64 *size)
{
    const struct image *m = self(f)->image;
    if (!m)
        return real_of(f)->pMethods->xFileSize(real_of(f), size);
    pthread_mutex_lock(&lock);
    *size = (sqlite3_int64)m->size;
    pthread_mutex_unlock(&lock);
    return SQLITE_OK;
}

static int cut_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int cut_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int cut_reserved(sqlite3_file *f, int *out)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int cut_control(sqlite3_file *f, int what, void *value)
{
    bool sizes = what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE; /* they would grow the real file */
    return self(f)->image && sizes ? SQLITE_OK : real_of(f)->pMethods->xFileControl(real_of(f), what, value);
}

static int cut_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int cut_traits(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int cut_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
}

static int cut_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void cut_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int cut_shm_unmap(sqlite3_file *f, int erase)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), erase);
}

static const sqlite3_io_methods cut_methods = {.iVersion = 2, /* no xFetch: nothing is mapped past us */
                                               .xClose = cut_close,
                                               .xRead = cut_read,
                                               .xWrite = cut_write,
                                               .xTruncate = cut_truncate,
                                               .xSync = cut_sync,
                                               .xFileSize = cut_size,
                                               .xLock = cut_lock,
                                               .xUnlock = cut_unlock,
                                               .xCheckReservedLock = cut_reserved,
                                               .xFileControl = cut_control,
                                               .xSectorSize = cut_sector,
                                               .xDeviceCharacteristics = cut_traits,
                                               .xShmMap = cut_shm_map,
                                               .xShmLock = cut_shm_lock,
                                               .xShmBarrier = cut_shm_barrier,
                                               .xShmUnmap = cut_shm_unmap};

/* ---- the VFS ---- */

static bool image_share(struct cut_file *file, const char *name)
{
    pthread_mutex_lock(&lock);
    struct image *m = image_find(name);
    if (!m)
        m = image_new(name);
    if (m)
        m->users++;
    file->image = m;
    pthread_mutex_unlock(&lock);
    return m != NULL;
}

static int cut_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *flags_out)
{
    (void)vfs;
    struct cut_file *file = self(f);
    *file = (struct cut_file){.real = calloc(1, (size_t)unix_vfs->szOsFile)};
    if (!file->real)
        return SQLITE_NOMEM;
    int rc = unix_vfs->xOpen(unix_vfs, name, file->real, flags, flags_out);
    if (rc == SQLITE_OK && name && (flags & OURS) && !image_share(file, name)) {
        file->real->pMethods->xClose(file->real);
        rc = SQLITE_CANTOPEN;
    }
    if (rc != SQLITE_OK)
        free(file->real);
    file->base.pMethods = rc == SQLITE_OK ? &cut_methods : NULL;
    return rc;
}

__attribute__((constructor)) static void cut_begin(void)
{
    static sqlite3_vfs vfs;
    unix_vfs = sqlite3_vfs_find(NULL);
    if (!unix_vfs)
        abort();
    vfs = *unix_vfs; /* names, deletion, time: its own */
    vfs.zName = "powercut";
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(struct cut_file);
    vfs.xOpen = cut_open;
    arm_the_cut();
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
        abort();
}

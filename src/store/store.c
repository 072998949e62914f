// SPDX-License-Identifier: AGPL-3.0-or-later
/* store - opening, resting and closing; the rest of store.h lies in turn.c, load.c, person.c, casefile.c, ledger.c,
 * outbox.c, purge.c and keep.c. */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/db.h"
#include "store/wal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef STORE_SYNCHRONOUS
#define STORE_SYNCHRONOUS "FULL" /* "OFF" is for tests that prove what is lost without it */
#endif

enum { PATH_MOST = 4096 };

static const char pragmas[] = "PRAGMA page_size = 4096;"
                              "PRAGMA journal_mode = WAL;"
                              "PRAGMA synchronous = " STORE_SYNCHRONOUS ";"
                              "PRAGMA foreign_keys = ON;"
                              "PRAGMA secure_delete = ON;"
                              "PRAGMA wal_autocheckpoint = 0;"
                              "PRAGMA temp_store = MEMORY;"
                              "PRAGMA mmap_size = 0;"
                              "PRAGMA trusted_schema = OFF;";

static int path_join(char path[PATH_MOST], const char *dir, const char *name)
{
    int len = snprintf(path, PATH_MOST, "%s/%s", dir, name);
    return len < 0 || len >= PATH_MOST ? ERR_LIMIT : 0;
}

// A folder that a power cut could take away again would take everything with it, so its parent is synced too.
static int folder_make(const char *dir)
{
    if (mkdir(dir, 0700) < 0)
        return errno == EEXIST ? 0 : file_error();
    return file_sync_folder(dir);
}

static int lock_take(struct store *s, const char *dir)
{
    char path[PATH_MOST];
    int rc = path_join(path, dir, "waymark.lock");
    if (rc < 0)
        return rc;
    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock < 0)
        return file_error();
    if (flock(s->lock, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
    return 0;
}

// SQLite gives the log and the shared-memory file the mode of the database, so only that one is made here.
static int file_make(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? 0 : file_error();
    close(fd);
    return file_sync_folder(path);
}

static int on_commit(void *ctx, sqlite3 *db, const char *name, int pages)
{
    (void)db, (void)name;
    struct store *s = ctx;
    if (pages < s->wal_copied) // the log began anew
        s->wal_copied = 0;
    s->wal_pages = pages;
    return SQLITE_OK;
}

static int database_open(struct store *s, const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    // Gathering is right only because every commit is synced before it is published.
    bool synced = strcmp(STORE_SYNCHRONOUS, "FULL") == 0;
    int code = sqlite3_open_v2(path, &s->db, flags, synced ? wal_vfs() : NULL);
    if (!s->db)
        return ERR_NOMEM;
    if (code == SQLITE_OK)
        code = sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(s->db, pragmas, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return db_error(s, code);
    sqlite3_wal_hook(s->db, on_commit, s); // after the pragmas: wal_autocheckpoint sets a hook of its own
    return 0;
}

static int prepare_all(struct store *s)
{
    int rc = 0;
    for (int i = 0; i < STATEMENTS && rc == 0; i++)
        rc = db_prepare(s, (enum statement)i);
    return rc;
}

/* Once the directory is read, of whose pages few are asked for again: to keep them all costs a start more time than to
 * read them. And no wider than this: turns are appended, so that a larger cache fills up with pages that nobody asks
 * for, each in memory that is touched for the first time or was last touched long ago. What is asked for by random keys
 * and does not fit lies in the system's cache. */
static int cache_widen(struct store *s)
{
    int code = sqlite3_exec(s->db, "PRAGMA cache_size = -16384" /* KiB */, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : db_error(s, code);
}

static int turn_last_get(struct store *s)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_TURN_LAST, NULL, 0, &st);
    if (rc < 0)
        return rc;
    s->turn_last = sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}

static int open_all(struct store *s, const char *dir)
{
    char path[PATH_MOST];
    int rc = path_join(path, dir, "waymark.db");
    if (rc == 0)
        rc = folder_make(dir);
    if (rc == 0)
        rc = lock_take(s, dir);
    if (rc == 0)
        rc = file_make(path);
    if (rc == 0)
        rc = cache_init(&s->numbers);
    if (rc == 0)
        rc = heads_init(&s->heads);
    if (rc == 0)
        rc = turns_init(&s->turns);
    if (rc == 0)
        rc = database_open(s, path);
    if (rc == 0)
        rc = store_migrate(s);
    if (rc == 0)
        rc = live_open(s);
    if (rc == 0)
        rc = prepare_all(s);
    if (rc == 0)
        rc = checkpoint_open(s, path);
    if (rc == 0)
        rc = turn_last_get(s);
    if (rc == 0)
        rc = heads_know(s);
    if (rc == 0)
        rc = live_know(s);
    return rc == 0 ? cache_widen(s) : rc;
}

int store_open(const char *dir, struct store **out)
{
    store_memory_init();
    struct store *s = mem_calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->lock = -1;
    journal_init(&s->journal);
    s->erase = true; // a log left by a process that died may hold what it erased
    int rc = open_all(s, dir);
    if (rc < 0)
        store_close(s);
    else
        *out = s;
    return rc;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    store_rollback(s);
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    checkpoint_close(s);
    sqlite3_close(s->db); // the last connection checkpoints and removes the log
    cache_release(&s->numbers);
    heads_release(&s->heads);
    turns_release(&s->turns);
    journal_release(&s->journal);
    live_release(&s->live);
    if (s->lock >= 0)
        close(s->lock); // after the database: the lock covers it
    mem_free(s);
}

int store_rest(struct store *s, bool idle)
{
    return s->begun || s->reads ? ERR_NOT_NOW : checkpoint_rest(s, idle);
}

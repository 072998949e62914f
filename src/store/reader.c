// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/reader.h"

#include "base/err.h"
#include "base/mem.h"
#include "store/db.h"

enum { READER_PATH_MOST = 4096, READER_BUSY_MS = 2000 };

static const char reader_pragmas[] = "PRAGMA query_only = ON;"
                                     "PRAGMA temp_store = MEMORY;"
                                     "PRAGMA cache_size = -8192;" /* KiB */
                                     "PRAGMA mmap_size = 0;"
                                     "PRAGMA trusted_schema = OFF;";

static int reader_connect(struct store *s, const char *path)
{
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path, &s->db, flags, NULL);
    if (!s->db)
        return ERR_NOMEM;
    if (code == SQLITE_OK)
        code = sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)NULL);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(s->db, READER_BUSY_MS); // while the log is being cut
    if (code == SQLITE_OK)
        code = sqlite3_exec(s->db, reader_pragmas, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : db_error(s, code);
}

int store_read_open(const char *dir, struct store **out)
{
    char path[READER_PATH_MOST];
    int len = snprintf(path, sizeof path, "%s/waymark.db", dir);
    if (len < 0 || (size_t)len >= sizeof path)
        return ERR_LIMIT;
    struct store *s = mem_calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->lock = -1;
    s->reads = true;
    journal_init(&s->journal);
    int rc = reader_connect(s, path);
    if (rc < 0)
        store_close(s);
    else
        *out = s;
    return rc;
}

int store_snapshot(struct store *s)
{
    if (!s->reads || !sqlite3_get_autocommit(s->db))
        return ERR_NOT_NOW;
    int code = sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : db_error(s, code);
}

void store_snapshot_end(struct store *s)
{
    if (s->reads && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
}

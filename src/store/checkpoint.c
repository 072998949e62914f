// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/checkpoint.h"

#include "base/err.h"
#include "store/db.h"

enum {
    PAGES_IDLE = 64,   // more than these are copied when it is quiet
    PAGES_STEP = 512,  // a step: a millisecond or two, and what is written again and again is copied once
    PAGES_ANEW = 8000, // a log of 32 MiB begins anew; to read it back after a crash takes 30 ms
};

// The one statement takes a snapshot as any that reads does, and has no need of the schema.
static const char snapshot[] = "PRAGMA schema_version";

int checkpoint_open(struct store *s, const char *path)
{
    struct pin *pin = &s->pin;
    int code = sqlite3_open_v2(path, &pin->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (!pin->db)
        return ERR_NOMEM;
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v3(pin->db, snapshot, -1, SQLITE_PREPARE_PERSISTENT, &pin->snapshot, NULL);
    return code == SQLITE_OK ? 0 : db_error(s, code);
}

void checkpoint_close(struct store *s)
{
    sqlite3_finalize(s->pin.snapshot);
    sqlite3_close(s->pin.db);
    s->pin = (struct pin){0};
}

static void pin_release(struct pin *pin)
{
    sqlite3_reset(pin->snapshot);
    pin->at = 0;
}

/* Puts the pin at the log's end. Only where not all is copied: else its snapshot would be of the database, which keeps
 * nothing in the log. */
static int pin_take(struct store *s)
{
    pin_release(&s->pin);
    int code = sqlite3_step(s->pin.snapshot);
    if (code == SQLITE_ROW) {
        s->pin.at = s->wal_pages;
        return 0;
    }
    pin_release(&s->pin);
    return db_error(s, code);
}

static int copy(struct store *s, int mode)
{
    int pages, copied;
    int code = sqlite3_wal_checkpoint_v2(s->db, NULL, mode, &pages, &copied);
    if (code == SQLITE_BUSY) // a reader is at work; the next rest tries again
        return ERR_BUSY;
    if (code != SQLITE_OK)
        return db_error(s, code);
    s->wal_pages = pages < 0 ? 0 : pages;
    s->wal_copied = copied < 0 ? 0 : copied;
    return 0;
}

/* What was destroyed is gone from the disk only when the log is cut: a passive checkpoint leaves the old pages there.
 */
static int erase_finish(struct store *s)
{
    pin_release(&s->pin);
    int rc = copy(s, SQLITE_CHECKPOINT_TRUNCATE);
    if (rc == 0) {
        s->erase = false;
        s->cut = true;
    }
    return rc;
}

static int begin_anew(struct store *s)
{
    pin_release(&s->pin);
    return copy(s, SQLITE_CHECKPOINT_PASSIVE);
}

/* Either puts the pin at the end, or copies what lies before it: the first is done in one rest, the second in a later
 * one, when something lies behind it. */
static int step(struct store *s)
{
    bool behind = s->pin.at - s->wal_copied >= PAGES_STEP && s->pin.at < s->wal_pages;
    return behind ? copy(s, SQLITE_CHECKPOINT_PASSIVE) : pin_take(s);
}

/* In a quiet moment what was only copied in busy ones is brought to its end, too. */
static bool due(const struct store *s, bool idle)
{
    int left = s->wal_pages - s->wal_copied;
    return idle ? left > PAGES_IDLE || s->pin.at : left > PAGES_STEP;
}

int checkpoint_rest(struct store *s, bool idle)
{
    int rc = 0;
    if (s->erase)
        rc = erase_finish(s);
    else if (due(s, idle))
        rc = idle || s->wal_pages > PAGES_ANEW ? begin_anew(s) : step(s);
    return rc == ERR_BUSY ? 0 : rc;
}

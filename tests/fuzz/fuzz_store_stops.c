// SPDX-License-Identifier: AGPL-3.0-or-later
/* Fuzzes the reader of the stops journal. The first byte says what lies in DIR/stops.journal: the bytes as they are; or
 * a true journal that was changed, cut off, or continued with the bytes. What the reader then gives is always a
 * beginning of what was written; a stop that the database had applied is never missing without an error. */
#include "store/stops.h"

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "store/db.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STOPS = 6, FILE_MOST = 1 << 16 };

static char dir[] = "/dev/shm/fuzz_stops_XXXXXX", path[64];
static struct str journal; /* as it was made */
static struct store *kept; /* opened once: that takes longer than all else */

/* Of no strength: whoever fuzzes could not find one. It mixes all bytes, so that a change of any is seen. */
static void chain_link(void *ctx, const unsigned char *previous, struct span row, unsigned char *next)
{
    uint64_t h[4] = {1, 2, 3, 4};
    (void)ctx;
    for (size_t i = 0; i < row.len + STORE_LINK_BYTES; i++) {
        unsigned char byte = i < row.len ? (unsigned char)row.p[i] : previous ? previous[i - row.len] : 0;
        for (size_t n = 0; n < 4; n++)
            h[n] = (h[n] ^ (byte + n)) * 0x100000001b3u ^ h[n] >> 29;
    }
    memcpy(next, h, STORE_LINK_BYTES);
}

static void leave(void)
{
    store_close(kept);
    static const char *const files[] = {"waymark.db", "waymark.db-wal", "waymark.db-shm", "waymark.lock",
                                        "stops.journal"};
    char name[96];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(name, sizeof name, "%s/%s", dir, files[i]);
        unlink(name);
    }
    rmdir(dir);
}

static void stop(struct store *s, unsigned char n)
{
    struct store_turn turn = {.number_key = {{n}}, .caller_key = {{n, 1}}};
    assert(store_begin(s) == 0 && store_number_need(s, &turn, 1) == 0);
    assert(store_contact_set(s, &turn, 20000 + n) == 0 && store_commit(s) == 0);
}

static void make(void)
{
    struct store *s;
    log_threshold(LOG_ERROR);
    assert(mkdtemp(dir) && atexit(leave) == 0);
    snprintf(path, sizeof path, "%s/stops.journal", dir);
    assert(store_open(dir, &s) == 0 && store_stops_open(s, dir, chain_link, NULL) == 0);
    for (unsigned char n = 1; n <= STOPS; n++)
        stop(s, n);
    kept = s;
    journal_release(&s->journal);
    str_init(&journal, FILE_MOST);
    assert(file_read(path, &journal) == 0 && journal.len == (STOPS + 1) * STOPS_RECORD);
}

/* All that may come: the stops as they were made. */
static int64_t replay(struct store *s)
{
    struct stop stop;
    int rc;
    assert(store_begin(s) == 0);
    while ((rc = store_stops_next(s, &stop)) == 1)
        assert(stop.kind > STOP_JOURNAL && stop.kind < STOP_KINDS);
    assert(rc == 0);
    store_rollback(s);
    return store_stops_count(s);
}

static void write_file(const uint8_t *data, size_t size)
{
    struct str file = STR_INIT(FILE_MOST);
    if (data[0] % 4)
        str_add(&file, str_span(&journal));
    if (data[0] % 4 == 1)
        for (size_t i = 1; i + 2 < size; i += 3)
            file.p[((size_t)data[i] << 8 | data[i + 1]) % file.len] ^= (char)data[i + 2];
    if (data[0] % 4 == 2)
        str_cut(&file, file.len - (data[0] * 7u) % file.len);
    if (data[0] % 4 != 1)
        str_add(&file, (struct span){(const char *)data + 1, size - 1});
    assert(file_write(path, str_span(&file), 0600) == 0);
    str_release(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!path[0])
        make();
    if (!size)
        return 0;
    write_file(data, size);
    journal_init(&kept->journal);
    int rc = store_stops_open(kept, dir, chain_link, NULL);
    assert(rc == 0 || rc == ERR_CORRUPT || rc == ERR_REFUSED);
    if (rc == 0) // the database has applied all: they are there, and nothing else is
        assert(replay(kept) == STOPS);
    journal_release(&kept->journal);
    return 0;
}

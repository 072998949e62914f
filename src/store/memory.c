// SPDX-License-Identifier: AGPL-3.0-or-later
/* memory - SQLite's allocator over base/mem.
 *
 * SQLite asks how large a block is (xSize), so each block has its size in front. Eight bytes keep the alignment that
 * SQLite needs (https://sqlite.org/c3ref/mem_methods.html). Lookaside would keep small
 * short-lived blocks away from here, but Debian builds SQLite without it.
 */
#include "base/mem.h"
#include "store/db.h"

enum { HEADER = 8 };
_Static_assert(sizeof(int64_t) == HEADER, "a block's size is kept in one int64_t");

static void *block_of(void *whole, int size)
{
    if (!whole)
        return NULL;
    *(int64_t *)whole = size;
    return (unsigned char *)whole + HEADER;
}

static void *whole_of(void *block)
{
    return block ? (unsigned char *)block - HEADER : NULL;
}

static void *memory_alloc(int size)
{
    return block_of(mem_alloc((size_t)size + HEADER), size);
}

static void memory_free(void *block)
{
    mem_free(whole_of(block));
}

static void *memory_realloc(void *block, int size)
{
    return block_of(mem_realloc(whole_of(block), (size_t)size + HEADER), size);
}

static int memory_size(void *block)
{
    return block ? (int)*(int64_t *)whole_of(block) : 0;
}

static int memory_roundup(int size)
{
    return (size + 7) & ~7;
}

static int memory_start(void *data)
{
    (void)data;
    return SQLITE_OK;
}

static void memory_stop(void *data)
{
    (void)data;
}

void store_memory_init(void)
{
    static const sqlite3_mem_methods methods = {
        .xMalloc = memory_alloc,
        .xFree = memory_free,
        .xRealloc = memory_realloc,
        .xSize = memory_size,
        .xRoundup = memory_roundup,
        .xInit = memory_start,
        .xShutdown = memory_stop,
    };
    // Refused (SQLITE_MISUSE) once SQLite is in use: then these are set already, or a test came first with its own.
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

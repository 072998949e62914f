// SPDX-License-Identifier: AGPL-3.0-or-later
/* mem - the one door for allocation.
 *
 * All heap memory is asked for here, so that tests can make the Nth request fail and see that nothing is lost.
 * Libraries that take allocator functions (SQLite, libcurl, jansson) are pointed at mem_alloc and its sisters.
 * Memory is not zeroed unless said; freed memory is emptied (wipe.c). Thread-safe.
 */
#ifndef WAYMARK_BASE_MEM_H
#define WAYMARK_BASE_MEM_H

#include <stddef.h>

#ifdef MEM_KEPT
#define MEM_WIPED 0 /* for tests that prove what is found without it */
#else
#define MEM_WIPED 1 /* what is freed, reset or cut off is emptied at once (wipe.c, arena.c, str.c) */
#endif

/** `size` bytes, or NULL. A size of 0 gives a valid pointer. Free with mem_free. */
void *mem_alloc(size_t size);

/** `count` x `size` zeroed bytes, or NULL (also when the product overflows). Free with mem_free. */
void *mem_calloc(size_t count, size_t size);

/** Resizes `p` (NULL: as mem_alloc) to `size` bytes; on NULL the old block is still the caller's. */
void *mem_realloc(void *p, size_t size);

/** A NUL-terminated copy of `s` (not NULL), or NULL. Free with mem_free. */
char *mem_strdup(const char *s);

/** Frees `p`; NULL is allowed. */
void mem_free(void *p);

/** Empties what calls that have returned left on this thread's stack, MEM_STACK bytes deep. A thread calls it before it
 * waits: what it last worked on would else lie there until it wakes. */
void mem_wipe_stack(void);
enum { MEM_STACK = 64 * 1024 };

/** Tests only: the request after the next `nth` ones fails, and every later one too; a negative nth: none fails. */
void mem_fail_after(long nth);

#endif

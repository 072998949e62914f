// SPDX-License-Identifier: AGPL-3.0-or-later
/* mem - the one door for allocation.
 *
 * All heap memory is asked for here, so that tests can make the Nth request fail and see that nothing is lost.
 * Libraries that take allocator functions (SQLite, libcurl, jansson) are pointed at mem_alloc and its sisters.
 * Memory is not zeroed unless said. Thread-safe.
 */
#ifndef WAYMARK_BASE_MEM_H
#define WAYMARK_BASE_MEM_H

#include <stddef.h>

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

/** Tests only: the request after the next `nth` ones fails, and every later one too; a negative nth: none fails. */
void mem_fail_after(long nth);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* arena - memory that is freed whole, and emptied when it is.
 *
 * arena_new, arena_alloc..., then arena_reset (keeps its blocks for the next round) or arena_free. What must outlive
 * the arena is copied by whoever keeps it. Not thread-safe: one owner at a time.
 */
#ifndef WAYMARK_BASE_ARENA_H
#define WAYMARK_BASE_ARENA_H

#include "base/span.h"

#include <stdarg.h>
#include <stddef.h>

enum { ARENA_KEEP = 4 * 1024 * 1024 };

struct arena;

/** An arena that may hold at most `ceiling` bytes, or NULL when out of memory. */
struct arena *arena_new(size_t ceiling);

/** Frees it and all that it holds; NULL is allowed. */
void arena_free(struct arena *a);

/** Forgets all that it holds; keeps its memory for the next round, up to ARENA_KEEP bytes. */
void arena_reset(struct arena *a);

/** Zeroed memory aligned for any type, or NULL at the ceiling or when out of memory. */
void *arena_alloc(struct arena *a, size_t size);

/** `count` zeroed elements of `size` bytes; NULL also when the product overflows. */
void *arena_array(struct arena *a, size_t count, size_t size);

/** A NUL-terminated copy; {NULL, 0} when out of memory (an empty span copies to "" with a non-NULL p). */
struct span arena_copy(struct arena *a, struct span bytes);

/** As arena_copy, as a C string; NULL when out of memory. */
char *arena_strdup(struct arena *a, struct span bytes);

/** A formatted string; {NULL, 0} when out of memory. */
struct span arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Grows an array that lives in the arena: returns room for `count` + 1 elements of `size` bytes where `count` are in
 * use, moving it when `count` is a power of two (or 0). NULL when out of memory; `old` then stays valid. */
void *arena_grow(struct arena *a, void *old, size_t count, size_t size);

#endif

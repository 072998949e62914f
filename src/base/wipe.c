// SPDX-License-Identifier: AGPL-3.0-or-later
/* wipe - memory that is freed is emptied first, whoever frees it: we, libmicrohttpd, libcurl, OpenSSL or the C library.
 *
 * What people type goes through buffers of all of these. A freed block keeps its bytes until it is used again, which on
 * a quiet night is hours; whoever then reads the process's memory reads them. So free and realloc are ours, over
 * glibc's own (glibc manual, "Replacing malloc": the whole program uses them, and what libc itself allocates goes
 * through them as well). A turn asks for next to no memory, so it costs next to nothing.
 *
 * Sanitizers have an allocator of their own, and mark what was freed. */
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define MEM_SANITIZED
#endif
#endif
#ifndef MEM_SANITIZED

extern void *__libc_malloc(size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void __libc_free(void *p);

/* Not optimised away: what the compiler sees as dead stores is the point. */
static void wipe(void *p, size_t len)
{
    memset(p, 0, MEM_WIPED * len);
    __asm__ volatile("" : : "r"(p) : "memory");
}

void free(void *p)
{
    if (!p)
        return;
    wipe(p, malloc_usable_size(p));
    __libc_free(p);
}

/* glibc's would free the old block without asking. In place where it fits and little would be wasted. */
void *realloc(void *p, size_t size)
{
    if (!p || !size)
        return p ? (free(p), NULL) : __libc_malloc(size);
    size_t have = malloc_usable_size(p);
    if (size <= have && size > have / 2) {
        wipe((char *)p + size, have - size);
        return p;
    }
    void *moved = __libc_malloc(size);
    if (!moved)
        return NULL;
    memcpy(moved, p, size < have ? size : have);
    free(p);
    return moved;
}

#endif
#endif

/* Here, so that whoever frees through us links our free. */
void mem_free(void *p)
{
    free(p);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/mem.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static atomic_long mem_left = -1; // requests that still succeed; negative: no limit. Written by tests only.

static bool mem_refused(void)
{
    if (atomic_load_explicit(&mem_left, memory_order_relaxed) < 0)
        return false;
    if (atomic_load(&mem_left) == 0)
        return true;
    atomic_fetch_sub(&mem_left, 1);
    return false;
}

void *mem_alloc(size_t size)
{
    return mem_refused() ? NULL : malloc(size ? size : 1);
}

void *mem_calloc(size_t count, size_t size)
{
    return mem_refused() ? NULL : calloc(count ? count : 1, size ? size : 1);
}

void *mem_realloc(void *p, size_t size)
{
    return mem_refused() ? NULL : realloc(p, size ? size : 1);
}

char *mem_strdup(const char *s)
{
    size_t size = strlen(s) + 1;
    char *copy = mem_alloc(size);
    if (copy)
        memcpy(copy, s, size);
    return copy;
}

__attribute__((noinline)) void mem_wipe_stack(void)
{
#ifndef MEM_KEPT
    char left[MEM_STACK];
    memset(left, 0, sizeof left);
    __asm__ volatile("" : : "r"(left) : "memory"); // else it would be optimised away
#endif
}

void mem_fail_after(long nth)
{
    atomic_store(&mem_left, nth);
}

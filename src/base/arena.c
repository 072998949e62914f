// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/arena.h"

#include "base/mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_BLOCK = 16 * 1024 }; // bytes of an ordinary block

struct block {
    struct block *next;
    size_t size, used; // bytes in data; behind the used ones all are zero
    alignas(max_align_t) unsigned char data[];
};

struct arena {
    struct block *first, *last; // allocation happens in `last`
    size_t used, max;           // bytes handed out, ceiling
};

struct arena *arena_new(size_t ceiling)
{
    struct arena *a = mem_calloc(1, sizeof *a);
    if (a)
        a->max = ceiling;
    return a;
}

static void blocks_free(struct block *b)
{
    while (b) {
        struct block *next = b->next;
        mem_free(b);
        b = next;
    }
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    blocks_free(a->first);
    mem_free(a);
}

void arena_reset(struct arena *a)
{
    size_t kept = 0;
    for (struct block *b = a->first; b; b = b->next) {
        kept += b->size;
        memset(b->data, 0, MEM_WIPED * b->used); // now and not when it is next handed out: what people typed lies in it
        b->used = 0;
        if (kept >= ARENA_KEEP) {
            blocks_free(b->next);
            b->next = NULL;
        }
    }
    a->used = 0;
    a->last = a->first;
}

/* The block to go on in: the next one kept from an earlier round where it is large enough, else a new one before it. */
static struct block *arena_block(struct arena *a, size_t size)
{
    struct block *next = a->last ? a->last->next : NULL;
    if (next && next->size >= size)
        return a->last = next;
    size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;
    struct block *b = mem_calloc(1, sizeof *b + room);
    if (!b)
        return NULL;
    b->size = room;
    b->next = next;
    if (a->last)
        a->last->next = b;
    else
        a->first = b;
    a->last = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > a->max || a->max - size < a->used)
        return NULL;
    size_t need = (size + align - 1) / align * align;
    struct block *b = a->last;
    if (!b || b->size - b->used < need)
        b = arena_block(a, need);
    if (!b)
        return NULL;
    void *p = b->data + b->used;
    b->used += need;
    a->used += need;
    return MEM_WIPED ? p : memset(p, 0, need);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return arena_alloc(a, bytes);
}

char *arena_strdup(struct arena *a, struct span bytes)
{
    char *p = arena_alloc(a, bytes.len + 1);
    if (p && bytes.len)
        memcpy(p, bytes.p, bytes.len);
    return p;
}

struct span arena_copy(struct arena *a, struct span bytes)
{
    const char *p = arena_strdup(a, bytes);
    return (struct span){.p = p, .len = p ? bytes.len : 0};
}

struct span arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = len >= 0 ? arena_alloc(a, (size_t)len + 1) : NULL;
    if (p)
        vsnprintf(p, (size_t)len + 1, format, again);
    va_end(again);
    return (struct span){.p = p, .len = p ? (size_t)len : 0};
}

void *arena_grow(struct arena *a, void *old, size_t count, size_t size)
{
    if (count & (count - 1)) // not a power of two: there is room left
        return old;
    size_t room = count ? count * 2 : 1;
    void *p = arena_array(a, room, size);
    if (p && count)
        memcpy(p, old, count * size);
    return p;
}

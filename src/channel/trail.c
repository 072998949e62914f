// SPDX-License-Identifier: AGPL-3.0-or-later
#include "channel/trail.h"

#include "vault/vault.h"

#include <string.h>

struct mark {
    uint32_t len;
    unsigned char digest[VAULT_MARK_BYTES];
};

_Static_assert((int)TRAIL_KEY_BYTES == (int)VAULT_MARK_KEY_BYTES, "a trail's key is a mark's");

static struct mark mark_of(const struct trail *t, struct span text)
{
    struct mark m = {.len = (uint32_t)text.len};
    vault_mark(t->key, text, m.digest);
    return m;
}

static size_t count(const struct trail *t)
{
    return t->marks.len / sizeof(struct mark);
}

static struct mark mark_at(const struct trail *t, size_t i)
{
    struct mark m;
    memcpy(&m, t->marks.p + i * sizeof m, sizeof m);
    return m;
}

static bool same(const struct mark *a, const struct mark *b)
{
    return a->len == b->len && memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

bool trail_leads_to(const struct trail *t, struct span text, size_t *len)
{
    *len = 0;
    if (!count(t))
        return true;
    struct mark last = mark_at(t, count(t) - 1);
    if (last.len > text.len)
        return false;
    *len = last.len;
    struct mark front = mark_of(t, span_first(text, last.len));
    return same(&front, &last);
}

bool trail_holds(const struct trail *t, struct span text)
{
    struct mark wanted = mark_of(t, text);
    for (size_t i = 0; i < count(t); i++) {
        struct mark m = mark_at(t, i);
        if (same(&m, &wanted))
            return true;
    }
    return false;
}

struct span trail_add(const struct trail *t, struct span text, struct arena *a)
{
    struct mark newest = mark_of(t, text);
    size_t kept = count(t) < TRAIL_MOST ? count(t) : TRAIL_MOST - 1, len = kept * sizeof newest;
    char *marks = arena_alloc(a, len + sizeof newest);
    if (!marks)
        return (struct span){0};
    if (len)
        memcpy(marks, t->marks.p + t->marks.len - len, len);
    memcpy(marks + len, &newest, sizeof newest);
    return (struct span){marks, len + sizeof newest};
}

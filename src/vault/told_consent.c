// SPDX-License-Identifier: AGPL-3.0-or-later
/* What a row of the consent ledger proves without telling it to whoever has the disk. */
#include "vault/told.h"

#include "base/err.h"
#include "base/pack.h"

#include <inttypes.h>
#include <string.h>

enum { CONSENT_FORMAT = 1, CONSENT_PAD = 128, COUNT_MOST = 4096, CONTEXT_MAX = 64 };

static struct span context_of(int64_t person, char text[CONTEXT_MAX])
{
    int len = snprintf(text, CONTEXT_MAX, "consent of person %" PRId64, person);
    return (struct span){text, (size_t)len};
}

static void pack_seen(struct str *out, const struct told_seen *seen, size_t count)
{
    pack_number(out, count);
    for (size_t i = 0; i < count; i++) {
        pack_span(out, seen[i].screen);
        pack_number(out, seen[i].shown);
        pack_number(out, (uint64_t)seen[i].at_s);
        pack_span(out, seen[i].language);
        str_add(out, (struct span){(const char *)seen[i].content, sizeof seen[i].content});
    }
}

static void pack_acts(struct str *out, const struct told_act *acts, size_t count)
{
    pack_number(out, count);
    for (size_t i = 0; i < count; i++) {
        pack_span(out, acts[i].name);
        pack_number(out, (uint64_t)acts[i].count);
    }
}

int told_consent_box(const struct vault *v, int64_t person, const struct told_consent *t, struct str *out)
{
    char context[CONTEXT_MAX];
    struct str plain = STR_INIT(TOLD_MAX);
    pack_number(&plain, CONSENT_FORMAT);
    pack_span(&plain, t->language);
    pack_span(&plain, t->typed);
    pack_seen(&plain, t->seen, t->seen_count);
    pack_acts(&plain, t->acts, t->act_count);
    int rc = str_err(&plain);
    if (rc == 0)
        rc = vault_box(v, VAULT_RECORD, context_of(person, context), str_span(&plain), CONSENT_PAD, out);
    vault_forget(&plain);
    return rc;
}

static int unpack_seen(struct unpack *u, struct arena *a, struct told_consent *t)
{
    t->seen_count = (size_t)unpack_number(u, COUNT_MOST);
    struct told_seen *seen = arena_array(a, t->seen_count + 1, sizeof *seen);
    if (!seen)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->seen_count; i++) {
        seen[i].screen = unpack_span(u);
        seen[i].shown = unpack_number(u, 1) != 0;
        seen[i].at_s = (int64_t)unpack_number(u, INT64_MAX);
        seen[i].language = unpack_span(u);
        struct span hash = unpack_bytes(u, sizeof seen[i].content);
        if (hash.len == sizeof seen[i].content)
            memcpy(seen[i].content, hash.p, hash.len);
    }
    t->seen = seen;
    return 0;
}

static int unpack_acts(struct unpack *u, struct arena *a, struct told_consent *t)
{
    t->act_count = (size_t)unpack_number(u, COUNT_MOST);
    struct told_act *acts = arena_array(a, t->act_count + 1, sizeof *acts);
    if (!acts)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->act_count; i++) {
        acts[i].name = unpack_span(u);
        acts[i].count = (int64_t)unpack_number(u, INT64_MAX);
    }
    t->acts = acts;
    return 0;
}

int told_consent_unbox(const struct vault *v, int64_t person, struct span box, struct str *plain, struct arena *a,
                       struct told_consent *t)
{
    char context[CONTEXT_MAX];
    int rc = vault_unbox(v, VAULT_RECORD, context_of(person, context), box, plain);
    if (rc < 0)
        return rc;
    struct unpack u = unpack_start(str_span(plain));
    if (unpack_number(&u, UINT64_MAX) != CONSENT_FORMAT)
        return ERR_CORRUPT;
    t->language = unpack_span(&u);
    t->typed = unpack_span(&u);
    rc = unpack_seen(&u, a, t);
    if (rc == 0)
        rc = unpack_acts(&u, a, t);
    return rc < 0 ? rc : unpack_err(&u, true);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "staff/team.h"

#include "base/err.h"
#include "base/pack.h"
#include "vault/staff.h"

#include <string.h>

enum { TEAM_MAX = 512 };

static struct span public_span(const unsigned char *public_key)
{
    return (struct span){(const char *)public_key, VAULT_PUBLIC_BYTES};
}

static void whose(struct str *context, const struct team_generation *row)
{
    str_addz(context, "team");
    pack_span(context, row->team);
    pack_number(context, (uint64_t)row->generation);
}

static int keep(struct arena *a, const struct str *bytes, struct span *kept)
{
    *kept = arena_copy(a, str_span(bytes));
    return kept->p ? 0 : ERR_NOMEM;
}

static int prove(const struct vault *v, struct arena *a, struct team_generation *row)
{
    struct str context = STR_INIT(TEAM_MAX), box = STR_INIT(TEAM_MAX);
    whose(&context, row);
    int rc = str_err(&context);
    if (rc == 0)
        rc = vault_box(v, VAULT_KEYS, str_span(&context), public_span(row->public_key), 1, &box);
    if (rc == 0)
        rc = keep(a, &box, &row->proof);
    str_release(&context);
    str_release(&box);
    return rc;
}

int team_proved(const struct vault *v, const struct team_generation *row)
{
    struct str context = STR_INIT(TEAM_MAX), plain = STR_INIT(TEAM_MAX);
    whose(&context, row);
    int rc = str_err(&context);
    if (rc == 0)
        rc = vault_unbox(v, VAULT_KEYS, str_span(&context), row->proof, &plain);
    if (rc == 0 && !span_eq(str_span(&plain), public_span(row->public_key)))
        rc = ERR_CRYPTO;
    str_release(&context);
    str_release(&plain);
    return rc;
}

static int print_recovery(const struct opener *key, struct arena *a, struct team_generation *row,
                          char paper[PRINTED_CHARS + 1])
{
    struct opener *recovery;
    struct str seal = STR_INIT(TEAM_MAX);
    printed_new(paper);
    int rc = printed_open(span_of(paper), &recovery);
    if (rc < 0)
        return rc;
    memcpy(row->recovery_key, opener_public(recovery), sizeof row->recovery_key);
    opener_close(recovery);
    rc = opener_pass(key, row->recovery_key, &seal);
    if (rc == 0)
        rc = keep(a, &seal, &row->recovery);
    str_release(&seal);
    return rc;
}

int team_make(const struct vault *v, struct span team, int64_t generation, const struct opener *key, struct arena *a,
              struct team_generation *row, char paper[PRINTED_CHARS + 1])
{
    *row = (struct team_generation){.team = team, .generation = generation};
    memcpy(row->public_key, opener_public(key), sizeof row->public_key);
    int rc = prove(v, a, row);
    return rc < 0 ? rc : print_recovery(key, a, row, paper);
}

int team_newest(const struct vault *v, struct store *s, struct span team, struct arena *a, struct team_generation *row)
{
    int rc = store_team_newest(s, team, a, row);
    return rc < 0 ? rc : team_proved(v, row);
}

int team_admit(const struct vault *v, const struct opener *key, const struct team_generation *row,
               const struct staff *member, struct arena *a, struct team_seal *seal)
{
    struct str bytes = STR_INIT(TEAM_MAX);
    *seal = (struct team_seal){.team = row->team, .generation = row->generation, .staff_id = member->id};
    memcpy(seal->public_key, row->public_key, sizeof seal->public_key);
    int rc = identity_proved(v, member->name, member->public_key, member->record);
    if (rc == 0)
        rc = opener_pass(key, member->public_key, &bytes);
    if (rc == 0)
        rc = keep(a, &bytes, &seal->seal);
    str_release(&bytes);
    return rc;
}

int team_recover(const struct team_generation *row, struct span paper, struct opener **key)
{
    struct opener *recovery;
    int rc = printed_open(paper, &recovery);
    if (rc < 0)
        return rc;
    rc = vault_equal(opener_public(recovery), row->recovery_key, sizeof row->recovery_key)
             ? opener_take(recovery, row->public_key, row->recovery, key)
             : ERR_AUTH;
    opener_close(recovery);
    return rc;
}

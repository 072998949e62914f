// SPDX-License-Identifier: AGPL-3.0-or-later
#include "staff/rekey.h"

#include "base/err.h"
#include "staff/audit.h"
#include "staff/ledger.h"
#include "vault/rebox.h"

#include <string.h>

enum { CLAIM_MAX = 16 * 1024 };

/* Which values are indexes of what, and which are which boxes. */
static const struct {
    bool index;
    int kind;
} values[REKEY_COLUMNS] = {
    [REKEY_NUMBER] = {true, BLIND_NUMBER},     [REKEY_SEEN] = {true, BLIND_EVENT},
    [REKEY_REFERENCE] = {true, BLIND_MESSAGE}, [REKEY_DIGEST] = {true, BLIND_MESSAGE},
    [REKEY_REPORT] = {true, BLIND_MESSAGE},    [REKEY_LANGUAGE] = {false, BOXED_LANGUAGE},
    [REKEY_SUMMARY] = {false, BOXED_SUMMARY},  [REKEY_KIND] = {false, BOXED_KIND},
    [REKEY_CONSENT] = {false, BOXED_CONSENT},  [REKEY_MESSAGE] = {false, BOXED_MESSAGE},
    [REKEY_MEMBER] = {false, BOXED_MEMBER},    [REKEY_TOTP] = {false, BOXED_TOTP},
    [REKEY_TEAM] = {false, BOXED_TEAM},        [REKEY_WRAPPED] = {false, BOXED_WRAPPED},
};

static int index_over(const struct rekey *r, const struct rekey_value *v, struct str *out)
{
    struct blind before, after;
    if (v->bytes.len != sizeof before.bytes)
        return ERR_CORRUPT;
    memcpy(before.bytes, v->bytes.p, sizeof before.bytes);
    after = v->of == REKEY_REPORT && v->number ? before
                                               : vault_blind_again(r->to, (enum blind_kind)values[v->of].kind, &before);
    str_add(out, (struct span){(const char *)after.bytes, sizeof after.bytes});
    return str_err(out);
}

static int value_over(void *ctx, const struct rekey_value *v, struct str *out, unsigned char hash[VAULT_CHAIN_BYTES])
{
    const struct rekey *r = ctx;
    if (values[v->of].index)
        return index_over(r, v, out);
    const struct boxed_of of = {.name = v->name, .public_key = v->public_key, .number = v->number};
    int rc = vault_rebox(r->from, r->to, (enum boxed)values[v->of].kind, &of, v->bytes, out);
    if (rc == 0)
        vault_hash(str_span(out), hash);
    return rc;
}

/* A new key must not vouch for what somebody changed under the old one. */
static int prove(const struct rekey *r, struct store *copy)
{
    struct ledger l;
    int rc;
    ledger_start(&l, r->from);
    while ((rc = ledger_step(&l, copy)) == 1)
        ;
    return rc == 0 && l.proof.fault_count ? ERR_CORRUPT : rc;
}

static void chain_link(void *vault, const unsigned char *previous, struct span row, unsigned char *next)
{
    vault_chain(vault, previous, row, next);
}

static int claim(const struct rekey *r, struct store *copy)
{
    struct str box = STR_INIT(CLAIM_MAX);
    int rc = vault_claim(r->to, &box);
    if (rc == 0)
        rc = store_begin(copy);
    if (rc == 0) {
        rc = store_claim_put(copy, str_span(&box));
        if (rc == 0)
            rc = audit_note(r->to, copy, &(struct audit){r->now_s, SPAN("command"), SPAN("replace master key"), {0}});
        if (rc == 0)
            rc = store_commit(copy);
        else
            store_rollback(copy);
    }
    str_release(&box);
    return rc;
}

int rekey_database(struct rekey *r, struct store *copy)
{
    int rc = prove(r, copy);
    if (rc == 0)
        rc = store_rekey_forget(copy);
    if (rc == 0)
        rc = store_rekey(copy, value_over, r, &r->values);
    for (int i = 0; i < CHAINS && rc == 0; i++)
        rc = store_chain_renew(copy, (enum chain)i, chain_link, (void *)r->to);
    return rc < 0 ? rc : claim(r, copy);
}

static void step(void *ctx, bool caller, unsigned char index[STORE_INDEX_BYTES])
{
    const struct rekey *r = ctx;
    struct blind before, after;
    memcpy(before.bytes, index, sizeof before.bytes);
    after = vault_blind_again(r->to, caller ? BLIND_SESSION : BLIND_NUMBER, &before);
    memcpy(index, after.bytes, sizeof after.bytes);
}

static void journal_link(void *ctx, const unsigned char *previous, struct span row, unsigned char *next)
{
    vault_chain(((const struct rekey *)ctx)->to, previous, row, next);
}

int rekey_journal(const struct rekey *r, const char *from, const char *to)
{
    return store_stops_rekey(from, to, step, journal_link, (void *)r);
}

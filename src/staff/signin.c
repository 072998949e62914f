// SPDX-License-Identifier: AGPL-3.0-or-later
#include "staff/signin.h"

#include "base/err.h"
#include "vault/totp.h"

int signin_find(struct store *s, struct span name, struct arena *a, struct signin *in)
{
    *in = (struct signin){.result = ERR_AUTH};
    int rc = store_staff_get(s, name, a, &in->member);
    if (rc == ERR_MISSING) {
        in->member = (struct staff){0};
        return 0;
    }
    struct team_seal *seals = NULL;
    if (rc == 0)
        rc = store_team_seals(s, in->member.id, a, &seals, &in->seal_count);
    in->seals = seals;
    return rc;
}

static bool may_try(const struct staff *m, int64_t now_s)
{
    return m->id && !m->disabled && m->locked_until_s <= now_s;
}

static int check_code(struct signin *in, const struct signin_terms *terms, struct span code, bool first)
{
    const struct staff *m = &in->member;
    if (m->totp.len)
        return totp_check(terms->vault, m->name, m->totp, code, terms->now_s, m->totp_step, &in->step);
    return terms->second_factor && !first ? ERR_AUTH : 0;
}

/* The passphrase is worked on in every case, the code only where it was right: a code that is looked at is a code that
 * can be guessed. */
static int try_words(struct signin *in, const struct signin_terms *terms, const struct signin_words *words)
{
    const struct staff *m = &in->member;
    bool may = may_try(m, terms->now_s);
    int rc =
        identity_open(terms->gate, terms->vault, m->name, m->public_key, m->record, words->passphrase, &in->identity);
    if (rc == 0 && !may)
        rc = ERR_AUTH;
    if (rc == 0)
        rc = check_code(in, terms, words->code, words->first);
    if (rc == 0)
        rc = keyring_open(in->identity, in->seals, in->seal_count, &in->keyring);
    return rc;
}

int signin_try(struct signin *in, const struct signin_terms *terms, const struct signin_words *words)
{
    in->result = try_words(in, terms, words);
    if (in->result < 0)
        signin_end(in);
    return in->result;
}

static int note_failure(struct store *s, const struct signin *in, int64_t now_s)
{
    bool counts = in->result == ERR_AUTH && may_try(&in->member, now_s); // who is locked is not locked for longer
    return counts ? store_staff_failed(s, in->member.id, SIGNIN_TRIES, now_s + SIGNIN_LOCK_S) : 0;
}

int signin_note(struct store *s, struct signin *in, int64_t now_s)
{
    if (in->result < 0)
        return note_failure(s, in, now_s);
    int rc = store_staff_signed_in(s, in->member.id, now_s, in->step);
    if (rc < 0)
        signin_end(in);
    if (rc == ERR_MISSING)
        in->result = ERR_AUTH;
    return rc == ERR_MISSING ? 0 : rc;
}

void signin_end(struct signin *in)
{
    keyring_close(&in->keyring);
    opener_close(in->identity);
    in->identity = NULL;
}

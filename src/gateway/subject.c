// SPDX-License-Identifier: AGPL-3.0-or-later
/* The person's pair is made when they agree; its secret lies under the day key until they register, which seals it to
 * the team that the case's flags name. */
#include "gateway/subject.h"

#include "base/err.h"
#include "base/pack.h"
#include "staff/team.h"
#include "vault/told.h"

#include <string.h>

enum { SUBJECT_MAX = 4096 };

static const struct span holder_day = {.p = "day", .len = 3};

static struct span raw(const unsigned char *bytes, size_t len)
{
    return (struct span){(const char *)bytes, len};
}

/* Keeps the person's secret half under the day key, until they register or the day is over. */
static int secret_keep(struct work *w, const struct vault_pair *pair)
{
    struct str box = STR_INIT(SUBJECT_MAX);
    const struct vault_secret *day = keys_day(&w->g->keys, w->g->parts.store, w->day);
    pack_number(&box, (uint64_t)w->day);
    int rc = vault_secret_box(day, raw(pair->public_key, VAULT_PUBLIC_BYTES), raw(pair->secret_key, VAULT_KEY_BYTES), 1,
                              &box);
    if (rc == 0)
        rc = store_person_seal(w->g->parts.store, w->st->person_id,
                               &(struct held_seal){.holder = holder_day, .seal = str_span(&box)});
    str_release(&box);
    return rc;
}

static int subject_row(struct work *w, const struct vault_pair *pair, struct span language)
{
    const struct vault *v = w->g->parts.vault;
    struct str language_box = STR_INIT(SUBJECT_MAX), number_seal = STR_INIT(SUBJECT_MAX);
    int rc = told_language_box(v, raw(pair->public_key, VAULT_PUBLIC_BYTES), language, &language_box);
    if (rc == 0)
        rc = told_number_seal(pair->public_key, &w->t->in.from, &number_seal);
    struct store_person row = {.language_box = str_span(&language_box), .number_seal = str_span(&number_seal)};
    memcpy(row.public_key, pair->public_key, sizeof row.public_key);
    if (rc == 0)
        rc = store_person_add(w->g->parts.store, w->st, &row, w->day);
    str_release(&language_box);
    str_release(&number_seal);
    return rc;
}

static int secret_hand_over(struct work *w, const struct team_generation *team);

/* What must not be: casework can read somebody who has not registered. */
static int hand_over_early(struct work *w)
{
    struct team_generation team;
    int rc = team_newest(w->g->parts.vault, w->g->parts.store, SPAN("casework"), w->g->arena, &team);
    return rc < 0 ? rc : secret_hand_over(w, &team);
}

int subject_need(struct work *w, struct span language)
{
    int rc = store_number_need(w->g->parts.store, w->st, w->day);
    if (rc < 0 || (w->st->person_id && w->st->consent_count))
        return rc;
    struct vault_pair pair;
    vault_pair_new(&pair);
    rc = subject_row(w, &pair, language);
    memcpy(w->st->person_public, pair.public_key, sizeof pair.public_key);
    if (rc == 0)
        rc = secret_keep(w, &pair);
    vault_wipe(&pair, sizeof pair);
    return rc == 0 && GATEWAY_EAGER ? hand_over_early(w) : rc;
}

/* The person's secret half as kept under a day key; ERR_MISSING where a team holds it already or the day is over. */
static int secret_open(struct work *w, struct str *secret)
{
    struct span box;
    int rc = store_person_seal_get(w->g->parts.store, w->st->person_id, holder_day, w->g->arena, &box);
    if (rc < 0)
        return rc;
    struct unpack u = unpack_start(box);
    int64_t day = (int64_t)unpack_number(&u, INT64_MAX);
    const struct vault_secret *key = keys_day(&w->g->keys, w->g->parts.store, day);
    if (!key)
        return ERR_MISSING;
    return vault_secret_unbox(key, raw(w->st->person_public, VAULT_PUBLIC_BYTES), u.left, secret);
}

/* Hands the person's secret to a team and forgets the day's copy. ERR_MISSING where another team alone holds it, or
 * nobody any more. */
static int secret_hand_over(struct work *w, const struct team_generation *team)
{
    struct str secret = STR_INIT(SUBJECT_MAX), seal = STR_INIT(SUBJECT_MAX);
    int rc = secret_open(w, &secret);
    if (rc == 0)
        rc = vault_seal(team->public_key, raw(w->st->person_public, VAULT_PUBLIC_BYTES), str_span(&secret), 1, &seal);
    if (rc == 0)
        rc = store_person_seal(w->g->parts.store, w->st->person_id,
                               &(struct held_seal){team->team, team->generation, str_span(&seal)});
    if (rc == 0)
        rc = store_person_unseal(w->g->parts.store, w->st->person_id, holder_day);
    vault_forget(&secret);
    str_release(&seal);
    return rc;
}

/* ---- what a case is sealed to ---- */

/* The person's key serves where the team holds its secret already, or can be given it now. */
static int person_serves(struct work *w, const struct team_generation *team)
{
    struct span seal;
    int rc = store_person_seal_get(w->g->parts.store, w->st->person_id, team->team, w->g->arena, &seal);
    return rc == ERR_MISSING ? secret_hand_over(w, team) : rc;
}

static int own_pair(struct case_key *key, const struct team_generation *team)
{
    struct vault_pair pair;
    vault_pair_new(&pair);
    memcpy(key->public_key, pair.public_key, sizeof key->public_key);
    int rc = vault_seal(team->public_key, raw(pair.public_key, VAULT_PUBLIC_BYTES),
                        raw(pair.secret_key, VAULT_KEY_BYTES), 1, &key->seal);
    vault_wipe(&pair, sizeof pair);
    return rc;
}

/* Staff handed it to safeguarding: correcting it does not bring it back. */
static bool stays_elsewhere(struct work *w, const struct team_generation *team)
{
    struct span seal;
    struct store *s = w->g->parts.store;
    return span_is(team->team, "casework") &&
           store_person_seal_get(s, w->st->person_id, SPAN("casework"), w->g->arena, &seal) == ERR_MISSING &&
           store_person_seal_get(s, w->st->person_id, SPAN("safeguarding"), w->g->arena, &seal) == 0;
}

int case_key_choose(struct work *w, const struct team_generation *team, bool anonymous,
                    const struct store_case *corrected, struct case_key *key)
{
    key->team = team;
    key->anonymous = anonymous;
    struct held_seal held;
    int rc = ERR_MISSING;
    if (corrected)
        rc = store_case_held(w->g->parts.store, corrected->id, w->g->arena, key->public_key, &held);
    if (rc == 0 && (span_eq(held.holder, team->team) || span_is(team->team, "casework"))) {
        key->kept = true;
        return 0;
    }
    if (rc < 0 && rc != ERR_MISSING)
        return rc;
    if (corrected && stays_elsewhere(w, team)) {
        memcpy(key->public_key, w->st->person_public, sizeof key->public_key);
        return 0;
    }
    rc = anonymous ? ERR_MISSING : person_serves(w, team);
    if (rc == 0)
        memcpy(key->public_key, w->st->person_public, sizeof key->public_key);
    return rc == ERR_MISSING ? own_pair(key, team) : rc;
}

int case_key_store(struct work *w, const struct case_key *key, int64_t case_id)
{
    if (key->kept)
        return 0;
    struct store *s = w->g->parts.store;
    if (!key->seal.len)
        return store_case_seal(s, case_id, key->public_key, NULL, (struct span){0});
    const struct held_seal held = {key->team->team, key->team->generation, str_span(&key->seal)};
    struct str number = STR_INIT(SUBJECT_MAX); // whoever may read the case must be able to call
    int rc = key->anonymous ? 0 : told_number_seal(key->public_key, &w->t->in.from, &number);
    if (rc == 0)
        rc = store_case_seal(s, case_id, key->public_key, &held, str_span(&number));
    str_release(&number);
    return rc;
}

int case_note_key(struct work *w, int64_t case_id, unsigned char public_key[VAULT_PUBLIC_BYTES])
{
    struct held_seal held;
    int rc = store_case_held(w->g->parts.store, case_id, w->g->arena, public_key, &held);
    if (rc == ERR_MISSING)
        memcpy(public_key, w->st->person_public, VAULT_PUBLIC_BYTES);
    return rc == ERR_MISSING ? 0 : rc;
}

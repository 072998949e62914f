// SPDX-License-Identifier: AGPL-3.0-or-later
/* keys - day keys and teams' keys, as the turn loop needs them.
 *
 * A day key is random, wrapped in the store, and destroyed when its day and the longest session life are over; with it
 * goes everything that was under it. keys_day_begin is called outside a transaction whenever the day may have changed.
 */
#ifndef WAYMARK_GATEWAY_KEYS_H
#define WAYMARK_GATEWAY_KEYS_H

#include "store/store.h"
#include "vault/vault.h"

enum { KEYS_DAYS = 16, KEYS_TEAMS = 2 };

struct day_key {
    int64_t day;
    struct vault_secret *secret;
};

struct team_key {
    const char *name;
    int64_t generation;
    unsigned char public_key[VAULT_PUBLIC_BYTES];
};

struct keys {
    const struct vault *vault;
    struct day_key days[KEYS_DAYS]; /* a small cache; slot is day modulo KEYS_DAYS */
    int64_t today;
    struct team_key teams[KEYS_TEAMS]; /* casework, safeguarding */
};

/** Loads or makes the teams' keys. */
int keys_open(struct keys *k, const struct vault *v, struct store *s);
void keys_close(struct keys *k);

/** Makes sure that `day` has a key and is the present day. */
int keys_day_begin(struct keys *k, struct store *s, int64_t day);

/** The key of a day, or NULL when it was destroyed or never was. */
const struct vault_secret *keys_day(struct keys *k, struct store *s, int64_t day);

/** A team's public key; an unknown name gives casework's. */
const struct team_key *keys_team(const struct keys *k, struct span name);

#endif

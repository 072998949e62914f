// SPDX-License-Identifier: AGPL-3.0-or-later
/* keyring - what a member who has signed in can open: the ladder from their own key to what a person told.
 *
 *     keyring_open with the seals of store_team_seals, then keyring_person and keyring_case, then keyring_close
 *
 * Made once a sign-in, kept in guarded memory, wiped at sign-out. After a team's key was rotated it holds the old one
 * only: make it anew (keyring_open again, from the identity that is still open). */
#ifndef WAYMARK_STAFF_KEYRING_H
#define WAYMARK_STAFF_KEYRING_H

#include "record/staff.h"
#include "store/staff.h"
#include "vault/opener.h"

enum { KEYRING_MOST = 16 }; /* teams' keys: two teams, and older generations while they are being replaced */

struct keyring_team {
    size_t team; /* index, staff/roles.h */
    int64_t generation;
    struct opener *key;
};

struct keyring {
    struct keyring_team teams[KEYRING_MOST];
    size_t count;
};

/** Opens every team's key that is sealed to this identity. ERR_CRYPTO: a seal is damaged or not of the team's key; the
 * keyring is then empty. */
int keyring_open(const struct opener *identity, const struct team_seal *seals, size_t count, struct keyring *out);

/** Wipes it; an empty one is allowed. */
void keyring_close(struct keyring *k);

/** The newest key of a team, or NULL where the member holds none. */
const struct opener *keyring_team(const struct keyring *k, struct span team);

/** The key of one generation, or NULL. */
const struct opener *keyring_generation(const struct keyring *k, struct span team, int64_t generation);

/** Opens a person's or a case's key out of whichever of its seals this member can open. ERR_AUTH: none of their teams
 * holds it (the record is another team's, or was withdrawn or erased); ERR_CRYPTO: damaged, or another row's. */
int keyring_take(const struct keyring *k, const unsigned char public_key[VAULT_PUBLIC_BYTES],
                 const struct held_seal *seals, size_t count, struct opener **out);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* team - a team's key: made once a generation, sealed to each member who holds it and to a recovery key on paper, never
 * under the master key.
 *
 * The public half carries a proof under the master key, so that whoever may write to the disk but does not have that
 * key cannot put a team of their own in the place of ours and read what people tell from then on. */
#ifndef WAYMARK_STAFF_TEAM_H
#define WAYMARK_STAFF_TEAM_H

#include "record/staff.h"
#include "store/staff.h"
#include "vault/opener.h"
#include "vault/printed.h"

/** Makes the row of a generation around a key, with a recovery key whose text comes back in `paper`. Spans live in
 * `a`. */
int team_make(const struct vault *v, struct span team, int64_t generation, const struct opener *key, struct arena *a,
              struct team_generation *row, char paper[PRINTED_CHARS + 1]);

/** The newest generation, its proof checked. ERR_MISSING: the team has no key; ERR_CRYPTO: it is not ours. */
int team_newest(const struct vault *v, struct store *s, struct span team, struct arena *a, struct team_generation *row);

/** ERR_CRYPTO: the public key was not put there by whoever has the master key. */
int team_proved(const struct vault *v, const struct team_generation *row);

/** A seal of the team's key for a member, in `a`. ERR_CRYPTO: the member's row was tampered with. */
int team_admit(const struct vault *v, const struct opener *key, const struct team_generation *row,
               const struct staff *member, struct arena *a, struct team_seal *seal);

/** Opens a generation with its printed recovery key. ERR_SYNTAX, ERR_RANGE: copied wrong (vault/printed.h); ERR_AUTH:
 * it is the key of something else. */
int team_recover(const struct team_generation *row, struct span paper, struct opener **key);

#endif

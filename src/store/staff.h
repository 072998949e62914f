// SPDX-License-Identifier: AGPL-3.0-or-later
/* staff - members of staff, teams' keys and who holds them, as rows. What they mean: record/staff.h; what is done with
 * them: room staff.
 *
 * Reading needs no transaction; spans live in `a`. Writing as in store.h: inside one. These are small tables that the
 * turn loop reads in microseconds, so the console asks for them through the loop as it does for its writes. */
#ifndef WAYMARK_STORE_STAFF_H
#define WAYMARK_STORE_STAFF_H

#include "base/arena.h"
#include "base/str.h"
#include "record/staff.h"
#include "store/store.h"

/* ---- roles ---- */

/** "caseworker", ..., by its bit; NULL: no such role. */
const char *staff_role_word(enum staff_role role);

/** Reads words separated by commas or blanks. ERR_SYNTAX: one is no role; ERR_RANGE: none at all. */
int staff_roles_read(struct span words, unsigned *roles);

/** Appends the words, separated by commas. */
void staff_roles_write(unsigned roles, struct str *out);

/* ---- members ---- */

/** ERR_MISSING: nobody of that name. */
int store_staff_get(struct store *s, struct span name, struct arena *a, struct staff *member);
int store_staff_by_id(struct store *s, int64_t id, struct arena *a, struct staff *member);

/** All, by name. */
int store_staff_list(struct store *s, struct arena *a, struct staff **members, size_t *count);

/** Adds one with name, roles, public_key, record, totp and given; its id comes back. ERR_EXISTS: the name is taken. */
int store_staff_add(struct store *s, struct staff *member);

/** Each ERR_MISSING where there is no such member. */
int store_staff_roles(struct store *s, int64_t id, unsigned roles);
int store_staff_record(struct store *s, int64_t id, struct span record, bool given);
/** A new pair, because the passphrase was lost: whatever was sealed to the old one is dropped. */
int store_staff_key(struct store *s, int64_t id, const unsigned char public_key[32], struct span record);
int store_staff_totp(struct store *s, int64_t id, struct span totp); /* empty: no second factor */
int store_staff_disable(struct store *s, int64_t id, bool disabled);

/** A try failed: counts it, and from the `most`th on locks until `until_s`. */
int store_staff_failed(struct store *s, int64_t id, int most, int64_t until_s);

/** A sign-in: the tries are forgotten, the step of its code is used up (0: no code was asked for). ERR_MISSING: the
 * code was used before, or the member is disabled or locked by now. */
int store_staff_signed_in(struct store *s, int64_t id, int64_t now_s, int64_t totp_step);

/* ---- teams ---- */

/** The newest generation of a team. ERR_MISSING: the team has no key yet. */
int store_team_newest(struct store *s, struct span team, struct arena *a, struct team_generation *out);

/** All generations of all teams. */
int store_team_list(struct store *s, struct arena *a, struct team_generation **rows, size_t *count);

int store_team_add(struct store *s, const struct team_generation *row); /* ERR_EXISTS */

/** Another printed recovery key in the place of the generation's: recovery_key and recovery. */
int store_team_recovery(struct store *s, const struct team_generation *row);

/** Forgets the generations of a team before this one, and who held them. ERR_NOT_NOW: something is still sealed to one
 * of them. */
int store_team_drop(struct store *s, struct span team, int64_t before);

/** What one member holds, all generations, or everybody (staff_id 0). */
int store_team_seals(struct store *s, int64_t staff_id, struct arena *a, struct team_seal **rows, size_t *count);
int store_team_seal_put(struct store *s, const struct team_seal *row);

/** A person's or a case's secret that is sealed to an older generation of a team's key. */
struct store_sealed {
    bool of_case;
    int64_t id; /* of the person or the case */
    unsigned char public_key[32];
    struct held_seal held;
};

/** How much is sealed to a team, and how much of it to keys before this generation. */
int store_sealed_count(struct store *s, struct span team, int64_t generation, int64_t *all, int64_t *before);

/** At most `most` rows that are sealed to a team's keys before this generation. */
int store_sealed_before(struct store *s, struct span team, int64_t generation, int most, struct arena *a,
                        struct store_sealed **rows, size_t *count);

/** Puts a seal under a newer generation in its place, unless it is gone or changed meanwhile (who withdrew stays
 * withdrawn). */
int store_sealed_anew(struct store *s, const struct store_sealed *row, int64_t generation, struct span seal);

/** The key of a team from before there were members, wrapped under the master key. ERR_MISSING: none is left. */
int store_team_wrapped(struct store *s, struct span name, struct arena *a, struct span *wrapped);
int store_team_unwrapped(struct store *s, struct span name); /* forgets it */

/** Takes a team's key from a member, or all teams' (team empty). */
int store_team_seal_drop(struct store *s, int64_t staff_id, struct span team);

#endif

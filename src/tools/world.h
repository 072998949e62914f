// SPDX-License-Identifier: AGPL-3.0-or-later
/* world - one person and what a service would remember of them, in memory: for transcripts, random walks and the
 * terminal phone.
 *
 * world_init, then for each turn dialogue_step with world_person and world_apply with its effects. The same rules as
 * the real thing: agreeing adds a consent, withdrawing ends all of them, erasing forgets the cases too.
 */
#ifndef WAYMARK_TOOLS_WORLD_H
#define WAYMARK_TOOLS_WORLD_H

#include "base/arena.h"
#include "base/clock.h"
#include "menu/program.h"
#include "record/effect.h"
#include "record/person.h"

enum { WORLD_ROWS = 32 }; /* of each kind; what comes after is ignored */

struct world_case {
    struct span kind, reference, priority;
    const struct span *flags;
    size_t flag_count;
    bool anonymous;
};

struct world_consent {
    struct span name, version;
    bool agreed; /* false: withdrawn */
};

struct world {
    struct arena *arena; /* everything kept here is copied into it */
    struct person_case open_cases[WORLD_ROWS];
    struct person_consent in_force[WORLD_ROWS];
    struct person person;                /* points at the two above */
    struct world_case cases[WORLD_ROWS]; /* all that was registered, in order */
    size_t case_count;
    struct world_consent consents[WORLD_ROWS]; /* the ledger, in order */
    size_t consent_count;
    struct span messages[WORLD_ROWS]; /* SMS sent to the person */
    size_t message_count;
    struct span told[WORLD_ROWS]; /* what went to the team that has a case of theirs */
    size_t told_count;
    unsigned char seed; /* of world_entropy */
    int64_t today;      /* of the turn that world_apply does */
};

void world_init(struct world *w, struct arena *a);

/** A copy that goes its own way from here on; what it keeps from then on is in `a`. */
void world_copy(struct world *to, const struct world *from, struct arena *a);

/** Randomness for references, the same in every run; valid as long as the world. */
struct entropy world_entropy(struct world *w);

/** What the dialogue may know of the person; valid until the next world_apply. */
const struct person *world_person(const struct world *w);

/** Does what a turn of that day asked for. */
void world_apply(struct world *w, const struct program *p, int64_t today, const struct effect *effects, size_t count);

#endif

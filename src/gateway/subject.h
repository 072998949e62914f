// SPDX-License-Identifier: AGPL-3.0-or-later
/* subject - the data subject of a turn, and which key a case is sealed to. */
#ifndef WAYMARK_GATEWAY_SUBJECT_H
#define WAYMARK_GATEWAY_SUBJECT_H

#ifndef GATEWAY_EAGER
#define GATEWAY_EAGER 0 /* 1: staff can read whoever was asked; for tests that prove that they would find it */
#endif

#include "gateway/internal.h"

/** Makes the person behind this turn's number. Whoever agrees after having withdrawn is made anew, with a key of their
 * own: what they told before stays closed. */
int subject_need(struct work *w, struct span language);

/** What a case's answers are sealed to: the person's key, or a pair of the case's own where nobody's is the person's
 * (anonymous) or another team's holds it. */
struct case_key {
    const struct team_generation *team;
    unsigned char public_key[VAULT_PUBLIC_BYTES];
    struct str seal; /* the own pair's secret, sealed to the team; empty: the person's key, or `kept` */
    bool anonymous;
    bool kept; /* a correction: the case has its own pair already */
};

/** Chooses it, handing the person's secret to the team where that can be. `corrected`: the open case that is written
 * anew, or NULL. `key->seal` is empty before, and released by the caller in any case. */
int case_key_choose(struct work *w, const struct team_generation *team, bool anonymous,
                    const struct store_case *corrected, struct case_key *key);

/** Stores the own pair's seal with the case. */
int case_key_store(struct work *w, const struct case_key *key, int64_t case_id);

/** What a note is sealed to that joins a case. */
int case_note_key(struct work *w, int64_t case_id, unsigned char public_key[VAULT_PUBLIC_BYTES]);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* signin - how a member of staff comes in.
 *
 *     signin_find (reads) -> signin_try (a second of work, any thread but the turn loop) -> signin_note (writes)
 *
 * All three in this order, whatever came of the ones before; only when signin_note has been committed and `result` is 0
 * is the member in. Who is there, who is locked and what was wrong is not told: an unknown name, a locked one, a
 * disabled one, a wrong passphrase and a wrong code all cost the same work and give ERR_AUTH. */
#ifndef WAYMARK_STAFF_SIGNIN_H
#define WAYMARK_STAFF_SIGNIN_H

#include "staff/keyring.h"
#include "vault/staff.h"

enum {
    SIGNIN_TRIES = 5,        /* failed tries before a name is locked */
    SIGNIN_LOCK_S = 15 * 60, /* and for how long */
};

/** What was typed. */
struct signin_words {
    struct span name, passphrase, code; /* code: of the second factor; empty: none */
    const char *place;                  /* where they were typed, for the audit log: "console" */
    bool first; /* who comes in sees to it that a second factor which is still lacking is set up before anything else */
};

/** Rules of this place. */
struct signin_terms {
    struct gate *gate;
    const struct vault *vault;
    int64_t now_s;
    bool second_factor; /* a member without one is refused: only a demonstration on loopback says false */
};

/** A sign-in under way, then a member who is in. Spans live in the arena of signin_find. */
struct signin {
    struct staff member; /* id 0: nobody has that name */
    const struct team_seal *seals;
    size_t seal_count;
    int64_t step;            /* of the code that was right, 0: none was asked for */
    int result;              /* what came of it so far */
    struct opener *identity; /* open after signin_try gave 0 */
    struct keyring keyring;
};

/** Reads what is stored about the name. 0 also where there is nobody. */
int signin_find(struct store *s, struct span name, struct arena *a, struct signin *in);

/** Tries the words. ERR_AUTH; ERR_CRYPTO: the member's row is damaged (tell the operator, not the caller);
 * ERR_NOMEM. */
int signin_try(struct signin *in, const struct signin_terms *terms, const struct signin_words *words);

/** Counts a failed try, or uses up the code and notes the time; inside a transaction, which is to be committed where
 * this gives 0. Then `result` is the answer: 0, what signin_try gave, or ERR_AUTH where another sign-in used the same
 * code, or so many failed meanwhile that the name is locked. */
int signin_note(struct store *s, struct signin *in, int64_t now_s);

/** Wipes every key. */
void signin_end(struct signin *in);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* office - what is done with members and teams, whoever asks: the commands, the control socket, the console.
 *
 * Reads and writes go through a door (to the turn loop of a running service, or to a store that a command opened
 * itself); passphrases and seals are worked on between, on the caller's thread, so that no turn waits for them. Every
 * change leaves an audit row in its own transaction. `actor`: a member's name, or "command" for whoever has the
 * machine. Spans that come back live in the arena that is handed in.
 */
#ifndef WAYMARK_STAFF_OFFICE_H
#define WAYMARK_STAFF_OFFICE_H

#include "base/clock.h"
#include "staff/roles.h"
#include "staff/signin.h"
#include "vault/printed.h"

struct office {
    struct gate *gate;
    const struct vault *vault;
    /** Runs `fn` in a transaction that is committed where it gives 0, and waits for it (as gateway_call). */
    int (*call)(void *door, int (*fn)(void *ctx, struct store *s), void *ctx);
    void *door;
    struct clock clock;
    struct span service; /* as authenticator apps name us */
    bool second_factor;  /* required */
};

/** A recovery key of a team, to be printed and shown once; wipe it (vault_wipe). */
struct office_paper {
    size_t team; /* index, staff/roles.h */
    char text[PRINTED_CHARS + 1];
};

/** What became of a member's teams. */
struct office_teams {
    struct office_paper papers[TEAM_COUNT]; /* of teams that had no key until now */
    size_t paper_count;
    bool waits[TEAM_COUNT]; /* for somebody who holds that team's key to let the member in */
};

struct office_member {
    struct span name, passphrase;
    unsigned roles;
    bool given; /* they are to choose another passphrase at their first sign-in */
};

/** Adds a member. The first whose roles need a team's key makes that key. ERR_SYNTAX: no such name can be (1 to
 * STAFF_NAME_MOST bytes of letters, digits, dots, dashes and underscores); ERR_EXISTS; as passphrase_check. */
int office_add(const struct office *o, struct span actor, const struct office_member *m, struct office_teams *teams);

/** Signs in (staff/signin.h): 0, or ERR_AUTH whatever was wrong. */
int office_sign_in(const struct office *o, const struct signin_words *words, struct arena *a, struct signin *in);

/** Reads the member's seals again and opens them: after a team's key was replaced, or they were let in. */
int office_refresh(const struct office *o, struct arena *a, struct signin *in);

/** Lets a member into those of their roles' teams whose key `by` holds. How many comes back. ERR_MISSING: no such
 * member; ERR_AUTH: `by` holds none of these; ERR_CRYPTO: the member's row was tampered with. */
int office_admit(const struct office *o, const struct signin *by, struct span name, size_t *teams);

/** The same with a team's printed recovery key. ERR_SYNTAX, ERR_RANGE: copied wrong; ERR_AUTH: another key;
 * ERR_REFUSED: the member's roles do not need this team. */
int office_recover(const struct office *o, struct span actor, struct span team, struct span paper, struct span name);

/** Who is disabled is out at once and holds no key any more; enabled again, they have to be let in again. */
int office_disable(const struct office *o, struct span actor, struct span name, bool disabled);

/** Roles that need no team's key take it away. `teams->waits` says where somebody has to let the member in; the first
 * of a team makes its key. */
int office_roles(const struct office *o, struct span actor, struct span name, unsigned roles,
                 struct office_teams *teams);

/** Changes one's own passphrase. */
int office_passphrase(const struct office *o, const struct signin *in, struct span passphrase);

/** A new passphrase for somebody who lost theirs: with a new pair, so they have to be let into their teams again. */
int office_reset(const struct office *o, struct span actor, struct span name, struct span passphrase,
                 struct office_teams *teams);

/** A new second factor; the URI for a QR code is appended to `uri` (vault_forget it). */
int office_second_factor(const struct office *o, struct span actor, struct span name, struct str *uri);

/** Takes a lost second factor away: its owner sets up another when they sign in next. ERR_MISSING. */
int office_factor_drop(const struct office *o, struct span actor, struct span name);

/** Replaces a team's key, because somebody left: a new pair, sealed to whoever holds the present one; every secret
 * under the old pair is sealed anew, some at a time, and then the old one is forgotten. Where an earlier call was
 * interrupted, this one goes on, and `paper->text` is empty. How many secrets were sealed anew comes back. ERR_AUTH:
 * `by` does not hold the team's key. `by`'s keyring is refreshed. */
int office_rotate(const struct office *o, struct signin *by, struct span team, struct arena *a,
                  struct office_paper *paper, size_t *resealed);

/** A new printed recovery key for a team; the old paper opens nothing any more. ERR_AUTH. */
int office_reprint(const struct office *o, const struct signin *by, struct span team, struct office_paper *paper);

/** A second factor that its owner has tried: the box of totp_new, and a code that it has just made. ERR_AUTH: the code
 * is not right, and nothing was changed. */
int office_factor_confirm(const struct office *o, struct span name, struct span box, struct span code);

/** All members and who holds what, in `a`. */
struct office_list {
    struct staff *members;
    struct team_seal *seals;
    struct team_generation *teams;
    size_t member_count, seal_count, team_count;
};
int office_list(const struct office *o, struct arena *a, struct office_list *list);

#endif

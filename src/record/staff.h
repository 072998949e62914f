// SPDX-License-Identifier: AGPL-3.0-or-later
/* staff - members of staff and the teams that hold keys.
 *
 * A member has one or more roles. Which role holds which team's key is said in staff/roles.h; administrators and
 * operators hold none. */
#ifndef WAYMARK_RECORD_STAFF_H
#define WAYMARK_RECORD_STAFF_H

#include "base/span.h"

enum staff_role {
    ROLE_CASEWORKER = 1 << 0,      /* own and unassigned cases */
    ROLE_SAFEGUARDING = 1 << 1,    /* flagged cases, override with a second person */
    ROLE_SUPERVISOR = 1 << 2,      /* assign, statistics, search all */
    ROLE_OPERATOR = 1 << 3,        /* menus, phone, health; no case */
    ROLE_DATA_PROTECTION = 1 << 4, /* consents, audit, deletion, a person's export; contacts nobody */
    ROLE_ADMINISTRATOR = 1 << 5,   /* staff, settings; no case content */
    ROLE_ALL = (1 << 6) - 1,
};

enum { STAFF_NAME_MOST = 64 /* bytes */ };

/** One member, as stored. */
struct staff {
    int64_t id; /* 0: nobody */
    struct span name;
    unsigned roles; /* enum staff_role, or-ed */
    unsigned char public_key[32];
    struct span record;     /* vault/staff.h: what the passphrase opens */
    struct span totp;       /* boxed secret of the second factor; empty: none */
    int64_t totp_step;      /* the last that was accepted */
    int failed;             /* tries since the last sign-in */
    int64_t locked_until_s; /* 0: not locked */
    int64_t signed_in_s;    /* last sign-in, 0: never */
    bool disabled;
    bool given; /* the passphrase was made by somebody else: to be changed at the next sign-in */
};

/** One generation of a team's key. The newest is what new records are sealed to; an older one lives until everything
 * under it has been sealed anew. */
struct team_generation {
    struct span team;
    int64_t generation; /* from 1 */
    unsigned char public_key[32];
    struct span proof;              /* the public key, boxed under the master key: nobody slipped in another */
    unsigned char recovery_key[32]; /* public half of the printed recovery key */
    struct span recovery;           /* the secret, sealed to it */
};

/** Who holds the key to a record, and the key sealed to them. */
struct held_seal {
    struct span holder; /* a team; "day" while somebody who agreed has not registered */
    int64_t generation; /* of the team's key */
    struct span seal;
};

/** The secret of one generation, sealed to one member. */
struct team_seal {
    struct span team;
    int64_t generation;
    int64_t staff_id;
    unsigned char public_key[32]; /* the team's */
    struct span seal;
};

#endif

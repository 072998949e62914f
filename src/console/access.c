// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/access.h"

enum access access_of(unsigned roles, int64_t member, const struct access_case *c)
{
    bool own = c->owner == member || !c->owner;
    bool kept =
        !c->casework && !c->safeguarding; // nobody can open what it held; that it was there is casework's to know
    if ((roles & ROLE_SAFEGUARDING) && c->safeguarding)
        return ACCESS_OPEN;
    if ((roles & ROLE_SUPERVISOR) && (c->casework || kept))
        return ACCESS_OPEN;
    if ((roles & ROLE_CASEWORKER) && ((c->casework && own) || (kept && c->owner == member)))
        return ACCESS_OPEN;
    bool works = roles & (ROLE_CASEWORKER | ROLE_SUPERVISOR);
    return works && c->safeguarding && !c->casework ? ACCESS_KNOWN : ACCESS_NONE;
}

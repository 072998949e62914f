// SPDX-License-Identifier: AGPL-3.0-or-later
/* roles - which team's key a role needs.
 *
 * Least first: a caseworker's role opens what casework holds and nothing that safeguarding holds; supervisors read what
 * casework reads; data protection makes a person's export, so it opens both; administrators and operators open nothing.
 */
#ifndef WAYMARK_STAFF_ROLES_H
#define WAYMARK_STAFF_ROLES_H

#include "record/staff.h"

enum { TEAM_COUNT = 2 };

/** "casework", "safeguarding" by index; NULL past the end. */
const char *team_name(size_t index);

/** ERR_MISSING: no team of that name. */
int team_index(struct span name, size_t *index);

/** Whether somebody with these roles holds that team's key. */
bool roles_hold(unsigned roles, struct span team);

#endif

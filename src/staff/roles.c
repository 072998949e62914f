// SPDX-License-Identifier: AGPL-3.0-or-later
#include "staff/roles.h"

#include "base/err.h"

static const struct {
    const char *name;
    unsigned held_by;
} team_table[TEAM_COUNT] = {
    {"casework", ROLE_CASEWORKER | ROLE_SUPERVISOR | ROLE_DATA_PROTECTION},
    {"safeguarding", ROLE_SAFEGUARDING | ROLE_DATA_PROTECTION},
};

const char *team_name(size_t index)
{
    return index < TEAM_COUNT ? team_table[index].name : NULL;
}

int team_index(struct span name, size_t *index)
{
    for (size_t i = 0; i < TEAM_COUNT; i++) {
        if (!span_is(name, team_table[i].name))
            continue;
        *index = i;
        return 0;
    }
    return ERR_MISSING;
}

bool roles_hold(unsigned roles, struct span team)
{
    size_t index;
    return team_index(team, &index) == 0 && (roles & team_table[index].held_by);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* members - what the pages of staff and teams share. */
#ifndef WAYMARK_CONSOLE_MEMBERS_H
#define WAYMARK_CONSOLE_MEMBERS_H

#include "console/page.h"
#include "staff/office.h"

/** All members and who holds what. False: answered already. */
bool members_list(struct page *p, struct office_list *list);

/** Whether a member holds the newest key of a team. */
bool members_hold(const struct office_list *l, int64_t member, size_t team);

/** The newest generation of a team's key; 0: it has none. `older`: others are still being replaced. */
int64_t members_generation(const struct office_list *l, size_t team, bool *older);

/** The teams that a member waits to be let into, in words; empty: none. */
struct span members_wait(struct page *p, const struct office_list *l, const struct staff *m);

/** "Casework", "Safeguarding". */
struct span members_team(struct page *p, size_t team);

/** Fills the papers that are shown once: row lists "papers" with "team", "paper". */
void members_papers(struct page *p, const struct office_paper *papers, size_t count);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* access - which case is whose: the one place that says so, for lists and for pages.
 *
 * A caseworker has their own cases and those of nobody; a supervisor all that casework can open; safeguarding those
 * that safeguarding can open. Who may not open a case does not learn that there is one, but for this: who works with
 * cases learns of one that safeguarding alone holds that "Safeguarding is handling this". */
#ifndef WAYMARK_CONSOLE_ACCESS_H
#define WAYMARK_CONSOLE_ACCESS_H

#include "record/staff.h"

enum access { ACCESS_NONE, ACCESS_KNOWN, ACCESS_OPEN };

/** What of a case decides. */
struct access_case {
    int64_t owner;
    bool casework, safeguarding; /* which team can open it; neither: withdrawn or erased */
};

enum access access_of(unsigned roles, int64_t member, const struct access_case *c);

#endif

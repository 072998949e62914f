// SPDX-License-Identifier: AGPL-3.0-or-later
/* deed - what a member does to a case: one shape for all, so that none forgets a rule.
 *
 *     casebook_need, look at the form (page_error), then deed_do: in one transaction on the turn loop it makes sure
 * that the case is as the form showed it, runs `write`, adds the timeline's entry and the audit row, and commits.
 *
 * ERR_EXISTS comes back where the case has changed since the form was drawn; deed_answer then shows both edits
 * (page "conflict"). To add an action: a row in site.c, a handler in the shape of those in caseact.c, a row in
 * timeline.c.
 */
#ifndef WAYMARK_CONSOLE_DEED_H
#define WAYMARK_CONSOLE_DEED_H

#include "console/casebook.h"

struct deed {
    struct page *page;
    struct casebook *book;
    const char *what;  /* the timeline's word, and the audit's action; NULL: no entry */
    struct span text;  /* of the entry: sealed to the case; empty: none */
    struct span audit; /* more for the audit row, never what somebody told; empty: the reference alone */
    /** Writes what the deed is; NULL: the entry is all. */
    int (*write)(struct deed *d, struct store *s);
    int64_t number;   /* for `write` */
    struct span word; /* for `write` */
    int64_t day;      /* today */
    int64_t message;  /* of a reply: set by `write` */
    bool any_version; /* it does no harm to do it to a case that has changed */
};

int deed_do(struct deed *d);

/** Within `write`: a further entry of the timeline. `text` may be empty. */
int deed_entry(struct deed *d, struct store *s, const char *what, struct span text);

/** Goes back to the case with `done=WHAT`; or answers with the conflict page (where `tried` says what was about to be
 * done, in words), or with the failure. */
void deed_answer(struct deed *d, int rc, const char *tried);

#endif

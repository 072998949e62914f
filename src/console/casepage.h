// SPDX-License-Identifier: AGPL-3.0-or-later
/* casepage - drawing a case; the pages that ask before something is done draw its head alone. */
#ifndef WAYMARK_CONSOLE_CASEPAGE_H
#define WAYMARK_CONSOLE_CASEPAGE_H

#include "console/casebook.h"

/** Fills what stands above every page about a case: reference, priority, flags, status, owner, version. */
void casepage_head(struct page *p, const struct casebook *b);

/** Fills what they said about being called. False: nobody is to call them. */
bool casepage_contact(struct page *p, const struct casebook *b);

/** Fills part_answers: what they were asked, and what they said. */
void casepage_answers(struct page *p, const struct casebook *b);

/** Whether a form may give a case this status. Closing has a form of its own, with a reason; the others that are no are
 * given by what a person does. */
bool case_status_given(struct span word);

/** Fills all of it and answers with `page`; errors of page_error are told above it. */
void case_draw(struct page *p, struct casebook *b, const char *page);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* consents - what the pages about the consent ledger share. */
#ifndef WAYMARK_CONSOLE_CONSENTS_H
#define WAYMARK_CONSOLE_CONSENTS_H

#include "console/page.h"
#include "store/caseload.h"
#include "vault/told.h"

/** Fills a row of the ledger with all that stands beside it. */
void consent_row_fill(struct page *p, struct view *row, const struct caseload_consent *c);

/** Rows before `before`, newest first; `action` empty: all. */
int consent_list(struct page *p, struct span action, int64_t before, size_t most, struct caseload_consent **rows,
                 size_t *count);

/** The list, with what is wrong told above it. */
void consents_draw(struct page *p);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* foreign - files under a text file's name that an editor saved as something else, and what git leaves after a merge.
 * Readers of texts ask here before they read, so that one message says what happened, in place of one a line. */
#ifndef WAYMARK_BASE_FOREIGN_H
#define WAYMARK_BASE_FOREIGN_H

#include "base/span.h"

/** What the file is, and behind a "\n" how to save it as a text; NULL where it may be a text in UTF-8. Static storage.
 */
const char *foreign_file(struct span bytes);

/** Whether a line is one of the marks that git writes around the two texts of a conflict: seven of `sign`, one of
 * "<", "|", "=" and ">", and nothing or a blank behind them. */
bool foreign_mark(struct span line, char sign);

/** What to tell of such marks, and behind a "\n" what to do. */
extern const char foreign_conflict[];

#endif

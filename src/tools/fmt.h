// SPDX-License-Identifier: AGPL-3.0-or-later
/* fmt - the one layout of menus, settings, channels and transcripts.
 *
 * Sections at the left edge, what belongs to them two blanks in, "|" two further; one empty line between sections,
 * never two anywhere; no blanks at the end of a line; lines end with a newline. A note stands where the statement below
 * it does. Nothing between the first and the last letter of a line changes, so no statement changes its meaning: that
 * is looked at before a result is given out. Formatting what is formatted changes nothing.
 */
#ifndef WAYMARK_TOOLS_FMT_H
#define WAYMARK_TOOLS_FMT_H

#include "base/str.h"
#include "script/diag.h"

struct fmt_rules;

/** The rules for a file by its name (.menu, .conf, .channel, .talk); NULL: none. */
const struct fmt_rules *fmt_rules(const char *file);

/** Appends the file laid out anew. ERR_REFUSED: it holds what no file may (told in `d`), ERR_CORRUPT: the result would
 * read otherwise (a mistake of ours), ERR_NOMEM, ERR_LIMIT. */
int fmt_text(const struct fmt_rules *rules, const char *file, struct span bytes, struct diags *d, struct str *out);

#endif

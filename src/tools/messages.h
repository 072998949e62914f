// SPDX-License-Identifier: AGPL-3.0-or-later
/* messages - what translators get: every text once, in the order in which people walk through the menus, with where it
 * stands, what comes before it and how much room there is.
 *
 * The order is from the start through each screen's ways in the order of its lines, then what only a keyword leads to,
 * then facts, cases and replies that no screen says, and the engine's own words last.
 */
#ifndef WAYMARK_TOOLS_MESSAGES_H
#define WAYMARK_TOOLS_MESSAGES_H

#include "base/str.h"
#include "menu/program.h"

struct messages_input {
    const struct program *program;
    int septets, units; /* the narrowest USSD page; 0: no channel has such a limit, and no room is told */
    struct span root;   /* taken off the front of file names, so that they are the same from every folder */
};

/** Appends the template (PO). ERR_NOMEM, ERR_LIMIT. */
int messages_pot(const struct messages_input *in, struct str *out);

/** Runs gettext's msgmerge (found in PATH) over a PO file and a template: appends the merged file. A text that changed
 * keeps its translation as fuzzy, beside what it was made from. ERR_MISSING: no msgmerge here; ERR_REFUSED: it refused,
 * and said why on standard error; ERR_IO, ERR_NOMEM, ERR_LIMIT. */
int messages_merge(const char *po, const char *pot, struct str *out);

#endif

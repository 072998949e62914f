// SPDX-License-Identifier: AGPL-3.0-or-later
/* child - another program's help, without a shell. */
#ifndef WAYMARK_TOOLS_CHILD_H
#define WAYMARK_TOOLS_CHILD_H

#include "base/str.h"

/** Runs args[0] (found in PATH; the array ends with NULL) and waits for its end. One of two: it reads `input`, where
 * `output` is NULL and it writes where we do; or its output is appended to `output`, and it reads where we do.
 * ERR_MISSING: no such program, ERR_REFUSED: it failed (and said why on standard error), ERR_IO, ERR_NOMEM, ERR_LIMIT.
 */
int child_run(const char *const args[], struct span input, struct str *output);

#endif

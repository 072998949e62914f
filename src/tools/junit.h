// SPDX-License-Identifier: AGPL-3.0-or-later
/* junit - results of transcripts as JUnit XML, which continuous integration reads: a suite a file, a case a talk,
 * and what they came by as the properties of a suite of its own. */
#ifndef WAYMARK_TOOLS_JUNIT_H
#define WAYMARK_TOOLS_JUNIT_H

#include "base/str.h"
#include "tools/talk.h"

/** Appends the document; `coverage` NULL: nothing is told of it. Letters that XML 1.0 cannot hold (section 2.2) become
 * U+FFFD. */
void junit_text(const struct talk_result *results, size_t count, const struct coverage *coverage, struct str *out);

#endif

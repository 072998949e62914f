// SPDX-License-Identifier: AGPL-3.0-or-later
/* transcript - writes down what was typed and shown on a phone, as a *.talk file that `waymark test` runs (see talk.h).
 */
#ifndef WAYMARK_TOOLS_TRANSCRIPT_H
#define WAYMARK_TOOLS_TRANSCRIPT_H

#include "base/str.h"
#include "dialogue/dialogue.h"
#include "record/profile.h"

enum { TRANSCRIPT_MAX = 4 * 1024 * 1024 };

struct transcript {
    struct str lines;     /* so far */
    enum medium medium;   /* of the last turn */
    struct local_time at; /* of the last turn */
    bool begun;
    bool brief;          /* of a page only the first line is written, then "..." */
    struct profile page; /* what a page holds, to be written down; zeroed: it is not */
};

void transcript_init(struct transcript *t);
void transcript_release(struct transcript *t);

/** Adds a turn: what was typed ("*123#" for a dial) and what came of it. `reference`: of the person's last case,
 * written as {ref}; empty: none. */
void transcript_add(struct transcript *t, enum medium medium, struct local_time at, struct span typed,
                    const struct dialogue_result *shown, struct span reference);

/** Appends the whole as a file under a title. ERR_NOMEM, ERR_LIMIT. */
int transcript_write(const struct transcript *t, struct span title, struct str *out);

#endif

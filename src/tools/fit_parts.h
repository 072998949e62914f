// SPDX-License-Identifier: AGPL-3.0-or-later
/* fit_parts - what the files of the page proof share. Private to tools/fit*.c. */
#ifndef WAYMARK_TOOLS_FIT_PARTS_H
#define WAYMARK_TOOLS_FIT_PARTS_H

#include "dialogue/worst.h"
#include "tools/fit.h"

/* ---- fit_alphabet.c ---- */

/** Marks in `outside`, by screen, where a letter outside GSM-7 may stand on a page in this language and medium (keys
 * and More aside). False: out of memory. */
bool fit_alphabet(struct worst *w, const struct program *p, int language, enum medium medium, struct arena *a,
                  bool *outside);

/* ---- fit_tell.c ---- */

/** Something that does not fit. */
struct fit_excess {
    int size, room; /* septets or units; of a `send`: messages */
    enum medium medium;
    uint16_t slot; /* the longest answer in it, or PROGRAM_NONE */
};

enum fit_what { FIT_OPTION, FIT_ERROR, FIT_ASK, FIT_CHOICE, FIT_SEND, FIT_ROW, FIT_WORDS, FIT_MORE, FIT_PAGES };

/** Where something stands. */
struct fit_subject {
    enum fit_what what;
    uint16_t screen; /* PROGRAM_NONE: the engine's own words */
    const struct line *line;
    uint16_t text; /* whose PO entry is named, or PROGRAM_NONE */
};

void fit_tell(const struct program *p, struct diags *d, const struct worst *w, int language,
              const struct fit_subject *subject, const struct fit_excess *excess);

#endif

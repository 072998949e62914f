// SPDX-License-Identifier: AGPL-3.0-or-later
/* tour - transcripts of everything that one language holds: every screen, every option, a wrong answer at each
 * question, each line with `when` both ways.
 *
 * A caller goes by plan, not by luck: at each page first something wrong, then an option that nobody took yet; where
 * there is none, the shortest way to the next page that has one is looked for with the real engine, from a copy of the
 * session. What was typed and shown is written down as talks (talk.h) that `waymark test` then keeps true. The same
 * menus give the same tour.
 */
#ifndef WAYMARK_TOOLS_TOUR_H
#define WAYMARK_TOOLS_TOUR_H

#include "base/str.h"
#include "menu/program.h"
#include "record/profile.h"
#include "tools/coverage.h"

struct tour_input {
    const struct program *program;
    int language;           /* index; a draft too */
    struct profile profile; /* medium, and what a page holds */
    bool sized;             /* the size of a page is written into the talks' `phone` lines */
    int64_t day;            /* that counts as today, at 10 o'clock */
};

struct tour_report {
    struct coverage *coverage; /* made by coverage_new; added to */
    size_t talks, typed;
};

/** Appends the talks. ERR_NOMEM, ERR_LIMIT. */
int tour_run(const struct tour_input *in, struct tour_report *report, struct str *out);

#endif

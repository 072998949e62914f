// SPDX-License-Identifier: AGPL-3.0-or-later
/* talk - transcripts: dialogues written down as lines, run through the real engine and compared.
 *
 *     talk A child is not signed up
 *     phone +12025550102 ussd         the phone; a second line changes to another medium, the person stays the same;
 *                                     "ussd 160 70" says what a page holds, in septets and in UTF-16 units
 *     at 2026-04-14 10:00             the operator's clock
 *     > *123#                         typed; the first one, and whatever looks like *123#, dials
 *     < Return Help: free, private... shown; "..." is anything, {ref} the case's reference, "|" a further line
 *     @ main                          the screen where the person now is
 *     = end                           the session is over
 *     = case KIND priority P flags F G
 *     = no case
 *     = anonymous                     the last case has no number and no link
 *     = consent NAME VERSION yes      also: = consent NAME withdrawn
 *     = sms TEXT                      such an SMS was sent, at any time before
 *     = told TEXT                     such a message went to the team that has their case
 *
 * A talk stops at its first line that does not hold; the next talk begins afresh. Draft languages are offered.
 * To add a line: a row in the table of lines or of facts in talk.c.
 */
#ifndef WAYMARK_TOOLS_TALK_H
#define WAYMARK_TOOLS_TALK_H

#include "base/arena.h"
#include "base/str.h"
#include "menu/program.h"
#include "record/profile.h"
#include "tools/coverage.h"

struct talk_result { /* of one talk */
    const char *file;
    int line;
    struct span title, why; /* why: what did not hold, empty where all did */
};

struct talk_edit {   /* a `<` line that should say something else */
    int line, lines; /* where it begins, and how many lines it has with its "|" */
    struct span text;
};

struct talk_report {
    struct profile ussd, sms;  /* what the phones can show; zeroed: 182 septets or 80 units, and three parts of SMS */
    struct coverage *coverage; /* added to; NULL: not wanted */
    struct arena *keep;        /* where results and edits are put; NULL: neither is wanted */
    struct talk_result *results;
    size_t result_count;     /* added to, one a talk */
    bool accept;             /* a `<` line that does not hold becomes an edit and fails nothing */
    struct talk_edit *edits; /* of the last file, in order */
    size_t edit_count;
    size_t talks, failed;   /* added to */
    size_t typed, compared; /* answers, and lines that were compared */
};

/** Runs all talks of one file. What does not hold goes to `d` (code T01), what cannot be read as E01. Returns 0 also
 * then: `out->failed` and diags_errors tell. ERR_NOMEM. */
int talk_run(const struct program *p, const char *file, struct span bytes, struct diags *d, struct talk_report *out);

/** Whether `shown` is as `expected` says; `reference` is what {ref} stands for (empty: any six letters or digits). */
bool talk_matches(struct span expected, struct span shown, struct span reference);

/** Appends what a `<` line should say: the lines of `expected` that still hold, as they are, and what was shown instead
 * of the others. ERR_LIMIT past 128 lines, ERR_NOMEM. */
int talk_accepted(struct span expected, struct span shown, struct span reference, struct arena *a, struct str *out);

/** Appends a file's bytes with its edits; everything else stays as it is, byte for byte. */
void talk_rewrite(struct span bytes, const struct talk_edit *edits, size_t count, struct str *out);

#endif

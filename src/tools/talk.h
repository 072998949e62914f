// SPDX-License-Identifier: AGPL-3.0-or-later
/* talk - transcripts: dialogues written down as lines, run through the real engine and compared.
 *
 *     talk A child is not signed up
 *     phone +12025550102 ussd         the phone; a second line changes to another medium, the person stays the same
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
 *
 * A talk stops at its first line that does not hold; the next talk begins afresh. Draft languages are offered.
 * To add a line: a row in the table of lines or of facts in talk.c.
 */
#ifndef WAYMARK_TOOLS_TALK_H
#define WAYMARK_TOOLS_TALK_H

#include "menu/program.h"
#include "record/profile.h"

struct talk_report {
    struct profile ussd, sms; /* what the phones can show; zeroed: 182 septets or 80 units, and three parts of SMS */
    bool *visited;            /* one a screen of the program, set where a talk came by; NULL: not wanted */
    size_t talks, failed;     /* added to */
    size_t typed, compared;   /* answers, and lines that were compared */
};

/** Runs all talks of one file. What does not hold goes to `d` (code T01), what cannot be read as E01. Returns 0 also
 * then: `out->failed` and diags_errors tell. ERR_NOMEM. */
int talk_run(const struct program *p, const char *file, struct span bytes, struct diags *d, struct talk_report *out);

/** Whether `shown` is as `expected` says; `reference` is what {ref} stands for (empty: any six letters or digits). */
bool talk_matches(struct span expected, struct span shown, struct span reference);

#endif

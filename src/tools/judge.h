// SPDX-License-Identifier: AGPL-3.0-or-later
/* judge - whether a step of the dialogue kept the rules that hold over any menus; for random walks.
 *
 *     judge_open, then judge_step after every dialogue_step; judge_matter where a call or a first SMS begins
 *
 * It keeps books of its own of what was agreed to and taken back, from the effects alone. To add a rule: a row of
 * judge_rules (judge.c), and beside it in tests/unit/tools_judge.c a step that breaks it and one that nearly does.
 */
#ifndef WAYMARK_TOOLS_JUDGE_H
#define WAYMARK_TOOLS_JUDGE_H

#include "dialogue/dialogue.h"

struct judge {
    const struct program *program;
    bool *agreed;  /* for each consent: it is in force */
    bool withdrew; /* in the matter under way */
};

/** A person who has agreed to nothing; its books lie in `a`. ERR_NOMEM. */
int judge_open(struct judge *j, const struct program *p, struct arena *a);

/** What is said from here on is a new matter, and not what is left of a withdrawal. */
void judge_matter(struct judge *j);

struct judged_step {
    const struct dialogue *session; /* as the step left it */
    const struct dialogue_result *result;
    struct profile profile;
    struct span typed; /* empty where somebody dialled */
};

/** The rule that the step broke, in words; NULL: none. */
const char *judge_step(struct judge *j, const struct judged_step *now);

#endif

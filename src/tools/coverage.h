// SPDX-License-Identifier: AGPL-3.0-or-later
/* coverage - what of a program was come by: screens stayed at, options taken, questions answered wrongly, lines with
 * `when` both ways, each by language.
 *
 * coverage_new, coverage_watch in the input of each dialogue_step and coverage_step after it, then coverage_count and
 * coverage_done, or coverage_text for people. A screen that only leads on is never stayed at and does not count. A line
 * with `when` counts twice: once it is to hold and once not, of a screen as of a case. What is decided before there is
 * a language counts for all of them.
 */
#ifndef WAYMARK_TOOLS_COVERAGE_H
#define WAYMARK_TOOLS_COVERAGE_H

#include "dialogue/dialogue.h"

enum coverage_what { COVERAGE_SCREENS, COVERAGE_OPTIONS, COVERAGE_WRONG, COVERAGE_WHENS, COVERAGE_KINDS };

enum { COVERAGE_ANY = -1 }; /* in place of a language: in whichever */

struct coverage;

/** Nothing covered yet, in the arena; NULL: out of memory. */
struct coverage *coverage_new(const struct program *p, struct arena *a);

/** Hears what the next step decides; for dialogue_input.watch. */
const struct dialogue_watch *coverage_watch(struct coverage *c);

/** What a step did: the session as it was before, the text that was on the screen and what was typed then; the session
 * and the result after. The first step of a session has `before` with screen PROGRAM_NONE. ERR_NOMEM. */
int coverage_step(struct coverage *c, const struct dialogue *before, struct span page, struct span typed,
                  const struct dialogue *after, const struct dialogue_result *result);

/** How many there are of a kind, and how many were come by in a language (index or COVERAGE_ANY). */
size_t coverage_count(const struct coverage *c, enum coverage_what what);
size_t coverage_done(const struct coverage *c, enum coverage_what what, int language);

/** Whether a screen was stayed at, or an option's line taken, in any language. False for what does not count. */
bool coverage_screen(const struct coverage *c, uint16_t screen);
bool coverage_option(const struct coverage *c, uint16_t screen, size_t line);

/** Whether something was come by in a language; also true of what does not count. */
bool coverage_has(const struct coverage *c, enum coverage_what what, uint16_t screen, size_t line, int language);

/** Whether a line with `when` was seen to hold, or not to hold, in a language. */
bool coverage_decided(const struct coverage *c, const struct condition *when, bool held, int language);

/** Whether a screen counts: it waits for an answer, or ends. */
bool coverage_stays(const struct menu_screen *s);

/** What a kind is called in the table: "screens". */
const char *coverage_name(enum coverage_what what);

/** Appends the table by language, what was never come by, and what was not in each language that was spoken. */
void coverage_text(const struct coverage *c, struct str *out);

#endif

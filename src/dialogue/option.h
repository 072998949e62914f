// SPDX-License-Identifier: AGPL-3.0-or-later
/* option - what can be chosen by number on a page, as a number of 16 bits that a session can keep. Private to
 * dialogue/.
 *
 * A line of the screen (its index), a language (`choose language`) or one of the engine's own words.
 */
#ifndef WAYMARK_DIALOGUE_OPTION_H
#define WAYMARK_DIALOGUE_OPTION_H

#include "dialogue/step.h"

enum {
    OPTION_LINE = 0,
    OPTION_LANGUAGE = 0x8000,
    OPTION_SYSTEM = 0xC000,
    OPTION_KIND = 0xC000,  /* mask of the three above */
    OPTION_INDEX = 0x3FFF, /* mask of what it points to */
};

/** The options of the present screen that hold, in order, as an array in the arena; NULL: none, or out of memory. */
uint16_t *option_list(struct step *st, size_t *count);

/** The number that chooses it. */
int option_number(const struct step *st, uint16_t option);

/** Its line as it is shown, where that was made ready with the program; NULL: it is yet to be written. */
const struct ready_line *option_ready(const struct step *st, uint16_t option);

/** Appends its words. */
void option_label(struct step *st, struct str *out, uint16_t option);

/** Chooses it, as a person who types its number; it is one of those on the page. */
void option_choose(struct step *st, uint16_t option);

/** Whether it is the choice of a consent, which acts only after all of the text was shown. */
bool option_binds(const struct step *st, uint16_t option);

/** Whether its indexes lie within the program. */
bool option_valid(const struct program *p, const struct dialogue *s, uint16_t option);

#endif

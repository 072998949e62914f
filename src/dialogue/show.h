// SPDX-License-Identifier: AGPL-3.0-or-later
/* show - what stands under the text of a page. Private to dialogue/; shared with worst.c, so that the proof counts the
 * very lines that are shown.
 */
#ifndef WAYMARK_DIALOGUE_SHOW_H
#define WAYMARK_DIALOGUE_SHOW_H

#include "dialogue/layout.h"
#include "dialogue/option.h"

/** The line of keys (1 << settings_key_id) of the present screen, and above it, while nothing can be stored, the line
 * that says so. Empty where there is neither. */
struct span show_foot(struct step *st, unsigned keys);

/** The line that says how to read on: the key More, by SMS a word. */
struct span show_more_line(struct step *st);

/** Septets or units of a page. */
int show_limit(const struct profile *profile, struct measure m);

/** Leaves out keys until enough room is left beside them: exit, then home, where another page follows and the text
 * would have less than four fifths of this one; the last one first, wherever hardly a word would fit. `keys` are those
 * of l->keys; sizes, measure and limit are set. */
void show_thin_keys(struct step *st, struct layout *l, unsigned keys[LAYOUT_FEET]);

#endif

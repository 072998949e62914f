// SPDX-License-Identifier: AGPL-3.0-or-later
/* worst - the longest that the engine can ever show, for the proof in tools/fit.c. Pure.
 *
 *     worst_open, then worst_text and worst_option for what must stand on one page, worst_frame for what stands under
 * it
 *
 * A text is as long as its longest plural form with the longest answer, setting, fact (or its `expired` text) and case
 * status in it, or with all rows that a directory can give for one key, counted as the engine shows it: typography made
 * plain, accents too where the language folds. Sizes are upper bounds: an answer of n letters counts as n letters that
 * are each as long as a letter can be.
 */
#ifndef WAYMARK_DIALOGUE_WORST_H
#define WAYMARK_DIALOGUE_WORST_H

#include "dialogue/layout.h"
#include "menu/program.h"
#include "record/profile.h"

struct worst_size {
    int septets, units; /* longest, as GSM-7 and as UCS-2 */
    bool inside;        /* it can lie in the GSM alphabet; else septets mean nothing */
    bool outside;       /* it can hold a letter outside */
    bool pairs;         /* it can hold a letter that costs two */
    uint16_t slot;      /* the longest answer in it, or PROGRAM_NONE */
};

struct worst;

/** Measures all texts of a program in all languages; NULL: out of memory. `p` outlives it. */
struct worst *worst_open(const struct program *p);
void worst_close(struct worst *w);

/** A text in a language (index). */
struct worst_size worst_text(const struct worst *w, uint16_t text, int language);

/** One row of a text that names cells of a table, as a line of its own; false: it names none. */
bool worst_row(struct worst *w, uint16_t text, int language, struct worst_size *size);

/** What `mydata` says at most. */
struct worst_size worst_mydata(const struct worst *w, int language);

/** The value `hotline`; nothing where there is none. */
struct worst_size worst_hotline(struct worst *w, int language);

/** An option's line on a page, "1 Label": of a screen's line, or, where that is `choose language`, of the language
 * `choice`. Drafts are counted too. */
struct worst_size worst_option(struct worst *w, const struct line *line, int choice, int language);

/** One after the other. */
struct worst_size worst_join(struct worst_size a, struct worst_size b);

/** Whether nothing but the engine's own ceiling limits the answer in a slot. */
bool worst_unlimited(const struct worst *w, uint16_t slot);

/** What stands under a page. */
struct worst_frame {
    struct layout l; /* measure, limit, keys, more and their sizes; no items */
    bool possible;   /* the keys and More can be written in this alphabet */
    bool outside;    /* one of them has a letter outside GSM-7 */
    bool mute;       /* there is no room to say that more follows */
};

/** The frame that leaves least room on any page of a screen (PROGRAM_NONE: of the engine's own questions, without
 * keys), in septets or in units. Its spans live until the next call. False: out of memory. */
bool worst_frame(struct worst *w, uint16_t screen, int language, struct profile profile, bool gsm,
                 struct worst_frame *out);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* paging - cutting a text into pages or segments that fit, at good places.
 *
 * A page is never cut through an extension pair or a surrogate pair; not through a word, or a number with blanks in it,
 * unless it alone is longer than a page; best after a sentence. Pure and deterministic: the same text and limits always
 * give the same pages.
 */
#ifndef WAYMARK_TEXT_PAGING_H
#define WAYMARK_TEXT_PAGING_H

#include "base/arena.h"
#include "base/span.h"

/** An amount of text: counted in septets when `gsm`, else in UTF-16 code units. */
struct measure {
    bool gsm;
};

/** The alphabet that `text` needs: GSM-7 where every letter is in it, else UCS-2. */
struct measure measure_of(struct span text);

/** Size of `text` under the measure. A letter outside GSM-7 under a GSM measure counts 1 (callers fold first). */
int measure_count(struct measure m, struct span text);

/** Takes from the front of *rest the longest good piece of at most `limit`; trims blanks where it cuts. At least one
 * letter is taken even when none fits (limit must be 2 or more). Returns the piece; *rest is then what follows (empty
 * at the end). */
struct span paging_take(struct measure m, struct span *rest, int limit);

/** Segments of an SMS: 1 for up to 160 septets or 70 units, else parts of 153 or 67 (3GPP TS 23.040, 8-bit reference).
 * Pairs are never split. Empty text: 1. */
int paging_segments(struct span text);

/** The segments themselves, as an array in `a`; ERR_LIMIT past 255, ERR_NOMEM. */
int paging_segment(struct span text, struct arena *a, struct span **parts, size_t *count);

/** Most septets or units that fit in `parts` segments together. */
int paging_room(struct measure m, int parts);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* fold - making texts alike: for the GSM alphabet, and for comparing what people type. */
#ifndef WAYMARK_TEXT_FOLD_H
#define WAYMARK_TEXT_FOLD_H

#include "base/span.h"
#include "base/str.h"

/** Appends `s` with typographic signs that the GSM alphabet lacks in their plain form: curly and angled quotes, the
 * backtick, dashes, ellipsis, no-break and thin blanks; soft hyphens and zero-width blanks go. Nothing else changes.
 * Always applied before a page is counted. */
void fold_typography(struct str *out, struct span s);

/** As fold_typography, and letters outside the GSM alphabet lose their accents where that brings them inside (a-acute
 * to a); letters that the alphabet has (e-acute, n-tilde) stay, and letters without a plain form stay. Where a letter
 * is spelled with two (oe), it is. For `fold LANG accents`. */
void fold_accents(struct str *out, struct span s);

/** A text as it is shown: itself where the GSM alphabet has all of it, else with typography in its plain form, and with
 * accents off (`accents`) where that alone does not bring it into the alphabet; among letters that are read from the
 * right, a number of nine digits and more has full stops in place of hyphens, with which its groups are shown in their
 * order. Never longer than what fold_typography or fold_accents gives. What was changed lies in `out`, which is cleared
 * before. */
struct span fold_shown(struct str *out, struct span s, bool accents);

/** Appends `s` for comparison: case folded, accents off (combining marks dropped; Arabic tatweel and harakat too; alef,
 * yeh and teh marbuta forms made alike), punctuation and blanks at both ends off, inner runs of blanks made one. A text
 * of punctuation alone ("#", "*") keeps it. */
void fold_compare(struct str *out, struct span s);

/** The words of `s` alone, each in the form of fold_compare with 0-9 for digits, one blank between them: punctuation,
 * signs and emoji divide words and are gone. */
void fold_words(struct str *out, struct span s);

/** Appends `s` with decimal digits of any script (Unicode Nd in the BMP) as 0-9. */
void fold_digits(struct str *out, struct span s);

/** Appends `s` in upper or lower case (simple mappings of Latin, Greek, Cyrillic; other scripts stay). */
void fold_upper(struct str *out, struct span s);
void fold_lower(struct str *out, struct span s);

#endif

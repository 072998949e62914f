// SPDX-License-Identifier: AGPL-3.0-or-later
/* gsm7 - the GSM default alphabet and its extension table (3GPP TS 23.038, section 6.2.1).
 *
 * Counting is in septets, never in bytes or letters: an extension character costs two. No national language tables:
 * none of the HTTP aggregators carries them.
 */
#ifndef WAYMARK_TEXT_GSM7_H
#define WAYMARK_TEXT_GSM7_H

#include "base/span.h"
#include "base/str.h"

/** Septets of one code point: 1, 2 (extension table), or 0 where it is not in the alphabet. */
int gsm7_septets(int32_t cp);

/** Septets of a text, or -1 where one letter is not in the alphabet. */
int gsm7_count(struct span utf8);

/** UTF-16 code units of a text (2 for a letter past U+FFFF). */
int ucs2_count(struct span utf8);

/** Septet values, one a byte, extension as 0x1B and its code. ERR_RANGE where a letter is not in the alphabet. */
int gsm7_encode(struct span utf8, struct str *septets);

/** The UTF-8 text of septet values. An unknown extension code stands for its default-table letter, ESC ESC for a blank.
 */
void gsm7_decode(struct span septets, struct str *utf8);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* letter - what fold knows about single letters: tables drawn from the Unicode Character Database, and looking things
 * up in them.
 *
 * All take a code point, or -1 for a byte that is not UTF-8, which is nothing and stays. All are pure.
 */
#ifndef WAYMARK_TEXT_LETTER_H
#define WAYMARK_TEXT_LETTER_H

#include <stdbool.h>
#include <stdint.h>

/** The plain form of a typographic sign ("" for an invisible one), or NULL where it is none. */
const char *letter_typographic(int32_t cp);

/** The letter without its accents, strokes and hooks (Latin, Greek, Cyrillic), in its common form (Arabic), or itself.
 */
int32_t letter_plain(int32_t cp);

/** What is written where a letter is missing: "oe", "ss"; or NULL. */
const char *letter_spelled(int32_t cp);

/** The one letter of the GSM alphabet that a base and a combining accent make, or 0. */
int32_t letter_composed(int32_t base, int32_t mark);

/** An accent of its own code point (U+0300 to U+036F). */
bool letter_is_accent(int32_t cp);

/** A mark that comparing looks past: accents, Arabic harakat and tatweel, Hebrew points, joiners and directions. Not
 * the vowel signs of the Indic scripts, which are letters to those who read them. */
bool letter_is_mark(int32_t cp);

/** Of a script that is written from the right: Hebrew, Arabic and their neighbours in the BMP. */
bool letter_is_right_to_left(int32_t cp);

bool letter_is_blank(int32_t cp);
bool letter_is_punctuation(int32_t cp);

/** Arrows, boxes, dingbats, emoji, variation selectors, the sign around a keycap, private use, U+FFFD: signs that say
 * nothing alone. */
bool letter_is_sign(int32_t cp);

/** Value of a decimal digit (category Nd, BMP), or -1. */
int letter_digit(int32_t cp);

/** Simple case mappings (Latin, Greek, Cyrillic); the same for what has none. Not Turkish: i and I are a pair. */
int32_t letter_lower(int32_t cp);
int32_t letter_upper(int32_t cp);

#endif

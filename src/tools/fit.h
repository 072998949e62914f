// SPDX-License-Identifier: AGPL-3.0-or-later
/* fit - the page proof (E32): whatever somebody answers, what must stand on one page does.
 *
 *     menu_load(...), then fit_check(program, profiles of the channels, ...)
 *
 * Texts are cut into pages by the engine, so no page is ever too long. What may not be cut is proved here, for every
 * screen, language, alphabet and profile, with the longest answers, settings, facts, statuses and plural forms, and the
 * keys and the More line under it: an option; a row of a directory; the error of a question; a question itself; agree
 * and refuse together; the engine's own questions; a `send` within its parts. The proof is sound, not complete: it may
 * refuse what cannot occur, and its hint says how to get round that.
 *
 * A screen is counted in septets and, where one letter of anything that can stand on it may lie outside GSM-7, in
 * UTF-16 units too: its own texts, those carried to it from screens that ask nothing, answers that somebody typed.
 *
 * Draft languages are told as warnings W32; so are screens of more than FIT_PAGES_MAX USSD pages, or twice as many
 * where a letter outside GSM-7 halves the page (in this count nothing is carried from other screens, and words are not
 * kept whole).
 *
 * Files: fit.c is the table of what must fit; fit_alphabet.c says where letters outside GSM-7 may come; fit_tell.c puts
 * what does not fit into words, at its place in the menu or the PO file.
 */
#ifndef WAYMARK_TOOLS_FIT_H
#define WAYMARK_TOOLS_FIT_H

#include "menu/program.h"
#include "record/profile.h"

enum { FIT_PAGES_MAX = 4 };

/** Proves a program for the distinct profiles of all channels. Problems go to `d`, which is left sorted. 0, ERR_REFUSED
 * when it added errors, ERR_NOMEM. */
int fit_check(const struct program *p, const struct profile *profiles, size_t count, struct diags *d);

#endif

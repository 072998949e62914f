// SPDX-License-Identifier: AGPL-3.0-or-later
/* explain - the page of one message: what it means, a wrong and a right example.
 *
 * To add a page: a row in explain_pages.c. Examples of menus are whole enough to be compiled: with "start main" in
 * front and `rest` behind them the wrong one has the error and the right one has none (tests/unit/tools_explain.c).
 */
#ifndef WAYMARK_TOOLS_EXPLAIN_H
#define WAYMARK_TOOLS_EXPLAIN_H

#include "base/str.h"

struct explain_page {
    const char *code, *title, *meaning;
    const char *wrong, *right; /* several lines, each with its newline; wrong may be empty: nothing shows it */
    const char *where;         /* what file the examples stand in, "menus/main.menu" */
    const char *rest;          /* of a menu that can be compiled; NULL: not compiled */
};

/** Page `index`, in order of codes; NULL past the end. */
const struct explain_page *explain_page(size_t index);

/** The page of a code, in letters of either case; NULL: none. */
const struct explain_page *explain_find(struct span code);

/** Appends it for people. */
void explain_text(const struct explain_page *page, struct str *out);

#endif

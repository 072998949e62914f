// SPDX-License-Identifier: AGPL-3.0-or-later
/* man - the manual pages, as roff with the macros of man(7).
 *
 * A page is a table of blocks (man_parts.h): fixed prose, and lists made of the same tables that the program reads by:
 * commands, settings, statements of channels, codes of messages. To add a page: a file man_NAME.c with its blocks, and
 * a row in man.c.
 */
#ifndef WAYMARK_TOOLS_MAN_H
#define WAYMARK_TOOLS_MAN_H

#include "base/str.h"

struct man_block;

struct man_page {
    const char *name, *section, *summary; /* "waymark.menu", "5" */
    const struct man_block *blocks;
};

/** A command for waymark(1), which knows them only by what main tells; name NULL: past the end. */
struct man_command {
    const char *name, *summary;
};
typedef struct man_command man_commands(size_t index);

/** Page `index`; NULL past the end. */
const struct man_page *man_page(size_t index);

/** By "waymark.menu", "waymark.menu.5" or "menu"; NULL: none. */
const struct man_page *man_find(struct span name);

void man_text(const struct man_page *page, man_commands *commands, struct str *out);

#endif

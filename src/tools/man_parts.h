// SPDX-License-Identifier: AGPL-3.0-or-later
/* man_parts - what manual pages are made of; only man*.c include it.
 *
 * In prose, `words` between backquotes are what somebody types or reads, and are set in bold.
 */
#ifndef WAYMARK_TOOLS_MAN_PARTS_H
#define WAYMARK_TOOLS_MAN_PARTS_H

#include "tools/man.h"

enum man_kind {
    MAN_END,
    MAN_HEAD,     /* a: the heading */
    MAN_TEXT,     /* a: a paragraph */
    MAN_TERM,     /* a: what is explained, as typed; b: prose */
    MAN_EXAMPLE,  /* a: lines that stay as they are */
    MAN_COMMANDS, /* the lists made of tables */
    MAN_SETTINGS,
    MAN_STATEMENTS, /* of channel files; those under an event where a is not NULL */
    MAN_CODES,
};

struct man_block {
    enum man_kind kind;
    const char *a, *b;
};

/** What a statement of a channel file means; NULL: no prose for it. */
const char *man_channel_prose(struct span word);

extern const struct man_block man_program[], man_menu[], man_conf[], man_channel[], man_talk[];

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* menutext - what a case's kind in the menus says about it: the consent that it needs, where it
 * keeps when a person may be reached, and the canned replies. */
#ifndef WAYMARK_CONSOLE_MENUTEXT_H
#define WAYMARK_CONSOLE_MENUTEXT_H

#include "console/casebook.h"

struct menutext_reply {
    struct span name, label;
    struct span text;    /* in the person's language */
    struct span english; /* the same in the menus' first language */
    bool translated;     /* false: there is no current translation, `text` is in the first language */
};

struct menutext {
    const struct span *needs; /* consents */
    size_t needs_count;
    struct span may_call, safe_time; /* fields of `contact`; empty: there is none */
    const struct menutext_reply *replies;
    size_t reply_count;
    struct span first_language; /* code */
};

/** Lives in the page's arena. */
int menutext_read(struct page *p, const struct casebook *b, struct menutext *out);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* site - which page is where, what it does, and whose it is: the one table of the console.
 *
 * To add a page: a row in site.c, its file with the handler, its template in pages/.
 */
#ifndef WAYMARK_CONSOLE_SITE_H
#define WAYMARK_CONSOLE_SITE_H

#include "base/span.h"
#include "base/str.h"
#include "record/staff.h"

struct page;

/** Besides the roles of record/staff.h: who is not signed in. */
enum {
    ROLE_NOBODY = 1 << 6,
    ROLE_GUEST = 1 << 7,    /* at a demonstration on loopback */
    ROLE_NEWCOMER = 1 << 8, /* signed in, and has to choose a passphrase or set up a second factor first */
};

/** Sets of roles that pages are for. */
enum {
    TEAM = ROLE_CASEWORKER | ROLE_SAFEGUARDING | ROLE_SUPERVISOR,
    STAFF = ROLE_ALL,
    STRANGERS = ROLE_NOBODY | ROLE_GUEST,
    SIGNED_IN = ROLE_ALL | ROLE_NEWCOMER,
    ANYBODY = SIGNED_IN | STRANGERS,
};

struct site_row {
    const char *method; /* "GET" (HEAD too), "POST" */
    const char *path;   /* a "*" stands for one segment, given to the page as page->part[] */
    unsigned roles;
    void (*serve)(struct page *p);
    const char *title; /* in the window's title; NULL: makes no page of its own */
    bool slow;         /* opens a passphrase */
};

/** The row for a request, and the segments where its path has a "*". NULL: no such path. With another method than any
 * row has, *known is set. */
const struct site_row *site_find(struct span method, struct span path, struct span part[2], bool *known);

/** Row `index`, NULL past the end. */
const struct site_row *site_at(size_t index);

/** A set of roles as staff read it: "Caseworker, Supervisor". */
void roles_text(unsigned roles, struct str *out);

#endif

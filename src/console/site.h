// SPDX-License-Identifier: AGPL-3.0-or-later
/* site - which page is where, what it does, and whose it is: the one table of the console.
 *
 * To add a page:
 *   1. a row in site.c: method, path, whose it is, handler, title. What one may not open is 404, so say the roles here
 * and nowhere else; which case is whose is access.h.
 *   2. the handler's prototype in pages.h, the handler in a file of its own. It reads page_query and page_form, fills
 * p->view (view_set, view_setf, view_flag; view_add makes a row of a list) and ends with page_show, page_go,
 * page_missing or page_failed (page.h). From the database it reads between readers_take and readers_give (readers.h)
 * with functions of store/; SQL lives there alone.
 *   3. its template in pages/NAME.html, first line {{<shell}} (pages.py says what a template can do; parts that several
 *      pages need are part_NAME.html). One h1; tables have <caption> and <th scope>, stand in <div class="scroll"
 *      tabindex="0" role="region" aria-labelledby="...">; numbers of phones and references in <bdi class="number">,
 * people's words in elements with dir="auto"; nothing says what it says by colour alone.
 *   4. where it belongs in the menu: a row of MENU in shell.c (those of console.md are all there; they appear as soon
 * as the route exists). A form: method="post", the hidden field csrf, a label for every field,
 * {{?x_error}}...{{x_error}} beside it, and class "field", with "wrong" where x_error is set; page_error(p, "x", "Say
 * what to do") tells it there and in the summary above. What writes goes through port->call (port.h); what is done to a
 * case goes through deed.h, which checks the version and writes timeline and audit; other deeds call audit_note
 * themselves (staff/audit.h), in the same transaction. A file to download: page_file. A chart: SVG from a route of its
 * own, with its table beside it. A test: tests/whole/test_console_NAME.py; staffroom.py makes members and signs them
 * in, people.py makes cases, desk.py is a visitor without a browser, browser.py Chromium. Its name is added to the list
 * in tests/CMakeLists.txt, and its routes to the matrix in tests/whole/test_console_roles.py.
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
    HOLDERS = TEAM | ROLE_DATA_PROTECTION, /* who may hold a team's key (staff/roles.h) */
    KEEPERS = ROLE_SAFEGUARDING | ROLE_SUPERVISOR | ROLE_DATA_PROTECTION, /* who replaces one */
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
    bool slow;         /* goes one after the other with its like: it opens a passphrase, or works on the second factor
                        * that such a page sets up in the session */
};

/** The row for a request, and the segments where its path has a "*". NULL: no such path. With another method than any
 * row has, *known is set. */
const struct site_row *site_find(struct span method, struct span path, struct span part[2], bool *known);

/** A set of roles as staff read it: "Caseworker, Supervisor". */
void roles_text(unsigned roles, struct str *out);

/** What one role is for, in a sentence; NULL: no such role. */
const char *role_about(unsigned role);

#endif

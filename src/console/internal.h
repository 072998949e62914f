// SPDX-License-Identifier: AGPL-3.0-or-later
/* internal - what the console's files share. Not for other rooms. */
#ifndef WAYMARK_CONSOLE_INTERNAL_H
#define WAYMARK_CONSOLE_INTERNAL_H

#include "console/caselist.h"
#include "console/events.h"
#include "console/handset.h"
#include "console/page.h"

struct console {
    struct console_parts parts;
    struct sessions *sessions;
    struct handsets *handsets;
    struct readers *readers;
    struct caselist *cases;
    struct streams *streams;
    struct arena *scratch; /* of console_tick */
    bool loopback;         /* it listens on this machine alone */
};

/** What every request passes before its page: who asks, from where, with which token. False: answered already. */
bool guard_pass(struct page *p);

/** Ends the sessions of members who were disabled meanwhile, or whose roles or key were changed. */
void members_sweep(struct console *c);

/** The headers that every answer carries. */
void guard_headers(struct page *p);

/** Gives the visit a new token: at sign-in and sign-out. NULL: a fresh one of nobody's. */
void visit_renew(struct page *p, const char token[SESSION_TOKEN]);

/** Writes down how a visit ended. That it ended does not wait for this. */
void visit_note(struct page *p, const char *action, struct span object);

/** A form that comes after its visit was over: nothing is done. What was written is shown once more, to be copied,
 * where the form is of ours; another site may not put its words on a page of ours. */
void visit_over(struct page *p, bool ours);

/** The list of cases that the address asks for. */
struct caselist_filter inbox_filter(const struct page *p);

/** The menu at the top of each page: what this role may open. */
void shell_fill(struct page *p);

#endif

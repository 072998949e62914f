// SPDX-License-Identifier: AGPL-3.0-or-later
/* safehours - when a person may be reached, by what they said themselves.
 *
 * In the menus somebody says "any time", "at a safe time" in words of their own ("Monday evening"), or "no, I will call
 * you". Words are not hours: a member writes them down as such, once for calls and texts, and from then on no text
 * leaves outside them. Each version stays in the timeline, sealed (entry "hours"). Somebody who has just written holds
 * the phone: an answer to them may leave at once.
 */
#ifndef WAYMARK_CONSOLE_SAFEHOURS_H
#define WAYMARK_CONSOLE_SAFEHOURS_H

#include "console/calls.h"
#include "console/deed.h"
#include "console/menutext.h"

enum { ANSWERING_S = 3600 /* so long after a message of theirs an answer finds them at the phone */ };

/** When a text may leave. */
struct safe_leave {
    const char *why;  /* NULL: it may leave; else why not, in words */
    bool unwritten;   /* because nobody wrote their hours down */
    bool answers;     /* to what they wrote just now, whatever the hour */
    bool later;       /* not before `leave_ms`, which the hours decide */
    int64_t leave_ms; /* the earliest */
    int64_t until_ms; /* by then it must have left; 0: no end */
};

/** By what they said, the hours that are written down, and the service's quiet hours. */
struct safe_leave safe_leave(const struct page *p, const struct casebook *b, const struct menutext *menus,
                             int64_t from_ms);

/** The hours that are written down; not known where there are none. */
struct call_window safe_window(const struct casebook *b);

/** The same, or else those of the other case of this person, to be looked at and written down here too: until then they
 * hold for nothing. That they were opened is written down, and safe_other_fill says whose they are. Not known where
 * there are none; false: answered already. */
bool safe_window_offer(struct page *p, const struct casebook *b, struct call_window *w);

/** Fills `other_case` and `other_day`: where the hours are that are offered. */
void safe_other_fill(struct page *p, const struct casebook *b);

/** Fills `hours` (call_times_fill of now, and next_theirs, next_ours, open_now), and `may_hours`. */
void safe_hours_fill(struct page *p, const struct casebook *b);

/** Within a deed's `write`: writes them down where they are others than those that are. */
int safe_hours_add(struct deed *d, struct store *s, const struct call_window *w);

#endif

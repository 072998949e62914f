// SPDX-License-Identifier: AGPL-3.0-or-later
/* callback - calls that were promised: a record of its own beside the case, so that nothing else that happens to the
 * case moves it. A case has one open call at most; what became of earlier ones stays.
 *
 * When it is safe, and the words that stand beside it, are sealed to the case's key (told_call_seal). Where a case is
 * closed its open call ends with it, and the seal is dropped; where a case is erased its calls are (schema.c).
 *
 * The first half reads, from any connection; spans live in `a`. The second half writes, inside a transaction.
 */
#ifndef WAYMARK_STORE_CALLBACK_H
#define WAYMARK_STORE_CALLBACK_H

#include "base/arena.h"
#include "store/store.h"

struct callback {
    int64_t id, case_id;
    int64_t due_s;
    int64_t booked_s, booked_by;
    int64_t started_s, caller; /* 0: nobody is calling */
    int64_t attempts;          /* that failed */
    int64_t ended_s;           /* 0: open */
    struct span reference;     /* the case's */
    struct span outcome;       /* a word of console/calls.c, or "closed" (the case was); empty: open */
    struct span seal;          /* empty: nothing is known, or it was dropped */
};

/** An open one, as far as a walk over all of them needs it; callback_get has the rest. */
struct callback_due {
    int64_t id, case_id, due_s;
};

/** Tells the open ones that are due before `before_s`, earliest first; 1 from `tell` ends the walk. */
int callback_due(struct store *s, int64_t before_s, int (*tell)(void *ctx, const struct callback_due *row), void *ctx);

/** ERR_MISSING. */
int callback_get(struct store *s, int64_t id, struct arena *a, struct callback *out);

/** All of a case, oldest first. */
int callback_of_case(struct store *s, int64_t case_id, struct arena *a, struct callback **rows, size_t *count);

/* ---- writing ---- */

/** Books one: case_id, due_s, booked_s, booked_by and seal are read. ERR_EXISTS: the case has an open one. */
int callback_add(struct store *s, const struct callback *row, int64_t *id);

/** The writers below find an open one with so many failed attempts as `was` says. ERR_EXISTS: somebody else changed it.
 */

/** Another time, and what is known about when it is safe. */
int callback_move(struct store *s, const struct callback *was, int64_t due_s, struct span seal);

/** Somebody is calling. */
int callback_start(struct store *s, const struct callback *was, int64_t caller, int64_t at_s);

/** An attempt failed; the next is due then. */
int callback_failed(struct store *s, const struct callback *was, int64_t due_s);

/** It is over, with so many failed attempts. */
int callback_end(struct store *s, const struct callback *was, struct span outcome, int64_t attempts, int64_t at_s);

#endif

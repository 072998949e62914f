// SPDX-License-Identifier: AGPL-3.0-or-later
/* auditlog - the audit trail as people read it: the newest first, some rows at a time. How rows are added: store.h; how
 * they are proved: chain.h. */
#ifndef WAYMARK_STORE_AUDITLOG_H
#define WAYMARK_STORE_AUDITLOG_H

#include "store/store.h"

struct auditlog_filter {
    int64_t before;       /* rows older than this one; 0: from the newest */
    int64_t from_s, to_s; /* the time lies in between, the end left out; 0: no bound */
    struct span actor;    /* exactly; empty: anybody */
    struct span action;   /* a part of it; empty: any */
    struct span object;   /* a part of it; empty: any */
};

struct auditlog_row {
    int64_t id, at_s;
    struct span actor, action, object;
};

enum { AUDITLOG_LOOK = 100000 /* rows that are looked through at once */ };

/** At most `most`, in `a`. *further: where to go on (`before`) because older rows were not looked through; 0: none are
 * left. */
int store_auditlog(struct store *s, const struct auditlog_filter *f, int most, struct arena *a,
                   struct auditlog_row **rows, size_t *count, int64_t *further);

/** How many rows a member made with this action since a time. */
int store_audit_acted(struct store *s, struct span actor, struct span action, int64_t since_s, int64_t *count);

/** The same, whoever made them, and when the last of them was made (0: none). */
int store_audit_done(struct store *s, struct span action, int64_t since_s, int64_t *count, int64_t *last_s);

#endif

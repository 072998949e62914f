// SPDX-License-Identifier: AGPL-3.0-or-later
/* retention - what is kept how long (settings `keep ...`), and the proof that the rest was deleted.
 *
 * The turn loop does a step when it is quiet, or every few minutes where it never is. What was deleted is counted by
 * kind; once a day the counts become a row of the audit log, without anybody's identity. `waymark purge` does the same
 * steps at once, a dry run takes each of them back.
 */
#ifndef WAYMARK_GATEWAY_RETENTION_H
#define WAYMARK_GATEWAY_RETENTION_H

#include "channel/set.h"
#include "record/settings.h"
#include "store/purge.h"
#include "vault/vault.h"

struct retention {
    const struct settings *settings;
    const struct channel_set *channels;
    const struct vault *vault;
};

/** The last day on which a case is kept, unless it changes before: as the purge reckons. */
int64_t retention_case_until(const struct settings *s, const struct store_case *c);

/** How long a session on any channel may be idle. */
int64_t retention_session_s(const struct retention *r);

enum { RETENTION_ROWS = 2000 /* of a table, at most, in one step */ };

/** One step, inside the caller's transaction. *again: the round is not over. With `dry` it is to be rolled back; what
 * it would delete is counted all the same. */
int retention_step(const struct retention *r, struct store *s, int64_t now_ms, bool dry, struct purge_counts *counts,
                   bool *again);

/** Writes what was counted since the last proof to the audit log, inside the caller's transaction. */
int retention_prove(const struct retention *r, struct store *s, int64_t now_ms, struct span actor);

/** Counts in words: "cases 2, people 1"; "nothing". */
void retention_tell(const struct purge_counts *counts, struct str *out);

#endif

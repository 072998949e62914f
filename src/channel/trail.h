// SPDX-License-Identifier: AGPL-3.0-or-later
/* trail - the paths that a session has had, without their words.
 *
 * What is new in an accumulated text is what stands behind the path before, so only that one has to be known again. A
 * trail keeps the length and a keyed digest of the newest TRAIL_MOST paths: enough to take one away, or to know a late
 * request for an old one, and nothing that was typed. Bytes, to be stored with the session and its key.
 */
#ifndef WAYMARK_CHANNEL_TRAIL_H
#define WAYMARK_CHANNEL_TRAIL_H

#include "base/arena.h"
#include "base/span.h"

enum { TRAIL_MOST = 8, TRAIL_KEY_BYTES = 16 };

struct trail {
    unsigned char key[TRAIL_KEY_BYTES]; /* random, of one session */
    struct span marks;                  /* empty: as after an empty path */
};

/** Whether a text begins with the newest path, whose length comes back. */
bool trail_leads_to(const struct trail *t, struct span text, size_t *len);

/** Whether a text was a path. */
bool trail_holds(const struct trail *t, struct span text);

/** The marks with a further path, in `a`; empty when out of memory. */
struct span trail_add(const struct trail *t, struct span text, struct arena *a);

#endif

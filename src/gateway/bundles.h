// SPDX-License-Identifier: AGPL-3.0-or-later
/* bundles - menus by hash, so that a session finishes on the menus it began with, also after a restart.
 *
 * The newest program is written to DATA/bundles/HASH/ at start, source for source; a session that names another hash
 * has it compiled from there when it is first needed. Folders that no session can need any more (older than the longest
 * session) go, but for the last few, to which an operator may want to go back (versions.h). Menus that are replaced
 * while the service runs stay in memory as long as they may be needed.
 */
#ifndef WAYMARK_GATEWAY_BUNDLES_H
#define WAYMARK_GATEWAY_BUNDLES_H

#include "menu/menu.h"

enum { BUNDLES_MAX = 8 }; /* older programs in memory at once */

/** Menus in memory. Who made them is told through `release` when they are no longer needed; without it they are freed
 * here, or, when `borrowed`, left alone. */
struct edition {
    struct program *program;
    void (*release)(void *ctx);
    void *ctx;
    bool borrowed;
};

struct bundles {
    const struct program *newest;
    struct edition current; /* the newest's */
    const struct settings *settings;
    const char *data;
    struct edition older[BUNDLES_MAX];
    size_t count;
    unsigned char missing[BUNDLES_MAX][8]; /* hashes that could not be found, not to be tried each turn */
    size_t missing_count;
};

/** Stores the newest program's sources. A failure to write is logged, not fatal. */
void bundles_open(struct bundles *b, const struct program *newest, const struct settings *settings, const char *data);
void bundles_close(struct bundles *b);

/** Puts newer menus in the newest's place, which becomes an older one. */
void bundles_replace(struct bundles *b, const struct edition *newer);

/** The program whose hash begins with `hash` (8 bytes), or NULL. */
const struct program *bundles_find(struct bundles *b, const unsigned char hash[8]);

/** Deletes folders whose menus have not been the newest since `before_s`, but for the VERSIONS_KEPT last ones. Call it
 * every few minutes. */
void bundles_expire(struct bundles *b, int64_t before_s);

#endif

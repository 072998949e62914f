// SPDX-License-Identifier: AGPL-3.0-or-later
/* lock - which words each version of a consent said (E41).
 *
 * `consent.lock` beside the first menu file has a line "consent NAME VERSION HASH" for each version that was ever
 * accepted, with `waymark check --accept-consents`. Words that changed under the same version are refused: whoever
 * agreed to the older ones is asked again only where the version is another. The hash is FNV-1a of 64 bits, in hex: it
 * finds a change that somebody forgot, it does not defend against one who wants a collision (who could as well change
 * the lock). It is taken over the source text as written, with the names in braces, so that another hotline is no other
 * consent.
 */
#ifndef WAYMARK_MENU_LOCK_H
#define WAYMARK_MENU_LOCK_H

#include "base/str.h"
#include "menu/program.h"

/** The file's name, beside the first menu file. */
#define LOCK_FILE "consent.lock"

/** The hash of a consent's words in their present version. */
uint64_t lock_hash(const struct program *p, const struct consent *c);

/** Appends the lock `old` (its bytes, or empty) with a line for each consent and version that it lacks; *added is their
 * number. What it has stays. ERR_NOMEM, ERR_LIMIT. */
int lock_add(const struct program *p, struct span old, struct str *out, size_t *added);

#endif

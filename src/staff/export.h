// SPDX-License-Identifier: AGPL-3.0-or-later
/* export - all that is stored about one person, for that person: made by a key holder, into a parcel that an offline
 * key alone opens (vault/parcel.h, `waymark view`).
 *
 * The parcel's content is text in UTF-8, one fact a line, without control characters: the number, what was agreed to in
 * which words and what had been read before, and each case with its answers, its notes and the conversation in which it
 * was registered. What does not open with the member's keys (another team's) is said to be there and not shown. */
#ifndef WAYMARK_STAFF_EXPORT_H
#define WAYMARK_STAFF_EXPORT_H

#include "staff/office.h"
#include "vault/parcel.h"

enum { EXPORT_MAX = 16 * 1024 * 1024 };

/** Exports the person of the case with this reference; the parcel's bytes go to `write`. Leaves an audit row.
 * ERR_REFUSED: the member's roles do not export (data-protection); ERR_MISSING: no such case, or it is nobody's
 * (anonymous, erased); ERR_AUTH: none of the member's teams can open it; ERR_CRYPTO: a seal is damaged, or no such
 * public key can be; ERR_LIMIT: more than EXPORT_MAX. */
int office_export(const struct office *o, const struct signin *in, struct span reference,
                  const unsigned char to[VAULT_PUBLIC_BYTES], parcel_take write, void *ctx);

#endif

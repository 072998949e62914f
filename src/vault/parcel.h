// SPDX-License-Identifier: AGPL-3.0-or-later
/* parcel - a file that one key alone opens, of any length: a backup, or the export of one person's data.
 *
 *     parcel_new, parcel_add..., parcel_end, parcel_free           parcel_read
 *
 * Format, version 1: head of 48 bytes ("WAYMARKP" | kind: 'B' or 'E' | version | six zeros | public key that it is for)
 * | seal of a fresh key to that public key, with the head as its context (131) | header of libsodium's secretstream
 * (XChaCha20-Poly1305; 24) | blocks: length of the ciphertext (4, least significant first), ciphertext of at most
 * PARCEL_BLOCK bytes. The last block carries the tag "final" and nothing lies behind it: blocks that were changed,
 * dropped, reordered or cut off at the end are seen. What the bytes mean is its writer's matter.
 */
#ifndef WAYMARK_VAULT_PARCEL_H
#define WAYMARK_VAULT_PARCEL_H

#include "vault/opener.h"

enum { PARCEL_BLOCK = 64 * 1024 };

enum parcel_kind { PARCEL_BACKUP = 'B', PARCEL_EXPORT = 'E' };

/** Takes bytes; what it returns below 0 ends the work and is handed on. */
typedef int (*parcel_take)(void *ctx, struct span bytes);

struct parcel;

/** Begins one: the head is written at once. ERR_CRYPTO: no such key can be; ERR_NOMEM. */
int parcel_new(enum parcel_kind kind, const unsigned char to[VAULT_PUBLIC_BYTES], parcel_take write, void *ctx,
               struct parcel **out);
int parcel_add(struct parcel *p, struct span bytes);

/** Without it the parcel is refused as cut off. */
int parcel_end(struct parcel *p);
void parcel_free(struct parcel *p);

/** Reads one from a descriptor and hands its bytes to `take`, block by block, each only after it was authenticated; but
 * whether the end is there is known at the end: what was taken counts only when this gives 0. ERR_SYNTAX: it is no
 * parcel of this kind; ERR_NOT_NOW: of a newer format; ERR_AUTH: for another key, whose public half is then in `to`;
 * ERR_CORRUPT: damaged; ERR_RANGE: cut off; ERR_IO, ERR_NOMEM, and what `take` gives. */
int parcel_read(enum parcel_kind kind, const struct opener *key, int fd, parcel_take take, void *ctx,
                unsigned char to[VAULT_PUBLIC_BYTES]);

#endif

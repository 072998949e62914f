// SPDX-License-Identifier: AGPL-3.0-or-later
/* staff - what a passphrase opens: a member's own key pair.
 *
 * The secret half is boxed under a key that Argon2id makes of the passphrase (256 MiB, 3 passes; the parameters stand
 * in the record), and that box lies in another under the master key: whoever has the disk but not the master key cannot
 * even try passphrases. Opening costs most of a second and all that memory on purpose, so it is done by one thread at a
 * time, at the gate, and never on the turn loop.
 *
 *     gate_new once; identity_make or identity_open, then opener_close when the member has left; gate_free
 */
#ifndef WAYMARK_VAULT_STAFF_H
#define WAYMARK_VAULT_STAFF_H

#include "vault/opener.h"

enum {
    GATE_MEMORY_MIB = 256, /* RFC 9106 recommends 64 MiB and 3 passes where memory is scarce */
    GATE_PASSES = 3,
    PASSPHRASE_LEAST = 12, /* characters, as UTF-8 bytes that begin one */
    PASSPHRASE_MOST = 256, /* bytes */
    IDENTITY_MAX = 512,    /* bytes of a record: the ceiling for the string it is written to */
};

/** Where passphrases are worked on, one at a time in the process. */
struct gate;

/** memory_mib: 1..1024, for records made from now on and for the work that an unknown name costs. ERR_RANGE, ERR_NOMEM.
 * Less than GATE_MEMORY_MIB is for tests and the demonstration. */
int gate_new(int memory_mib, struct gate **out);
void gate_free(struct gate *g);

/** ERR_RANGE: shorter than PASSPHRASE_LEAST or longer than PASSPHRASE_MOST; ERR_REFUSED: it holds the member's name, is
 * made of fewer than five different bytes, or is one of those that most people choose (common.h). */
int passphrase_check(struct span passphrase, struct span name);

/** A new member's pair; appends the record to `record`. ERR_NOMEM; what passphrase_check says. */
int identity_make(struct gate *g, const struct vault *v, struct span name, struct span passphrase, struct str *record,
                  struct opener **out);

/** The record of the same pair under a new passphrase. */
int identity_rewrap(struct gate *g, const struct vault *v, struct span name, struct span passphrase,
                    const struct opener *identity, struct str *record);

/** Opens a record. ERR_AUTH: it is not the passphrase. An empty `record` (nobody has that name) costs as much and gives
 * ERR_AUTH too. ERR_CRYPTO: the record is damaged, of another member, or under another master key. */
int identity_open(struct gate *g, const struct vault *v, struct span name,
                  const unsigned char public_key[VAULT_PUBLIC_BYTES], struct span record, struct span passphrase,
                  struct opener **out);

/** Whether the public key is the one that this record was made for, by somebody who had the master key. ERR_CRYPTO. */
int identity_proved(const struct vault *v, struct span name, const unsigned char public_key[VAULT_PUBLIC_BYTES],
                    struct span record);

#endif

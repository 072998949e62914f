// SPDX-License-Identifier: AGPL-3.0-or-later
/* opener - a key pair that is held open: a member's, a team's, a person's, a case's or a printed recovery key's.
 *
 * The secret half lies in guarded memory and never leaves it, but sealed to somebody else. Keys form a ladder of equal
 * rungs: a member's key opens the seal in which a team's lies, a team's opens a person's, a person's opens what they
 * told. A secret that is sealed is bound to its own public half, so a seal that was moved to another row does not open.
 *
 *     opener_new or opener_take, then opener_unseal and opener_pass, then opener_close
 *
 * Only read after they are made: any thread may use one. */
#ifndef WAYMARK_VAULT_OPENER_H
#define WAYMARK_VAULT_OPENER_H

#include "vault/vault.h"

struct opener;

/** A fresh pair. ERR_NOMEM. */
int opener_new(struct opener **out);

/** The pair of a secret that was kept. ERR_NOMEM. */
int opener_of_secret(const unsigned char secret[VAULT_KEY_BYTES], struct opener **out);

/** Wipes it; NULL is allowed. */
void opener_close(struct opener *o);

/** VAULT_PUBLIC_BYTES, as long as `o` lives. */
const unsigned char *opener_public(const struct opener *o);

/** Opens what was sealed to it (vault_seal), appended to `out`; the caller wipes what is secret. ERR_CRYPTO. */
int opener_unseal(const struct opener *o, struct span context, struct span seal, struct str *out);

/** Appends a seal of the secret half to somebody's public key. ERR_CRYPTO: no such key can be. */
int opener_pass(const struct opener *o, const unsigned char to[VAULT_PUBLIC_BYTES], struct str *seal);

/** Opens the key whose public half is `public_key` out of a seal that opener_pass made for `holder`. ERR_CRYPTO: the
 * seal is damaged, for somebody else, or of another key. */
int opener_take(const struct opener *holder, const unsigned char public_key[VAULT_PUBLIC_BYTES], struct span seal,
                struct opener **out);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* printed - secrets on paper: eight groups of four letters and digits, with a checksum.
 *
 * The alphabet is Crockford's base 32 (no I, L, O, U), so that a hand that copies it and an eye that reads it agree:
 * reading takes small letters for large ones, I and L for 1, O for 0, and any blanks and dashes. 32 signs are 20 bytes:
 * 16 of secret, and 4 of its hash, so that a slip is seen as one and not taken for another key.
 */
#ifndef WAYMARK_VAULT_PRINTED_H
#define WAYMARK_VAULT_PRINTED_H

#include "vault/opener.h"

enum { PRINTED_CHARS = 39, PRINTED_BYTES = 16 };

/** A fresh secret as text and NUL, for a recovery key or a passphrase given to somebody. */
void printed_new(char text[PRINTED_CHARS + 1]);

/** The key pair that a printed recovery key stands for. ERR_SYNTAX: not of that form; ERR_RANGE: the checksum does not
 * fit, a sign was copied wrong; ERR_NOMEM. */
int printed_open(struct span text, struct opener **out);

#endif

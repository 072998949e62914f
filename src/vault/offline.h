// SPDX-License-Identifier: AGPL-3.0-or-later
/* offline - a key pair whose secret half is never on the server: it is made on another machine and stays there; backups
 * and exports are encrypted to its public half (parcel.h).
 *
 * Both halves are a line of text: "wmpublic1-" or "wmsecret1-", 64 hexadecimal digits and 8 of a checksum, so that a
 * slip of the hand is seen and neither half is taken for the other.
 */
#ifndef WAYMARK_VAULT_OFFLINE_H
#define WAYMARK_VAULT_OFFLINE_H

#include "vault/opener.h"

enum { OFFLINE_CHARS = 10 + VAULT_KEY_BYTES * 2 + 8 };

/** Makes a pair and writes its secret half to a new file of mode 0600; the public half comes back as text. ERR_EXISTS:
 * there is a file of that name, which is left alone; ERR_IO, ERR_FULL, ERR_NOMEM. */
int offline_make(const char *path, char public_text[OFFLINE_CHARS + 1]);

/** Reads a public half; blanks around it do not count. ERR_SYNTAX: it is not one; ERR_RANGE: its checksum does not fit;
 * ERR_REFUSED: it is a secret half. */
int offline_public(struct span text, unsigned char public_key[VAULT_PUBLIC_BYTES]);

/** The text of a public half. */
void offline_text(const unsigned char public_key[VAULT_PUBLIC_BYTES], char text[OFFLINE_CHARS + 1]);

/** Opens the pair whose secret half is in a file. ERR_MISSING, ERR_IO; ERR_REFUSED: open to group or others;
 * ERR_SYNTAX, ERR_RANGE: not a secret half, or damaged; ERR_NOMEM. */
int offline_open(const char *path, struct opener **out);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* master - the file that the master key is in: 64 hexadecimal digits and a newline. */
#ifndef WAYMARK_VAULT_MASTER_H
#define WAYMARK_VAULT_MASTER_H

#include "vault/vault.h"

/** Fills `key`; arguments and errors as of vault_open. */
int master_load(const char *path, bool create, unsigned char key[VAULT_KEY_BYTES]);

/** Its parts: out of the credential (ERR_MISSING: there is none), out of a file, and a fresh one into a new file
 * (ERR_EXISTS).
 */
int master_credential(unsigned char key[VAULT_KEY_BYTES]);
int master_file(const char *path, unsigned char key[VAULT_KEY_BYTES]);
int master_make(const char *path);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* master - the file that the master key is in: 64 hexadecimal digits and a newline. */
#ifndef WAYMARK_VAULT_MASTER_H
#define WAYMARK_VAULT_MASTER_H

#include "vault/vault.h"

/** Fills `key`; arguments and errors as of vault_open. */
int master_load(const char *path, bool create, unsigned char key[VAULT_KEY_BYTES]);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* sealed - the master key in a file that a passphrase opens: for a machine that must not be able to start alone.
 *
 * The file: magic | memory | passes | salt | box under Argon2id of the passphrase | unkeyed hash of all before it, by
 * which a damaged file is told from a wrong passphrase before a second is spent. */
#ifndef WAYMARK_VAULT_SEALED_H
#define WAYMARK_VAULT_SEALED_H

#include "vault/vault.h"

enum { SEALED_LEAST = 16 /* characters of the passphrase: whoever has the file may try as long as they like */ };

/** Writes the master key of the file `key` (or of the credential) to a new file `path`, mode 0600, and proves that it
 * opens. ERR_RANGE: the passphrase is shorter than SEALED_LEAST or longer than 256 bytes; ERR_EXISTS: `path` is there,
 * and left alone; others as of vault_open. */
int sealed_make(const char *key, const char *path, struct span passphrase, int memory_mib);

/** Opens it. ERR_AUTH: it is not the passphrase; ERR_CORRUPT: the file is damaged; ERR_MISSING, ERR_IO, ERR_NOMEM. */
int sealed_open(const char *path, struct span passphrase, struct vault **out);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/common.h"

#include "vault/common_hashes.h"
#include "vault/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int order(const void *key, const void *row)
{
    return memcmp(key, row, COMMON_DIGITS);
}

bool passphrase_common(struct span passphrase)
{
    unsigned char hash[VAULT_CHAIN_BYTES];
    char small[COMMON_MOST], key[COMMON_DIGITS + 1];
    if (passphrase.len > sizeof small)
        return false;
    for (size_t i = 0; i < passphrase.len; i++) {
        char c = passphrase.p[i];
        small[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    vault_hash((struct span){small, passphrase.len}, hash);
    for (int i = 0; i < COMMON_DIGITS / 2; i++)
        snprintf(key + 2 * i, 3, "%02x", hash[i]);
    bool found = bsearch(key, common_hashes, (sizeof common_hashes - 1) / COMMON_DIGITS, COMMON_DIGITS, order) != NULL;
    vault_wipe(small, sizeof small);
    vault_wipe(hash, sizeof hash);
    vault_wipe(key, sizeof key);
    return found;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* Comparing and wiping secrets: in constant time, and not optimised away. */
#include "channel/channel_internal.h"

#include <openssl/crypto.h>

bool secret_same(struct span secret, struct span given)
{
    return secret.len && secret.len == given.len && CRYPTO_memcmp(secret.p, given.p, secret.len) == 0;
}

void secret_wipe(char *bytes, size_t len)
{
    OPENSSL_cleanse(bytes, len);
}

#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes src/vault/common.c: the passphrases that most people chose, of those that would be allowed here.

    python3 src/vault/common.py 10-million-password-list-top-1000000.txt > src/vault/common.c

The list is Mark Burnett's of 2015, as SecLists has it (https://github.com/danielmiessler/SecLists, MIT), the most used
first. Of what has PASSPHRASE_LEAST characters and DIFFERENT_LEAST different bytes (staff.c) the first are taken, in small
letters. They stand here as hashes: many are not fit to be read, and none needs to be.
"""
import hashlib
import sys

LEAST, DIFFERENT, MOST, DIGITS, PER_LINE = 12, 5, 5000, 10, 11

words = []
for line in open(sys.argv[1], encoding="utf-8", errors="replace"):
    word = line.rstrip("\r\n").lower()
    if len(word) >= LEAST and len(set(word.encode())) >= DIFFERENT and word.isascii():
        words.append(word)
words = list(dict.fromkeys(words))[:MOST]
hashes = sorted({hashlib.blake2b(word.encode(), digest_size=32).hexdigest()[:DIGITS] for word in words})
print("""// SPDX-License-Identifier: AGPL-3.0-or-later
/* Written by src/vault/common.py, which says from what: the first digits of the hashes of %d passphrases, in order. */
#include "vault/common.h"

#include "vault/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = %d };

static const char hashes[] =""" % (len(hashes), DIGITS))
lines = ["".join(hashes[i:i + PER_LINE]) for i in range(0, len(hashes), PER_LINE)]
print("\n".join('    "%s"' % line for line in lines) + ";")
print("""
static int order(const void *key, const void *row)
{
    return memcmp(key, row, DIGITS);
}

bool passphrase_common(struct span passphrase)
{
    unsigned char hash[VAULT_CHAIN_BYTES];
    char small[COMMON_MOST], key[DIGITS + 1];
    if (passphrase.len > sizeof small)
        return false;
    for (size_t i = 0; i < passphrase.len; i++) {
        char c = passphrase.p[i];
        small[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    vault_hash((struct span){small, passphrase.len}, hash);
    for (int i = 0; i < DIGITS / 2; i++)
        snprintf(key + 2 * i, 3, "%02x", hash[i]);
    bool found = bsearch(key, hashes, (sizeof hashes - 1) / DIGITS, DIGITS, order) != NULL;
    vault_wipe(small, sizeof small);
    vault_wipe(hash, sizeof hash);
    return found;
}""")

#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes src/vault/common_hashes.h: the passphrases that most people chose, of those that would be allowed here.

    python3 src/vault/common.py 10-million-password-list-top-1000000.txt > src/vault/common_hashes.h

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
/* Written by src/vault/common.py, which says from what: the first digits of %d hashes, in order. */
#ifndef WAYMARK_VAULT_COMMON_HASHES_H
#define WAYMARK_VAULT_COMMON_HASHES_H

enum { COMMON_DIGITS = %d };

static const char common_hashes[] =""" % (len(hashes), DIGITS))
lines = ["".join(hashes[i:i + PER_LINE]) for i in range(0, len(hashes), PER_LINE)]
print("\n".join('    "%s"' % line for line in lines) + ";\n\n#endif")

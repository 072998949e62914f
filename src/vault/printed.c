// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/printed.h"

#include "base/err.h"

#include <sodium.h>
#include <string.h>

enum { SUM_BYTES = 4, ALL_BYTES = PRINTED_BYTES + SUM_BYTES, SIGNS = ALL_BYTES * 8 / 5, GROUP = 4 };

_Static_assert(PRINTED_CHARS == SIGNS + SIGNS / GROUP - 1, "groups with a dash between them");

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char context[] = "waymark printed key 1";

/* A hash of the secret; of another length it is another hash (BLAKE2b), so the checksum tells nothing of the key. */
static void derive(const unsigned char *secret, unsigned char *out, size_t len)
{
    crypto_generichash(out, len, (const unsigned char *)context, sizeof context, secret, PRINTED_BYTES);
}

static void checksum(const unsigned char *secret, unsigned char sum[SUM_BYTES])
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    derive(secret, hash, sizeof hash);
    memcpy(sum, hash, SUM_BYTES);
}

static void write_groups(const unsigned char *bytes, char *text)
{
    uint32_t bits = 0;
    int held = 0, signs = 0;
    for (int i = 0; i < ALL_BYTES; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 5; held -= 5) {
            if (signs && signs % GROUP == 0)
                *text++ = '-';
            *text++ = alphabet[bits >> (held - 5) & 31];
            signs++;
        }
    }
    *text = '\0';
}

void printed_new(char text[PRINTED_CHARS + 1])
{
    unsigned char bytes[ALL_BYTES];
    randombytes_buf(bytes, PRINTED_BYTES);
    checksum(bytes, bytes + PRINTED_BYTES);
    write_groups(bytes, text);
    sodium_memzero(bytes, sizeof bytes);
}

/* The value of a sign, -1: none. */
static int sign_value(char c)
{
    static const char alike[][2] = {{'I', '1'}, {'L', '1'}, {'O', '0'}};
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++)
        if (c == alike[i][0])
            c = alike[i][1];
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

static int read_groups(struct span text, unsigned char bytes[ALL_BYTES])
{
    uint32_t bits = 0;
    int held = 0, signs = 0, filled = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == ' ' || text.p[i] == '-')
            continue;
        int value = sign_value(text.p[i]);
        if (value < 0 || signs++ == SIGNS)
            return ERR_SYNTAX;
        bits = bits << 5 | (uint32_t)value;
        held += 5;
        if (held >= 8) {
            held -= 8;
            bytes[filled++] = (unsigned char)(bits >> held);
        }
    }
    return signs == SIGNS ? 0 : ERR_SYNTAX;
}

int printed_open(struct span text, struct opener **out)
{
    unsigned char bytes[ALL_BYTES], sum[SUM_BYTES], key[VAULT_KEY_BYTES];
    int rc = read_groups(text, bytes);
    if (rc == 0) {
        checksum(bytes, sum);
        if (sodium_memcmp(sum, bytes + PRINTED_BYTES, sizeof sum) != 0)
            rc = ERR_RANGE;
    }
    if (rc == 0) {
        derive(bytes, key, sizeof key);
        rc = opener_of_secret(key, out);
    }
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(key, sizeof key);
    return rc;
}

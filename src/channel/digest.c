// SPDX-License-Identifier: AGPL-3.0-or-later
#include "channel/digest.h"

#include "base/err.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static const EVP_MD *(*const kinds[DIGEST_COUNT])(void) = {
    [DIGEST_MD5] = EVP_md5,       [DIGEST_SHA1] = EVP_sha1,     [DIGEST_SHA256] = EVP_sha256,
    [DIGEST_SHA384] = EVP_sha384, [DIGEST_SHA512] = EVP_sha512,
};

struct digest_value digest_hash(enum digest d, struct span data)
{
    struct digest_value v = {0};
    unsigned len = 0;
    if (EVP_Digest(data.len ? data.p : "", data.len, v.bytes, &len, kinds[d](), NULL) == 1)
        v.len = len;
    return v;
}

struct digest_value digest_hmac(enum digest d, struct span key, struct span data)
{
    struct digest_value v = {0};
    unsigned len = 0;
    if (key.len && key.len <= INT_MAX &&
        HMAC(kinds[d](), key.p, (int)key.len, (const unsigned char *)(data.len ? data.p : ""), data.len, v.bytes, &len))
        v.len = len;
    return v;
}

struct span digest_span(const struct digest_value *v)
{
    return (struct span){(const char *)v->bytes, v->len};
}

/* -- letters -- */

static const char hex_letters[] = "0123456789abcdef";
static const char base64_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct span write_hex(struct span bytes, struct arena *a)
{
    char *out = arena_alloc(a, bytes.len * 2 + 1);
    for (size_t i = 0; out && i < bytes.len; i++) {
        out[2 * i] = hex_letters[(unsigned char)bytes.p[i] >> 4];
        out[2 * i + 1] = hex_letters[(unsigned char)bytes.p[i] & 15];
    }
    return (struct span){out, out ? bytes.len * 2 : 0};
}

static struct span write_base64(enum armor how, struct span bytes, struct arena *a)
{
    char *out = arena_alloc(a, bytes.len / 3 * 4 + 5), *to = out;
    for (size_t i = 0; out && i < bytes.len; i += 3) {
        uint32_t group = 0;
        size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < have ? (unsigned char)bytes.p[i + k] : 0);
        for (size_t k = 0; k < (how == ARMOR_BASE64 ? 4 : have + 1); k++)
            *to++ = k <= have ? base64_letters[group >> (18 - 6 * k) & 63] : '=';
    }
    for (char *p = out; how == ARMOR_BASE64URL && p < to; p++)
        *p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
    return (struct span){out, (size_t)(to - out)};
}

struct span armor_write(enum armor how, struct span bytes, struct arena *a)
{
    if (how == ARMOR_TEXT)
        return bytes;
    return how == ARMOR_HEX ? write_hex(bytes, a) : write_base64(how, bytes, a);
}

/* The letter's value, or -1. */
static int value_of(enum armor how, char c)
{
    if (how == ARMOR_HEX) {
        c = c >= 'A' && c <= 'F' ? (char)(c + ('a' - 'A')) : c;
    } else if (how == ARMOR_BASE64URL) {
        if (c == '+' || c == '/')
            return -1;
        c = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    const char *letters = how == ARMOR_HEX ? hex_letters : base64_letters;
    const char *at = c ? strchr(letters, c) : NULL;
    return at ? (int)(at - letters) : -1;
}

/* Takes the padding off; false where it is not what belongs there. */
static bool take_padding(struct span *text)
{
    bool whole = text->len % 4 == 0;
    for (int i = 0; i < 2 && text->len && text->p[text->len - 1] == '='; i++)
        text->len--;
    return whole;
}

int armor_read(enum armor how, struct span text, struct arena *a, struct span *bytes)
{
    *bytes = text;
    if (how == ARMOR_TEXT)
        return 0;
    if (how == ARMOR_BASE64 && !take_padding(&text))
        return ERR_SYNTAX;
    unsigned width = how == ARMOR_HEX ? 4 : 6, have = 0, group = 0;
    char *out = arena_alloc(a, text.len * width / 8 + 1);
    if (!out)
        return ERR_NOMEM;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(how, text.p[i]);
        if (value < 0)
            return ERR_SYNTAX;
        group = (group << width | (unsigned)value) & 0xFFFF;
        have += width;
        if (have >= 8) {
            have -= 8;
            out[len++] = (char)(group >> have & 0xFF);
        }
    }
    if (have >= width || group & ((1u << have) - 1))
        return ERR_SYNTAX;
    *bytes = (struct span){out, len};
    return 0;
}

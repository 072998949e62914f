// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/totp.h"

#include "base/err.h"
#include "base/pack.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

enum { TOTP_SECRET_BYTES = 20, TOTP_SHA1_BYTES = 20, TOTP_COUNTER_BYTES = 8, TOTP_WINDOW = 1, TOTP_MODULUS = 1000000 };

int totp_code(struct span secret, int64_t step, char code[TOTP_DIGITS + 1])
{
    unsigned char counter[TOTP_COUNTER_BYTES], mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    for (int i = 0; i < TOTP_COUNTER_BYTES; i++)
        counter[i] = (unsigned char)((uint64_t)step >> (8 * (TOTP_COUNTER_BYTES - 1 - i)));
    if (!HMAC(EVP_sha1(), secret.p, (int)secret.len, counter, sizeof counter, mac, &len) || len != TOTP_SHA1_BYTES)
        return ERR_CRYPTO;
    const unsigned char *at = mac + (mac[TOTP_SHA1_BYTES - 1] & 0x0F); // RFC 4226, section 5.3: dynamic truncation
    uint32_t number = (uint32_t)(at[0] & 0x7F) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    snprintf(code, TOTP_DIGITS + 1, "%0*u", TOTP_DIGITS, number % TOTP_MODULUS);
    return 0;
}

static void whose(struct str *context, struct span name)
{
    str_addz(context, "totp");
    pack_span(context, name);
}

/* RFC 4648, section 6, without padding: 20 bytes are 32 digits. */
static void add_base32(struct str *out, struct span bytes)
{
    uint32_t bits = 0;
    int held = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | (unsigned char)bytes.p[i];
        for (held += 8; held >= 5; held -= 5)
            str_addc(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[bits >> (held - 5) & 31]);
    }
}

static bool unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

static void add_percent(struct str *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (unreserved(text.p[i]))
            str_addc(out, text.p[i]);
        else
            str_addf(out, "%%%02X", (unsigned char)text.p[i]);
}

static void add_uri(struct str *uri, struct span issuer, struct span name, struct span secret)
{
    str_addz(uri, "otpauth://totp/");
    add_percent(uri, issuer);
    str_addc(uri, ':');
    add_percent(uri, name);
    str_addz(uri, "?secret=");
    add_base32(uri, secret);
    str_addz(uri, "&issuer=");
    add_percent(uri, issuer);
}

int totp_new(const struct vault *v, struct span name, struct span issuer, struct str *box, struct str *uri)
{
    unsigned char secret[TOTP_SECRET_BYTES];
    const struct span bytes = {(const char *)secret, sizeof secret};
    struct str context = STR_INIT(TOTP_BOX_MAX);
    vault_random(NULL, secret, sizeof secret);
    whose(&context, name);
    int rc = str_err(&context);
    if (rc == 0)
        rc = vault_box(v, VAULT_KEYS, str_span(&context), bytes, 1, box);
    add_uri(uri, issuer, name, bytes);
    if (rc == 0)
        rc = str_err(uri);
    vault_wipe(secret, sizeof secret);
    str_release(&context);
    return rc;
}

/* People copy a code as it is shown: "123 456". False where it is no code. */
static bool digits_only(struct span typed, char code[TOTP_DIGITS + 1])
{
    size_t count = 0;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.p[i] == ' ')
            continue;
        if (typed.p[i] < '0' || typed.p[i] > '9' || count == TOTP_DIGITS)
            return false;
        code[count++] = typed.p[i];
    }
    code[count] = '\0';
    return count == TOTP_DIGITS;
}

/* Looks at every step of the window, right or not, in the same time. */
static int find_step(struct span secret, const char *typed, int64_t now, int64_t last, int64_t *step)
{
    int rc = 0;
    bool found = false;
    for (int64_t at = now - TOTP_WINDOW; at <= now + TOTP_WINDOW && rc == 0; at++) {
        char code[TOTP_DIGITS + 1];
        rc = totp_code(secret, at, code);
        bool same = vault_equal(code, typed, TOTP_DIGITS);
        if (rc == 0 && same && at > last && !found) {
            *step = at;
            found = true;
        }
    }
    return rc < 0 ? rc : found ? 0 : ERR_AUTH;
}

int totp_check(const struct vault *v, struct span name, struct span box, struct span code, int64_t now_s, int64_t last,
               int64_t *step)
{
    char typed[TOTP_DIGITS + 1] = {0};
    bool form = digits_only(code, typed);
    struct str context = STR_INIT(TOTP_BOX_MAX), secret = STR_INIT(TOTP_BOX_MAX);
    whose(&context, name);
    int rc = str_err(&context);
    if (rc == 0)
        rc = vault_unbox(v, VAULT_KEYS, str_span(&context), box, &secret);
    if (rc == 0)
        rc = form ? find_step(str_span(&secret), typed, now_s / TOTP_STEP_S, last, step) : ERR_AUTH;
    str_release(&context);
    vault_forget(&secret);
    return rc;
}

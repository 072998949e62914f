// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/rebox.h"

#include "base/err.h"
#include "base/pack.h"
#include "vault/keys.h"

#include <inttypes.h>
#include <sodium.h>

enum { CONTEXT_MAX = 512 };

static void named(const struct boxed_of *of, struct str *context)
{
    str_addc(context, ' ');
    str_add(context, of->name);
}

static void numbered(const struct boxed_of *of, struct str *context)
{
    str_addf(context, " %" PRId64, of->number);
}

static void member(const struct boxed_of *of, struct str *context)
{
    pack_span(context, of->public_key);
    pack_span(context, of->name);
}

static void packed(const struct boxed_of *of, struct str *context)
{
    pack_span(context, of->name);
}

static void generation(const struct boxed_of *of, struct str *context)
{
    pack_span(context, of->name);
    pack_number(context, (uint64_t)of->number);
}

static void keyed(const struct boxed_of *of, struct str *context)
{
    str_addc(context, ' ');
    str_add(context, of->public_key);
}

/* The name holds class and epoch, as outbound_context writes them. */
static void message(const struct boxed_of *of, struct str *context)
{
    keyed(of, context);
    named(of, context);
}

static void bare(const struct boxed_of *of, struct str *context)
{
    str_add(context, of->name);
}

/* As in told.c, told_consent.c, outbound.c, staff.c, totp.c and staff/team.c. */
static const struct {
    enum vault_key key;
    const char *begins;
    void (*goes_on)(const struct boxed_of *of, struct str *context);
} kinds[BOXED_KINDS] = {
    [BOXED_LANGUAGE] = {VAULT_RECORD, "person language", keyed},
    [BOXED_SUMMARY] = {VAULT_RECORD, "case summary", named},
    [BOXED_KIND] = {VAULT_RECORD, "case kind", named},
    [BOXED_CONSENT] = {VAULT_RECORD, "consent of person", numbered},
    [BOXED_MESSAGE] = {VAULT_OUTBOX, "outbox", message},
    [BOXED_MEMBER] = {VAULT_KEYS, "staff", member},
    [BOXED_TOTP] = {VAULT_KEYS, "totp", packed},
    [BOXED_TEAM] = {VAULT_KEYS, "team", generation},
    [BOXED_WRAPPED] = {VAULT_KEYS, "", bare},
};

/* The padding is part of what is encrypted, and goes along. */
static int again(const struct vault *from, const struct vault *to, enum vault_key key, struct span context,
                 struct span box, struct str *out)
{
    unsigned char nonce[VAULT_NONCE_BYTES];
    if (box.len < VAULT_NONCE_BYTES + VAULT_TAG_BYTES)
        return ERR_CRYPTO;
    size_t start = out->len, len = box.len - VAULT_NONCE_BYTES;
    nonces_next(to->nonces, nonce);
    str_add(out, (struct span){(const char *)nonce, sizeof nonce});
    unsigned char *body = (unsigned char *)str_extend(out, len);
    if (!body)
        return str_err(out);
    int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(
        body, NULL, NULL, (const unsigned char *)box.p + VAULT_NONCE_BYTES, len, (const unsigned char *)context.p,
        context.len, (const unsigned char *)box.p, from->keys[key]);
    if (rc == 0)
        crypto_aead_xchacha20poly1305_ietf_encrypt(body, NULL, body, len - VAULT_TAG_BYTES,
                                                   (const unsigned char *)context.p, context.len, NULL, nonce,
                                                   to->keys[key]);
    if (rc < 0)
        str_cut(out, start);
    return rc < 0 ? ERR_CRYPTO : 0;
}

int vault_rebox(const struct vault *from, const struct vault *to, enum boxed kind, const struct boxed_of *of,
                struct span box, struct str *out)
{
    struct str context = STR_INIT(CONTEXT_MAX);
    str_addz(&context, kinds[kind].begins);
    if (kinds[kind].goes_on)
        kinds[kind].goes_on(of, &context);
    int rc = str_err(&context);
    if (rc == 0)
        rc = again(from, to, kinds[kind].key, str_span(&context), box, out);
    str_release(&context);
    return rc;
}

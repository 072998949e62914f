// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/outbound.h"

#include "base/err.h"

#include <inttypes.h>
#include <string.h>

enum { OUTBOUND_PAD = 64, OUTBOUND_MAX = 8192, CONTEXT_MAX = 128 };

void outbound_context(const struct outbound_row *row, struct str *context)
{
    str_addz(context, "outbox ");
    str_add(context, (struct span){(const char *)row->key, sizeof row->key});
    str_addf(context, " %d %" PRId64, (int)row->class, row->class == MESSAGE_CONFIRM ? 0 : row->epoch);
}

int outbound_box(const struct vault *v, const struct outbound_row *row, const struct msisdn *to, struct span text,
                 struct str *out)
{
    struct str plain = STR_INIT(OUTBOUND_MAX), context = STR_INIT(CONTEXT_MAX);
    outbound_context(row, &context);
    str_add(&plain, (struct span){to->digits, sizeof to->digits});
    str_add(&plain, text);
    int rc = str_err(&plain) < 0 ? str_err(&plain) : str_err(&context);
    if (rc == 0)
        rc = vault_box(v, VAULT_OUTBOX, str_span(&context), str_span(&plain), OUTBOUND_PAD, out);
    vault_forget(&plain);
    str_release(&context);
    return rc;
}

static int take(struct span bytes, struct msisdn *to, struct span *text)
{
    if (bytes.len < sizeof to->digits || bytes.p[sizeof to->digits - 1] != '\0')
        return ERR_CORRUPT;
    memcpy(to->digits, bytes.p, sizeof to->digits);
    *text = span_from(bytes, sizeof to->digits);
    return 0;
}

int outbound_unbox(const struct vault *v, const struct outbound_row *row, const struct blind *number, struct span box,
                   struct str *plain, struct msisdn *to, struct span *text)
{
    struct str context = STR_INIT(CONTEXT_MAX);
    outbound_context(row, &context);
    int rc = str_err(&context);
    if (rc == 0)
        rc = vault_unbox(v, VAULT_OUTBOX, str_span(&context), box, plain);
    str_release(&context);
    if (rc == 0)
        rc = take(str_span(plain), to, text);
    if (rc < 0)
        return rc;
    struct blind theirs = vault_blind_number(v, to);
    return vault_equal(theirs.bytes, number->bytes, sizeof theirs.bytes) ? 0 : ERR_CRYPTO;
}

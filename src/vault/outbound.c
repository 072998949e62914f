// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/outbound.h"

#include "base/err.h"

#include <string.h>

enum { OUTBOUND_PAD = 64, OUTBOUND_MAX = 8192 };

static const struct span outbound_context = {.p = "outbox", .len = 6};

int outbound_box(const struct vault *v, const struct msisdn *to, struct span text, struct str *out)
{
    struct str plain = STR_INIT(OUTBOUND_MAX);
    str_add(&plain, (struct span){to->digits, sizeof to->digits});
    str_add(&plain, text);
    int rc = str_err(&plain);
    if (rc == 0)
        rc = vault_box(v, VAULT_OUTBOX, outbound_context, str_span(&plain), OUTBOUND_PAD, out);
    if (plain.p)
        vault_wipe(plain.p, plain.len);
    str_release(&plain);
    return rc;
}

int outbound_unbox(const struct vault *v, struct span box, struct str *plain, struct msisdn *to, struct span *text)
{
    int rc = vault_unbox(v, VAULT_OUTBOX, outbound_context, box, plain);
    if (rc < 0)
        return rc;
    struct span bytes = str_span(plain);
    if (bytes.len < sizeof to->digits || bytes.p[sizeof to->digits - 1] != '\0')
        return ERR_CORRUPT;
    memcpy(to->digits, bytes.p, sizeof to->digits);
    *text = span_from(bytes, sizeof to->digits);
    return 0;
}

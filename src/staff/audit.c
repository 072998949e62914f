// SPDX-License-Identifier: AGPL-3.0-or-later
#include "staff/audit.h"

static void chain_link(void *vault, const unsigned char *previous, struct span row, unsigned char *next)
{
    vault_chain(vault, previous, row, next);
}

int audit_note(const struct vault *v, struct store *s, const struct audit *row)
{
    return store_audit_add(s, row->at_s, row->actor, row->action, row->object, chain_link, (void *)v);
}

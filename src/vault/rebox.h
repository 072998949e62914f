// SPDX-License-Identifier: AGPL-3.0-or-later
/* rebox - what lies under the master key, put under another one (staff/rekey.h).
 *
 * To add a kind of box: a row here and in rebox.c, and one in the table of store/rekey.c that says where such boxes
 * are. */
#ifndef WAYMARK_VAULT_REBOX_H
#define WAYMARK_VAULT_REBOX_H

#include "vault/vault.h"

enum boxed {
    BOXED_LANGUAGE, /* of a person, by the public key */
    BOXED_SUMMARY,  /* of a case */
    BOXED_KIND,
    BOXED_CONSENT, /* what a row of the ledger proves */
    BOXED_MESSAGE, /* in the outbox: public_key is the row's key, name its class and epoch */
    BOXED_MEMBER,  /* of staff */
    BOXED_TOTP,
    BOXED_TEAM,    /* the proof of a team's key */
    BOXED_WRAPPED, /* a team's key from before there were members */
    BOXED_KINDS
};

/** What the box is bound to: a reference or name, a row's number, a public key; as its kind has them. */
struct boxed_of {
    struct span name, public_key;
    int64_t number;
};

/** Opens a box that lies under `from`'s key and appends the same under `to`'s, padded as it was. ERR_CRYPTO. */
int vault_rebox(const struct vault *from, const struct vault *to, enum boxed kind, const struct boxed_of *of,
                struct span box, struct str *out);

#endif

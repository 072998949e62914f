// SPDX-License-Identifier: AGPL-3.0-or-later
/* rekey - all that lies under the master key, put under another one: in a copy of the database that nobody else has
 * open.
 *
 *     store_rekey_forget, store_rekey, store_chain_renew for each chain, and the journal by store_stops_rekey
 *
 * What a day's key closes is not put over but forgotten: sessions that are open end, and stored answers go. */
#ifndef WAYMARK_STORE_REKEY_H
#define WAYMARK_STORE_REKEY_H

#include "base/str.h"
#include "store/chain.h"

/** Which table's column a value is of. To add one: a row in rekey.c too. */
enum rekey_of {
    REKEY_NUMBER, /* blind indexes, of which kind */
    REKEY_SEEN,
    REKEY_REFERENCE,
    REKEY_DIGEST,
    REKEY_REPORT,
    REKEY_LANGUAGE, /* boxes */
    REKEY_SUMMARY,
    REKEY_KIND,
    REKEY_CONSENT,
    REKEY_MESSAGE,
    REKEY_MEMBER,
    REKEY_TOTP,
    REKEY_TEAM,
    REKEY_WRAPPED,
    REKEY_COLUMNS
};

/** One value of a row, and what of the row its box is bound to. */
struct rekey_value {
    enum rekey_of of;
    struct span bytes, name, public_key;
    int64_t number;
};

/** Appends the value under the new key, and gives its hash (of boxes; as vault_hash). */
typedef int (*store_rekey_fn)(void *ctx, const struct rekey_value *value, struct str *out, unsigned char hash[32]);

/** Appends nothing but rewrites, a few thousand rows a transaction. How many values comes back. */
int store_rekey(struct store *s, store_rekey_fn fn, void *ctx, int64_t *values);

/** Everything under day keys, and the keys. */
int store_rekey_forget(struct store *s);

/** Makes the links of a chain anew, and its marks. Whoever calls this has proved the old ones (staff/ledger.h). */
int store_chain_renew(struct store *s, enum chain which, store_link_fn link, void *ctx);

/** Writes DIR/stops.journal of `from` to `to`, its indexes stepped by `step` and its links made anew: the same journal
 * with as many records. */
int store_stops_rekey(const char *from, const char *to,
                      void (*step)(void *ctx, bool caller, unsigned char index[STORE_INDEX_BYTES]), store_link_fn link,
                      void *ctx);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* keys - day keys, as the turn loop needs them.
 *
 * A day key is random, wrapped in the store, and destroyed when its day and the longest session life are over; with it
 * goes everything that was under it, and so it goes from here as well. keys_day_begin is called outside a transaction
 * whenever the day may have changed.
 */
#ifndef WAYMARK_GATEWAY_KEYS_H
#define WAYMARK_GATEWAY_KEYS_H

#include "store/store.h"
#include "vault/vault.h"

enum { KEYS_DAYS = 16 };

struct day_key {
    int64_t day;
    struct vault_secret *secret;
};

struct keys {
    const struct vault *vault;
    struct day_key days[KEYS_DAYS]; /* a small cache; slot is day modulo KEYS_DAYS */
    int64_t today;
};

void keys_open(struct keys *k, const struct vault *v);
void keys_close(struct keys *k);

/** Makes sure that `day` has a key and is the present day. */
int keys_day_begin(struct keys *k, struct store *s, int64_t day);

/** The key of a day, or NULL when it was destroyed or never was. Valid until the next keys_forget. */
const struct vault_secret *keys_day(struct keys *k, struct store *s, int64_t day);

/** Wipes those that were destroyed in the store meanwhile: call it after a purge. */
void keys_forget(struct keys *k, struct store *s);

#endif

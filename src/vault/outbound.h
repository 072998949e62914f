// SPDX-License-Identifier: AGPL-3.0-or-later
/* outbound - how a message that is due lies in the store: number and text in one box under the outbox key.
 *
 * The box is bound to its row: to the row's key, its class and the consent epoch under which it was queued, and the
 * number inside has to be the row's. Moved to another row, or under another epoch or class, it does not open. */
#ifndef WAYMARK_VAULT_OUTBOUND_H
#define WAYMARK_VAULT_OUTBOUND_H

#include "record/message.h"
#include "vault/vault.h"

enum { OUTBOUND_KEY_BYTES = 16 };

/** What a box is bound to. A confirmation of a STOP is carried over to the next epoch, so it is bound to none. */
struct outbound_row {
    unsigned char key[OUTBOUND_KEY_BYTES]; /* random: the row's, our id of the message for the aggregator */
    enum message_class class;
    int64_t epoch;
};

/** Appends what a box is bound to. */
void outbound_context(const struct outbound_row *row, struct str *context);

/** Appends the box of a message to `to`. */
int outbound_box(const struct vault *v, const struct outbound_row *row, const struct msisdn *to, struct span text,
                 struct str *out);

/** Opens one; `number` is the index of the row's number; `plain` keeps the bytes that *text points into. ERR_CRYPTO: it
 * was changed, is another row's, or is not to this number; ERR_CORRUPT. */
int outbound_unbox(const struct vault *v, const struct outbound_row *row, const struct blind *number, struct span box,
                   struct str *plain, struct msisdn *to, struct span *text);

#endif

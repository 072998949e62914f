// SPDX-License-Identifier: AGPL-3.0-or-later
/* Blind indexes that were made lately: somebody who reads on is known by the next page, without the slow hash (and one
 * more for each master key before).
 *
 * An index is found by a mark of the number, under a key that lives as long as the handle. No number lies here; but a
 * mark can be tried for every number there is by whoever has its key, so key and marks are locked into memory. A mark
 * has 128 bits, so that nobody is ever taken for somebody else. A slot holds the last number that fell on it.
 */
#include "vault/keys.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

enum { SLOTS = 4096 };

_Static_assert(sizeof(struct known_mark) == crypto_shorthash_siphashx24_BYTES, "a mark is SipHash-2-4 of 128 bits");

struct slot {
    struct known_mark mark;
    struct blind index;
};

struct known {
    unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];
    pthread_mutex_t lock;
    struct slot slots[SLOTS];
};

struct known *known_new(void)
{
    struct known *k = vault_locked_new(sizeof *k);
    if (!k)
        return NULL;
    pthread_mutex_init(&k->lock, NULL);
    known_clear(k);
    return k;
}

void known_free(struct known *k)
{
    if (k)
        pthread_mutex_destroy(&k->lock);
    vault_locked_free(k);
}

void known_clear(struct known *k)
{
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    randombytes_buf(k->key, sizeof k->key); // no mark that is there is met again
    pthread_mutex_unlock(&k->lock);
}

static struct slot *slot_of(struct known *k, const struct known_mark *mark)
{
    uint32_t any;
    memcpy(&any, mark->bytes, sizeof any);
    return &k->slots[any % SLOTS];
}

bool known_find(struct known *k, struct span digits, struct known_mark *mark, struct blind *index)
{
    if (!k)
        return false;
    crypto_shorthash_siphashx24(mark->bytes, (const unsigned char *)digits.p, digits.len, k->key);
    pthread_mutex_lock(&k->lock);
    const struct slot *slot = slot_of(k, mark);
    bool found = memcmp(&slot->mark, mark, sizeof *mark) == 0;
    *index = slot->index;
    pthread_mutex_unlock(&k->lock);
    return found;
}

void known_keep(struct known *k, const struct known_mark *mark, const struct blind *index)
{
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    *slot_of(k, mark) = (struct slot){.mark = *mark, .index = *index};
    pthread_mutex_unlock(&k->lock);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* A nonce is 16 random bytes, drawn once when a key is taken into use, and a counter of 8.
 *
 * Under one key no nonce may come twice. Within one handle the counter sees to that: 2^64 boxes are not to be made. Two
 * handles of one key (the next process, a day key unwrapped again) differ in the random bytes: after 2^40 such handles
 * the chance that any two were alike is about 2^-49. A forked child would go on from its parent's counter; so a process
 * that holds handles never makes boxes on both sides of a fork, as the store, too, must not be taken across one.
 */
#include "base/mem.h"
#include "vault/keys.h"

#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

enum { PREFIX_BYTES = 16 };

struct nonces {
    unsigned char prefix[PREFIX_BYTES];
    _Atomic uint64_t next;
};

_Static_assert(PREFIX_BYTES + sizeof(uint64_t) == VAULT_NONCE_BYTES, "prefix and counter fill a nonce");

struct nonces *nonces_new(void)
{
    struct nonces *n = mem_alloc(sizeof *n);
    if (!n)
        return NULL;
    randombytes_buf(n->prefix, sizeof n->prefix);
    atomic_init(&n->next, 0);
    return n;
}

void nonces_free(struct nonces *n)
{
    mem_free(n);
}

const unsigned char *nonces_prefix(const struct nonces *n)
{
    return n->prefix;
}

void nonces_next(struct nonces *n, unsigned char nonce[VAULT_NONCE_BYTES])
{
    uint64_t number = atomic_fetch_add_explicit(&n->next, 1, memory_order_relaxed);
    memcpy(nonce, n->prefix, PREFIX_BYTES);
    memcpy(nonce + PREFIX_BYTES, &number, sizeof number); // byte order does not matter: it is stored as it is
}

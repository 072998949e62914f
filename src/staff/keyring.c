// SPDX-License-Identifier: AGPL-3.0-or-later
#include "staff/keyring.h"

#include "base/err.h"
#include "staff/roles.h"

static int add_team(struct keyring *k, const struct opener *identity, const struct team_seal *seal)
{
    struct keyring_team *team = &k->teams[k->count];
    if (k->count == KEYRING_MOST || team_index(seal->team, &team->team) < 0)
        return ERR_CORRUPT;
    int rc = opener_take(identity, seal->public_key, seal->seal, &team->key);
    if (rc < 0)
        return rc;
    team->generation = seal->generation;
    k->count++;
    return 0;
}

int keyring_open(const struct opener *identity, const struct team_seal *seals, size_t count, struct keyring *out)
{
    int rc = 0;
    *out = (struct keyring){0};
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = add_team(out, identity, &seals[i]);
    if (rc < 0)
        keyring_close(out);
    return rc;
}

void keyring_close(struct keyring *k)
{
    for (size_t i = 0; i < k->count; i++)
        opener_close(k->teams[i].key);
    *k = (struct keyring){0};
}

const struct opener *keyring_team(const struct keyring *k, struct span team)
{
    const struct keyring_team *newest = NULL;
    for (size_t i = 0; i < k->count; i++)
        if (span_is(team, team_name(k->teams[i].team)) && (!newest || k->teams[i].generation > newest->generation))
            newest = &k->teams[i];
    return newest ? newest->key : NULL;
}

const struct opener *keyring_generation(const struct keyring *k, struct span team, int64_t generation)
{
    for (size_t i = 0; i < k->count; i++)
        if (span_is(team, team_name(k->teams[i].team)) && generation == k->teams[i].generation)
            return k->teams[i].key;
    return NULL;
}

int keyring_take(const struct keyring *k, const unsigned char public_key[VAULT_PUBLIC_BYTES],
                 const struct held_seal *seals, size_t count, struct opener **out)
{
    int rc = ERR_AUTH;
    for (size_t i = 0; i < count; i++) {
        const struct opener *holder = keyring_generation(k, seals[i].holder, seals[i].generation);
        if (!holder)
            continue;
        rc = opener_take(holder, public_key, seals[i].seal, out);
        if (rc == 0)
            return 0;
    }
    return rc;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* How long a message waits: a uniform draw, so that messages which failed together do not come back together. */
#include "outbox/outbox.h"

enum { AFTER_MAX_S = 24 * 3600, DOUBLINGS_MAX = 20 };

/* A uniform draw from 0 to `most` (less than UINT64_MAX): what lies past the last whole multiple of `most` + 1 is drawn
 * again. */
static uint64_t draw(uint64_t most, struct entropy entropy)
{
    uint64_t values = most + 1, surplus = (UINT64_MAX % values + 1) % values, x;
    do
        entropy.fill(entropy.ctx, &x, sizeof x);
    while (x > UINT64_MAX - surplus);
    return x % values;
}

static uint64_t ceiling_ms(int attempts)
{
    int doublings = attempts < 0 ? 0 : attempts > DOUBLINGS_MAX ? DOUBLINGS_MAX : attempts;
    uint64_t ms = (uint64_t)OUTBOX_BACKOFF_BASE_MS << doublings;
    return ms < OUTBOX_BACKOFF_CAP_MS ? ms : OUTBOX_BACKOFF_CAP_MS;
}

int64_t outbox_backoff(int attempts, int after_s, struct entropy entropy)
{
    int64_t least_s = after_s < 0 ? 0 : after_s > AFTER_MAX_S ? AFTER_MAX_S : after_s;
    return least_s * 1000 + (int64_t)draw(ceiling_ms(attempts), entropy);
}

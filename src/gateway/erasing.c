// SPDX-License-Identifier: AGPL-3.0-or-later
/* erasing - when an erasure is over: what was destroyed may stand in the write-ahead log until that is cut, and it
 * cannot be cut while somebody reads. Until then a person's state is pending; then the audit log says how many they
 * were. */
#include "gateway/internal.h"

#include "base/err.h"
#include "base/log.h"
#include "staff/audit.h"

#include <inttypes.h>

static int settle(const struct gateway *g, int64_t now_s)
{
    struct store *s = g->parts.store;
    int64_t people;
    char object[48];
    int rc = store_erase_settle(s, &people);
    if (rc < 0 || !people)
        return rc;
    snprintf(object, sizeof object, "people %" PRId64, people);
    return audit_note(
        g->parts.vault, s,
        &(struct audit){.at_s = now_s, .actor = SPAN("service"), .action = SPAN("erased"), .object = span_of(object)});
}

static void count_pending(struct gateway *g)
{
    int64_t people = 0;
    if (store_erase_pending(g->parts.store, &people) == 0)
        atomic_store_explicit(&g->erase_pending, people, memory_order_relaxed);
}

void erasing_look(struct gateway *g, int64_t now_s)
{
    bool cut = store_erase_cut(g->parts.store);
    if (!cut && !g->erasing)
        return;
    int rc = cut ? store_begin(g->parts.store) : 0;
    if (cut && rc == 0) {
        rc = settle(g, now_s);
        if (rc == 0)
            rc = store_commit(g->parts.store);
        else
            store_rollback(g->parts.store);
    }
    if (rc < 0)
        log_event(LOG_WARN, "an erasure could not be noted as done", LOG_ERR(rc));
    count_pending(g);
    g->erasing = atomic_load(&g->erase_pending) > 0;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/daily.h"

#include "base/log.h"
#include "console/internal.h"
#include "staff/audit.h"
#include "store/auditlog.h"

enum { DAY_S = 86400 };

int daily_note(struct page *p, struct store *s, const char *action, int most, const char *what, bool *many)
{
    struct span who = span_of(p->session->name);
    int64_t count = 0, now_s = p->now_ms / 1000;
    int rc = store_audit_acted(s, who, span_of(action), now_s - DAY_S, &count);
    *many = rc == 0 && count >= most;
    if (!*many)
        return rc;
    struct span object = arena_printf(p->arena, "%lld %s in a day", (long long)count + 1, what);
    log_event(LOG_WARN, "a member does something unusually often", LOG_NAME("what", what), LOG_INT("today", count + 1));
    return audit_note(p->console->parts.vault, s, &(struct audit){now_s, who, SPAN("alert"), object});
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/retention.h"

#include "base/clock.h"
#include "base/err.h"
#include "staff/audit.h"

#include <inttypes.h>

enum { DAY_S = 86400, TELL_MAX = 1024 };

static void chain_link(void *vault, const unsigned char *previous, struct span row, unsigned char *next)
{
    vault_chain(vault, previous, row, next);
}

int64_t retention_session_s(const struct retention *r)
{
    const struct settings *s = r->settings;
    int64_t most = s->sms_session_s > s->ussd_session_s ? s->sms_session_s : s->ussd_session_s;
    const struct channel *c;
    for (size_t i = 0; (c = channel_set_at(r->channels, i)); i++)
        if (channel_session_s(c) > most)
            most = channel_session_s(c);
    return most;
}

static bool assisted(const struct settings *s, struct span status)
{
    for (size_t i = 0; i < s->assisted_count; i++)
        if (span_eq(s->assisted[i], status))
            return true;
    return false;
}

int64_t retention_case_until(const struct settings *s, const struct store_case *c)
{
    int days = c->safeguarding          ? s->keep_safeguarding_days
               : c->open                ? s->keep_case_days
               : assisted(s, c->status) ? s->keep_assisted_days
                                        : s->keep_closed_days;
    return c->changed_day + days;
}

/* A day's key is needed until its day and the longest session are over, and a stored answer for a day. */
static struct purge_limits limits(const struct retention *r, int64_t now_ms)
{
    const struct settings *s = r->settings;
    int64_t life = retention_session_s(r), now_s = now_ms / 1000, today = day_of_ms(now_ms);
    if (life < DAY_S)
        life = DAY_S;
    return (struct purge_limits){.now_s = now_s,
                                 .today = today,
                                 .key_day = day_of_ms((now_s - life) * 1000),
                                 .message_day = today - s->keep_message_days,
                                 .case_day = today - s->keep_case_days,
                                 .closed_day = today - s->keep_closed_days,
                                 .assisted_day = today - s->keep_assisted_days,
                                 .safeguarding_day = today - s->keep_safeguarding_days,
                                 .anonymous_day = today - s->keep_complaint_days,
                                 .consent_s = now_s - (int64_t)s->keep_consent_days * DAY_S,
                                 .audit_s = now_s - (int64_t)s->keep_audit_days * DAY_S,
                                 .link = chain_link,
                                 .ctx = (void *)r->vault};
}

int retention_step(const struct retention *r, struct store *s, int64_t now_ms, bool dry, struct purge_counts *counts,
                   bool *again)
{
    struct purge_counts step = {0};
    struct purge_limits l = limits(r, now_ms);
    struct str assisted = STR_INIT(TELL_MAX * 4);
    for (size_t i = 0; i < r->settings->assisted_count; i++)
        str_addf(&assisted, " %.*s ", SPAN_ARG(r->settings->assisted[i]));
    l.assisted = str_span(&assisted);
    int rc = str_err(&assisted);
    if (rc == 0)
        rc = store_purge(s, &l, RETENTION_ROWS, &step, again);
    if (rc == 0 && !dry)
        rc = store_purged_keep(s, &step);
    for (int i = 0; i < PURGE_KINDS && rc == 0; i++)
        counts->of[i] += step.of[i];
    str_release(&assisted);
    return rc;
}

void retention_tell(const struct purge_counts *counts, struct str *out)
{
    bool any = false;
    for (int i = 0; i < PURGE_KINDS; i++) {
        if (!counts->of[i])
            continue;
        str_addf(out, "%s%s %" PRId64, any ? ", " : "", purge_words((enum purge_kind)i), counts->of[i]);
        any = true;
    }
    if (!any)
        str_addz(out, "nothing");
}

static bool nothing(const struct purge_counts *counts)
{
    bool any = false;
    for (int i = 0; i < PURGE_KINDS; i++)
        any |= counts->of[i] != 0;
    return !any;
}

int retention_prove(const struct retention *r, struct store *s, int64_t now_ms, struct span actor)
{
    struct purge_counts counts;
    int rc = store_purged_take(s, &counts);
    if (rc < 0 || nothing(&counts))
        return rc;
    struct str object = STR_INIT(TELL_MAX);
    retention_tell(&counts, &object);
    rc = audit_note(
        r->vault, s,
        &(struct audit){.at_s = now_ms / 1000, .actor = actor, .action = SPAN("deleted"), .object = str_span(&object)});
    str_release(&object);
    return rc;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/health.h"

#include "console/internal.h"
#include "console/readers.h"
#include "console/wording.h"
#include "store/auditlog.h"

#include <sys/stat.h>

static void size_set(struct page *p, const char *name, const char *file)
{
    struct stat st;
    const char *path = arena_printf(p->arena, "%s/%s", p->console->parts.data, file).p;
    if (!path || stat(path, &st) < 0)
        return;
    if (st.st_size < 10 * 1024 * 1024)
        view_setf(p->view, name, "%lld KiB", (long long)(st.st_size + 1023) / 1024);
    else
        view_setf(p->view, name, "%lld MiB", (long long)st.st_size / (1024 * 1024));
}

static bool lane_of(const struct page *p, struct span channel, struct port_lane *lane)
{
    const struct console_port *port = p->console->parts.port;
    for (size_t i = 0; port->lane(port->ctx, i, lane); i++)
        if (span_eq(lane->channel, channel))
            return true;
    return false;
}

static void channels_fill(struct page *p)
{
    int64_t leaving = 0;
    for (size_t i = 0; channel_set_at(p->console->parts.channels, i); i++) {
        const struct channel *c = channel_set_at(p->console->parts.channels, i);
        struct port_lane lane;
        struct view *row = view_add(p->view, "channels");
        view_set(row, "channel", channel_name(c));
        view_set(row, "title", channel_title(c));
        view_flag(row, "experimental", channel_experimental(c));
        view_setz(row, "medium", channel_medium(c) == MEDIUM_USSD ? "USSD" : "SMS");
        if (!lane_of(p, channel_name(c), &lane))
            continue;
        leaving += lane.waiting + lane.under_way;
        view_flag(row, "sends", true);
        view_flag(row, "pauses", lane.pauses);
        view_flag(row, "served", lane.served);
        if (lane.fetched_ms)
            view_set(row, "fetched", wording_time(p->arena, lane.fetched_ms / 1000));
        view_setn(row, "waiting", lane.waiting);
        view_setn(row, "under_way", lane.under_way);
        view_setn(row, "accepted", (int64_t)lane.accepted);
        view_setn(row, "retried", (int64_t)lane.retried);
        view_setn(row, "lost", (int64_t)(lane.refused + lane.given_up + lane.expired));
        view_setn(row, "unknown", (int64_t)lane.unknown);
        view_setn(row, "paused", (int64_t)lane.paused);
    }
    view_setn(p->view, "leaving", leaving);
}

/* ---- what was done last ---- */

/* The audit log knows. `also`: the same by another name; NULL: none. */
static int last_fill(struct page *p, struct store *s, const char *name, const char *action, const char *also)
{
    int64_t count, last_s = 0, other_s = 0;
    int rc = store_audit_done(s, span_of(action), 0, &count, &last_s);
    if (rc == 0 && also)
        rc = store_audit_done(s, span_of(also), 0, &count, &other_s);
    last_s = other_s > last_s ? other_s : last_s;
    if (rc == 0 && last_s)
        view_set(p->view, name, wording_time(p->arena, last_s));
    return rc;
}

static void stored_fill(struct page *p)
{
    struct store *s;
    int64_t parts = 0;
    if (readers_take(p->console->readers, &s) < 0)
        return;
    int rc = store_part_waiting(s, &parts);
    if (rc == 0)
        rc = last_fill(p, s, "last_deleted", "deleted", NULL);
    if (rc == 0)
        rc = last_fill(p, s, "last_backup", "backup", NULL);
    if (rc == 0)
        rc = last_fill(p, s, "last_rotation", "replace team key", "replace master key");
    readers_give(p->console->readers, s);
    view_flag(p->view, "unread", rc < 0);
    view_setn(p->view, "parts", parts);
}

void health_fill(struct page *p)
{
    struct port_stats s;
    stored_fill(p);
    p->console->parts.port->stats(p->console->parts.port->ctx, &s);
    view_flag(p->view, "ready", s.ready);
    view_setn(p->view, "turns", (int64_t)s.turns);
    view_setn(p->view, "waiting", s.waiting);
    view_setn(p->view, "shed", (int64_t)(s.shed + s.late));
    view_setn(p->view, "failed", (int64_t)(s.failed + s.adrift));
    view_setn(p->view, "repeats", (int64_t)s.repeats);
    view_setn(p->view, "incomplete", (int64_t)s.incomplete);
    view_setn(p->view, "erase_pending", s.erase_pending);
    size_set(p, "database_size", "waymark.db");
    size_set(p, "log_size", "waymark.db-wal");
    channels_fill(p);
}

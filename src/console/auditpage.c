// SPDX-License-Identifier: AGPL-3.0-or-later
/* auditpage - who did what and when, the newest first; and the proof that nobody changed it. There is no way to change
 * anything here.
 */
#include "base/err.h"
#include "console/internal.h"
#include "console/pages.h"
#include "console/wording.h"
#include "staff/ledger.h"
#include "store/auditlog.h"

enum { AUDIT_PAGE = 50, AUDIT_WORD = 64, ALERT_DAYS = 7 };

static const struct console_port *port_of(const struct page *p)
{
    return p->console->parts.port;
}

/* ---- the list ---- */

/* A day's first second, in UTC; 0: none was asked for, or told on the page. */
static int64_t day_read(struct page *p, const char *field, int64_t later)
{
    struct date d;
    struct span typed = span_trim(page_query(p, field));
    view_set(p->view, field, typed);
    if (!typed.len)
        return 0;
    if (date_parse(typed, &d) < 0) {
        page_error(p, field, "Write the day as year-month-day, like 2026-04-14");
        return 0;
    }
    return (date_to_day(d) + later) * 86400;
}

static struct span word_read(struct page *p, const char *field)
{
    struct span typed = span_first(span_trim(page_query(p, field)), AUDIT_WORD);
    view_set(p->view, field, typed);
    return typed;
}

static struct auditlog_filter filter_read(struct page *p)
{
    struct auditlog_filter f = {.from_s = day_read(p, "from", 0),
                                .to_s = day_read(p, "to", 1),
                                .actor = word_read(p, "who"),
                                .action = word_read(p, "what"),
                                .object = word_read(p, "on")};
    if (f.to_s && f.from_s >= f.to_s)
        page_error(p, "to", "The last day lies before the first");
    if (span_int(page_query(p, "before"), &f.before) < 0 || f.before < 0)
        f.before = 0;
    view_flag(p->view, "filtered", f.from_s || f.to_s || f.actor.len || f.action.len || f.object.len);
    return f;
}

static int rows_read(struct page *p, const struct auditlog_filter *f, struct auditlog_row **rows, size_t *count,
                     int64_t *further)
{
    struct store *s;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = store_auditlog(s, f, AUDIT_PAGE + 1, p->arena, rows, count, further);
    readers_give(p->console->readers, s);
    return rc;
}

/* How many alerts there were of late. */
static int alerts_read(struct page *p, int64_t *count)
{
    struct store *s;
    int64_t last_s;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = store_audit_done(s, SPAN("alert"), p->now_ms / 1000 - (int64_t)ALERT_DAYS * 86400, count, &last_s);
    readers_give(p->console->readers, s);
    return rc;
}

static void audit_page(struct page *p)
{
    struct auditlog_filter f = filter_read(p);
    int64_t alerts = 0, further = 0;
    struct auditlog_row *rows = NULL;
    size_t count = 0;
    int rc = p->errors ? 0 : rows_read(p, &f, &rows, &count, &further);
    if (rc == 0)
        rc = alerts_read(p, &alerts);
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    for (size_t i = 0; i < count && i < AUDIT_PAGE; i++) {
        struct view *row = view_add(p->view, "entries");
        view_setn(row, "id", rows[i].id);
        view_set(row, "when", wording_time(p->arena, rows[i].at_s));
        view_set(row, "actor", rows[i].actor);
        view_set(row, "action", rows[i].action);
        view_set(row, "object", rows[i].object);
    }
    if (count > AUDIT_PAGE)
        view_setn(p->view, "older", rows[AUDIT_PAGE - 1].id);
    else if (further)
        view_setn(p->view, "older", further);
    view_flag(p->view, "not_all", count <= AUDIT_PAGE && further);
    view_flag(p->view, "later", f.before > 0);
    view_setn(p->view, "alert_days", ALERT_DAYS);
    if (alerts)
        view_setn(p->view, "alerts", alerts);
    page_show(p, "audit");
}

void audit_show(struct page *p)
{
    audit_page(p);
}

/* ---- the proof ---- */

struct proving {
    struct ledger ledger;
    int rc;
};

static int step_fn(void *ctx, struct store *s)
{
    struct proving *v = ctx;
    v->rc = ledger_step(&v->ledger, s);
    return 0;
}

/* Some hundred rows a step, so that turns go on between. */
static int prove(struct page *p, struct proving *v)
{
    ledger_start(&v->ledger, p->console->parts.vault);
    v->rc = 1;
    while (v->rc == 1) {
        int rc = port_of(p)->call(port_of(p)->ctx, step_fn, v);
        if (rc < 0)
            return rc;
    }
    return v->rc;
}

static void proof_fill(struct page *p, const struct ledger_proof *proof)
{
    struct view *v = p->view;
    view_flag(v, "proved", true);
    view_flag(v, "sound", !proof->fault_count);
    view_setn(v, "audit_rows", proof->rows[CHAIN_AUDIT]);
    view_setn(v, "consent_rows", proof->rows[CHAIN_CONSENT]);
    view_set(v, "proved_at", wording_time(p->arena, p->now_ms / 1000));
    view_set(v, "audit_end", arena_copy(p->arena, span_of(proof->ends[CHAIN_AUDIT])));
    for (size_t i = 0; i < proof->fault_count && i < LEDGER_FAULTS_MAX; i++) {
        struct str text = STR_INIT(1024);
        ledger_tell(&proof->faults[i], &text);
        view_set(view_add(v, "faults"), "fault", arena_copy(p->arena, str_span(&text)));
        str_release(&text);
    }
}

void audit_verify(struct page *p)
{
    struct proving *v = arena_alloc(p->arena, sizeof *v);
    int rc = v ? prove(p, v) : ERR_NOMEM;
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    proof_fill(p, &v->ledger.proof);
    audit_page(p);
}

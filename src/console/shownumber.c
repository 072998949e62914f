// SPDX-License-Identifier: AGPL-3.0-or-later
/* shownumber - a telephone number in full: asked for with a reason, shown for a minute, written down, and noticed where
 * somebody does it more often in a day than their work explains. To add a reason: a row of REASONS.
 */
#include "base/err.h"
#include "base/log.h"
#include "console/casepage.h"
#include "console/deed.h"
#include "console/internal.h"
#include "console/override.h"
#include "console/pages.h"
#include "staff/audit.h"

enum { SHOWN_S = 60, DAILY_MOST = 30 };

static const struct {
    const char *word, *text;
} REASONS[] = {
    {"call", "To call them now"},
    {"check", "They called us, and I check that it is them"},
    {"danger", "Somebody is in danger"},
};

static int shown_write(struct deed *d, struct store *s)
{
    struct page *p = d->page;
    struct span who = span_of(p->session->name);
    int rc = caseload_acted(s, who, SPAN("shown"), p->now_ms / 1000 - 86400, &d->number);
    if (rc < 0 || d->number < DAILY_MOST)
        return rc;
    struct span object = arena_printf(p->arena, "%lld numbers in a day", (long long)d->number + 1);
    log_event(LOG_WARN, "many numbers shown to one member", LOG_INT("today", d->number + 1));
    return audit_note(p->console->parts.vault, s, &(struct audit){p->now_ms / 1000, who, SPAN("alert"), object});
}

void number_show(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!b)
        return;
    bool silent = casebook_stopped(b) && !override_of(p, b).granted_by;
    if (b->sealed || !b->number.digits[0] || silent) {
        page_missing(p);
        return;
    }
    size_t i = 0, count = sizeof REASONS / sizeof *REASONS;
    while (i < count && !span_is(page_form(p, "why"), REASONS[i].word))
        i++;
    if (i == count) {
        page_error(p, "why", "Choose why you need the number");
        case_draw(p, b, "case");
        return;
    }
    struct deed d = {.page = p,
                     .book = b,
                     .what = "shown",
                     .text = span_of(REASONS[i].text),
                     .audit = span_of(REASONS[i].word),
                     .write = shown_write,
                     .any_version = true};
    int rc = deed_do(&d);
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    casepage_head(p, b);
    view_set(p->view, "number", wording_number(p->arena, &b->number));
    view_flag(p->view, "stopped", casebook_stopped(b));
    view_flag(p->view, "many", d.number >= DAILY_MOST);
    page_header(p, SPAN("Refresh"),
                arena_printf(p->arena, "%d; url=/case/%.*s", SHOWN_S, SPAN_ARG(b->stored.row.reference)));
    page_show(p, "number");
}

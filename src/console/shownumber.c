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

/* The case, with its number asked for and written down; else answered already, with `page` where no reason was chosen.
 */
static struct casebook *reveal(struct page *p, const char *page, const char *paper)
{
    struct casebook *b = casebook_need(p);
    if (!b)
        return NULL;
    bool silent = casebook_stopped(b) && !override_of(p, b).granted_by;
    if (b->sealed || !b->number.digits[0] || silent) {
        page_missing(p);
        return NULL;
    }
    size_t i = 0, count = sizeof REASONS / sizeof *REASONS;
    while (i < count && !span_is(page_form(p, "why"), REASONS[i].word))
        i++;
    if (i == count) {
        page_error(p, "why", "Choose why you need the number");
        case_draw(p, b, page);
        return NULL;
    }
    struct deed d = {.page = p,
                     .book = b,
                     .what = "shown",
                     .text = arena_printf(p->arena, "%s%s", REASONS[i].text, paper),
                     .audit = arena_printf(p->arena, "%s%s", REASONS[i].word, paper),
                     .write = shown_write,
                     .any_version = true};
    int rc = deed_do(&d);
    if (rc < 0) {
        page_failed(p, rc);
        return NULL;
    }
    view_set(p->view, "number", wording_number(p->arena, &b->number));
    view_flag(p->view, "many", d.number >= DAILY_MOST);
    return b;
}

static void back_after_a_minute(struct page *p, const struct casebook *b, const char *where)
{
    struct span reference = b->stored.row.reference;
    page_header(p, SPAN("Refresh"),
                arena_printf(p->arena, "%d; url=/case/%.*s%s", SHOWN_S, SPAN_ARG(reference), where));
}

void number_show(struct page *p)
{
    struct casebook *b = reveal(p, "case", "");
    if (!b)
        return;
    casepage_head(p, b);
    view_flag(p->view, "stopped", casebook_stopped(b));
    back_after_a_minute(p, b, "");
    page_show(p, "number");
}

/* The case on one page, with its number. */
void number_print(struct page *p)
{
    struct casebook *b = reveal(p, "case_print", ", on paper");
    if (!b)
        return;
    back_after_a_minute(p, b, "/print");
    case_draw(p, b, "case_print");
}

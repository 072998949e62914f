// SPDX-License-Identifier: AGPL-3.0-or-later
/* shownumber - a telephone number in full: asked for with a reason, shown for a minute, written down, and noticed where
 * somebody does it more often in a day than their work explains. To add a reason: a row of REASONS.
 */
#include "base/err.h"
#include "console/casepage.h"
#include "console/daily.h"
#include "console/deed.h"
#include "console/internal.h"
#include "console/override.h"
#include "console/pages.h"

#include <inttypes.h>

enum { SHOWN_S = 60 };

static const struct {
    const char *word, *text;
} REASONS[] = {
    {"call", "To call them now"},
    {"check", "They called us, and I check that it is them"},
    {"danger", "Somebody is in danger"},
};

/** A number being shown. */
struct showing {
    struct deed deed; /* first: `write` is handed it */
    bool many;
};

static int shown_write(struct deed *d, struct store *s)
{
    const struct settings *settings = d->page->console->parts.settings;
    return daily_note(d->page, s, "shown", settings->alert_numbers, "numbers", &((struct showing *)(void *)d)->many);
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
    struct showing x = {.deed = {.page = p,
                                 .book = b,
                                 .what = "shown",
                                 .text = arena_printf(p->arena, "%s%s", REASONS[i].text, paper),
                                 .audit = arena_printf(p->arena, "%s%s", REASONS[i].word, paper),
                                 .write = shown_write,
                                 .any_version = true}};
    int rc = deed_do(&x.deed);
    if (rc < 0) {
        page_failed(p, rc);
        return NULL;
    }
    view_set(p->view, "number", wording_number(p->arena, &b->number));
    view_flag(p->view, "many", x.many);
    view_setn(p->view, "many_most", p->console->parts.settings->alert_numbers);
    return b;
}

static void back_after_a_minute(struct page *p, struct span where)
{
    page_header(p, SPAN("Refresh"), arena_printf(p->arena, "%d; url=%.*s", SHOWN_S, SPAN_ARG(where)));
}

static struct span path_of(struct page *p, const struct casebook *b, const char *page)
{
    return arena_printf(p->arena, "/case/%.*s%s", SPAN_ARG(b->stored.row.reference), page);
}

void number_show(struct page *p)
{
    struct casebook *b = reveal(p, "case", "");
    if (!b)
        return;
    casepage_head(p, b);
    view_flag(p->view, "stopped", casebook_stopped(b));
    int64_t call = page_form_number(p, "call", 0); // who is calling goes on with the call
    if (call > 0)
        view_setn(p->view, "back_call", call);
    back_after_a_minute(p, call > 0 ? arena_printf(p->arena, "/callback/%" PRId64, call) : path_of(p, b, ""));
    page_show(p, "number");
}

/* The case on one page, with its number. */
void number_print(struct page *p)
{
    struct casebook *b = reveal(p, "case_print", ", on paper");
    if (!b)
        return;
    back_after_a_minute(p, path_of(p, b, "/print"));
    case_draw(p, b, "case_print");
}

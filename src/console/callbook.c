// SPDX-License-Identifier: AGPL-3.0-or-later
/* callbook - a call is booked on a case, or moved to another time. */
#include "base/err.h"
#include "console/calls.h"
#include "console/casepage.h"
#include "console/deed.h"
#include "console/internal.h"
#include "console/pages.h"
#include "console/safehours.h"

enum { SOON_S = 900 };

/** What the form says. */
struct booking {
    struct deed deed; /* first: `write` is handed it */
    struct callback row;
    struct call_window window;
    struct str seal;
    int64_t id;
};

/* The case, where its person may be called; else answered already. */
static struct casebook *book_need(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!b)
        return NULL;
    if (b->stored.row.closed_day || b->sealed || !b->number.digits[0]) {
        page_missing(p);
        return NULL;
    }
    if (casepage_contact(p, b))
        return b;
    casepage_head(p, b);
    page_show_as(p, span_is(p->request->method, "POST") ? 422 : 200, "call_forbidden");
    return NULL;
}

static void book_page(struct page *p, const struct casebook *b)
{
    casepage_head(p, b);
    calls_of_case(p, b);
    view_setf(p->view, "title", "Book a call for %.*s", SPAN_ARG(b->stored.row.reference));
    view_setf(p->view, "action", "/case/%.*s/callback", SPAN_ARG(b->stored.row.reference));
    page_show(p, "call_book");
}

void call_book_show(struct page *p)
{
    struct casebook *b = book_need(p);
    if (!b)
        return;
    struct call_window w;
    if (!safe_window_offer(p, b, &w))
        return;
    if (w.known) { // what is known need not be typed: the next safe time but the present one
        int64_t until_s, soon_s = p->now_ms / 1000 + SOON_S;
        call_time_fill(p, call_window_next(&w, soon_s - soon_s % SOON_S, &until_s));
    } else if (view_get(p->view, SPAN("any_time")).len) {
        w = call_window_any();
    }
    call_window_fill(p, &w);
    book_page(p, b);
}

/* Time and window of the form, sealed. False: what is wrong is told. */
static bool booking_read(struct page *p, const struct casebook *b, struct booking *k)
{
    str_init(&k->seal, 2 * TOLD_MAX);
    k->row.due_s = call_time_need(p);
    struct call_window w = call_window_need(p, k->row.due_s);
    if (p->errors)
        return false;
    k->window = w;
    struct str text = STR_INIT(CALL_DETAIL_MAX);
    call_window_write(&w, &text);
    int rc = told_call_seal(b->stored.public_key, b->stored.row.reference, str_span(&text), &k->seal);
    vault_forget(&text);
    if (rc < 0)
        page_failed(p, rc);
    k->row.seal = str_span(&k->seal);
    return rc == 0;
}

static int book_write(struct deed *d, struct store *s)
{
    struct booking *k = (struct booking *)(void *)d;
    int rc = callback_add(s, &k->row, &k->id);
    if (rc == 0)
        rc = safe_hours_add(d, s, &k->window);
    // whoever promises to call has taken the case on
    bool free = !d->book->stored.row.owner;
    return rc < 0 || !free ? rc : caseload_own(s, d->book->stored.row.id, d->page->session->member, d->day);
}

void call_book_do(struct page *p)
{
    struct booking k = {0};
    struct casebook *b = book_need(p);
    if (!b)
        return;
    if (booking_read(p, b, &k)) {
        k.row.case_id = b->stored.row.id;
        k.row.booked_s = p->now_ms / 1000;
        k.row.booked_by = p->session->member;
        k.deed = (struct deed){
            .page = p, .book = b, .what = "callback", .text = wording_time(p->arena, k.row.due_s), .write = book_write};
        deed_answer(&k.deed, deed_do(&k.deed), "book a call");
    } else if (p->errors) {
        book_page(p, b);
    }
    str_release(&k.seal);
}

/* ---- another time ---- */

static int move_write(struct deed *d, struct store *s)
{
    struct booking *k = (struct booking *)(void *)d;
    int rc = callback_move(s, &k->row, k->row.due_s, k->row.seal);
    return rc < 0 ? rc : safe_hours_add(d, s, &k->window);
}

void call_move(struct page *p)
{
    struct callback c;
    struct casebook *b = call_need(p, &c);
    if (!b)
        return;
    struct booking k = {0};
    if (booking_read(p, b, &k)) {
        k.row.id = c.id;
        k.row.attempts = page_form_number(p, "attempts", -1);
        k.deed = (struct deed){.page = p,
                               .book = b,
                               .what = "moved",
                               .text = wording_time(p->arena, k.row.due_s),
                               .write = move_write,
                               .any_version = true};
        int rc = deed_do(&k.deed);
        if (rc == 0)
            page_gof(p, "/callback/%lld?done=moved", (long long)c.id);
        else if (rc == ERR_EXISTS)
            page_gof(p, "/callback/%lld?done=changed", (long long)c.id);
        else
            page_failed(p, rc);
    } else if (p->errors) {
        view_flag(p->view, "moving", true);
        call_draw(p, b, &c);
    }
    str_release(&k.seal);
}

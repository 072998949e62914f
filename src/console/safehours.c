// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/safehours.h"

#include "base/err.h"
#include "console/casepage.h"
#include "console/internal.h"
#include "console/pages.h"
#include "console/wording.h"

enum { PLAN_STEPS = 32 }; /* a week of nights, and more */

struct call_window safe_window(const struct casebook *b)
{
    struct call_window w;
    call_window_read(b->hours, &w);
    return w;
}

/* ---- of another case ---- */

bool safe_window_offer(struct page *p, const struct casebook *b, struct call_window *w)
{
    *w = safe_window(b);
    const struct opener *key = w->known || !b->other ? NULL : casebook_key(p, b->other);
    if (!key)
        return true;
    struct span from = b->other->row.reference;
    const struct told_place place = {from, b->other_hours->id};
    struct str text = STR_INIT(TOLD_MAX);
    if (told_note_unseal(key, &place, b->other_hours->seal, &text) == 0 && call_window_read(str_span(&text), w))
        safe_other_fill(p, b);
    vault_forget(&text);
    int rc = page_note(
        p, "opened",
        arena_printf(p->arena, "case %.*s: hours, for case %.*s", SPAN_ARG(from), SPAN_ARG(b->stored.row.reference)));
    if (rc < 0)
        page_failed(p, rc);
    return rc == 0;
}

void safe_other_fill(struct page *p, const struct casebook *b)
{
    if (!b->other)
        return;
    view_set(p->view, "other_case", b->other->row.reference);
    view_set(p->view, "other_day", wording_day(p->arena, b->other_hours->day));
}

/* ---- when a text may leave ---- */

static bool wrote_since(const struct casebook *b, int64_t since_s)
{
    for (size_t i = b->note_count; i > 0; i--)
        if (span_is(b->notes[i - 1].row->what, "message") && b->notes[i - 1].at_s >= since_s)
            return true;
    return false;
}

/* The first time that is neither outside their hours nor quiet here. False: there is none. */
static bool leave_find(const struct settings *s, const struct call_window *w, struct safe_leave *leave)
{
    for (int i = 0; i < PLAN_STEPS; i++) {
        int64_t until_s, from_s = (leave->leave_ms + 999) / 1000, next_s = call_window_next(w, from_s, &until_s);
        leave->leave_ms = next_s == from_s ? leave->leave_ms : next_s * 1000;
        leave->until_ms = until_s * 1000;
        int64_t quiet_ms = clock_daily_until(leave->leave_ms, s->quiet_from, s->quiet_to);
        if (!quiet_ms)
            return true;
        leave->leave_ms = quiet_ms;
    }
    return false;
}

struct safe_leave safe_leave(const struct page *p, const struct casebook *b, const struct menutext *menus,
                             int64_t from_ms)
{
    struct safe_leave leave = {.leave_ms = from_ms};
    struct call_window w = safe_window(b);
    struct span may = casebook_answer(b, menus->may_call);
    bool theirs = span_is(may, "time") || casebook_answer(b, menus->safe_time).len;
    leave.answers = wrote_since(b, p->now_ms / 1000 - ANSWERING_S);
    leave.unwritten = (theirs || b->hours_lost) && !w.known && !leave.answers;
    if (leave.unwritten)
        leave.why = "They are safe at a time of their own, and nobody has written it down as hours yet";
    else if (casebook_flag(b, SPAN("do-not-call")) && !leave.answers && !b->stored.row.waiting)
        leave.why = "They said that they will call us. Nothing is sent to this number until they write";
    else if (!leave_find(p->console->parts.settings, leave.answers ? &(struct call_window){0} : &w, &leave))
        leave.why = "The hours that are safe for them all lie within the hours at which this service texts nobody";
    leave.later = leave.leave_ms > from_ms;
    return leave;
}

/* ---- on pages ---- */

static void next_fill(struct page *p, struct view *v, const struct call_window *w)
{
    int64_t until_s, now_s = p->now_ms / 1000, next_s = call_window_next(w, now_s, &until_s);
    view_flag(v, "open_now", next_s == now_s);
    if (next_s == now_s)
        return;
    struct view *next = view_add(v, "next");
    call_times_fill(p, next, w, next_s);
}

void safe_hours_fill(struct page *p, const struct casebook *b)
{
    struct call_window w = safe_window(b);
    view_flag(p->view, "may_hours", !b->stored.row.closed_day && !b->sealed && b->stored.row.person);
    safe_other_fill(p, b);
    if (!w.known)
        return;
    struct view *v = view_add(p->view, "hours");
    call_times_fill(p, v, &w, p->now_ms / 1000);
    next_fill(p, v, &w);
}

static void hours_page(struct page *p, const struct casebook *b)
{
    casepage_head(p, b);
    casepage_contact(p, b);
    view_setf(p->view, "title", "When it is safe: %.*s", SPAN_ARG(b->stored.row.reference));
    page_show(p, "hours");
}

/* The case, where hours may be written down; else answered already. */
static struct casebook *hours_need(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!b || (!b->stored.row.closed_day && !b->sealed && b->stored.row.person))
        return b;
    page_missing(p);
    return NULL;
}

void hours_show(struct page *p)
{
    struct casebook *b = hours_need(p);
    if (!b)
        return;
    struct call_window w;
    if (!safe_window_offer(p, b, &w))
        return;
    call_window_fill(p, &w);
    hours_page(p, b);
}

/* ---- writing them down ---- */

static struct span window_text(struct page *p, const struct call_window *w)
{
    struct str text = STR_INIT(CALL_DETAIL_MAX);
    call_window_write(w, &text);
    struct span copy = arena_copy(p->arena, str_span(&text));
    vault_forget(&text);
    return copy;
}

int safe_hours_add(struct deed *d, struct store *s, const struct call_window *w)
{
    struct span text = window_text(d->page, w);
    return span_eq(text, d->book->hours) ? 0 : deed_entry(d, s, "hours", text);
}

/* A call that is booked goes by the new hours. */
static int call_follow(struct deed *d, struct store *s)
{
    struct callback *rows;
    size_t count;
    struct str seal = STR_INIT(2 * TOLD_MAX);
    const struct casebook *b = d->book;
    int rc = callback_of_case(s, b->stored.row.id, d->page->arena, &rows, &count);
    if (rc == 0)
        rc = told_call_seal(b->stored.public_key, b->stored.row.reference, d->text, &seal);
    for (size_t i = 0; rc == 0 && i < count; i++)
        if (!rows[i].outcome.len)
            rc = callback_move(s, &rows[i], rows[i].due_s, str_span(&seal));
    str_release(&seal);
    return rc;
}

/* Replies that wait for the old hours do not leave by them. */
static int replies_cancel(struct deed *d, struct store *s)
{
    for (size_t i = 0; i < d->book->note_count; i++) {
        const struct caseload_note *n = d->book->notes[i].row;
        if (!n->message || n->state != MESSAGE_QUEUED)
            continue;
        int rc = caseload_message_undo(s, n->message);
        if (rc < 0 && rc != ERR_NOT_NOW)
            return rc;
    }
    return 0;
}

static int hours_write(struct deed *d, struct store *s)
{
    int rc = call_follow(d, s);
    return rc < 0 ? rc : replies_cancel(d, s);
}

void hours_do(struct page *p)
{
    struct casebook *b = hours_need(p);
    if (!b)
        return;
    struct call_window w = call_window_need(p, 0);
    if (p->errors) {
        hours_page(p, b);
        return;
    }
    struct deed d = {.page = p, .book = b, .what = "hours", .text = window_text(p, &w), .write = hours_write};
    deed_answer(&d, deed_do(&d), "write down when it is safe");
}

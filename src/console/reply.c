// SPDX-License-Identifier: AGPL-3.0-or-later
/* reply - an SMS to the person of a case: choose or write, see it as it will leave, send, and ten seconds to take it
 * back.
 *
 * What forbids a reply is a row of FORBIDS, looked at when the page is drawn and again in the transaction that queues
 * the message: a stop that came meanwhile wins. Outside the hours that are safe for them it leaves when those begin
 * (safehours.h). There is no way to write to more than one person.
 */
#include "base/err.h"
#include "base/log.h"
#include "channel/set.h"
#include "console/casepage.h"
#include "console/deed.h"
#include "console/firstreply.h"
#include "console/internal.h"
#include "console/menutext.h"
#include "console/pages.h"
#include "console/safehours.h"
#include "text/fold.h"
#include "text/paging.h"
#include "vault/outbound.h"

enum { UNDO_MS = 10000, ALIKE_MS = 30 * 60000, ALIKE_MOST = 5, REPLY_MAX = 64 * 1024 };

/* ---- what forbids it ---- */

struct reply_try {
    struct page *p;
    const struct casebook *b;
    struct store *s; /* the connection that is asked */
    const struct menutext *menus;
    struct store_turn turn; /* the number, where it is theirs */
};

static bool no_person(struct reply_try *t)
{
    return !t->b->stored.row.person || t->b->sealed || !t->b->number.digits[0];
}

static bool stopped(struct reply_try *t)
{
    return caseload_number(t->s, t->b->stored.row.person, &t->turn) < 0 || t->turn.stopped;
}

static bool not_agreed(struct reply_try *t)
{
    bool agreed = true;
    for (size_t i = 0; i < t->menus->needs_count && agreed; i++)
        if (caseload_agreed(t->s, t->b->stored.row.person, t->menus->needs[i], &agreed) < 0)
            return true;
    return !agreed;
}

static bool do_not_text(struct reply_try *t)
{
    return casebook_flag(t->b, SPAN("do-not-text"));
}

static const struct {
    bool (*holds)(struct reply_try *t);
    const char *why;
} FORBIDS[] = {
    {no_person, "There is no number to which a reply could go"},
    {stopped, "This person asked us to stop. Nothing can be sent to them"},
    {not_agreed, "This person has not agreed to be contacted, or took it back"},
    {do_not_text, "This case is marked: do not text"},
};

static const char *forbidden(struct reply_try *t)
{
    for (size_t i = 0; i < sizeof FORBIDS / sizeof *FORBIDS; i++)
        if (FORBIDS[i].holds(t))
            return FORBIDS[i].why;
    return safe_leave(t->p, t->b, t->menus, t->p->now_ms + UNDO_MS).why;
}

static const char *forbidden_now(struct page *p, const struct casebook *b, const struct menutext *menus)
{
    struct store *s;
    if (readers_take(p->console->readers, &s) < 0)
        return "Something went wrong here. Please try again";
    struct reply_try t = {.p = p, .b = b, .s = s, .menus = menus};
    const char *why = forbidden(&t);
    readers_give(p->console->readers, s);
    return why;
}

static void forbidden_page(struct page *p, const struct casebook *b, const char *why, int status)
{
    casepage_head(p, b);
    casepage_contact(p, b);
    safe_hours_fill(p, b);
    view_setz(p->view, "why", why);
    view_flag(p->view, "tried", status != 200);
    if (status != 200)
        page_written(p);
    page_show_as(p, status, "reply_forbidden");
}

/* ---- choosing and writing ---- */

static void canned_fill(struct page *p, const struct menutext *menus, bool foreign)
{
    struct span chosen = page_form(p, "canned");
    for (size_t i = 0; i < menus->reply_count; i++) {
        const struct menutext_reply *r = &menus->replies[i];
        struct view *row = view_add(p->view, "canned");
        view_set(row, "name", r->name);
        view_set(row, "label", r->label);
        view_set(row, "words", r->text);
        view_flag(row, "untranslated", foreign && !r->translated);
        if (foreign && r->translated)
            view_set(row, "english", r->english);
        view_flag(row, "chosen", span_eq(r->name, chosen));
    }
}

static bool is_foreign(const struct casebook *b, const struct menutext *menus)
{
    return b->language.len && !span_eq(b->language, menus->first_language);
}

/* What they wrote last, which is what is being answered. */
static void last_fill(struct page *p, const struct casebook *b)
{
    for (size_t i = b->note_count; i > 0; i--) {
        const struct book_note *n = &b->notes[i - 1];
        if (!span_is(n->row->what, "message"))
            continue;
        view_set(p->view, "wrote", n->text);
        view_set(p->view, "wrote_at", n->at_s ? wording_time(p->arena, n->at_s) : wording_day(p->arena, n->row->day));
        return;
    }
}

static void write_page(struct page *p, const struct casebook *b, const struct menutext *menus)
{
    struct call_window w = safe_window(b);
    struct safe_leave l = safe_leave(p, b, menus, p->now_ms + UNDO_MS);
    casepage_head(p, b);
    last_fill(p, b);
    safe_other_fill(p, b);
    if (l.later)
        call_times_fill(p, view_add(p->view, "later"), &w, l.leave_ms / 1000);
    view_flag(p->view, "foreign", is_foreign(b, menus));
    canned_fill(p, menus, is_foreign(b, menus));
    view_flag(p->view, "not_called", casebook_flag(b, SPAN("do-not-call")));
    view_setf(p->view, "title", "Reply to %.*s", SPAN_ARG(b->stored.row.reference));
    page_show(p, "reply");
}

/* The case and its menus, where a reply is allowed; else answered already. */
static struct casebook *reply_need(struct page *p, struct menutext *menus)
{
    struct casebook *b = casebook_need(p);
    if (!b)
        return NULL;
    int rc = menutext_read(p, b, menus);
    const char *why = rc < 0 ? NULL : b->stored.row.closed_day ? "This case is closed" : forbidden_now(p, b, menus);
    if (rc == 0 && !why)
        return b;
    if (rc < 0) {
        page_failed(p, rc);
        return NULL;
    }
    forbidden_page(p, b, why, span_is(p->request->method, "POST") ? 422 : 200);
    return NULL;
}

void reply_show(struct page *p)
{
    struct menutext menus;
    struct casebook *b = reply_need(p, &menus);
    if (b)
        write_page(p, b, &menus);
}

/* ---- looking at it ---- */

/** What is to leave. */
struct draft {
    struct span text, english; /* english: of a canned one in another language */
    bool free;                 /* written by the member */
};

static bool language_folds(const struct page *p, struct span language)
{
    const struct settings *s = p->console->parts.settings;
    for (size_t i = 0; i < s->language_count; i++)
        if (span_eq(s->languages[i].code, language))
            return s->languages[i].fold;
    return false;
}

/* As the gateway sends what the menus say: signs that a phone lacks in their plain form, and accents off where the
 * operator wants that and it brings the text into the phone's alphabet. */
static struct span as_it_leaves(struct page *p, const struct casebook *b, struct span text)
{
    struct str plain = STR_INIT(REPLY_MAX);
    struct span copy = arena_copy(p->arena, fold_shown(&plain, text, language_folds(p, b->language)));
    str_release(&plain);
    return copy;
}

/* The words of the form, as they will leave; what is wrong is told. */
static struct draft draft_read(struct page *p, const struct casebook *b, const struct menutext *menus)
{
    struct draft d = {.free = true};
    struct span canned = page_form(p, "canned");
    for (size_t i = 0; i < menus->reply_count; i++) {
        if (!span_eq(menus->replies[i].name, canned))
            continue;
        const struct menutext_reply *r = &menus->replies[i];
        return (struct draft){.text = as_it_leaves(p, b, r->text),
                              .english = is_foreign(b, menus) && r->translated ? r->english : (struct span){0}};
    }
    d.text = as_it_leaves(p, b, page_words(p, "words"));
    view_set(p->view, "words", d.text);
    if (!d.text.len)
        page_error(p, "words", "Choose an answer, or write one");
    else if (paging_segments(d.text) > p->console->parts.settings->parts_send)
        page_error(p, "words", "Shorten the text: it has more SMS parts than one message may have");
    if (is_foreign(b, menus) && !span_is(page_form(p, "checked"), "yes"))
        page_error(p, "checked", "Say that you have checked the language, or choose a prepared answer");
    view_flag(p->view, "checked", span_is(page_form(p, "checked"), "yes"));
    return d;
}

static void warnings_fill(struct page *p, const struct draft *d)
{
    const struct settings *s = p->console->parts.settings;
    struct measure m = measure_of(d->text);
    int parts = paging_segments(d->text);
    view_setn(p->view, "parts", parts);
    view_flag(p->view, "several", parts > 1);
    view_setn(p->view, "used", measure_count(m, d->text));
    view_setn(p->view, "room", parts > 1 ? parts * (m.gsm ? 153 : 67) : m.gsm ? 160 : 70); // GSM 03.38, 03.40
    view_flag(p->view, "wide", !m.gsm);
    for (size_t i = 0; i < s->avoid_count && d->free; i++) {
        struct span rest = d->text, phrase = s->avoids[i].phrase;
        for (; rest.len >= phrase.len; rest = span_from(rest, 1))
            if (span_eq_nocase(span_first(rest, phrase.len), phrase)) {
                view_set(view_add(p->view, "avoided"), "phrase", phrase);
                break;
            }
    }
}

/* When it leaves, as the form of the check page carries it: what was checked is what happens. */
static struct span leaves_word(struct page *p, const struct safe_leave *l)
{
    return l->later ? arena_printf(p->arena, "%lld", (long long)(l->leave_ms / 1000)) : SPAN("now");
}

static void check_page(struct page *p, const struct casebook *b, const struct menutext *menus, const struct draft *d,
                       int status)
{
    struct call_window w = safe_window(b);
    struct safe_leave l = safe_leave(p, b, menus, p->now_ms + UNDO_MS);
    casepage_head(p, b);
    warnings_fill(p, d);
    view_set(p->view, "text", d->text);
    view_set(p->view, "words", page_words(p, "words"));
    view_set(p->view, "english", d->english);
    view_set(p->view, "canned_name", d->free ? (struct span){0} : page_form(p, "canned"));
    view_flag(p->view, "foreign", is_foreign(b, menus));
    view_set(p->view, "leaves", leaves_word(p, &l));
    view_flag(p->view, "answers", l.answers && w.known && !call_window_holds(&w, p->now_ms / 1000));
    if (l.later)
        call_times_fill(p, view_add(p->view, "later"), &w, l.leave_ms / 1000);
    view_flag(p->view, "changed_time", status != 200);
    view_setf(p->view, "title", "Check the reply to %.*s", SPAN_ARG(b->stored.row.reference));
    page_show_as(p, status, "reply_check");
}

void reply_check(struct page *p)
{
    struct menutext menus;
    struct casebook *b = reply_need(p, &menus);
    if (!b)
        return;
    if (page_form(p, "again").len) {
        view_set(p->view, "words", page_words(p, "words"));
        view_flag(p->view, "checked", span_is(page_form(p, "checked"), "yes"));
        write_page(p, b, &menus);
        return;
    }
    struct draft d = draft_read(p, b, &menus);
    if (p->errors)
        write_page(p, b, &menus);
    else
        check_page(p, b, &menus, &d, 200);
}

/* ---- sending ---- */

struct sending {
    struct deed deed; /* first: `write` is handed it */
    struct menutext menus;
    struct span text, channel;
    struct safe_leave leave;
    const char *why; /* it was refused */
};

static struct store_index digest_of(const struct page *p, const struct store_turn *turn, struct span text)
{
    struct span number = {(const char *)turn->number_key.bytes, sizeof turn->number_key.bytes};
    struct blind blind = vault_blind(p->console->parts.vault, BLIND_MESSAGE, number, text);
    struct store_index digest;
    memcpy(digest.bytes, blind.bytes, sizeof digest.bytes);
    return digest;
}

static int refuse(struct sending *x, const char *why)
{
    x->why = why;
    return ERR_REFUSED;
}

/* Under the epoch of the moment, so in the transaction. */
static int reply_queue(struct sending *x, struct store *s, const struct store_turn *turn)
{
    const struct page *p = x->deed.page;
    struct store_message m = {
        .channel = x->channel, .class = MESSAGE_NOTICE, .due_ms = x->leave.leave_ms, .until_ms = x->leave.until_ms};
    struct outbound_row row = {.class = m.class, .epoch = turn->epoch};
    struct str box = STR_INIT(REPLY_MAX * 2);
    vault_random(NULL, m.key, sizeof m.key);
    memcpy(row.key, m.key, sizeof row.key);
    int rc = outbound_box(p->console->parts.vault, &row, &x->deed.book->number, x->text, &box);
    m.box = str_span(&box);
    if (rc == 0)
        rc = store_outbox_add(s, turn, &m, &x->deed.message);
    str_release(&box);
    return rc;
}

static int reply_write(struct deed *d, struct store *s)
{
    struct sending *x = (struct sending *)(void *)d;
    struct page *p = d->page;
    const struct caseload_row *row = &d->book->stored.row;
    struct reply_try t = {.p = p, .b = d->book, .s = s, .menus = &x->menus};
    const char *why = forbidden(&t);
    if (why)
        return refuse(x, why);
    struct store_index digest = digest_of(p, &t.turn, x->text);
    int64_t alike = 0;
    int rc = store_outbox_alike(s, &t.turn, &digest, p->now_ms - ALIKE_MS, &alike);
    if (rc == 0 && alike >= ALIKE_MOST)
        return refuse(x, "They got this very text five times in half an hour. Write something else, or wait");
    if (rc == 0)
        rc = reply_queue(x, s, &t.turn);
    if (rc == 0)
        rc = store_outbox_mark(s, d->message, &digest);
    if (rc == 0)
        rc = firstreply_count(d, s);
    // whoever answers has taken the case on
    return rc < 0 || row->owner ? rc : caseload_own(s, row->id, p->session->member, d->day);
}

static void send_answer(struct page *p, struct sending *x, int rc)
{
    const struct console_port *port = p->console->parts.port;
    if (rc == 0)
        port->wake(port->ctx);
    if (rc == ERR_REFUSED)
        forbidden_page(p, x->deed.book, x->why, 422);
    else if (rc == 0 && x->leave.later)
        page_gof(p, "/case/%.*s?done=later", SPAN_ARG(x->deed.book->stored.row.reference));
    else
        deed_answer(&x->deed, rc, "send this reply");
}

void reply_send(struct page *p)
{
    struct sending x = {.channel = p->console->parts.settings->sms_channel};
    struct casebook *b = reply_need(p, &x.menus);
    if (!b)
        return;
    struct draft draft = draft_read(p, b, &x.menus);
    if (p->errors) {
        write_page(p, b, &x.menus);
        return;
    }
    x.leave = safe_leave(p, b, &x.menus, p->now_ms + UNDO_MS);
    if (!span_eq(leaves_word(p, &x.leave), page_form(p, "leaves"))) {
        check_page(p, b, &x.menus, &draft, 422);
        return;
    }
    int rc = channel_set_get(p->console->parts.channels, x.channel) ? 0 : ERR_MISSING;
    x.deed = (struct deed){.page = p, .book = b, .what = "reply", .text = draft.text, .write = reply_write};
    x.text = draft.text;
    if (rc == 0)
        rc = deed_do(&x.deed);
    send_answer(p, &x, rc);
}

/* ---- taking it back ---- */

static int undo_write(struct deed *d, struct store *s)
{
    return caseload_message_undo(s, d->number);
}

void reply_undo(struct page *p)
{
    struct casebook *b = casebook_need(p);
    int64_t entry = page_form_number(p, "entry", 0), message = 0;
    if (!b)
        return;
    for (size_t i = 0; i < b->note_count; i++)
        if (b->notes[i].row->id == entry)
            message = b->notes[i].row->message;
    if (!message) {
        page_missing(p);
        return;
    }
    struct deed d = {
        .page = p, .book = b, .what = "undone", .write = undo_write, .number = message, .any_version = true};
    int rc = deed_do(&d);
    if (rc == ERR_NOT_NOW)
        page_gof(p, "/case/%.*s?done=left", SPAN_ARG(b->stored.row.reference));
    else
        deed_answer(&d, rc, "take the reply back");
}

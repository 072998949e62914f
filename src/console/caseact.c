// SPDX-License-Identifier: AGPL-3.0-or-later
/* caseact - what is done to a case with one form: taking it on, giving it away, a note, its status, closing, handing it
 * over. Replies are reply.c's.
 */
#include "base/err.h"
#include "base/utf8.h"
#include "console/casepage.h"
#include "console/deed.h"
#include "console/internal.h"
#include "console/pages.h"

enum { TEXT_MOST = 4000, REASON_MOST = 500 };

static int own_write(struct deed *d, struct store *s)
{
    return caseload_own(s, d->book->stored.row.id, d->number, d->day);
}

static bool open_or_missing(struct page *p, const struct casebook *b)
{
    bool open = b && !b->stored.row.closed_day;
    if (b && !open)
        page_missing(p);
    return open;
}

void case_claim(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!open_or_missing(p, b))
        return;
    struct deed d = {.page = p, .book = b, .what = "claimed", .write = own_write, .number = p->session->member};
    if (b->stored.row.owner && b->stored.row.owner != p->session->member && !(p->roles & ROLE_SUPERVISOR))
        page_missing(p);
    else
        deed_answer(&d, deed_do(&d), "take this case on");
}

void case_release(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!open_or_missing(p, b))
        return;
    struct deed d = {.page = p, .book = b, .what = "released", .write = own_write};
    if (b->stored.row.owner != p->session->member && !(p->roles & ROLE_SUPERVISOR))
        page_missing(p);
    else
        deed_answer(&d, deed_do(&d), "give this case back");
}

/* Only somebody who can open it can be given a case. */
static const struct staff *assignee(const struct casebook *b, int64_t id)
{
    for (size_t i = 0; i < b->member_count; i++) {
        const struct staff *m = &b->members[i];
        const struct access_case as = {m->id, b->stored.row.casework, b->stored.row.safeguarding};
        if (m->id == id && !m->disabled && access_of(m->roles, m->id, &as) == ACCESS_OPEN)
            return m;
    }
    return NULL;
}

void case_assign(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!open_or_missing(p, b))
        return;
    const struct staff *to = assignee(b, page_form_number(p, "member", 0));
    if (!to) {
        page_error(p, "member", "Choose who is to have this case");
        case_draw(p, b, "case");
        return;
    }
    struct deed d = {.page = p,
                     .book = b,
                     .what = "assigned",
                     .text = to->name,
                     .audit = to->name,
                     .write = own_write,
                     .number = to->id};
    deed_answer(&d, deed_do(&d), "give this case to somebody");
}

/* A text of the form, trimmed and made clean; empty or too long is told. */
static struct span text_need(struct page *p, const char *field, size_t most, const char *missing, const char *too_long)
{
    struct span text = page_words(p, field);
    view_set(p->view, field, text);
    if (!text.len)
        page_error(p, field, missing);
    else if (utf8_length(text) > most)
        page_error(p, field, too_long);
    return text;
}

/* Whether these very words are a note of the member's since the form was made: the button was pressed twice. */
static bool noted_already(const struct page *p, const struct casebook *b, struct span text)
{
    int64_t last = page_form_number(p, "last", INT64_MAX);
    for (size_t i = 0; i < b->note_count; i++) {
        const struct book_note *n = &b->notes[i];
        bool mine = n->row->id > last && n->row->author == p->session->member;
        if (mine && span_is(n->row->what, "note") && span_eq(n->text, text))
            return true;
    }
    return false;
}

void case_note(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!open_or_missing(p, b))
        return;
    struct span text = text_need(p, "text", TEXT_MOST, "Write the note first", "Shorten the note to 4,000 letters");
    struct deed d = {.page = p, .book = b, .what = "note", .text = text, .any_version = true}; // it overwrites nothing
    if (p->errors)
        case_draw(p, b, "case");
    else
        deed_answer(&d, noted_already(p, b, text) ? 0 : deed_do(&d), "add a note");
}

static int read_write(struct deed *d, struct store *s)
{
    return caseload_waiting(s, d->book->stored.row.id, false);
}

void case_read(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!open_or_missing(p, b))
        return;
    struct deed d = {.page = p, .book = b, .what = "read", .write = read_write};
    deed_answer(&d, deed_do(&d), "mark it as read");
}

/* ---- status ---- */

struct status_ask {
    const struct casebook *book;
    struct span word;
    bool known;
};

static int status_ask(void *ctx, const struct program *program)
{
    struct status_ask *ask = ctx;
    uint16_t kind = program_case(program, ask->book->summary.kind);
    const struct menu_case *c = kind == PROGRAM_NONE ? NULL : &program->cases[kind];
    for (size_t i = 0; c && i < c->status_count; i++)
        ask->known = ask->known || span_eq(c->statuses[i].word, ask->word);
    return 0;
}

static bool status_known(const struct page *p, const struct casebook *b, struct span word)
{
    const struct console_port *port = p->console->parts.port;
    struct status_ask ask = {.book = b, .word = word};
    port->menus(port->ctx, status_ask, &ask);
    return ask.known && case_status_given(word);
}

static int status_count(const struct deed *d, struct store *s, struct span word)
{
    const struct casebook *b = d->book;
    char event[64];
    snprintf(event, sizeof event, "status-%.*s", SPAN_ARG(span_first(word, 32)));
    const struct store_counter what = {
        .channel = b->stored.row.channel, .language = b->language, .event = span_of(event)};
    return store_count(s, d->day, &what, 1);
}

/* An open case that is "new" again was marked by mistake; it counts as nothing, for "new" is what was opened again. */
static int status_write(struct deed *d, struct store *s)
{
    const struct caseload_row *row = &d->book->stored.row;
    bool mistake = !row->closed_day && span_is(d->word, "new");
    int rc = caseload_status(s, row->id, d->word, d->number, d->day);
    return rc < 0 || mistake ? rc : status_count(d, s, d->word);
}

void case_status(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!open_or_missing(p, b))
        return;
    struct span word = page_form(p, "status");
    if (!status_known(p, b, word)) {
        page_error(p, "status", "Choose a status");
        case_draw(p, b, "case");
        return;
    }
    struct deed d = {
        .page = p, .book = b, .what = "status", .text = word, .audit = word, .write = status_write, .word = word};
    deed_answer(&d, deed_do(&d), "change the status");
}

/* A case that ended with help keeps the status that says so (`assisted` of the settings), and is kept for that. */
static int close_write(struct deed *d, struct store *s)
{
    const struct settings *settings = d->page->console->parts.settings;
    const struct caseload_row *row = &d->book->stored.row;
    struct span status = SPAN("closed");
    for (size_t i = 0; i < settings->assisted_count; i++)
        if (span_eq(settings->assisted[i], row->status))
            status = row->status;
    int rc = caseload_status(s, row->id, status, d->number, d->day);
    return rc < 0 ? rc : status_count(d, s, SPAN("closed"));
}

void case_close(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!open_or_missing(p, b))
        return;
    struct span why = text_need(p, "reason", REASON_MOST, "Say why the case is closed", "Say it in 500 letters");
    struct deed d = {
        .page = p, .book = b, .what = "closed", .text = why, .write = close_write, .number = day_of_ms(p->now_ms)};
    if (p->errors)
        case_draw(p, b, "case");
    else
        deed_answer(&d, deed_do(&d), "close this case");
}

void case_reopen(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!b)
        return;
    if (!b->stored.row.closed_day || b->sealed) {
        page_missing(p);
        return;
    }
    struct span why = text_need(p, "reason", REASON_MOST, "Say why it is opened again", "Say it in 500 letters");
    struct deed d = {.page = p, .book = b, .what = "reopened", .text = why, .write = status_write, .word = SPAN("new")};
    if (p->errors)
        case_draw(p, b, "case");
    else
        deed_answer(&d, deed_do(&d), "open this case again");
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/deed.h"

#include "base/err.h"
#include "console/casepage.h"
#include "console/internal.h"
#include "console/timeline.h"
#include "staff/audit.h"

/* The form was made from the case as it is now. */
static int version_same(const struct deed *d, struct store *s)
{
    int64_t change;
    int rc = caseload_change(s, d->book->stored.row.id, &change);
    if (rc < 0 || d->any_version)
        return rc;
    return change == page_form_number(d->page, "version", -1) ? 0 : ERR_EXISTS;
}

/* The words are bound to the entry that they stand in. */
static int entry_seal(struct deed *d, struct store *s, int64_t entry, struct span text)
{
    struct str seal = STR_INIT(2 * TOLD_MAX);
    const struct told_place place = {d->book->stored.row.reference, entry};
    int rc = told_note_seal(d->book->stored.public_key, &place, text, &seal);
    if (rc == 0)
        rc = store_note_seal(s, entry, str_span(&seal));
    str_release(&seal);
    return rc;
}

static int entry_add(struct deed *d, struct store *s, struct caseload_note note, struct span text)
{
    int64_t entry;
    note.day = d->day;
    note.at_s = d->page->now_ms / 1000;
    note.author = d->page->session->member;
    int rc = caseload_note_add(s, d->book->stored.row.id, &note, &entry);
    return rc == 0 && text.len ? entry_seal(d, s, entry, text) : rc;
}

int deed_entry(struct deed *d, struct store *s, const char *what, struct span text)
{
    return entry_add(d, s, (struct caseload_note){.what = span_of(what)}, text);
}

static int audit_add(struct deed *d, struct store *s)
{
    struct span reference = d->book->stored.row.reference;
    struct span object = arena_printf(d->page->arena, "case %.*s%s%.*s", SPAN_ARG(reference), d->audit.len ? ": " : "",
                                      SPAN_ARG(d->audit));
    return audit_note(
        d->page->console->parts.vault, s,
        &(struct audit){d->page->now_ms / 1000, span_of(d->page->session->name), span_of(d->what), object});
}

static int deed_fn(void *ctx, struct store *s)
{
    struct deed *d = ctx;
    int rc = version_same(d, s);
    if (rc == 0 && d->write)
        rc = d->write(d, s);
    if (rc == 0 && d->what)
        rc = entry_add(d, s, (struct caseload_note){.what = span_of(d->what), .message = d->message}, d->text);
    return rc < 0 || !d->what ? rc : audit_add(d, s);
}

int deed_do(struct deed *d)
{
    const struct console_port *port = d->page->console->parts.port;
    d->day = day_of_ms(d->page->now_ms);
    return port->call(port->ctx, deed_fn, d);
}

/* What of a form is told to whoever sent it; the rest goes along unseen. */
static const struct told_field {
    const char *name, *label;
    bool long_words; /* to be changed before it is sent again */
    bool word;       /* of the menus, as "no-answer" */
} TOLD_FIELDS[] = {
    {"text", "Your words", true, false},
    {"reason", "Your words", true, false},
    {"override", "Your words", true, false},
    {"words", "Your words", false, false}, // of a reply: they were checked as they stand
    {"status", "Status", false, true},
    {"flag", "Mark", false, true},
    {"date", "Day", false, false},
    {"time", "Time", false, false},
    {"from", "Safe from", false, false},
    {"to", "Safe until", false, false},
};

static const struct told_field *told_field(struct span name)
{
    for (size_t i = 0; i < sizeof TOLD_FIELDS / sizeof *TOLD_FIELDS; i++)
        if (span_is(name, TOLD_FIELDS[i].name))
            return &TOLD_FIELDS[i];
    return NULL;
}

static void field_fill(struct page *p, const struct wire_field *f)
{
    const struct told_field *told = told_field(f->name);
    struct view *row = view_add(p->view, "fields");
    view_set(row, "field_name", f->name);
    view_set(row, "field_value", f->value);
    view_setz(row, "field_label", told ? told->label : NULL);
    view_set(row, "field_told", told && told->word ? wording_name(p->arena, f->value) : f->value);
    view_flag(row, "long", told && told->long_words);
}

/* Whether all that happened since is the member's own, as after a button that was pressed twice. */
static bool own_doing(const struct page *p, const struct casebook *b, int64_t last)
{
    bool own = false;
    for (size_t i = 0; i < b->note_count; i++) {
        const struct caseload_note *n = b->notes[i].row;
        if (n->id > last && n->author != p->session->member)
            return false;
        own |= n->id > last;
    }
    return own;
}

/* Both edits on one page: what happened since, and what was about to be done, which can be sent again. */
static void conflict(struct deed *d, const char *tried)
{
    struct page *p = d->page;
    struct casebook *now;
    int rc = casebook_open(p, d->book->stored.row.reference, &now);
    if (rc == ERR_MISSING || (rc == 0 && now->access != ACCESS_OPEN)) {
        page_missing(p);
        return;
    }
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    casepage_head(p, now);
    timeline_fill(p, now, page_form_number(p, "last", 0));
    view_flag(p->view, "own_doing", own_doing(p, now, page_form_number(p, "last", 0)));
    view_setz(p->view, "tried", tried);
    view_setf(p->view, "title", "Changed meanwhile: %.*s", SPAN_ARG(now->stored.row.reference));
    view_set(p->view, "again", p->request->url);
    for (size_t i = 0; i < p->form_count; i++) {
        const struct wire_field *f = &p->form[i];
        if (span_is(f->name, "csrf") || span_is(f->name, "version") || span_is(f->name, "last"))
            continue;
        field_fill(p, f);
    }
    page_show_as(p, 409, "conflict");
}

void deed_answer(struct deed *d, int rc, const char *tried)
{
    struct span reference = d->book->stored.row.reference;
    if (rc == 0)
        page_gof(d->page, "/case/%.*s?done=%s", SPAN_ARG(reference), d->what);
    else if (rc == ERR_EXISTS)
        conflict(d, tried);
    else
        page_failed(d->page, rc);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* consentperson - what one person agreed to; their data as a file, for them; a withdrawal, and an erasure, by voice.
 *
 * A person is named by the reference of a case of theirs, or found by a number in full. The file is made as `waymark
 * export` makes it: whoever makes it types their passphrase again, and an offline key alone opens it. Somebody who asks
 * by voice to be erased says their number, which has to be this person's: that needs nobody's key, and nobody else is
 * erased by a slip.
 */
#include "base/err.h"
#include "console/casepage.h"
#include "console/consents.h"
#include "console/daily.h"
#include "console/deed.h"
#include "console/internal.h"
#include "console/pages.h"
#include "console/wording.h"
#include "staff/audit.h"
#include "staff/export.h"
#include "text/phone.h"
#include "vault/offline.h"

enum { PERSON_ROWS = 200 /* that are shown, the newest; the file has all */ };

/** A person, by a case of theirs. */
struct person_read {
    struct caseload_case stored;
    struct caseload_consent *rows;
    struct span *references;
    size_t count, reference_count;
    bool safeguarding; /* holds a case of theirs */
};

static int safeguarding_get(struct page *p, struct store *s, struct person_read *r)
{
    struct caseload_case c;
    int rc = 0;
    for (size_t i = 0; i < r->reference_count && rc == 0; i++) {
        rc = caseload_get(s, r->references[i], p->arena, &c);
        r->safeguarding = r->safeguarding || (rc == 0 && c.row.safeguarding);
    }
    return rc;
}

static int person_get(struct page *p, struct span reference, struct person_read *r)
{
    struct store *s;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = caseload_get(s, reference, p->arena, &r->stored);
    if (rc == 0 && !r->stored.row.person)
        rc = ERR_MISSING; // anonymous, or erased: nobody's
    if (rc == 0)
        rc = caseload_consents_newest(s, r->stored.row.person, PERSON_ROWS, p->arena, &r->rows, &r->count);
    if (rc == 0)
        rc = caseload_of_person(s, r->stored.row.person, p->arena, &r->references, &r->reference_count);
    if (rc == 0)
        rc = safeguarding_get(p, s, r);
    readers_give(p->console->readers, s);
    return rc;
}

/* Else answered already. */
static bool person_need(struct page *p, struct person_read *r)
{
    int rc = person_get(p, p->part[0], r);
    if (rc == ERR_MISSING)
        page_missing(p);
    else if (rc < 0)
        page_failed(p, rc);
    return rc == 0;
}

static void person_draw(struct page *p, const struct person_read *r)
{
    static const struct {
        const char *word, *text;
    } DONE[] = {{"withdrawn", "The withdrawal is recorded. Nobody contacts this person any more."}};
    for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
        if (span_is(page_query(p, "done"), DONE[i].word))
            view_setz(p->view, "notice", DONE[i].text);
    for (size_t i = r->count; i > 0; i--)
        consent_row_fill(p, view_add(p->view, "rows"), &r->rows[i - 1]);
    for (size_t i = 0; i < r->reference_count; i++)
        view_set(view_add(p->view, "references"), "reference", r->references[i]);
    view_flag(p->view, "safeguarding", r->safeguarding);
    view_set(p->view, "asked", r->stored.row.reference);
    view_flag(p->view, "stopped", r->stored.stopped_day || !r->stored.reachable);
    if (r->stored.stopped_day)
        view_set(p->view, "stopped_day", wording_day(p->arena, r->stored.stopped_day));
    if (!view_get(p->view, SPAN("key")).len)
        view_set(p->view, "key", p->console->parts.settings->backup_key);
    view_flag(p->view, "second_factor", p->console->parts.office->second_factor);
    view_setf(p->view, "title", "What the person of %.*s agreed to", SPAN_ARG(r->stored.row.reference));
    page_show(p, "consent_person");
}

/* ---- written down ---- */

struct noting {
    struct page *page;
    const char *action;
    struct span object;
    const struct msisdn *number; /* of who withdraws, or is erased; NULL: only the note */
};

static int note_fn(void *ctx, struct store *s)
{
    const struct noting *n = ctx;
    struct page *p = n->page;
    const struct console_port *port = p->console->parts.port;
    bool many;
    int rc = n->number ? port->withdraw(port->ctx, s, n->number) : 0;
    if (rc == 0 && span_is(span_of(n->action), "search"))
        rc = daily_note(p, s, n->action, p->console->parts.settings->alert_searches, "searches", &many);
    return rc < 0 ? rc
                  : audit_note(
                        p->console->parts.vault, s,
                        &(struct audit){p->now_ms / 1000, span_of(p->session->name), span_of(n->action), n->object});
}

static int note(struct page *p, const char *action, struct span object, const struct msisdn *withdraw)
{
    const struct console_port *port = p->console->parts.port;
    struct noting n = {p, action, object, withdraw};
    return port->call(port->ctx, note_fn, &n);
}

void consent_person_show(struct page *p)
{
    struct person_read r = {0};
    if (!person_need(p, &r))
        return;
    struct span object = arena_printf(p->arena, "consents of case %.*s", SPAN_ARG(r.stored.row.reference));
    int rc = note(p, "opened", object, NULL);
    if (rc < 0)
        page_failed(p, rc); // what cannot be written down is not shown
    else
        person_draw(p, &r);
}

/* ---- finding them ---- */

static int number_find(struct page *p, const struct msisdn *number, struct span *reference)
{
    struct span *references;
    size_t count = 0;
    int rc = casebook_of_number(p, number, &references, &count);
    if (rc == 0 && count)
        *reference = references[count - 1];
    return rc < 0 ? rc : count ? 0 : ERR_MISSING;
}

static int words_find(struct page *p, struct span words, struct span *reference)
{
    struct msisdn number;
    struct person_read r = {0};
    if (phone_parse(words, p->console->parts.settings->default_country, &number) == 0) {
        int rc = number_find(p, &number, reference);
        vault_wipe(&number, sizeof number);
        return rc;
    }
    char *upper = arena_strdup(p->arena, words);
    for (size_t i = 0; upper && i < words.len; i++)
        if (upper[i] >= 'a' && upper[i] <= 'z')
            upper[i] = (char)(upper[i] - 'a' + 'A');
    *reference = (struct span){upper, upper ? words.len : 0};
    return person_get(p, *reference, &r);
}

void consents_find(struct page *p)
{
    struct span words = span_trim(page_form(p, "words")), reference = {0};
    int rc = words.len ? note(p, "search", SPAN("a person's consents"), NULL) : ERR_MISSING;
    if (rc == 0)
        rc = words_find(p, words, &reference);
    if (rc == 0) {
        page_gof(p, "/consents/person/%.*s", SPAN_ARG(reference));
    } else if (rc == ERR_MISSING) {
        view_set(p->view, "words", words);
        page_error(p, "words", words.len ? "No match. Numbers match only in full" : "Type a reference, or a number");
        consents_draw(p);
    } else {
        page_failed(p, rc);
    }
}

/* ---- a withdrawal made by voice ---- */

static bool said_need(struct page *p)
{
    if (!span_is(page_form(p, "said"), "yes"))
        page_error(p, "said", "Say that they told you so themselves");
    return !p->errors;
}

void consent_withdraw_do(struct page *p)
{
    struct person_read r = {0};
    struct msisdn number = {0};
    if (!person_need(p, &r))
        return;
    const struct opener *key = casebook_key(p, &r.stored);
    bool stopped = r.stored.stopped_day || !r.stored.reachable;
    if (said_need(p) && !stopped && (!key || told_number_unseal(key, r.stored.number_seal, &number) < 0))
        page_error(p, "said", "Your keys do not open this person's number. waymark optout takes it typed");
    if (p->errors) {
        person_draw(p, &r);
        return;
    }
    struct span object = arena_printf(p->arena, "case %.*s: by voice", SPAN_ARG(r.stored.row.reference));
    int rc = stopped ? 0 : note(p, "withdrawn", object, &number);
    vault_wipe(&number, sizeof number);
    if (rc < 0)
        page_failed(p, rc);
    else
        page_gof(p, "/consents/person/%.*s?done=withdrawn", SPAN_ARG(r.stored.row.reference));
}

static int withdraw_write(struct deed *d, struct store *s)
{
    const struct console_port *port = d->page->console->parts.port;
    return port->withdraw(port->ctx, s, &d->book->number);
}

/* From the page of a case: they called us. */
void case_withdraw(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!b)
        return;
    if (b->sealed || casebook_stopped(b) || !b->number.digits[0]) {
        page_missing(p);
    } else if (!said_need(p)) {
        case_draw(p, b, "case");
    } else {
        struct deed d = {.page = p, .book = b, .what = "withdrawn", .write = withdraw_write, .any_version = true};
        deed_answer(&d, deed_do(&d), "record that they asked us to stop");
    }
}

/* ---- an erasure asked for by voice ---- */

/* The number that they said, which is this person's; what is wrong is told. */
static void number_need(struct page *p, const struct person_read *r, struct msisdn *number)
{
    struct span reference = {0};
    struct person_read found = {0};
    int rc = phone_parse(span_trim(page_form(p, "number")), p->console->parts.settings->default_country, number);
    if (rc < 0) {
        page_error(p, "number", "Type the number that they say, in full, as +1 202 ...");
        return;
    }
    rc = number_find(p, number, &reference);
    if (rc == 0)
        rc = person_get(p, reference, &found);
    if (rc < 0 || found.stored.row.person != r->stored.row.person)
        page_error(p, "number",
                   "That is not the number of this person as it is now. Find them by the number that they say");
}

static int erase_fn(void *ctx, struct store *s)
{
    const struct noting *n = ctx;
    const struct console_port *port = n->page->console->parts.port;
    return port->erase(port->ctx, s, n->number, span_of(n->page->session->name));
}

void consent_erase_do(struct page *p)
{
    struct person_read r = {0};
    struct msisdn number = {0};
    if (!person_need(p, &r))
        return;
    if (!span_is(page_form(p, "sure"), "yes"))
        page_error(p, "sure", "Say that they asked for it themselves, and know that it is for good");
    number_need(p, &r, &number);
    const struct console_port *port = p->console->parts.port;
    struct noting n = {.page = p, .number = &number};
    int rc = p->errors ? 0 : port->call(port->ctx, erase_fn, &n);
    vault_wipe(&number, sizeof number);
    if (p->errors)
        person_draw(p, &r);
    else if (rc < 0)
        page_failed(p, rc);
    else
        page_go(p, "/consents?done=erased");
}

/* ---- their data as a file ---- */

static int parcel_put(void *out, struct span bytes)
{
    str_add(out, bytes);
    return str_err(out);
}

static const struct {
    int rc;
    const char *field, *text;
} REFUSALS[] = {
    {ERR_SYNTAX, "key", "That is not the public half of an offline key"},
    {ERR_RANGE, "key", "A sign of the public key is wrong: its checksum does not fit"},
    {ERR_REFUSED, "key", "That is a secret half: keep it off this machine. Type the public half"},
    {ERR_LIMIT, "key", "There is more about this person than one file holds"},
};

static void file_refused(struct page *p, const struct person_read *r, int rc)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof *REFUSALS; i++) {
        if (REFUSALS[i].rc != rc)
            continue;
        page_error(p, REFUSALS[i].field, REFUSALS[i].text);
        person_draw(p, r);
        return;
    }
    page_failed(p, rc);
}

/* Whoever makes it shows first that it is them. */
static int file_make(struct page *p, struct span reference, const unsigned char *key, struct str *parcel)
{
    struct signin me;
    const struct office *o = p->console->parts.office;
    const struct signin_words words = {.name = span_of(p->session->name),
                                       .passphrase = page_form(p, "present"),
                                       .code = page_form(p, "present_code"),
                                       .place = "console, again",
                                       .first = true};
    int rc = office_sign_in(o, &words, p->arena, &me);
    if (rc == ERR_AUTH)
        page_error(p, "present", "The passphrase or the code is not right");
    if (rc < 0)
        return rc;
    rc = office_export(o, &me, reference, key, parcel_put, parcel);
    signin_end(&me);
    if (rc == ERR_AUTH)
        page_error(p, "present", "None of your teams can open anything of this person");
    return rc;
}

void consent_file(struct page *p)
{
    struct person_read r = {0};
    unsigned char key[VAULT_PUBLIC_BYTES];
    if (!person_need(p, &r))
        return;
    view_set(p->view, "key", page_form(p, "key"));
    int rc = offline_public(page_form(p, "key"), key);
    if (rc < 0) {
        file_refused(p, &r, rc);
        return;
    }
    struct str parcel = STR_INIT(2 * EXPORT_MAX);
    rc = file_make(p, r.stored.row.reference, key, &parcel);
    struct span bytes = rc == 0 ? arena_copy(p->arena, str_span(&parcel)) : (struct span){0};
    struct span name = arena_printf(p->arena, "%.*s.waymark", SPAN_ARG(r.stored.row.reference));
    str_release(&parcel);
    if (p->errors)
        person_draw(p, &r);
    else if (rc == 0 && bytes.p && name.p)
        page_file(p, SPAN("application/octet-stream"), name.p, bytes);
    else
        file_refused(p, &r, rc < 0 ? rc : ERR_LIMIT);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/casebook.h"

#include "base/err.h"
#include "base/log.h"
#include "console/internal.h"
#include "console/readers.h"

/* ---- reading, in one snapshot ---- */

struct reading {
    struct caseload_note *notes;
    struct caseload_note hours; /* id 0: none */
    struct caseload_consent *consents;
    struct caseload_turn *turns;
    size_t turn_count;
    struct staff *members;
};

/* What one team told in confidence does not go over to another, and nobody sees what they could not open. */
static bool shared(const struct page *p, const struct caseload_row *here, const struct caseload_row *other)
{
    const struct access_case as = {other->owner, other->casework, other->safeguarding};
    bool teams = (!here->casework || other->casework) && (!here->safeguarding || other->safeguarding);
    return teams && other->id != here->id && access_of(p->roles, p->session->member, &as) == ACCESS_OPEN;
}

static int other_look(struct store *s, struct page *p, struct casebook *b, struct span reference)
{
    struct caseload_case *c = arena_alloc(p->arena, sizeof *c);
    struct caseload_note *note = arena_alloc(p->arena, sizeof *note);
    if (!c || !note)
        return ERR_NOMEM;
    int rc = caseload_get(s, reference, p->arena, c);
    if (rc < 0 || !shared(p, &b->stored.row, &c->row))
        return rc;
    rc = caseload_note_last(s, c->row.id, SPAN("hours"), p->arena, note);
    if (rc == 0 && (!b->other || note->id > b->other_hours->id)) {
        b->other = c;
        b->other_hours = note;
    }
    return rc == ERR_MISSING ? 0 : rc;
}

static int other_read(struct store *s, struct page *p, struct casebook *b)
{
    struct span *references;
    size_t count;
    int rc = caseload_of_person(s, b->stored.row.person, p->arena, &references, &count);
    for (size_t i = 0; rc == 0 && i < count && i < BOOK_OTHERS; i++)
        rc = other_look(s, p, b, references[count - 1 - i]);
    return rc;
}

static int newest_read(struct store *s, struct page *p, struct casebook *b)
{
    struct caseload_note *note = NULL;
    size_t count = 0;
    int rc = caseload_notes_newest(s, b->stored.row.id, INT64_MAX, 1, p->arena, &note, &count);
    b->newest = rc == 0 && count ? note->id : 0;
    return rc;
}

static int read_rest(struct store *s, struct page *p, struct casebook *b, struct reading *r)
{
    int64_t person = b->stored.row.person;
    int64_t before;
    if (span_int(page_query(p, "before"), &before) < 0)
        before = INT64_MAX;
    int rc = caseload_notes_newest(s, b->stored.row.id, before, BOOK_NOTES, p->arena, &r->notes, &b->note_count);
    b->older = b->note_count == BOOK_NOTES;
    if (rc == 0)
        rc = newest_read(s, p, b);
    if (rc == 0)
        rc = caseload_note_last(s, b->stored.row.id, SPAN("hours"), p->arena, &r->hours);
    rc = rc == ERR_MISSING ? 0 : rc;
    if (rc == 0 && person && !r->hours.id)
        rc = other_read(s, p, b);
    if (rc == 0 && person)
        rc = caseload_consents_newest(s, person, BOOK_CONSENTS, p->arena, &r->consents, &b->consent_count);
    if (rc == 0 && person)
        rc = caseload_turns(s, person, BOOK_TURNS, p->arena, &r->turns, &r->turn_count);
    if (rc == 0)
        rc = store_staff_list(s, p->arena, &r->members, &b->member_count);
    b->members = r->members;
    return rc;
}

static int read_all(struct page *p, struct span reference, struct casebook *b, struct reading *r)
{
    struct store *s;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = caseload_get(s, reference, p->arena, &b->stored);
    const struct caseload_row *row = &b->stored.row;
    if (rc == 0) {
        b->access = access_of(p->roles, p->session->member,
                              &(struct access_case){row->owner, row->casework, row->safeguarding});
        rc = b->access == ACCESS_OPEN ? read_rest(s, p, b, r) : b->access == ACCESS_KNOWN ? 0 : ERR_MISSING;
    }
    readers_give(p->console->readers, s);
    return rc;
}

/* ---- opening ---- */

/* A string whose content the page's arena keeps. */
static struct span keep(struct page *p, struct str *s)
{
    struct span copy = arena_copy(p->arena, str_span(s));
    vault_forget(s);
    return copy;
}

static void language_open(const struct vault *v, const struct caseload_row *row, struct str *language)
{
    int rc = told_language_unbox(v, row->person_public, row->language_box, language);
    if (rc < 0)
        log_event(LOG_ERROR, "language does not open: the row was changed", LOG_INT("person", row->person),
                  LOG_ERR(rc));
}

/* Where it does not open nobody knows how the case is marked, as "do not text", so it is closed to everybody. */
static void summary_open(struct page *p, struct casebook *b)
{
    const struct caseload_row *row = &b->stored.row;
    const struct vault *v = p->console->parts.vault;
    struct str *plain = page_secret(p, TOLD_MAX), language = STR_INIT(TOLD_MAX);
    if (!plain)
        return;
    int rc = row->summary_box.len || row->person
                 ? told_summary_unbox(v, row->reference, row->summary_box, plain, p->arena, &b->summary)
                 : 0;
    if (rc < 0) {
        log_event(LOG_ERROR, "summary does not open: the row was changed", LOG_INT("case", row->id), LOG_ERR(rc));
        b->summary = (struct told_summary){0};
        b->sealed = true;
    }
    if (row->language_box.len)
        language_open(v, row, &language);
    b->language = keep(p, &language);
}

static struct opener *take(struct page *p, const unsigned char *key, const struct held_seal *held, size_t count)
{
    struct opener *o = NULL;
    if (keyring_take(&p->session->keyring, key, held, count, &o) < 0)
        return NULL;
    return page_hold(p, o) ? o : NULL;
}

static void keys_open(struct page *p, struct casebook *b)
{
    const struct caseload_case *c = &b->stored;
    if (c->row.person)
        b->person = take(p, c->person_key, c->person_held, c->person_held_count);
    b->key = c->own_key ? take(p, c->public_key, c->held, c->held_count) : b->person;
    b->sealed = !b->key;
}

const struct opener *casebook_key(struct page *p, const struct caseload_case *c)
{
    return c->held_count ? take(p, c->public_key, c->held, c->held_count) : NULL;
}

static void answers_open(struct page *p, struct casebook *b)
{
    struct str *plain = page_secret(p, TOLD_MAX);
    if (!plain || !b->key)
        return;
    int rc = told_answers_unseal(b->key, b->stored.row.reference, b->stored.answers_seal, plain, p->arena, &b->answers);
    if (rc < 0) {
        log_event(LOG_ERROR, "answers do not open", LOG_INT("case", b->stored.row.id), LOG_ERR(rc));
        b->answers = (struct told_answers){0};
        b->sealed = true;
    }
    if (b->answers.language.len)
        b->language = b->answers.language;
    if (told_number_unseal(b->key, b->stored.number_seal, &b->number) < 0 && b->person)
        told_number_unseal(b->person, b->stored.number_seal, &b->number); // from before a case's own key had it
}

static int notes_open(struct page *p, struct casebook *b, const struct reading *r)
{
    b->notes = arena_array(p->arena, b->note_count + 1, sizeof *b->notes);
    if (!b->notes)
        return ERR_NOMEM;
    for (size_t i = 0; i < b->note_count; i++) {
        struct str text = STR_INIT(TOLD_MAX);
        b->notes[i].row = &r->notes[i];
        const struct told_place place = {b->stored.row.reference, r->notes[i].id};
        if (b->key && r->notes[i].seal.len)
            b->notes[i].changed = told_message_unseal(b->key, &place, r->notes[i].seal, &text, &b->notes[i].at_s) < 0;
        if (b->notes[i].changed)
            log_event(LOG_ERROR, "note does not open: the row was changed", LOG_INT("note", r->notes[i].id));
        b->notes[i].at_s = r->notes[i].at_s ? r->notes[i].at_s : b->notes[i].at_s / 1000;
        b->notes[i].text = keep(p, &text);
    }
    return 0;
}

static void hours_open(struct page *p, struct casebook *b, const struct caseload_note *note)
{
    struct str text = STR_INIT(TOLD_MAX);
    const struct told_place place = {b->stored.row.reference, note->id};
    b->hours_lost = note->id && (!b->key || told_note_unseal(b->key, &place, note->seal, &text) < 0);
    b->hours = keep(p, &text);
}

static int consents_open(struct page *p, struct casebook *b, const struct reading *r)
{
    b->consents = arena_array(p->arena, b->consent_count + 1, sizeof *b->consents);
    if (!b->consents)
        return ERR_NOMEM;
    for (size_t i = 0; i < b->consent_count; i++) {
        struct str *plain = page_secret(p, TOLD_MAX);
        if (!plain)
            return ERR_NOMEM;
        b->consents[i].row = &r->consents[i];
        told_consent_unbox(p->console->parts.vault, r->consents[i].person, r->consents[i].detail_box, plain, p->arena,
                           &b->consents[i].told);
    }
    return 0;
}

/* The turns of the conversation whose key the answers carry; those of the person's others do not open. */
static int turns_open(struct page *p, struct casebook *b, const struct reading *r)
{
    b->turns = arena_array(p->arena, r->turn_count + 1, sizeof *b->turns);
    if (!b->turns)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->turn_count && b->answers.turn_key.len == VAULT_KEY_BYTES; i++) {
        struct str *plain = page_secret(p, TOLD_MAX);
        if (!plain)
            return ERR_NOMEM;
        int rc = told_turn_unbox((const unsigned char *)b->answers.turn_key.p, (uint64_t)r->turns[i].number,
                                 r->turns[i].box, plain, &b->turns[b->turn_count]);
        b->turn_count += rc == 0;
    }
    return 0;
}

int casebook_open(struct page *p, struct span reference, struct casebook **out)
{
    struct casebook *b = arena_alloc(p->arena, sizeof *b);
    struct reading r = {0};
    if (!b)
        return ERR_NOMEM;
    int rc = read_all(p, reference, b, &r);
    *out = b;
    if (rc != 0 || b->access != ACCESS_OPEN)
        return rc;
    keys_open(p, b);
    summary_open(p, b);
    answers_open(p, b);
    hours_open(p, b, &r.hours);
    rc = notes_open(p, b, &r);
    if (rc == 0)
        rc = consents_open(p, b, &r);
    return rc < 0 ? rc : turns_open(p, b, &r);
}

/* Where to keep that this member opened the case; NULL: they did within the last ten minutes, and it was written down.
 * What lies ahead was opened before the clock was set back, nobody knows when. */
static struct session_opened *opening_slot(struct page *p, int64_t case_id)
{
    struct session_opened *all = p->session->opened, *oldest = all;
    for (size_t i = 0; i < OPENED_MOST; i++) {
        int64_t since_ms = p->now_ms - all[i].at_ms;
        if (all[i].case_id == case_id && since_ms >= 0 && since_ms < OPENED_AGAIN_MS)
            return NULL;
        if (all[i].at_ms < oldest->at_ms)
            oldest = &all[i];
    }
    return oldest;
}

bool casebook_noted(struct page *p, const struct casebook *b)
{
    struct span object = arena_printf(p->arena, "case %.*s", SPAN_ARG(b->stored.row.reference));
    struct session_opened *slot = opening_slot(p, b->stored.row.id);
    int rc = slot ? page_note(p, "opened", object) : 0;
    if (rc < 0)
        page_failed(p, rc);
    else if (slot)
        *slot = (struct session_opened){b->stored.row.id, p->now_ms};
    return rc == 0;
}

struct casebook *casebook_need(struct page *p)
{
    struct casebook *b;
    int rc = casebook_open(p, p->part[0], &b);
    if (rc == 0 && b->access == ACCESS_OPEN)
        return casebook_noted(p, b) ? b : NULL;
    if (rc == 0) {
        view_set(p->view, "reference", b->stored.row.reference);
        view_setz(p->view, "title", "With safeguarding");
        if (span_is(p->request->method, "POST"))
            page_written(p);
        page_show(p, "case_elsewhere");
    } else if (rc == ERR_MISSING) {
        page_missing(p);
    } else {
        page_failed(p, rc);
    }
    return NULL;
}

int casebook_of_number(struct page *p, const struct msisdn *number, struct span **references, size_t *count)
{
    struct store *s;
    struct blind key = vault_blind_number(p->console->parts.vault, number);
    struct store_index index;
    memcpy(index.bytes, key.bytes, sizeof index.bytes);
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = caseload_of_number(s, &index, p->arena, references, count);
    readers_give(p->console->readers, s);
    return rc;
}

/* ---- asking it ---- */

struct span casebook_name(const struct casebook *b, int64_t member)
{
    for (size_t i = 0; i < b->member_count; i++)
        if (b->members[i].id == member)
            return b->members[i].name;
    return SPAN("the service");
}

struct span casebook_answer(const struct casebook *b, struct span field)
{
    for (size_t i = 0; i < b->answers.field_count; i++)
        if (span_eq(b->answers.fields[i].name, field))
            return b->answers.fields[i].value;
    return (struct span){0};
}

bool casebook_flag(const struct casebook *b, struct span flag)
{
    for (size_t i = 0; i < b->summary.flag_count; i++)
        if (span_eq(b->summary.flags[i], flag))
            return true;
    return false;
}

bool casebook_stopped(const struct casebook *b)
{
    return b->stored.stopped_day || !b->stored.reachable;
}

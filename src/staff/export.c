// SPDX-License-Identifier: AGPL-3.0-or-later
#include "staff/export.h"

#include "base/err.h"
#include "staff/audit.h"
#include "store/caseload.h"
#include "vault/told.h"

#include <stdio.h>

enum { EXPORT_ARENA = 64 * 1024 * 1024, TURNS_MOST = 1000 };

/** Everything of one case, as read. */
struct file {
    struct caseload_case stored;
    struct caseload_note *notes;
    struct caseload_turn *turns;
    size_t note_count, turn_count;
};

struct export
{
    const struct office *o;
    const struct signin *in;
    struct span reference;
    struct arena *a;
    struct file *files;
    size_t file_count;
    struct caseload_consent *consents;
    size_t consent_count;
    int64_t person;
    struct str out;
};

/* ---- reading, through the door ---- */

static int read_file(struct export *e, struct store *s, struct span reference, struct file *f)
{
    int rc = caseload_get(s, reference, e->a, &f->stored);
    if (rc == 0)
        rc = caseload_notes(s, f->stored.row.id, e->a, &f->notes, &f->note_count);
    return rc < 0 ? rc : caseload_turns(s, e->person, TURNS_MOST, e->a, &f->turns, &f->turn_count);
}

static int read_fn(void *ctx, struct store *s)
{
    struct export *e = ctx;
    struct caseload_case asked;
    struct span *references;
    int rc = caseload_get(s, e->reference, e->a, &asked);
    if (rc < 0 || !asked.row.person)
        return rc < 0 ? rc : ERR_MISSING;
    e->person = asked.row.person;
    rc = caseload_of_person(s, e->person, e->a, &references, &e->file_count);
    e->files = rc == 0 ? arena_array(e->a, e->file_count + 1, sizeof *e->files) : NULL;
    if (rc == 0 && !e->files)
        rc = ERR_NOMEM;
    for (size_t i = 0; i < e->file_count && rc == 0; i++)
        rc = read_file(e, s, references[i], &e->files[i]);
    if (rc == 0)
        rc = caseload_consents(s, e->person, e->a, &e->consents, &e->consent_count);
    if (rc < 0)
        return rc;
    return audit_note(
        e->o->vault, s,
        &(struct audit){e->o->clock.now_ms(e->o->clock.ctx) / 1000, e->in->member.name, SPAN("export"), e->reference});
}

/* ---- writing ---- */

/* Text as one line: whoever reads it on a terminal sees what was typed and nothing else. */
static void put_line(struct str *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool c1 = c == 0xC2 && i + 1 < text.len && (unsigned char)text.p[i + 1] < 0xA0; // U+0080 to U+009F
        if (c == '\n')
            str_addz(out, " / ");
        else if (c < 0x20 || c == 0x7F || c1)
            str_addc(out, '?');
        else
            str_addc(out, text.p[i]);
        i += c1;
    }
    str_addc(out, '\n');
}

static void put(struct str *out, const char *name, struct span text)
{
    if (!text.len)
        return;
    str_addf(out, "%s: ", name);
    put_line(out, text);
}

static void put_day(struct str *out, const char *name, int64_t day)
{
    struct date d = date_from_day(day);
    if (day)
        str_addf(out, "%s: %04d-%02d-%02d\n", name, d.year, d.month, d.day);
}

static void put_time(struct str *out, int64_t at_s)
{
    struct date d = date_from_day(day_of_ms(at_s * 1000));
    int minute = (int)(at_s / 60 % 1440);
    str_addf(out, "%04d-%02d-%02d %02d:%02d UTC", d.year, d.month, d.day, minute / 60, minute % 60);
}

static void put_consent(struct export *e, const struct caseload_consent *c)
{
    struct str plain = STR_INIT(TOLD_MAX);
    struct told_consent told = {0};
    put_time(&e->out, c->at_s);
    str_addf(&e->out, ": %.*s \"%.*s\" version %.*s, on %.*s\n", SPAN_ARG(c->action), SPAN_ARG(c->name),
             SPAN_ARG(c->version), SPAN_ARG(c->channel));
    put(&e->out, "  words", c->text);
    if (told_consent_unbox(e->o->vault, c->person, c->detail_box, &plain, e->a, &told) == 0) {
        put(&e->out, "  in language", told.language);
        put(&e->out, "  answered", told.typed);
        for (size_t i = 0; i < told.seen_count; i++)
            put(&e->out, told.seen[i].shown ? "  had read" : "  had been offered", told.seen[i].screen);
    }
    vault_forget(&plain);
}

static void put_turns(struct export *e, const struct file *f, struct span key)
{
    for (size_t i = 0; i < f->turn_count && key.len == VAULT_KEY_BYTES; i++) {
        struct str plain = STR_INIT(TOLD_MAX);
        struct told_turn told;
        if (told_turn_unbox((const unsigned char *)key.p, (uint64_t)f->turns[i].number, f->turns[i].box, &plain,
                            &told) == 0) {
            str_addz(&e->out, "  ");
            put_time(&e->out, told.at_ms / 1000);
            str_addc(&e->out, '\n');
            put(&e->out, "    typed", told.typed);
            put(&e->out, "    shown", told.shown);
        }
        vault_forget(&plain);
    }
}

static void put_notes(struct export *e, const struct file *f, const struct opener *key)
{
    for (size_t i = 0; i < f->note_count; i++) {
        struct str text = STR_INIT(TOLD_MAX);
        struct date d = date_from_day(f->notes[i].day);
        str_addf(&e->out, "  %04d-%02d-%02d, %s, %.*s", d.year, d.month, d.day, f->notes[i].author ? "staff" : "you",
                 SPAN_ARG(f->notes[i].what));
        const struct told_place place = {f->stored.row.reference, f->notes[i].id};
        if (f->notes[i].seal.len && told_note_unseal(key, &place, f->notes[i].seal, &text) == 0) {
            str_addz(&e->out, ": ");
            put_line(&e->out, str_span(&text));
        } else {
            str_addc(&e->out, '\n');
        }
        vault_forget(&text);
    }
}

static void put_answers(struct export *e, const struct file *f, const struct opener *key)
{
    struct str plain = STR_INIT(TOLD_MAX);
    struct told_answers told;
    if (told_answers_unseal(key, f->stored.row.reference, f->stored.answers_seal, &plain, e->a, &told) == 0) {
        for (size_t i = 0; i < told.field_count; i++) {
            str_addf(&e->out, "  %.*s: ", SPAN_ARG(told.fields[i].name));
            put_line(&e->out, told.fields[i].value);
        }
        put_turns(e, f, told.turn_key);
    } else {
        str_addz(&e->out, "  (the answers do not open)\n");
    }
    vault_forget(&plain);
}

static void put_summary(struct export *e, const struct caseload_row *row)
{
    struct str plain = STR_INIT(TOLD_MAX);
    struct told_summary told;
    str_addf(&e->out, "\nCase %.*s\n", SPAN_ARG(row->reference));
    if (row->summary_box.len &&
        told_summary_unbox(e->o->vault, row->reference, row->summary_box, &plain, e->a, &told) == 0) {
        put(&e->out, "  kind", told.kind);
        put(&e->out, "  priority", told.priority);
        for (size_t i = 0; i < told.flag_count; i++)
            put(&e->out, "  marked", told.flags[i]);
    }
    put(&e->out, "  status", row->status);
    put_day(&e->out, "  opened", row->opened_day);
    put_day(&e->out, "  changed", row->changed_day);
    put_day(&e->out, "  closed", row->closed_day);
    vault_forget(&plain);
}

static struct opener *taken(const struct export *e, const unsigned char *key, const struct held_seal *held,
                            size_t count)
{
    struct opener *o = NULL;
    return keyring_take(&e->in->keyring, key, held, count, &o) < 0 ? NULL : o;
}

/* Gives how many cases could be opened. */
static size_t put_cases(struct export *e, const struct opener *person)
{
    size_t opened = 0;
    for (size_t i = 0; i < e->file_count; i++) {
        const struct caseload_case *c = &e->files[i].stored;
        struct opener *own = c->own_key ? taken(e, c->public_key, c->held, c->held_count) : NULL;
        const struct opener *key = c->own_key ? own : person;
        put_summary(e, &c->row);
        if (key) {
            put_answers(e, &e->files[i], key);
            put_notes(e, &e->files[i], key);
        } else {
            str_addz(&e->out, "  (held by a team that the member who made this is not in, withdrawn, or erased)\n");
        }
        opened += key != NULL;
        opener_close(own);
    }
    return opened;
}

static int put_person(struct export *e)
{
    const struct caseload_case *c = &e->files[0].stored;
    struct opener *person = taken(e, c->person_key, c->person_held, c->person_held_count);
    struct msisdn number = {0};
    str_addf(&e->out, "What %.*s stores about the person of case %.*s\nmade ", SPAN_ARG(e->o->service),
             SPAN_ARG(e->reference));
    put_time(&e->out, e->o->clock.now_ms(e->o->clock.ctx) / 1000);
    str_addf(&e->out, " by %.*s\n\n", SPAN_ARG(e->in->member.name));
    if (person && c->number_seal.len && told_number_unseal(person, c->number_seal, &number) == 0)
        str_addf(&e->out, "number: +%s\n", number.digits);
    put_day(&e->out, "asked not to be contacted", c->stopped_day);
    str_addz(&e->out, "\nWhat was agreed to and withdrawn\n");
    for (size_t i = 0; i < e->consent_count; i++)
        put_consent(e, &e->consents[i]);
    size_t opened = put_cases(e, person);
    bool any = person || opened;
    opener_close(person);
    vault_wipe(&number, sizeof number);
    return str_err(&e->out) < 0 ? str_err(&e->out) : any ? 0 : ERR_AUTH;
}

static int pack(const struct export *e, const unsigned char *to, parcel_take write, void *ctx)
{
    struct parcel *p;
    int rc = parcel_new(PARCEL_EXPORT, to, write, ctx, &p);
    if (rc < 0)
        return rc;
    rc = parcel_add(p, str_span(&e->out));
    if (rc == 0)
        rc = parcel_end(p);
    parcel_free(p);
    return rc;
}

int office_export(const struct office *o, const struct signin *in, struct span reference,
                  const unsigned char to[VAULT_PUBLIC_BYTES], parcel_take write, void *ctx)
{
    struct export e = {.o = o, .in = in, .reference = reference, .out = STR_INIT(EXPORT_MAX)};
    if (!(in->member.roles & ROLE_DATA_PROTECTION))
        return ERR_REFUSED;
    e.a = arena_new(EXPORT_ARENA);
    int rc = e.a ? o->call(o->door, read_fn, &e) : ERR_NOMEM;
    if (rc == 0)
        rc = put_person(&e);
    if (rc == 0)
        rc = pack(&e, to, write, ctx);
    vault_forget(&e.out);
    arena_free(e.a);
    return rc;
}

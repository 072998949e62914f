// SPDX-License-Identifier: AGPL-3.0-or-later
/* search - cases by reference, by a number in full, by flag and by when they were opened. Each search is written down
 * before anything is shown: who looked, and for what kind of thing; never the number.
 *
 * A number is looked for by its blind index, so part of one finds nothing. The form is posted, for a number belongs
 * into no address that a browser keeps.
 */
#include "base/err.h"
#include "console/casebook.h"
#include "console/daily.h"
#include "console/internal.h"
#include "console/pages.h"
#include "console/wording.h"
#include "staff/audit.h"
#include "store/caseload.h"
#include "text/phone.h"

enum { NUMBER_LEAST = 7 /* digits of a number in full (base/msisdn.h) */ };

/** What the form asks for. */
struct asked {
    struct caselist_search search;
    struct msisdn number; /* empty: none */
    struct span reference;
};

static void choices_fill(struct page *p)
{
    const struct settings *s = p->console->parts.settings;
    struct span flag = page_form(p, "flag");
    for (size_t i = 0; i < s->flag_count; i++) {
        struct view *row = view_add(p->view, "flag_choices");
        view_set(row, "word", s->flags[i]);
        view_set(row, "label", wording_name(p->arena, s->flags[i]));
        view_flag(row, "chosen", span_eq(flag, s->flags[i]));
    }
    view_set(p->view, "words", page_form(p, "words"));
    view_set(p->view, "from", page_form(p, "from"));
    view_set(p->view, "to", page_form(p, "to"));
}

void search_show(struct page *p)
{
    choices_fill(p);
    page_show(p, "search");
}

/* A reference may be digits alone; then it is shorter than any number. */
static bool is_reference(struct span text)
{
    bool letter = false;
    for (size_t i = 0; i < text.len; i++) {
        bool upper = text.p[i] >= 'A' && text.p[i] <= 'Z', digit = text.p[i] >= '0' && text.p[i] <= '9';
        letter = letter || upper;
        if (!upper && !digit)
            return false;
    }
    return text.len <= LIST_REFERENCE && (letter || text.len < NUMBER_LEAST);
}

static struct span upper(struct arena *a, struct span text)
{
    char *copy = arena_strdup(a, text);
    for (size_t i = 0; copy && i < text.len; i++)
        if (copy[i] >= 'a' && copy[i] <= 'z')
            copy[i] = (char)(copy[i] - 'a' + 'A');
    return (struct span){copy, copy ? text.len : 0};
}

static int32_t day_of_field(struct page *p, const char *field, int32_t otherwise)
{
    struct date date;
    struct span text = page_form(p, field);
    if (!text.len)
        return otherwise;
    if (date_parse(text, &date) == 0)
        return (int32_t)date_to_day(date);
    page_error(p, field, "Choose a day, as 2026-11-30, or leave it empty");
    return otherwise;
}

/* What is wrong is told. */
static void asked_read(struct page *p, struct asked *a)
{
    const struct settings *s = p->console->parts.settings;
    struct span words = span_trim(page_form(p, "words"));
    a->search.from_day = day_of_field(p, "from", INT32_MIN);
    a->search.to_day = day_of_field(p, "to", INT32_MAX);
    for (size_t i = 0; i < s->flag_count && i < 32; i++)
        if (span_eq(page_form(p, "flag"), s->flags[i]))
            a->search.flag = s->flags[i];
    if (words.len) {
        a->reference = upper(p->arena, words);
        if (!is_reference(a->reference)) {
            a->reference = (struct span){0};
            if (phone_parse(words, s->default_country, &a->number) < 0)
                page_error(p, "words",
                           "Type a reference, as ABC234, or a whole number with its country, as +1 202 "
                           "555 0101");
        }
    }
    if (a->search.from_day > a->search.to_day)
        page_error(p, "to", "The last day comes before the first");
    if (!words.len && !a->search.flag.len && !page_form(p, "from").len && !page_form(p, "to").len)
        page_error(p, "words", "Say what to look for: a reference, a number, a flag or days");
}

/* ---- looking ---- */

struct noting {
    struct page *page;
    struct span object;
    bool many;
};

static int note_fn(void *ctx, struct store *s)
{
    struct noting *n = ctx;
    struct page *p = n->page;
    int rc = daily_note(p, s, "search", p->console->parts.settings->alert_searches, "searches", &n->many);
    if (rc < 0)
        return rc;
    return audit_note(p->console->parts.vault, s,
                      &(struct audit){p->now_ms / 1000, span_of(p->session->name), SPAN("search"), n->object});
}

/* In clear words, but the number. */
static int search_note(struct page *p, const struct asked *a)
{
    const struct console_port *port = p->console->parts.port;
    struct str object = STR_INIT(512);
    if (a->reference.len)
        str_addf(&object, "reference %.*s ", SPAN_ARG(a->reference));
    if (a->number.digits[0])
        str_addz(&object, "a number ");
    if (a->search.flag.len)
        str_addf(&object, "flag %.*s ", SPAN_ARG(a->search.flag));
    if (a->search.from_day != INT32_MIN)
        str_addf(&object, "from %.*s ", SPAN_ARG(wording_day(p->arena, a->search.from_day)));
    if (a->search.to_day != INT32_MAX)
        str_addf(&object, "to %.*s ", SPAN_ARG(wording_day(p->arena, a->search.to_day)));
    struct noting n = {p, span_trim(str_span(&object)), false};
    int rc = port->call(port->ctx, note_fn, &n);
    view_flag(p->view, "many", n.many);
    view_setn(p->view, "many_most", p->console->parts.settings->alert_searches);
    str_release(&object);
    return rc;
}

static struct span word(struct page *p, list_word w)
{
    return arena_copy(p->arena, caselist_word(p->console->cases, w));
}

static void row_fill(struct page *p, const struct listed *c)
{
    const struct settings *s = p->console->parts.settings;
    const struct access_case as = {c->owner, c->casework, c->safeguarding};
    bool open = access_of(p->roles, p->session->member, &as) == ACCESS_OPEN;
    struct view *row = view_add(p->view, "cases");
    view_set(row, "reference", arena_copy(p->arena, span_of(c->reference)));
    view_set(row, "opened", wording_day(p->arena, c->opened_day));
    view_flag(row, "elsewhere", !open);
    if (!open)
        return;
    view_set(row, "kind", wording_name(p->arena, word(p, c->kind)));
    view_set(row, "priority", wording_name(p->arena, word(p, c->priority)));
    view_flag(row, "urgent", c->rank == RANK_URGENT || c->rank == RANK_HIGH);
    view_set(row, "status", wording_name(p->arena, word(p, c->status)));
    view_set(row, "language", wording_language(word(p, c->language)));
    view_flag(row, "over", c->closed_day != 0);
    view_flag(row, "own", c->owner == p->session->member);
    view_flag(row, "owned", c->owner != 0);
    for (size_t i = 0; i < s->flag_count && i < 32; i++)
        if (c->flags & ((uint32_t)1 << i))
            view_set(view_add(row, "flags"), "flag", wording_name(p->arena, s->flags[i]));
}

static int look(struct page *p, struct asked *a, struct caselist_found *found)
{
    int rc = 0;
    a->search.roles = p->roles;
    a->search.member = p->session->member;
    if (a->reference.len) {
        a->search.references = &a->reference;
        a->search.reference_count = 1;
        a->search.by_reference = true;
    } else if (a->number.digits[0]) {
        struct span *references = NULL;
        rc = casebook_of_number(p, &a->number, &references, &a->search.reference_count);
        a->search.references = references;
        a->search.by_reference = true;
    }
    return rc < 0 ? rc : caselist_search(p->console->cases, &a->search, p->arena, found);
}

void search_do(struct page *p)
{
    struct asked a = {0};
    struct caselist_found found = {0};
    choices_fill(p);
    asked_read(p, &a);
    if (p->errors) {
        vault_wipe(&a.number, sizeof a.number);
        page_show(p, "search");
        return;
    }
    bool by_number = a.number.digits[0] != '\0';
    int rc = search_note(p, &a); // what cannot be written down is not looked for
    if (rc == 0)
        rc = look(p, &a, &found);
    vault_wipe(&a.number, sizeof a.number);
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    for (size_t i = 0; i < found.count; i++)
        row_fill(p, &found.rows[i]);
    view_flag(p->view, "looked", true);
    if (by_number && found.count)
        view_set(p->view, "words", (struct span){0}); // it stands on no screen beside its cases
    view_flag(p->view, "by_number", by_number);
    if (found.count)
        view_setf(p->view, "range", found.total > found.count ? "the newest %zu of %zu" : "%zu", found.count,
                  found.total);
    page_show(p, "search");
}

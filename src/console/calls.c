// SPDX-License-Identifier: AGPL-3.0-or-later
/* calls - the list of calls that are due: late, today, in the next seven days, and after that; and the same as one
 * sheet of paper.
 */
#include "console/calls.h"

#include "base/err.h"
#include "console/internal.h"
#include "console/pages.h"

enum { CALLS_SHOWN = 50, CALLS_DAYS = 7 };

/** A call of the list, with what opens it. */
struct call_listed {
    struct callback row;
    struct listed about;
    struct caseload_case stored;
};

struct call_list {
    struct page *p;
    int64_t now_s, today_end_s, week_end_s; /* ends of the service's own days */
    struct call_listed *rows;
    size_t count, skip, more;
    int64_t first_s; /* the first of all */
    bool first_only;
    struct staff *members;
    size_t member_count;
};

static int64_t day_end(int64_t now_ms, int64_t days_on)
{
    int weekday, minute;
    int64_t day;
    clock_local(now_ms, &weekday, &minute, &day);
    return clock_find(day + days_on + 1, 0, false) / 1000;
}

static bool mine(const struct page *p, const struct listed *c)
{
    const struct access_case as = {c->owner, c->casework, c->safeguarding};
    return !c->closed_day && access_of(p->roles, p->session->member, &as) == ACCESS_OPEN;
}

static int list_tell(void *ctx, const struct callback_due *row)
{
    struct call_list *l = ctx;
    struct listed about;
    if (!caselist_get(l->p->console->cases, row->case_id, &about) || !mine(l->p, &about))
        return 0;
    if (!l->first_s)
        l->first_s = row->due_s;
    if (l->first_only)
        return 1;
    if (l->skip) {
        l->skip--;
        return 0;
    }
    if (l->count == CALLS_SHOWN) {
        l->more++;
        return 0;
    }
    l->rows[l->count++] = (struct call_listed){.row.id = row->id, .about = about};
    return 0;
}

/* Of those that stand on the page. */
static int row_complete(struct page *p, struct store *s, struct call_listed *c)
{
    int rc = callback_get(s, c->row.id, p->arena, &c->row);
    return rc < 0 ? rc : caseload_get(s, c->row.reference, p->arena, &c->stored);
}

static int list_read(struct call_list *l, int64_t before_s)
{
    struct store *s;
    struct page *p = l->p;
    int64_t change;
    int rc = caselist_news(p->console->cases, &change);
    if (rc == 0)
        rc = readers_take(p->console->readers, &s);
    if (rc != 0)
        return rc;
    rc = callback_due(s, before_s, list_tell, l);
    for (size_t i = 0; i < l->count && rc == 0; i++)
        rc = row_complete(p, s, &l->rows[i]);
    if (rc == 0 && !l->first_only)
        rc = store_staff_list(s, p->arena, &l->members, &l->member_count);
    readers_give(p->console->readers, s);
    return rc;
}

int64_t calls_next(struct page *p)
{
    struct call_list l = {.p = p, .first_only = true};
    return list_read(&l, p->now_ms / 1000 + (int64_t)CALL_AHEAD_DAYS * 86400) < 0 ? 0 : l.first_s;
}

/* ---- drawing ---- */

static struct span member_name(const struct call_list *l, int64_t id)
{
    for (size_t i = 0; i < l->member_count; i++)
        if (l->members[i].id == id)
            return l->members[i].name;
    return (struct span){0};
}

static void person_fill(struct page *p, struct view *row, const struct call_listed *c)
{
    const struct opener *key = casebook_key(p, &c->stored);
    struct msisdn number = {0};
    struct call_window w = call_window_open(key, &c->row);
    call_times_fill(p, row, &w, c->row.due_s);
    if (key && told_number_unseal(key, c->stored.number_seal, &number) == 0)
        view_set(row, "masked", wording_masked(p->arena, &number));
    vault_wipe(&number, sizeof number);
    view_flag(row, "closed_words", !key);
    view_flag(row, "stopped", c->stored.stopped_day || !c->stored.reachable);
}

static void row_fill(const struct call_list *l, struct view *row, const struct call_listed *c)
{
    struct page *p = l->p;
    struct caselist *cases = p->console->cases;
    view_setn(row, "call", c->row.id);
    view_set(row, "reference", c->row.reference);
    person_fill(p, row, c);
    view_set(row, "language", wording_language(arena_copy(p->arena, caselist_word(cases, c->about.language))));
    view_set(row, "priority", wording_name(p->arena, caselist_word(cases, c->about.priority)));
    view_flag(row, "urgent", c->about.rank == RANK_URGENT || c->about.rank == RANK_HIGH);
    view_setn(row, "attempt", c->row.attempts + 1);
    view_set(row, "owner", member_name(l, c->about.owner));
    view_flag(row, "own", c->about.owner == p->session->member);
    view_set(row, "caller", member_name(l, c->row.caller));
    if (c->row.started_s)
        view_set(row, "started", call_time_short(p, c->row.started_s));
}

static const struct {
    const char *id, *title;
} SECTIONS[] = {{"late", "Late"}, {"today", "Today"}, {"week", "The next seven days"}, {"after", "After that"}};

static size_t section_of(const struct call_list *l, const struct callback *c)
{
    return c->due_s < l->now_s ? 0 : c->due_s < l->today_end_s ? 1 : c->due_s < l->week_end_s ? 2 : 3;
}

static void sections_fill(const struct call_list *l)
{
    struct view *section = NULL;
    size_t last = sizeof SECTIONS / sizeof *SECTIONS;
    for (size_t i = 0; i < l->count; i++) {
        size_t at = section_of(l, &l->rows[i].row);
        if (at != last) {
            section = view_add(l->p->view, "sections");
            view_setz(section, "section", SECTIONS[at].id);
            view_setz(section, "section_title", SECTIONS[at].title);
            view_flag(section, "late", at == 0);
            last = at;
        }
        row_fill(l, view_add(section, "calls"), &l->rows[i]);
    }
}

static const struct {
    const char *word, *text;
} DONE[] = {
    {"stop", "Their stop is recorded. Nobody contacts them any more."},
    {"spoke", "Written down: you spoke with them."},
    {"over", "Three attempts failed. No further call is booked: wait for them to call us."},
    {"again", "Written down. The next attempt is booked."},
    {"not-needed", "The call was taken off the list."},
};

static bool list_make(struct page *p, struct call_list *l, int64_t before_s)
{
    int64_t page = 0;
    bool asked = span_int(page_query(p, "page"), &page) == 0 && page > 1 && page < 100000;
    *l = (struct call_list){.p = p, .now_s = p->now_ms / 1000};
    l->today_end_s = day_end(p->now_ms, 0);
    l->week_end_s = day_end(p->now_ms, CALLS_DAYS);
    l->skip = asked ? (size_t)(page - 1) * CALLS_SHOWN : 0;
    l->rows = arena_array(p->arena, CALLS_SHOWN, sizeof *l->rows);
    int rc = l->rows ? list_read(l, before_s) : ERR_NOMEM;
    if (rc < 0) {
        page_failed(p, rc);
        return false;
    }
    for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
        if (span_is(page_query(p, "done"), DONE[i].word))
            view_setz(p->view, "notice", DONE[i].text);
    if (l->more)
        view_setn(p->view, "later", asked ? page + 1 : 2);
    if (asked)
        view_setn(p->view, "earlier", page - 1);
    sections_fill(l);
    view_setn(p->view, "attempts_most", CALL_ATTEMPTS);
    view_set(p->view, "now", wording_time(p->arena, l->now_s));
    return true;
}

void calls_show(struct page *p)
{
    struct call_list l;
    if (list_make(p, &l, p->now_ms / 1000 + (int64_t)CALL_AHEAD_DAYS * 86400))
        page_show(p, "calls");
}

void calls_sheet(struct page *p)
{
    struct call_list l;
    if (list_make(p, &l, day_end(p->now_ms, 0)))
        page_show(p, "calls_sheet");
}

/* ---- on the page of a case ---- */

void calls_of_case(struct page *p, const struct casebook *b)
{
    struct store *s;
    struct callback *rows = NULL;
    size_t count = 0, failed = 0;
    int64_t open = 0;
    if (readers_take(p->console->readers, &s) < 0)
        return;
    int rc = callback_of_case(s, b->stored.row.id, p->arena, &rows, &count);
    readers_give(p->console->readers, s);
    for (size_t i = count; rc == 0 && i > 0; i--) {
        const struct callback *c = &rows[i - 1];
        struct view *row = view_add(p->view, "case_calls");
        struct call_window w = call_window_open(b->key, c);
        view_setn(row, "call", c->id);
        call_times_fill(p, row, &w, c->due_s);
        view_set(row, "outcome", call_outcome(c->outcome));
        view_setn(row, "attempt", c->attempts + 1);
        open = c->outcome.len ? open : c->id;
        failed += c->outcome.len && c->attempts >= CALL_ATTEMPTS;
    }
    bool may = !b->stored.row.closed_day && !b->sealed && b->stored.row.person && b->number.digits[0];
    view_flag(p->view, "may_book", may && !open);
    view_flag(p->view, "failed_before", failed);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* inbox - the lists of cases. No word of what people wrote stands here.
 *
 * Which list, and what is filtered, stands in the address; a list is a row of VIEWS_SHOWN.
 */
#include "console/calls.h"
#include "console/internal.h"
#include "console/pages.h"

#include "base/err.h"
#include "console/readers.h"
#include "console/wording.h"
#include "store/callback.h"
#include "store/staff.h"

static const struct {
    const char *word, *label, *empty;
    enum list_view view;
    unsigned roles; /* whose list it is */
    bool always;    /* shown also where nothing stands in it */
} VIEWS_SHOWN[] = {
    {"open", "Mine and new", "Nothing waiting.", VIEW_MINE_AND_NEW, TEAM, true},
    {"mine", "Mine", "No open case is yours.", VIEW_MINE, TEAM, true},
    {"new", "New", "Nobody waits to be taken on.", VIEW_NEW, TEAM, true},
    {"all", "All open", "No case is open.", VIEW_ALL, ROLE_SUPERVISOR | ROLE_SAFEGUARDING, true},
    {"safeguarding", "With safeguarding", "Safeguarding has no case.", VIEW_ELSEWHERE, TEAM, false},
    {"closed", "Closed", "No case was closed.", VIEW_CLOSED, TEAM, true},
};

enum { SHOWN = sizeof VIEWS_SHOWN / sizeof *VIEWS_SHOWN };

static size_t view_asked(const struct page *p)
{
    struct span word = page_query(p, "view");
    for (size_t i = 0; i < SHOWN; i++)
        if (span_is(word, VIEWS_SHOWN[i].word) && (VIEWS_SHOWN[i].roles & p->roles))
            return i;
    return 0;
}

static size_t page_asked(const struct page *p)
{
    int64_t n;
    return span_int(page_query(p, "page"), &n) == 0 && n > 1 && n < 100000 ? (size_t)n - 1 : 0;
}

struct caselist_filter inbox_filter(const struct page *p)
{
    return (struct caselist_filter){.roles = p->roles,
                                    .member = p->session->member,
                                    .view = VIEWS_SHOWN[view_asked(p)].view,
                                    .waiting = span_is(page_query(p, "waiting"), "yes"),
                                    .priority = page_query(p, "priority"),
                                    .flag = page_query(p, "flag"),
                                    .language = page_query(p, "language"),
                                    .page = page_asked(p)};
}

/* ---- what is drawn ---- */

static void views_fill(struct page *p, const struct caselist_found *found)
{
    size_t here = view_asked(p);
    for (size_t i = 0; i < SHOWN; i++) {
        size_t count = found->views[VIEWS_SHOWN[i].view];
        if (!(VIEWS_SHOWN[i].roles & p->roles) || (!count && !VIEWS_SHOWN[i].always && i != here))
            continue;
        struct view *row = view_add(p->view, "views");
        view_setz(row, "word", VIEWS_SHOWN[i].word);
        view_setz(row, "label", VIEWS_SHOWN[i].label);
        view_setf(row, "view_count", "%zu", count);
        view_flag(row, "here", i == here);
    }
    view_setz(p->view, "view", VIEWS_SHOWN[here].word);
    view_setz(p->view, "list", VIEWS_SHOWN[here].label);
    view_setz(p->view, "empty", VIEWS_SHOWN[here].empty);
}

static void choices_add(struct page *p, const char *list, struct span word, struct span label, struct span chosen)
{
    struct view *row = view_add(p->view, list);
    view_set(row, "word", word);
    view_set(row, "label", label);
    view_flag(row, "chosen", span_eq(word, chosen));
}

static void filters_fill(struct page *p, const struct caselist_filter *f)
{
    const struct settings *s = p->console->parts.settings;
    static const char *const PRIORITIES[] = {"urgent", "high", "normal", "low"};
    for (size_t i = 0; i < sizeof PRIORITIES / sizeof *PRIORITIES; i++)
        choices_add(p, "priorities", span_of(PRIORITIES[i]), wording_name(p->arena, span_of(PRIORITIES[i])),
                    f->priority);
    for (size_t i = 0; i < s->flag_count; i++)
        choices_add(p, "flag_choices", s->flags[i], wording_name(p->arena, s->flags[i]), f->flag);
    for (size_t i = 0; i < s->language_count; i++)
        choices_add(p, "languages", s->languages[i].code, wording_language(s->languages[i].code), f->language);
    view_set(p->view, "f_priority", f->priority);
    view_set(p->view, "f_flag", f->flag);
    view_set(p->view, "f_language", f->language);
    view_setz(p->view, "f_waiting", f->waiting ? "yes" : NULL);
    view_flag(p->view, "filtered", f->priority.len || f->flag.len || f->language.len || f->waiting);
}

static void pages_fill(struct page *p, const struct caselist_filter *f, const struct caselist_found *found)
{
    size_t first = f->page * LIST_PAGE, pages = (found->total + LIST_PAGE - 1) / LIST_PAGE;
    view_setf(p->view, "total", "%zu", found->total);
    if (found->count)
        view_setf(p->view, "range", "%zu to %zu of %zu", first + 1, first + found->count, found->total);
    if (f->page > 0)
        view_setf(p->view, "earlier", "%zu", f->page);
    if (f->page + 1 < pages)
        view_setf(p->view, "later", "%zu", f->page + 2);
}

/** What a page of a list needs from the database besides the list. */
struct members {
    struct staff *all;
    size_t count;
    int64_t due_s[LIST_PAGE]; /* of the call that was promised, by row; 0: none */
};

/* The open call of each case on the page. */
static int calls_read(struct page *p, struct store *s, const struct caselist_found *found, struct members *m)
{
    int rc = 0;
    for (size_t i = 0; i < found->count && rc == 0; i++) {
        struct callback *calls;
        size_t count = 0;
        rc = callback_of_case(s, found->rows[i].id, p->arena, &calls, &count);
        if (rc == 0 && count && !calls[count - 1].outcome.len) // one is open at most: the newest
            m->due_s[i] = calls[count - 1].due_s;
    }
    return rc;
}

static int members_read(struct page *p, const struct caselist_found *found, struct members *m)
{
    struct store *s;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = store_staff_list(s, p->arena, &m->all, &m->count);
    if (rc == 0)
        rc = calls_read(p, s, found, m);
    readers_give(p->console->readers, s);
    return rc;
}

static struct span member_name(const struct members *m, int64_t id)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->all[i].id == id)
            return m->all[i].name;
    return (struct span){0};
}

static void flags_fill(struct page *p, struct view *row, uint32_t flags)
{
    const struct settings *s = p->console->parts.settings;
    for (size_t i = 0; i < s->flag_count && i < 32; i++)
        if (flags & ((uint32_t)1 << i))
            view_set(view_add(row, "flags"), "flag", wording_name(p->arena, s->flags[i]));
}

static struct span word(struct page *p, list_word w)
{
    return arena_copy(p->arena, caselist_word(p->console->cases, w));
}

static void row_fill(struct page *p, struct view *row, const struct listed *c, const struct members *m, int64_t due_s)
{
    enum access access =
        access_of(p->roles, p->session->member, &(struct access_case){c->owner, c->casework, c->safeguarding});
    view_set(row, "reference", arena_copy(p->arena, span_of(c->reference)));
    view_set(row, "age", wording_age(p->arena, c->opened_day, p->now_ms));
    view_set(row, "opened", wording_day(p->arena, c->opened_day));
    view_flag(row, "elsewhere", access != ACCESS_OPEN);
    if (access != ACCESS_OPEN)
        return;
    view_set(row, "kind", wording_name(p->arena, word(p, c->kind)));
    view_set(row, "priority", wording_name(p->arena, word(p, c->priority)));
    view_flag(row, "urgent", c->rank == RANK_URGENT || c->rank == RANK_HIGH);
    view_set(row, "status", wording_name(p->arena, word(p, c->status)));
    view_flag(row, "answered", c->waiting);
    view_set(row, "language", wording_language(word(p, c->language)));
    view_set(row, "channel", wording_medium(p->console->parts.channels, word(p, c->channel)));
    view_set(row, "owner", member_name(m, c->owner));
    view_flag(row, "own", c->owner == p->session->member);
    if (due_s)
        view_set(row, "due", call_time_short(p, due_s));
    view_flag(row, "late", due_s && due_s < p->now_ms / 1000);
    view_flag(row, "free", !c->owner && !c->closed_day);
    view_setn(row, "version", c->change);
    flags_fill(p, row, c->flags);
}

/* The first call of one's own, above the list: of one's first cases, however many others there are. */
static void mine_fill(struct page *p)
{
    const struct caselist_filter f = {.roles = p->roles, .member = p->session->member, .view = VIEW_MINE};
    struct caselist_found mine;
    struct members m = {0};
    struct store *s;
    int64_t first = 0;
    if (caselist_select(p->console->cases, &f, p->arena, &mine) < 0 || !mine.count ||
        readers_take(p->console->readers, &s) < 0)
        return;
    int rc = calls_read(p, s, &mine, &m);
    readers_give(p->console->readers, s);
    for (size_t i = 0; rc == 0 && i < mine.count; i++)
        if (m.due_s[i] && (!first || m.due_s[i] < first))
            first = m.due_s[i];
    if (first)
        view_set(p->view, "my_call", call_time_short(p, first));
    view_flag(p->view, "my_call_late", first && first < p->now_ms / 1000);
}

void inbox_show(struct page *p)
{
    struct caselist_filter f = inbox_filter(p);
    struct caselist_found found;
    struct members members = {0};
    int rc = caselist_select(p->console->cases, &f, p->arena, &found);
    if (rc == 0)
        rc = members_read(p, &found, &members);
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    if (span_is(page_query(p, "done"), "handed"))
        view_setz(p->view, "notice", "The case was handed over.");
    views_fill(p, &found);
    filters_fill(p, &f);
    pages_fill(p, &f, &found);
    view_setn(p->view, "change", found.change);
    bool open = found.views[VIEW_ALL]; // else no call can be theirs, and the walk over all that are due would find none
    int64_t call = found.count || !open ? 0 : calls_next(p);
    if (call)
        view_set(p->view, "next_call", call_time_short(p, call));
    if (found.count)
        mine_fill(p);
    for (size_t i = 0; i < found.count; i++)
        row_fill(p, view_add(p->view, "cases"), &found.rows[i], &members, members.due_s[i]);
    page_show(p, "inbox");
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* handover - a case goes to the other team: its key is sealed to that team, and taken from this one.
 *
 * Cases under the person's own key go together, whoever asked for which. What safeguarding keeps of somebody who
 * withdrew stays there. Whoever hands a case over may mark it with a flag that is for that team alone (`restrict ...`
 * of the settings); handed back, it loses those of the team that it leaves.
 */
#include "base/err.h"
#include "base/utf8.h"
#include "console/casepage.h"
#include "console/deed.h"
#include "console/internal.h"
#include "console/pages.h"
#include "staff/team.h"

enum { REASON_MOST = 500 };

static struct span team_to(const struct casebook *b)
{
    return b->stored.row.safeguarding ? SPAN("casework") : SPAN("safeguarding");
}

static struct span team_from(const struct casebook *b)
{
    return b->stored.row.safeguarding ? SPAN("safeguarding") : SPAN("casework");
}

static bool may(const struct casebook *b)
{
    const struct caseload_row *row = &b->stored.row;
    bool back = row->safeguarding;
    return !row->closed_day && !b->sealed && !(back && row->person && casebook_stopped(b));
}

/* ---- flags ---- */

/* Whether the settings keep cases with this flag for that team. */
static bool is_for(const struct page *p, struct span flag, struct span team)
{
    const struct settings *s = p->console->parts.settings;
    for (size_t i = 0; i < s->restrict_count; i++)
        if (span_eq(s->restricts[i].flag, flag) && span_eq(s->restricts[i].team, team))
            return true;
    return false;
}

/* Those that the case may be marked with, or loses. */
static void flags_fill(struct page *p, const struct casebook *b)
{
    const struct settings *s = p->console->parts.settings;
    for (size_t i = 0; i < s->restrict_count; i++) {
        struct span flag = s->restricts[i].flag;
        bool has = casebook_flag(b, flag);
        if (!span_eq(s->restricts[i].team, has ? team_from(b) : team_to(b)))
            continue;
        struct view *row = view_add(p->view, has ? "lost" : "marks");
        view_set(row, "mark", flag);
        view_set(row, "label", wording_name(p->arena, flag));
        view_flag(row, "chosen", span_eq(flag, page_form(p, "flag")));
    }
}

/* The summary as it is to be: without the flags of the team that it leaves, with the one that it is marked with. */
static int summary_write(struct deed *d, struct store *s, struct span mark)
{
    struct page *p = d->page;
    const struct casebook *b = d->book;
    const struct told_summary *was = &b->summary;
    struct told_summary now = {.kind = was->kind, .priority = was->priority};
    struct span *all = arena_array(p->arena, was->flag_count + 1, sizeof *all);
    struct str box = STR_INIT(TOLD_MAX);
    for (size_t i = 0; all && i < was->flag_count; i++) {
        if (is_for(p, was->flags[i], team_from(b)))
            continue;
        all[now.flag_count++] = was->flags[i];
        now.marked += i >= was->flag_count - was->marked;
    }
    if (all && mark.len) {
        all[now.flag_count++] = mark;
        now.marked++;
    }
    if (mark.len && span_is(page_form(p, "urgent"), "yes"))
        now.priority = SPAN("urgent");
    now.flags = all;
    int rc = all ? told_summary_box(p->console->parts.vault, b->stored.row.reference, &now, &box) : ERR_NOMEM;
    if (rc == 0)
        rc = caseload_summary(s, b->stored.row.id, str_span(&box));
    str_release(&box);
    return rc;
}

/* The flag that the form names; what is wrong is told. */
static struct span mark_need(struct page *p, const struct casebook *b)
{
    struct span flag = page_form(p, "flag");
    if (flag.len && !is_for(p, flag, team_to(b)))
        page_error(p, "flag", "Choose one of these");
    return p->errors ? (struct span){0} : flag;
}

/* ---- handing over ---- */

static void page_draw(struct page *p, const struct casebook *b)
{
    casepage_head(p, b);
    flags_fill(p, b);
    view_flag(p->view, "urgent_chosen", span_is(page_form(p, "urgent"), "yes"));
    view_set(p->view, "to", team_to(b));
    view_flag(p->view, "to_safeguarding", !b->stored.row.safeguarding);
    view_flag(p->view, "together", !b->stored.own_key);
    view_setf(p->view, "title", "Hand over %.*s", SPAN_ARG(b->stored.row.reference));
    page_show(p, "hand_over");
}

static struct casebook *need(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (b && may(b))
        return b;
    if (b)
        page_missing(p);
    return NULL;
}

void hand_over_show(struct page *p)
{
    struct casebook *b = need(p);
    if (b)
        page_draw(p, b);
}

struct handing {
    struct deed deed; /* first: `write` is handed it */
    struct span mark; /* a flag; empty: none */
};

static int hand_over_write(struct deed *d, struct store *s)
{
    const struct casebook *b = d->book;
    struct team_generation team;
    struct str seal = STR_INIT(1024);
    int rc = team_newest(d->page->console->parts.vault, s, d->word, d->page->arena, &team);
    if (rc == 0)
        rc = opener_pass(b->key, team.public_key, &seal);
    if (rc == 0)
        rc = caseload_hand_over(s, &b->stored, &(struct held_seal){team.team, team.generation, str_span(&seal)},
                                team_from(b));
    if (rc == 0)
        rc = summary_write(d, s, ((const struct handing *)(const void *)d)->mark);
    if (rc == 0)
        rc = caseload_own(s, b->stored.row.id, 0, d->day);
    str_release(&seal);
    return rc;
}

void hand_over_do(struct page *p)
{
    struct casebook *b = need(p);
    if (!b)
        return;
    struct span why = page_words(p, "reason");
    view_set(p->view, "reason", why);
    if (!why.len)
        page_error(p, "reason", "Say why you hand it over: who takes it on reads this first");
    else if (utf8_length(why) > REASON_MOST)
        page_error(p, "reason", "Say it in 500 letters");
    struct span mark = mark_need(p, b);
    if (p->errors) {
        page_draw(p, b);
        return;
    }
    struct span name = wording_name(p->arena, mark);
    struct span text = mark.len ? arena_printf(p->arena, "%.*s. %.*s", SPAN_ARG(name), SPAN_ARG(why)) : why;
    struct handing h = {.mark = mark};
    h.deed = (struct deed){.page = p,
                           .book = b,
                           .what = "handed",
                           .text = text,
                           .audit = team_to(b),
                           .write = hand_over_write,
                           .word = team_to(b)};
    int rc = deed_do(&h.deed);
    if (rc == 0)
        page_go(p, "/inbox?done=handed");
    else
        deed_answer(&h.deed, rc, "hand this case over");
}

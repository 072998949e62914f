// SPDX-License-Identifier: AGPL-3.0-or-later
/* handover - a case goes to the other team: its key is sealed to that team, and taken from this one.
 *
 * Cases under the person's own key go together, whoever asked for which. What safeguarding keeps of somebody who
 * withdrew stays there.
 */
#include "base/err.h"
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

static void page_draw(struct page *p, const struct casebook *b)
{
    casepage_head(p, b);
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
        rc = caseload_own(s, b->stored.row.id, 0, d->day);
    str_release(&seal);
    return rc;
}

void hand_over_do(struct page *p)
{
    struct casebook *b = need(p);
    if (!b)
        return;
    struct span why = span_trim(page_form(p, "reason"));
    view_set(p->view, "reason", why);
    if (!why.len)
        page_error(p, "reason", "Say why you hand it over: who takes it on reads this first");
    else if (why.len > REASON_MOST)
        page_error(p, "reason", "Say it in 500 letters");
    if (p->errors) {
        page_draw(p, b);
        return;
    }
    struct deed d = {.page = p,
                     .book = b,
                     .what = "handed",
                     .text = why,
                     .audit = team_to(b),
                     .write = hand_over_write,
                     .word = team_to(b)};
    int rc = deed_do(&d);
    if (rc == 0)
        page_go(p, "/inbox?done=handed");
    else
        deed_answer(&d, rc, "hand this case over");
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* override - calling somebody who asked us to stop: only where safeguarding still holds the case, because the words
 * that they agreed to say so, and only where a second member of safeguarding agrees, with a reason. For a day, for a
 * call: an SMS never leaves to a number that stopped, whoever agrees.
 *
 * It is two entries of the timeline, "asked" by one and "override" by another; the newest decide.
 */
#include "console/override.h"

#include "base/err.h"
#include "base/utf8.h"
#include "console/casepage.h"
#include "console/deed.h"
#include "console/internal.h"
#include "console/pages.h"

enum { OVERRIDE_S = 86400, REASON_MOST = 500 };

struct override override_of(const struct page *p, const struct casebook *b)
{
    struct override o = {0};
    int64_t since = p->now_ms / 1000 - OVERRIDE_S;
    for (size_t i = 0; i < b->note_count; i++) {
        const struct caseload_note *n = b->notes[i].row;
        if (n->at_s <= since)
            continue;
        if (span_is(n->what, "asked")) {
            o = (struct override){.asked_by = n->author, .reason = b->notes[i].text};
        } else if (span_is(n->what, "override") && o.asked_by && n->author != o.asked_by) {
            o.granted_by = n->author;
            o.until_s = n->at_s + OVERRIDE_S;
        }
    }
    return o;
}

void override_fill(struct page *p, const struct casebook *b)
{
    struct override o = override_of(p, b);
    bool may = casebook_stopped(b) && b->stored.row.safeguarding && !b->sealed && (p->roles & ROLE_SAFEGUARDING);
    if (!may || b->stored.row.closed_day)
        return;
    view_flag(p->view, "may_ask_override", !o.asked_by);
    view_flag(p->view, "may_grant", o.asked_by && !o.granted_by && o.asked_by != p->session->member);
    view_flag(p->view, "waits_for_second", o.asked_by && !o.granted_by && o.asked_by == p->session->member);
    if (o.asked_by) {
        view_set(p->view, "override_by", casebook_name(b, o.asked_by));
        view_set(p->view, "override_reason", o.reason);
    }
    if (o.granted_by)
        view_set(p->view, "override_until", wording_time(p->arena, o.until_s));
}

/* The case, where there is something to override; else answered already. */
static struct casebook *need(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (!b)
        return NULL;
    if (!b->sealed && b->stored.row.safeguarding && !b->stored.row.closed_day && casebook_stopped(b))
        return b;
    page_missing(p);
    return NULL;
}

void override_ask(struct page *p)
{
    struct casebook *b = need(p);
    if (!b)
        return;
    struct span why = page_words(p, "override");
    view_set(p->view, "override", why);
    if (!why.len)
        page_error(p, "override", "Say what danger there is to life, or to a child");
    else if (utf8_length(why) > REASON_MOST)
        page_error(p, "override", "Say it in 500 letters");
    struct deed d = {.page = p, .book = b, .what = "asked", .text = why};
    if (p->errors)
        case_draw(p, b, "case");
    else
        deed_answer(&d, deed_do(&d), "ask for a call in spite of the stop");
}

void override_grant(struct page *p)
{
    struct casebook *b = need(p);
    if (!b)
        return;
    struct override o = override_of(p, b);
    if (!o.asked_by || o.granted_by || o.asked_by == p->session->member) {
        page_missing(p);
        return;
    }
    struct deed d = {.page = p, .book = b, .what = "override", .text = casebook_name(b, o.asked_by)};
    deed_answer(&d, deed_do(&d), "agree to a call in spite of the stop");
}

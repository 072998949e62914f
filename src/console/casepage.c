// SPDX-License-Identifier: AGPL-3.0-or-later
/* casepage - one case: whether and when it is safe to call, what they agreed to, what they told and saw, what happened.
 */
#include "console/casepage.h"

#include "base/err.h"
#include "console/calls.h"
#include "console/internal.h"
#include "console/override.h"
#include "console/pages.h"
#include "console/readers.h"
#include "console/safehours.h"
#include "console/timeline.h"

/* ---- what needs the menus ---- */

struct menu_fill {
    struct page *p;
    const struct casebook *b;
};

static const struct menu_case *kind_of(const struct program *program, const struct casebook *b)
{
    uint16_t kind = program_case(program, b->summary.kind);
    return kind == PROGRAM_NONE ? NULL : &program->cases[kind];
}

static void answers_fill(struct page *p, const struct casebook *b, const struct wording *w)
{
    for (size_t i = 0; i < b->answers.field_count; i++) {
        const struct effect_field *f = &b->answers.fields[i];
        struct span question = wording_question(w, f->name);
        struct view *row = view_add(p->view, "answers");
        view_set(row, "about", wording_name(p->arena, f->name));
        view_set(row, "question", question);
        view_set(row, "answer", question.len ? wording_answer(w, f->name, f->value) : wording_name(p->arena, f->value));
    }
}

/* Safe contact: the two slots that the case's `contact` line names. */
static void contact_fill(struct page *p, const struct casebook *b, const struct wording *w)
{
    const struct menu_case *kind = kind_of(w->program, b);
    if (!kind || kind->may_call == PROGRAM_NONE)
        return;
    struct span may = w->program->slots[kind->may_call].name;
    struct span when = kind->safe_time == PROGRAM_NONE ? (struct span){0} : w->program->slots[kind->safe_time].name;
    struct span said = casebook_answer(b, may), time = casebook_answer(b, when);
    view_set(p->view, "may_call", said.len ? wording_answer(w, may, said) : SPAN("They did not say"));
    view_set(p->view, "safe_time", time);
    bool silent = casebook_stopped(b) && !override_of(p, b).granted_by;
    view_flag(p->view, "may_not_call", silent || span_is(said, "no") || casebook_flag(b, SPAN("do-not-call")));
    view_flag(p->view, "may_text", !silent);
    view_flag(p->view, "any_time", said.len && !time.len && !span_is(said, "no") && !span_is(said, "time"));
}

bool case_status_given(struct span word)
{
    static const char *const OTHERS[] = {"closed", "withdrawn", "erased"};
    size_t i = 0;
    while (i < sizeof OTHERS / sizeof *OTHERS && !span_is(word, OTHERS[i]))
        i++;
    return i == sizeof OTHERS / sizeof *OTHERS;
}

static void statuses_fill(struct page *p, const struct casebook *b, const struct wording *w)
{
    const struct menu_case *kind = kind_of(w->program, b);
    for (size_t i = 0; kind && i < kind->status_count; i++) {
        if (!case_status_given(kind->statuses[i].word))
            continue;
        struct view *row = view_add(p->view, "statuses");
        view_set(row, "word", arena_copy(p->arena, kind->statuses[i].word));
        view_set(row, "label", wording_name(p->arena, kind->statuses[i].word));
        view_set(row, "told", wording_text(w, kind->statuses[i].text, (struct span){0}, NULL));
        view_flag(row, "chosen", span_eq(kind->statuses[i].word, b->stored.row.status));
    }
}

static int menus_fill(void *ctx, const struct program *program)
{
    struct menu_fill *f = ctx;
    const struct wording w = {program, f->p->arena, f->b->answers.fields, f->b->answers.field_count};
    answers_fill(f->p, f->b, &w);
    contact_fill(f->p, f->b, &w);
    statuses_fill(f->p, f->b, &w);
    return 0;
}

static int answers_only(void *ctx, const struct program *program)
{
    struct menu_fill *f = ctx;
    const struct wording w = {program, f->p->arena, f->b->answers.fields, f->b->answers.field_count};
    answers_fill(f->p, f->b, &w);
    return 0;
}

void casepage_answers(struct page *p, const struct casebook *b)
{
    const struct console_port *port = p->console->parts.port;
    struct menu_fill f = {p, b};
    port->menus(port->ctx, answers_only, &f);
}

static int contact_only(void *ctx, const struct program *program)
{
    struct menu_fill *f = ctx;
    const struct wording w = {program, f->p->arena, f->b->answers.fields, f->b->answers.field_count};
    contact_fill(f->p, f->b, &w);
    return 0;
}

bool casepage_contact(struct page *p, const struct casebook *b)
{
    const struct console_port *port = p->console->parts.port;
    struct menu_fill f = {p, b};
    bool silent = casebook_stopped(b) && !override_of(p, b).granted_by;
    port->menus(port->ctx, contact_only, &f);
    return !silent && !casebook_flag(b, SPAN("do-not-call")) && !view_get(p->view, SPAN("may_not_call")).len;
}

/* ---- what does not ---- */

static void consents_fill(struct page *p, const struct casebook *b)
{
    static const struct {
        const char *action, *text;
        bool yes;
    } SAID[] = {{"agree", "Agreed", true},
                {"withdraw", "Withdrew", false},
                {"erase", "Asked to erase", false},
                {"refuse", "Refused", false}};
    for (size_t i = b->consent_count; i > 0; i--) {
        const struct book_consent *c = &b->consents[i - 1];
        struct view *row = view_add(p->view, "consents");
        size_t k = 0;
        while (k + 1 < sizeof SAID / sizeof *SAID && !span_is(c->row->action, SAID[k].action))
            k++;
        view_setz(row, "said", SAID[k].text);
        view_flag(row, "yes", SAID[k].yes);
        view_set(row, "name", wording_name(p->arena, c->row->name));
        view_set(row, "version", c->row->version);
        view_set(row, "when", wording_time(p->arena, c->row->at_s));
        view_set(row, "channel", c->row->channel);
        view_set(row, "language", wording_language(c->told.language));
        view_set(row, "words", c->row->text);
        view_set(row, "typed", c->told.typed);
        for (size_t s = 0; s < c->told.seen_count; s++)
            view_set(view_add(row, c->told.seen[s].shown ? "seen" : "offered"), "screen", c->told.seen[s].screen);
    }
    view_flag(p->view, "agreed", b->consent_count && span_is(b->consents[b->consent_count - 1].row->action, "agree"));
}

static void turns_fill(struct page *p, const struct casebook *b)
{
    for (size_t i = 0; i < b->turn_count; i++) {
        const struct told_turn *t = &b->turns[i];
        struct view *row = view_add(p->view, "turns");
        view_set(row, "when", wording_time(p->arena, t->at_ms / 1000));
        view_set(row, "screen", t->screen);
        view_set(row, "typed", t->typed);
        view_set(row, "shown", t->shown);
    }
    if (b->turn_count)
        view_set(p->view, "confirmed", wording_time(p->arena, b->turns[b->turn_count - 1].at_ms / 1000));
    else if (!b->sealed)
        view_set(p->view, "confirmed", wording_day(p->arena, b->stored.row.opened_day));
}

static void owners_fill(struct page *p, const struct casebook *b)
{
    for (size_t i = 0; i < b->member_count; i++) {
        const struct staff *m = &b->members[i];
        const struct access_case as = {m->id, b->stored.row.casework, b->stored.row.safeguarding};
        if (m->disabled || m->id == b->stored.row.owner || access_of(m->roles, m->id, &as) != ACCESS_OPEN)
            continue;
        struct view *row = view_add(p->view, "assignable");
        view_setn(row, "member_id", m->id);
        view_set(row, "name", m->name);
    }
}

void casepage_head(struct page *p, const struct casebook *b)
{
    struct view *v = p->view;
    const struct caseload_row *row = &b->stored.row;
    view_set(v, "reference", row->reference);
    view_setf(v, "title", "Case %.*s", SPAN_ARG(row->reference));
    view_setn(v, "version", row->change);
    view_setn(v, "last", b->newest);
    view_set(v, "kind", wording_name(p->arena, b->summary.kind));
    view_set(v, "priority", wording_name(p->arena, b->summary.priority));
    view_flag(v, "urgent", span_is(b->summary.priority, "urgent") || span_is(b->summary.priority, "high"));
    for (size_t i = 0; i < b->summary.flag_count; i++)
        view_set(view_add(v, "flags"), "flag", wording_name(p->arena, b->summary.flags[i]));
    view_set(v, "status", wording_name(p->arena, row->status));
    view_set(v, "opened", wording_day(p->arena, row->opened_day));
    view_set(v, "age", wording_age(p->arena, row->opened_day, p->now_ms));
    view_set(v, "language", wording_language(b->language));
    view_set(v, "channel", wording_channel(p->arena, p->console->parts.channels, row->channel));
    view_set(v, "owner", row->owner ? casebook_name(b, row->owner) : (struct span){0});
    view_flag(v, "own", row->owner == p->session->member);
    view_flag(v, "open", !row->closed_day);
    view_flag(v, "answered", row->waiting);
    view_flag(v, "sealed", b->sealed);
    view_flag(v, "anonymous", !row->person);
    view_flag(v, "stopped", row->person && casebook_stopped(b));
    if (b->stored.stopped_day)
        view_set(v, "stopped_day", wording_day(p->arena, b->stored.stopped_day));
    if (b->number.digits[0])
        view_set(v, "masked", wording_masked(p->arena, &b->number));
}

static void rights_fill(struct page *p, const struct casebook *b)
{
    const struct caseload_row *row = &b->stored.row;
    bool open = !row->closed_day, mine = row->owner == p->session->member;
    view_flag(p->view, "may_claim", open && !mine && (!row->owner || (p->roles & ROLE_SUPERVISOR)));
    view_flag(p->view, "may_release", open && mine);
    view_flag(p->view, "may_assign", open && (p->roles & ROLE_SUPERVISOR));
    view_flag(p->view, "may_write", open && !b->sealed);
    view_flag(p->view, "may_reply", open && !b->sealed && row->person && !casebook_stopped(b));
    view_flag(p->view, "may_stop", !b->sealed && row->person && b->number.digits[0] && !casebook_stopped(b));
    view_flag(p->view, "may_hand_over", open && !b->sealed);
    view_flag(p->view, "to_safeguarding", !row->safeguarding);
    view_flag(p->view, "may_reopen", !open && !b->sealed);
    bool silent = row->person && casebook_stopped(b) && !override_of(p, b).granted_by;
    view_flag(p->view, "may_show", !b->sealed && b->number.digits[0] && !silent);
}

static const struct {
    const char *word, *text;
} DONE[] = {
    {"claimed", "This case is yours now."},
    {"released", "The case was given back: anybody of the team may take it on."},
    {"assigned", "The case was given to somebody else."},
    {"note", "Your note was added."},
    {"status", "The status was changed; it is what the person hears when they ask."},
    {"closed", "The case was closed."},
    {"reopened", "The case is open again."},
    {"read", "Marked as read."},
    {"handed", "The case was handed over."},
    {"undone", "The reply was taken back. It did not leave."},
    {"asked", "A second member of safeguarding has to agree."},
    {"override", "You agreed: they may be called until this time tomorrow."},
    {"withdrawn", "Their stop is recorded. Nobody contacts them any more."},
    {"callback", "The call is booked. Nothing else that happens to this case moves it."},
    {"left", "It was too late: the reply has left."},
    {"reply", "The reply leaves in ten seconds. Until then it can be taken back, below."},
    {"later", "The reply waits until it is safe for them. Until then it can be taken back, below."},
    {"hours",
     "Written down. No text leaves outside these hours, and no reply waits any more that was meant for others."},
};

void case_draw(struct page *p, struct casebook *b, const char *page)
{
    const struct console_port *port = p->console->parts.port;
    struct menu_fill f = {p, b};
    for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
        if (span_is(page_query(p, "done"), DONE[i].word))
            view_setz(p->view, "notice", DONE[i].text);
    casepage_head(p, b);
    view_flag(p->view, "whole", true);
    port->menus(port->ctx, menus_fill, &f);
    consents_fill(p, b);
    turns_fill(p, b);
    timeline_fill(p, b, 0);
    owners_fill(p, b);
    rights_fill(p, b);
    override_fill(p, b);
    safe_hours_fill(p, b);
    calls_of_case(p, b);
    page_show(p, page);
}

void case_show(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (b)
        case_draw(p, b, "case");
}

void case_print(struct page *p)
{
    struct casebook *b = casebook_need(p);
    if (b)
        case_draw(p, b, "case_print");
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* staffpage - members of staff, for administrators: who there is, with which roles; adding, changing, shutting out.
 *
 * An administrator opens nothing that people told: whoever they add waits for somebody who holds the team's key. They
 * cannot change themselves, so that nobody shuts the last door behind them or gives themselves a role unseen. What was
 * changed counts at once: the member's open visits end.
 */
#include "base/err.h"
#include "console/internal.h"
#include "console/members.h"
#include "console/pages.h"
#include "console/wording.h"
#include "store/staff.h"

static const struct office *office(const struct page *p)
{
    return p->console->parts.office;
}

static struct span actor(const struct page *p)
{
    return span_of(p->session->name);
}

/* ---- the list ---- */

static void roles_choose(struct page *p, unsigned chosen)
{
    for (unsigned role = 1; role < ROLE_ALL; role <<= 1) {
        struct str name = STR_INIT(64);
        struct view *row = view_add(p->view, "choices");
        roles_text(role, &name);
        view_setz(row, "word", staff_role_word((enum staff_role)role));
        view_set(row, "label", arena_copy(p->arena, str_span(&name)));
        view_setz(row, "about", role_about(role));
        view_flag(row, "chosen", chosen & role);
        str_release(&name);
    }
}

static void member_fill(struct page *p, struct view *row, const struct office_list *l, const struct staff *m)
{
    struct str roles = STR_INIT(256);
    roles_text(m->roles, &roles);
    view_set(row, "name", m->name);
    view_set(row, "their_roles", arena_copy(p->arena, str_span(&roles)));
    str_release(&roles);
    if (m->signed_in_s)
        view_set(row, "last", wording_time(p->arena, m->signed_in_s));
    view_set(row, "waits", members_wait(p, l, m));
    view_flag(row, "disabled", m->disabled);
    view_flag(row, "locked", m->locked_until_s > p->now_ms / 1000);
    view_flag(row, "given", m->given);
    view_flag(row, "factor", m->totp.len > 0);
    view_flag(row, "self", m->id == p->session->member);
}

static void staff_page(struct page *p, unsigned chosen)
{
    struct office_list l;
    if (!members_list(p, &l))
        return;
    for (size_t i = 0; i < l.member_count; i++)
        member_fill(p, view_add(p->view, "members"), &l, &l.members[i]);
    view_setn(p->view, "member_count", (int64_t)l.member_count);
    roles_choose(p, chosen);
    page_show(p, "staff");
}

void staff_show(struct page *p)
{
    staff_page(p, 0);
}

/* ---- adding ---- */

/* Each role is a box of its own. */
static unsigned roles_read(const struct page *p)
{
    unsigned roles = 0;
    for (size_t i = 0; i < p->form_count; i++) {
        unsigned one;
        if (span_is(p->form[i].name, "role") && staff_roles_read(p->form[i].value, &one) == 0)
            roles |= one;
    }
    return roles;
}

static const struct {
    int rc;
    const char *why;
} ADD_TROUBLES[] = {
    {ERR_SYNTAX, "Write a name of letters, digits, dots, dashes and underscores, 64 at most"},
    {ERR_EXISTS, "Choose another name: there is a member of this one"},
};

/* A passphrase that is shown once and changed at the first sign-in. */
static void given_show(struct page *p, struct span name, const char *passphrase, const struct office_teams *teams)
{
    struct str *kept = page_secret(p, PRINTED_CHARS + 1);
    if (kept)
        str_addz(kept, passphrase);
    members_papers(p, teams->papers, teams->paper_count);
    view_set(p->view, "name", name);
    view_setf(p->view, "title", "Member %.*s", SPAN_ARG(name));
    view_set(p->view, "passphrase", kept ? str_span(kept) : (struct span){0});
    for (size_t i = 0; i < TEAM_COUNT; i++)
        if (teams->waits[i])
            view_set(view_add(p->view, "waits"), "team", members_team(p, i));
    page_show(p, "staff_given");
}

void staff_add(struct page *p)
{
    char passphrase[PRINTED_CHARS + 1];
    struct office_teams teams = {0};
    unsigned roles = roles_read(p);
    struct span name = span_trim(page_form(p, "name"));
    if (!name.len)
        page_error(p, "name", "Write the name that they sign in with");
    if (!roles)
        page_error(p, "role", "Choose one role or more");
    printed_new(passphrase);
    const struct office_member m = {.name = name, .passphrase = span_of(passphrase), .roles = roles, .given = true};
    int rc = p->errors ? ERR_RANGE : office_add(office(p), actor(p), &m, &teams);
    for (size_t i = 0; i < sizeof ADD_TROUBLES / sizeof *ADD_TROUBLES; i++)
        if (rc == ADD_TROUBLES[i].rc)
            page_error(p, "name", ADD_TROUBLES[i].why);
    view_set(p->view, "typed", name);
    if (rc == 0)
        given_show(p, name, passphrase, &teams);
    else if (p->errors)
        staff_page(p, roles);
    else
        page_failed(p, rc);
    vault_wipe(passphrase, sizeof passphrase);
    vault_wipe(&teams, sizeof teams);
}

/* ---- one member ---- */

static const struct staff *member_find(const struct office_list *l, struct span name)
{
    for (size_t i = 0; i < l->member_count; i++)
        if (span_eq(l->members[i].name, name))
            return &l->members[i];
    return NULL;
}

/* The member of the address, or NULL: answered already. */
static const struct staff *member_need(struct page *p, struct office_list *l)
{
    if (!members_list(p, l))
        return NULL;
    const struct staff *m = member_find(l, p->part[0]);
    if (!m)
        page_missing(p);
    return m;
}

static void member_page(struct page *p)
{
    struct office_list l;
    const struct staff *m = member_need(p, &l);
    if (!m)
        return;
    member_fill(p, p->view, &l, m);
    view_setf(p->view, "title", "Member %.*s", SPAN_ARG(m->name));
    roles_choose(p, p->errors ? roles_read(p) : m->roles);
    for (size_t i = 0; i < TEAM_COUNT; i++)
        if (members_hold(&l, m->id, i))
            view_set(view_add(p->view, "holds"), "team", members_team(p, i));
    page_show(p, "member");
}

void member_show(struct page *p)
{
    static const struct {
        const char *word, *text;
    } DONE[] = {{"roles", "The roles were changed. Their open visits ended."},
                {"disable", "They are out, and hold no key any more."},
                {"enable", "They may sign in again. Somebody who holds the key lets them into their teams."},
                {"factor", "They set up a second factor when they sign in next."}};
    for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
        if (span_is(page_query(p, "done"), DONE[i].word))
            view_setz(p->view, "notice", DONE[i].text);
    view_flag(p->view, "left", span_is(page_query(p, "done"), "disable"));
    member_page(p);
}

/* Nobody changes themselves here. NULL: answered already. */
static const struct staff *other_need(struct page *p, struct office_list *l)
{
    const struct staff *m = member_need(p, l);
    if (!m || m->id != p->session->member)
        return m;
    page_error(p, "self", "Ask another administrator: nobody changes themselves");
    member_page(p);
    return NULL;
}

/* Whatever was changed of a member, their visits end with it, and their keys leave the memory now. False: it failed. */
static bool changed(struct page *p, const struct staff *m, int rc)
{
    if (rc < 0)
        page_failed(p, rc);
    else
        session_end_member(p->console->sessions, m->id);
    return rc == 0;
}

static void changed_show(struct page *p, const struct staff *m, int rc, const char *done)
{
    if (changed(p, m, rc))
        page_gof(p, "/staff/%.*s?done=%s", SPAN_ARG(m->name), done);
}

void member_roles(struct page *p)
{
    struct office_list l;
    const struct staff *m = other_need(p, &l);
    unsigned roles = roles_read(p);
    if (!m)
        return;
    if (!roles) {
        page_error(p, "role", "Choose one role or more; who is to have none is shut out below");
        member_page(p);
        return;
    }
    struct office_teams teams;
    int rc = office_roles(office(p), actor(p), m->name, roles, &teams);
    if (rc < 0 || !teams.paper_count) {
        changed_show(p, m, rc, "roles");
    } else if (changed(p, m, rc)) {
        members_papers(p, teams.papers, teams.paper_count);
        view_set(p->view, "name", m->name);
        page_show(p, "staff_given");
    }
    vault_wipe(&teams, sizeof teams);
}

static void disable(struct page *p, bool disabled)
{
    struct office_list l;
    const struct staff *m = other_need(p, &l);
    if (m)
        changed_show(p, m, office_disable(office(p), actor(p), m->name, disabled), disabled ? "disable" : "enable");
}

void member_disable(struct page *p)
{
    disable(p, true);
}

void member_enable(struct page *p)
{
    disable(p, false);
}

void member_factor(struct page *p)
{
    struct office_list l;
    const struct staff *m = other_need(p, &l);
    if (m)
        changed_show(p, m, office_factor_drop(office(p), actor(p), m->name), "factor");
}

void member_passphrase(struct page *p)
{
    struct office_list l;
    struct office_teams teams = {0};
    char passphrase[PRINTED_CHARS + 1];
    const struct staff *m = other_need(p, &l);
    if (!m)
        return;
    printed_new(passphrase);
    int rc = office_reset(office(p), actor(p), m->name, span_of(passphrase), &teams);
    if (changed(p, m, rc)) {
        view_flag(p->view, "again", true);
        given_show(p, m->name, passphrase, &teams);
    }
    vault_wipe(passphrase, sizeof passphrase);
    vault_wipe(&teams, sizeof teams);
}

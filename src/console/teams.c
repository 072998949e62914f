// SPDX-License-Identifier: AGPL-3.0-or-later
/* teams - who holds the teams' keys, for those who do: letting somebody in, replacing a key because somebody left, and
 * the recovery key on paper.
 *
 * Whoever replaces or prints a key types their passphrase again: the page works with keys of its own, so that those of
 * the open visit are never changed under another tab. Afterwards the holders' visits end, and signing in again gives
 * them the new key.
 */
#include "base/err.h"
#include "console/internal.h"
#include "console/members.h"
#include "console/pages.h"
#include "console/readers.h"
#include "console/wording.h"
#include "store/staff.h"

static const struct office *office(const struct page *p)
{
    return p->console->parts.office;
}

/* How far a key's replacing has come: the old one still has these. */
static void progress_fill(struct page *p, struct view *row, size_t team, int64_t generation)
{
    struct store *s;
    int64_t all = 0, left = 0;
    if (readers_take(p->console->readers, &s) < 0)
        return;
    if (store_sealed_count(s, span_of(team_name(team)), generation, &all, &left) == 0) {
        view_setn(row, "sealed", all);
        view_setn(row, "resealed_now", all - left);
    }
    readers_give(p->console->readers, s);
}

static void team_fill(struct page *p, const struct office_list *l, size_t team)
{
    bool older, hold = members_hold(l, p->session->member, team);
    int64_t generation = members_generation(l, team, &older);
    struct view *row = view_add(p->view, "teams");
    view_set(row, "team", members_team(p, team));
    view_setz(row, "word", team_name(team));
    view_flag(row, "hold", hold);
    view_flag(row, "may_keep", hold && (p->roles & KEEPERS));
    view_flag(row, "older", older);
    if (older)
        progress_fill(p, row, team, generation);
    view_flag(row, "has_key", generation > 0);
    view_setn(row, "generation", generation);
    for (size_t i = 0; i < l->member_count; i++) {
        const struct staff *m = &l->members[i];
        struct view *entry;
        if (members_hold(l, m->id, team)) {
            entry = view_add(row, "holders");
        } else if (!m->disabled && generation && roles_hold(m->roles, span_of(team_name(team)))) {
            entry = view_add(row, "waiting");
        } else {
            continue;
        }
        view_set(entry, "name", m->name);
    }
}

static void teams_page(struct page *p)
{
    struct office_list l;
    if (!members_list(p, &l))
        return;
    for (size_t i = 0; i < TEAM_COUNT; i++)
        if (roles_hold(p->roles, span_of(team_name(i))))
            team_fill(p, &l, i);
    view_flag(p->view, "code_asked", office(p)->second_factor);
    page_show(p, "teams");
}

void teams_show(struct page *p)
{
    if (span_is(page_query(p, "done"), "admit"))
        view_setz(p->view, "notice", "They are in. Whoever had the console open signs in again.");
    teams_page(p);
}

/* ---- letting in ---- */

static int64_t member_id(const struct office_list *l, struct span name)
{
    for (size_t i = 0; i < l->member_count; i++)
        if (span_eq(l->members[i].name, name))
            return l->members[i].id;
    return 0;
}

void teams_admit(struct page *p)
{
    struct span name = page_form(p, "name");
    const struct signin by = {.member = {.id = p->session->member, .name = span_of(p->session->name)},
                              .identity = p->session->identity,
                              .keyring = p->session->keyring};
    struct office_list l;
    size_t teams = 0;
    if (!members_list(p, &l))
        return;
    int64_t id = member_id(&l, name);
    int rc = id ? office_admit(office(p), &by, name, &teams) : ERR_MISSING;
    if (rc == 0) {
        if (id != p->session->member)
            session_end_member(p->console->sessions, id);
        page_go(p, "/teams?done=admit");
    } else if (rc == ERR_MISSING || rc == ERR_AUTH || rc == ERR_CRYPTO) {
        page_error(p, "name",
                   rc == ERR_CRYPTO ? "This member's row was changed by somebody without the master key: do not let "
                                      "them in, and tell whoever runs this service"
                                    : "Choose somebody in the list of those who wait for a team whose key you hold");
        teams_page(p);
    } else {
        page_failed(p, rc);
    }
}

/* ---- the keys ---- */

/* Who does this shows first that it is them; the keys are the caller's to end. False: told on the page, or failed. */
static bool proved(struct page *p, struct signin *in)
{
    const struct signin_words words = {.name = span_of(p->session->name),
                                       .passphrase = page_form(p, "present"),
                                       .code = span_trim(page_form(p, "code")),
                                       .place = "console, again"};
    int rc = office_sign_in(office(p), &words, p->arena, in);
    if (rc == ERR_AUTH) {
        page_error(p, "present", "The passphrase or the code is not right");
        teams_page(p);
    } else if (rc < 0) {
        page_failed(p, rc);
    }
    return rc == 0;
}

static void holders_leave(struct page *p, size_t team)
{
    struct office_list l;
    if (office_list(office(p), p->arena, &l) < 0)
        return;
    for (size_t i = 0; i < l.member_count; i++)
        if (members_hold(&l, l.members[i].id, team))
            session_end_member(p->console->sessions, l.members[i].id);
}

static void key_done(struct page *p, int rc, const struct office_paper *paper)
{
    if (rc == ERR_MISSING || rc == ERR_AUTH) {
        page_error(p, "team", "Choose a team whose key you hold");
        teams_page(p);
        return;
    }
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    members_papers(p, paper, 1);
    view_set(p->view, "team", members_team(p, paper->team));
    page_show(p, "teams_key");
}

void teams_rotate(struct page *p)
{
    struct signin in;
    struct office_paper paper = {0};
    size_t resealed = 0, team = 0;
    if (!proved(p, &in))
        return;
    int rc = team_index(page_form(p, "team"), &team);
    if (rc == 0)
        rc = office_rotate(office(p), &in, page_form(p, "team"), p->arena, &paper, &resealed);
    signin_end(&in);
    if (rc == 0) {
        holders_leave(p, team);
        view_flag(p->view, "rotated", true);
        view_setn(p->view, "resealed", (int64_t)resealed);
    }
    key_done(p, rc, &paper);
    vault_wipe(&paper, sizeof paper);
}

void teams_reprint(struct page *p)
{
    struct signin in;
    struct office_paper paper = {0};
    if (!proved(p, &in))
        return;
    int rc = office_reprint(office(p), &in, page_form(p, "team"), &paper);
    signin_end(&in);
    key_done(p, rc, &paper);
    vault_wipe(&paper, sizeof paper);
}

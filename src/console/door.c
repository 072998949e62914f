// SPDX-License-Identifier: AGPL-3.0-or-later
/* door - the way in and out: signing in with name, passphrase and code; signing out; hiding the screen.
 *
 * Whatever was wrong, the answer is the same and takes as long (staff/signin.h). The visit's token is a new one after
 * each, so that one that was known before is of no use.
 */
#include "console/internal.h"
#include "console/pages.h"

#include "base/err.h"
#include "base/log.h"

#include <inttypes.h>

void visit_renew(struct page *p, const char token[SESSION_TOKEN])
{
    if (token)
        memcpy(p->token, token, sizeof p->token);
    else
        session_token(p->token);
    session_csrf(p->token, p->csrf);
    p->fresh_token = true;
}

void visit_note(struct page *p, const char *action, struct span object)
{
    int rc = page_note(p, action, object);
    if (rc < 0)
        log_event(LOG_ERROR, "the end of a visit is not in the audit log", LOG_ERR(rc));
}

void visit_over(struct page *p, bool ours)
{
    if (ours)
        page_written(p);
    view_setz(p->view, "title", p->session ? "This form is too old" : "You are signed out");
    page_show_as(p, 403, "expired");
}

static void sign_in_page(struct page *p)
{
    view_flag(p->view, "code_asked", p->console->parts.office->second_factor);
    view_flag(p->view, "demonstration", p->console->parts.settings->demonstration);
    page_show(p, "sign_in");
}

void sign_in_show(struct page *p)
{
    if (p->session) {
        page_go(p, "/");
        return;
    }
    if (page_query(p, "over").len)
        view_setz(p->view, "notice", "You were signed out, because nothing was done here for a while.");
    sign_in_page(p);
}

static enum session_due due_of(const struct console *c, const struct staff *m)
{
    if (m->given)
        return DUE_PASSPHRASE;
    return c->parts.office->second_factor && !m->totp.len ? DUE_FACTOR : DUE_NOTHING;
}

/* Takes the keys over from `in`, also where it fails. */
static int let_in(struct page *p, struct signin *in)
{
    const struct staff *m = &in->member;
    struct session who = {.member = m->id,
                          .roles = m->roles,
                          .identity = in->identity,
                          .keyring = in->keyring,
                          .due = due_of(p->console, m),
                          .factor_lacks = p->console->parts.office->second_factor && !m->totp.len};
    memcpy(who.name, m->name.p, m->name.len); // STAFF_NAME_MOST at most, as office_add saw to
    char token[SESSION_TOKEN];
    int rc = session_begin(p->console->sessions, &who, clock_monotonic_ms(), token);
    if (rc == 0)
        visit_renew(p, token);
    vault_wipe(token, sizeof token);
    return rc;
}

void sign_in_do(struct page *p)
{
    const struct signin_words words = {.name = span_trim(page_form(p, "name")),
                                       .passphrase = page_form(p, "passphrase"),
                                       .code = span_trim(page_form(p, "code")),
                                       .place = "console",
                                       .first = true};
    struct signin in;
    int rc = words.name.len && words.name.len <= STAFF_NAME_MOST
                 ? office_sign_in(p->console->parts.office, &words, p->arena, &in)
                 : ERR_AUTH;
    if (rc == 0 && p->session)
        session_end(p->console->sessions, p->session); // whoever was signed in here before
    if (rc == 0)
        rc = let_in(p, &in);
    if (rc == 0) {
        page_go(p, "/");
        return;
    }
    if (rc != ERR_AUTH) {
        page_failed(p, rc);
        return;
    }
    view_set(p->view, "name", words.name);
    page_error(p, "name",
               "The name, the passphrase or the code is not right. After five tries that failed, a name "
               "has to wait 15 minutes");
    sign_in_page(p);
}

/* Out first, and written down then: nobody stays in because the disk is full. */
static void leave(struct page *p, const char *how)
{
    if (p->session) {
        session_end(p->console->sessions, p->session);
        visit_note(p, "sign out", span_of(how));
    }
    visit_renew(p, NULL);
    page_header(p, SPAN("Clear-Site-Data"), SPAN("\"cache\""));
}

void sign_out_do(struct page *p)
{
    leave(p, "console");
    page_go(p, "/sign-in");
}

/* The screen shows nothing of us: not a name, not a colour. */
void hide_do(struct page *p)
{
    leave(p, "console: screen hidden");
    page_go(p, "/hidden");
}

void hidden_show(struct page *p)
{
    struct span site = p->console->parts.settings->neutral_site;
    if (site.len)
        page_header(p, SPAN("Refresh"), arena_printf(p->arena, "0; url=%.*s", SPAN_ARG(site)));
    page_show(p, "hidden");
}

/* How many seconds the visit lasts yet; asked for by scripts. /idle is no use of the console (visit_know), /stay is. */
void idle_show(struct page *p)
{
    int64_t left_ms = session_left_ms(p->console->sessions, p->session, clock_monotonic_ms());
    p->response->status = 200;
    p->response->content_type = SPAN("text/plain; charset=utf-8");
    p->response->body = arena_printf(p->arena, "%" PRId64, left_ms / 1000);
}

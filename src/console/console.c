// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/console.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "console/internal.h"

enum { TICK_ARENA = 4 * 1024 * 1024 };

static bool address_is_loopback(const char *address)
{
    struct span a = span_of(address);
    return span_starts(a, SPAN("127.")) || span_starts(a, SPAN("[::1]"));
}

int console_open(const struct console_parts *parts, struct console **out)
{
    struct console *c = mem_calloc(1, sizeof *c);
    if (!c)
        return ERR_NOMEM;
    c->parts = *parts;
    c->loopback = address_is_loopback(parts->address);
    c->sessions = sessions_new();
    c->handsets = handsets_new();
    c->readers = readers_new(parts->data);
    c->streams = streams_new();
    c->scratch = arena_new(TICK_ARENA);
    int rc = c->sessions && c->handsets && c->readers && c->streams && c->scratch ? 0 : ERR_NOMEM;
    const struct caselist_parts list = {c->readers, parts->vault, parts->settings};
    if (rc == 0)
        rc = caselist_open(&list, &c->cases);
    if (rc < 0)
        console_close(c);
    else
        *out = c;
    return rc;
}

void console_close(struct console *c)
{
    if (!c)
        return;
    sessions_free(c->sessions);
    handsets_free(c->handsets);
    caselist_close(c->cases);
    readers_free(c->readers);
    streams_free(c->streams);
    arena_free(c->scratch);
    mem_free(c);
}

bool console_slow(const struct wire_request *request)
{
    struct span part[2];
    bool known = false;
    const struct site_row *row = site_find(request->method, request->url, part, &known);
    return row && row->slow;
}

static void visit_remember(struct page *p)
{
    if (!p->fresh_token || !p->row || !p->row->title) // a file that a page loads begins no visit
        return;
    struct span set = arena_printf(p->arena, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s",
                                   p->secure ? "__Host-waymark" : "waymark", p->token, p->secure ? "; Secure" : "");
    if (set.p)
        page_header(p, SPAN("Set-Cookie"), set);
}

static void method_refuse(struct page *p)
{
    p->response->status = 405;
    p->response->content_type = SPAN("text/plain; charset=utf-8");
    p->response->body = SPAN("not with this method\n");
}

/* A page of other roles than this member's. Cases that are not theirs look as if they were not there, for the log, too.
 */
static void refused_note(const struct page *p)
{
    if (p->session && p->row)
        log_event(LOG_WARN, "page of another role refused", LOG_INT("member", p->session->member),
                  LOG_NAME("page", p->row->path));
}

static void dispatch(struct page *p)
{
    bool known = false;
    p->row = site_find(p->request->method, p->request->url, p->part, &known);
    if (!guard_pass(p))
        return;
    bool may = p->row && (p->row->roles & p->roles);
    bool stranger = p->roles & (STRANGERS | ROLE_NEWCOMER);
    if (may && p->row->title)
        view_setz(p->view, "title", p->row->title);
    if (may) {
        p->row->serve(p);
    } else if (!p->row && known) {
        method_refuse(p);
    } else if (stranger && p->row && !span_is(p->request->method, "POST")) {
        page_go(p, p->session ? "/welcome" : "/sign-in");
    } else if (p->row && !p->session) {
        visit_over(p, true); // guard_pass saw the visit's token in it
    } else {
        refused_note(p);
        page_missing(p); // what one may not open, one may not know of
    }
}

void console_serve(struct console *c, const struct wire_request *request, struct arena *a, struct wire_response *out)
{
    struct page *p = arena_alloc(a, sizeof *p);
    struct view *view = p ? view_new(a) : NULL;
    if (!view) {
        *out = (struct wire_response){
            .status = 503, .content_type = SPAN("text/plain; charset=utf-8"), .body = SPAN("out of memory\n")};
        return;
    }
    *out = (struct wire_response){0};
    *p = (struct page){.console = c,
                       .request = request,
                       .arena = a,
                       .view = view,
                       .roles = ROLE_NOBODY,
                       .now_ms = c->parts.clock.now_ms(c->parts.clock.ctx),
                       .response = out};
    dispatch(p);
    visit_remember(p);
    guard_headers(p);
    page_end(p);
    session_give(c->sessions, p->session);
}

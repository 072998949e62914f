// SPDX-License-Identifier: AGPL-3.0-or-later
/* guard - what every request passes before its page, in this order: the address it was sent to (so that a name that
 * somebody else's server resolves to us is refused), the site it comes from, the visit, the form's token.
 *
 * Cookies: `__Host-waymark` with Secure where the browser came by https (the configured console-url). A demonstration
 * on loopback has no https; there the cookie is plain `waymark`, and only loopback names are answered.
 */
#include "console/internal.h"

#include "base/err.h"
#include "base/log.h"
#include "store/staff.h"

static const char policy[] =
    "default-src 'none'; object-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

#define LITERAL(s)                                                                                                     \
    {                                                                                                                  \
        .p = (s), .len = sizeof(s) - 1                                                                                 \
    }
static const struct wire_field HEADERS[] = {
    {LITERAL("Content-Security-Policy"), LITERAL(policy)},
    {LITERAL("Cache-Control"), LITERAL("no-store")},
    {LITERAL("X-Content-Type-Options"), LITERAL("nosniff")},
    {LITERAL("X-Frame-Options"), LITERAL("DENY")},
    {LITERAL("Referrer-Policy"), LITERAL("no-referrer")},
    {LITERAL("Cross-Origin-Opener-Policy"), LITERAL("same-origin")},
    {LITERAL("Cross-Origin-Resource-Policy"), LITERAL("same-origin")},
    {LITERAL("Permissions-Policy"), LITERAL("camera=(), microphone=(), geolocation=(), interest-cohort=()")},
};

static struct span header(const struct page *p, const char *name)
{
    return wire_header(p->request->headers, p->request->header_count, name);
}

void guard_headers(struct page *p)
{
    for (size_t i = 0; i < sizeof HEADERS / sizeof *HEADERS; i++)
        page_header(p, HEADERS[i].name, HEADERS[i].value);
    if (p->secure)
        page_header(p, SPAN("Strict-Transport-Security"), SPAN("max-age=31536000; includeSubDomains"));
}

/* ---- where to ---- */

static bool host_is_loopback(struct span host)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    size_t colon = host.len;
    while (colon > 0 && host.p[colon - 1] >= '0' && host.p[colon - 1] <= '9')
        colon--;
    struct span name = colon > 0 && colon < host.len && host.p[colon - 1] == ':' ? span_first(host, colon - 1) : host;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is(name, names[i]))
            return true;
    return false;
}

/* Whether the request names us; also whether the browser came by https. */
static bool host_ours(struct page *p)
{
    struct span host = header(p, "Host"), url = p->console->parts.settings->console_url;
    struct span ours = span_starts(url, SPAN("https://")) ? span_from(url, 8) : (struct span){0};
    p->secure = ours.len && span_eq_nocase(host, ours);
    return p->secure || (p->console->loopback && host_is_loopback(host));
}

/* ---- where from ---- */

/* A form of another site is not taken (Fetch Metadata); a browser too old to say so is known by its Origin. */
static bool site_ours(const struct page *p)
{
    struct span site = header(p, "Sec-Fetch-Site"), origin = header(p, "Origin"), host = header(p, "Host");
    if (site.len)
        return span_is(site, "same-origin") || span_is(site, "none");
    if (!origin.len)
        return true; // neither header: the token decides
    struct span begin = p->secure ? SPAN("https://") : SPAN("http://");
    return span_starts(origin, begin) && span_eq_nocase(span_from(origin, begin.len), host);
}

/* ---- who ---- */

static struct span cookie(const struct page *p, struct span name)
{
    struct span rest = header(p, "Cookie"), one;
    while (span_split(&rest, ';', &one)) {
        one = span_trim(one);
        if (span_starts(one, name) && one.len > name.len && one.p[name.len] == '=')
            return span_from(one, name.len + 1);
    }
    return (struct span){0};
}

static bool token_shaped(struct span token)
{
    if (token.len != SESSION_TOKEN - 1)
        return false;
    for (size_t i = 0; i < token.len; i++)
        if (!strchr("0123456789abcdef", token.p[i]) || !token.p[i])
            return false;
    return true;
}

void members_sweep(struct console *c)
{
    struct store *s;
    struct staff *members;
    size_t count;
    int64_t before_ms = clock_monotonic_ms();
    if (readers_take(c->readers, &s) < 0)
        return;
    int rc = store_staff_list(s, c->scratch, &members, &count);
    readers_give(c->readers, s);
    if (rc == 0)
        sessions_match(c->sessions, members, count, before_ms);
    arena_reset(c->scratch);
}

/* Whoever was disabled meanwhile, or whose roles or key were changed, has to come in anew. */
static bool member_still(struct page *p)
{
    struct store *s;
    struct staff m;
    if (readers_take(p->console->readers, &s) < 0)
        return false;
    int rc = store_staff_by_id(s, p->session->member, p->arena, &m);
    readers_give(p->console->readers, s);
    return rc == 0 && session_of(p->session, &m);
}

static void visit_know(struct page *p)
{
    struct span token = cookie(p, p->secure ? SPAN("__Host-waymark") : SPAN("waymark"));
    p->fresh_token = !token.p || !token_shaped(token);
    if (p->fresh_token)
        session_token(p->token);
    else
        memcpy(p->token, token.p, token.len);
    bool quiet = span_is(p->request->url, "/events") || span_is(p->request->url, "/idle");
    p->session = session_take(p->console->sessions, span_of(p->token), clock_monotonic_ms(), quiet);
    if (p->session && !member_still(p)) {
        session_end(p->console->sessions, p->session);
        session_give(p->console->sessions, p->session);
        p->session = NULL;
    }
    p->roles = p->session                           ? (p->session->due ? ROLE_NEWCOMER : p->session->roles)
               : p->console->loopback && !p->secure ? ROLE_GUEST
                                                    : ROLE_NOBODY;
    session_csrf(p->token, p->csrf);
}

/* ---- with which token ---- */

static bool same(struct span a, struct span b)
{
    unsigned char differ = a.len != b.len;
    for (size_t i = 0; i < a.len && i < b.len; i++)
        differ |= (unsigned char)(a.p[i] ^ b.p[i]);
    return !differ;
}

static bool form_ours(struct page *p)
{
    if (!span_is(p->request->method, "POST"))
        return true;
    struct span type = header(p, "Content-Type");
    struct span form = SPAN("application/x-www-form-urlencoded");
    bool typed = span_eq_nocase(span_first(type, form.len), form);
    return typed && site_ours(p) && same(page_form(p, "csrf"), span_of(p->csrf));
}

bool guard_pass(struct page *p)
{
    struct wire_field *form = NULL, *query = NULL;
    if (!host_ours(p)) {
        p->response->status = 421;
        p->response->body = SPAN("This address is not the console's. Say console-url in waymark.conf.\n");
        p->response->content_type = SPAN("text/plain; charset=utf-8");
        return false;
    }
    visit_know(p);
    if (wire_form_decode(p->request->body, p->arena, &form, &p->form_count) ||
        wire_form_decode(p->request->query, p->arena, &query, &p->query_count)) {
        p->form_count = p->query_count = 0;
        view_setz(p->view, "title", "This request is not clear");
        page_show_as(p, 400, "unclear");
        return false;
    }
    p->form = form;
    p->query = query;
    if (form_ours(p))
        return true;
    if (p->session)
        log_event(LOG_WARN, "form refused: without its token, or from another site",
                  LOG_INT("member", p->session->member), LOG_NAME("page", p->row ? p->row->path : "none"));
    visit_over(p, site_ours(p));
    return false;
}

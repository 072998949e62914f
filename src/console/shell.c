// SPDX-License-Identifier: AGPL-3.0-or-later
/* shell - what stands around every page, the way in, and the files that pages load. */
#include "console/internal.h"
#include "console/pages.h"
#include "console/wording.h"

/* The menu, in order; who may not open a page does not see it. */
static const struct {
    const char *path, *label;
} MENU[] = {
    {"/inbox", "Inbox"},           {"/callbacks", "Callbacks"}, {"/search", "Search"}, {"/consents", "Consents"},
    {"/statistics", "Statistics"}, {"/menus", "Menus"},         {"/phone", "Phone"},   {"/staff", "Staff"},
    {"/teams", "Teams"},           {"/audit", "Audit"},
};

static bool may_open(const struct page *p, const char *path)
{
    struct span part[2];
    bool known = false;
    const struct site_row *r = site_find(SPAN("GET"), span_of(path), part, &known);
    return r && (r->roles & p->roles);
}

/* A case stands under the inbox, a call under the callbacks. */
static struct span under(struct span url)
{
    if (span_starts(url, SPAN("/callback/")))
        return SPAN("/callbacks");
    return span_starts(url, SPAN("/case/")) ? SPAN("/inbox") : url;
}

void shell_fill(struct page *p)
{
    struct view *v = p->view;
    for (size_t i = 0; i < sizeof MENU / sizeof *MENU; i++) {
        if (!may_open(p, MENU[i].path))
            continue;
        struct view *row = view_add(v, "menu");
        view_setz(row, "path", MENU[i].path);
        view_setz(row, "label", MENU[i].label);
        view_flag(row, "here", span_starts(under(p->request->url), span_of(MENU[i].path)));
    }
    view_setz(v, "csrf", p->csrf);
    view_set(v, "service", p->console->parts.settings->service);
    if (p->session) {
        view_setz(v, "member", p->session->name);
        struct str roles = STR_INIT(256);
        roles_text(p->session->roles, &roles);
        view_set(v, "roles", arena_copy(p->arena, str_span(&roles)));
        view_set(v, "role", roles.len > 32 ? SPAN("Several roles") : view_get(v, SPAN("roles")));
        str_release(&roles);
        view_set(v, "zone", p->console->parts.settings->zone);
        view_setn(v, "visit_left", session_left_ms(p->console->sessions, p->session, clock_monotonic_ms()) / 1000);
        view_set(v, "clock", wording_time(p->arena, p->now_ms / 1000));
    }
    view_flag(v, "guest", p->roles == ROLE_GUEST);
    view_flag(v, "errors_any", p->errors > 0);
}

/* The first page of the menu is where one's day begins. */
void home_show(struct page *p)
{
    size_t i = 0, last = sizeof MENU / sizeof *MENU;
    while (i < last && !may_open(p, MENU[i].path))
        i++;
    if (i < last)
        page_go(p, MENU[i].path);
    else
        page_go(p, p->roles & STAFF ? "/account" : p->roles & ROLE_NEWCOMER ? "/welcome" : "/sign-in");
}

void asset_show(struct page *p)
{
    const struct html_asset *asset = html_asset(p->part[0]);
    if (!asset) {
        page_missing(p);
        return;
    }
    p->response->status = 200;
    p->response->content_type = span_of(asset->type);
    p->response->body = asset->bytes;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* events - news for an open list, as server-sent events (WHATWG HTML, section 9.2).
 *
 * Each answer is one event, or after EVENTS_QUIET_MS a comment, and then ends; the browser asks again at once with the
 * id of the last. So nothing is lost between two, and no stream is open for longer than that. Who waits costs a row in
 * the server's list (server/desk.c), no thread. An event says how many, never what: the list does not move under
 * somebody's hand.
 */
#include "console/internal.h"
#include "console/pages.h"

#include "base/err.h"

/* The state in which the list was drawn: what came after it is new. */
static int64_t drawn(const struct wire_request *r, struct arena *a)
{
    struct wire_field *query = NULL;
    size_t count = 0;
    int64_t since;
    if (wire_form_decode(r->query, a, &query, &count) < 0 ||
        span_int(wire_field_get(query, count, SPAN("since")), &since) < 0)
        return 0;
    return since;
}

/* What this browser was told last. */
static int64_t told(const struct wire_request *r, struct arena *a)
{
    int64_t id;
    return span_int(wire_header(r->headers, r->header_count, "Last-Event-ID"), &id) < 0 ? drawn(r, a) : id;
}

bool console_waits(const struct wire_request *request)
{
    return span_is(request->method, "GET") && span_is(request->url, "/events");
}

bool console_fresh(const struct wire_request *request, struct arena *a, int64_t news)
{
    return told(request, a) < news;
}

int64_t console_tick(struct console *c)
{
    int64_t news = 0;
    sessions_sweep(c->sessions, clock_monotonic_ms());
    caselist_news(c->cases, &news);
    return news;
}

void events_show(struct page *p)
{
    int64_t since = drawn(p->request, p->arena), news = 0;
    const struct caselist_filter f = inbox_filter(p);
    int rc = caselist_news(p->console->cases, &news);
    size_t count = rc == 0 && news > told(p->request, p->arena) ? caselist_newer(p->console->cases, &f, since) : 0;
    p->response->status = 200;
    p->response->content_type = SPAN("text/event-stream; charset=utf-8");
    p->response->body =
        count ? arena_printf(p->arena, "retry: 1000\nid: %lld\nevent: news\ndata: %zu\n\n", (long long)news, count)
              : arena_printf(p->arena, ": nothing new\nretry: 1000\nid: %lld\n\n", (long long)news);
}

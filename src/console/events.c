// SPDX-License-Identifier: AGPL-3.0-or-later
/* events - news for an open list, as a stream of server-sent events (WHATWG HTML, section 9.2) that is held open.
 *
 * A request for /events passes the door like any page; then its answer goes on. The server looks at each stream a few
 * times a second (console_stream_look), which compares numbers in memory: the newest change of any case is read once
 * for all of them. An event says how many cases are new in the list, never which: the list does not move under
 * somebody's hand. Its `id:` is the change it tells of, from which a browser that was cut off goes on. After a quiet
 * while a comment says that the stream is still there. It ends with the session it began in, and with the service.
 *
 * A member has STREAMS_EACH at most, since a browser opens six connections to one server and the pages need some. Past
 * that, and past STREAMS_MOST in all, the answer is one look, and the browser is told to ask again a minute later.
 */
#include "console/events.h"

#include "base/err.h"
#include "base/mem.h"
#include "console/internal.h"
#include "console/pages.h"

#include <pthread.h>

enum { STREAMS_MOST = 128, STREAMS_EACH = 4, EVENT_MAX = 160 };

struct stream {
    bool taken;
    int64_t session; /* its serial */
    int64_t member;
    struct caselist_filter filter; /* its words stand in the request's arena */
    int64_t since;                 /* the state in which the list was drawn: what came after it is new */
    int64_t told;                  /* the newest change that was looked at */
    size_t count;                  /* what was said last */
    int64_t wrote_ms;              /* monotonic */
    char text[EVENT_MAX];
};

struct streams {
    pthread_mutex_t lock; /* over `taken` and `member`; what else is in a stream is its request's */
    struct stream all[STREAMS_MOST];
};

struct streams *streams_new(void)
{
    struct streams *s = mem_calloc(1, sizeof *s);
    if (s)
        pthread_mutex_init(&s->lock, NULL);
    return s;
}

void streams_free(struct streams *s)
{
    if (!s)
        return;
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

static struct stream *stream_take(struct streams *s, int64_t member)
{
    struct stream *free = NULL;
    size_t own = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < STREAMS_MOST; i++) {
        own += s->all[i].taken && s->all[i].member == member;
        free = s->all[i].taken || free ? free : &s->all[i];
    }
    free = own < STREAMS_EACH ? free : NULL;
    if (free)
        *free = (struct stream){.taken = true, .member = member};
    pthread_mutex_unlock(&s->lock);
    return free;
}

void console_stream_close(struct console *c, void *stream)
{
    struct stream *s = stream;
    pthread_mutex_lock(&c->streams->lock);
    s->taken = false;
    pthread_mutex_unlock(&c->streams->lock);
}

/* ---- what is said ---- */

/* News where there are some that were not told yet. */
static struct span news_text(struct console *c, struct stream *s, int64_t news)
{
    if (news <= s->told)
        return (struct span){0};
    size_t count = caselist_newer(c->cases, &s->filter, s->since);
    s->told = news;
    if (count == s->count)
        return (struct span){0};
    s->count = count;
    int len = snprintf(s->text, sizeof s->text, "id: %lld\nevent: news\ndata: %zu\n\n", (long long)news, count);
    return (struct span){s->text, (size_t)len};
}

bool console_stream_look(struct console *c, void *stream, int64_t news, struct span *out)
{
    struct stream *s = stream;
    int64_t now_ms = clock_monotonic_ms();
    if (!session_lives(c->sessions, s->session, now_ms))
        return false;
    *out = news_text(c, s, news);
    if (!out->len && now_ms - s->wrote_ms >= c->parts.settings->stream_comment_s * 1000LL)
        *out = SPAN(": still here\n\n");
    if (out->len)
        s->wrote_ms = now_ms;
    return true;
}

static int64_t since_asked(const struct page *p)
{
    int64_t since;
    return span_int(page_query(p, "since"), &since) < 0 ? 0 : since;
}

/* What this browser was told last. */
static int64_t told_before(const struct page *p)
{
    int64_t id;
    struct span last = wire_header(p->request->headers, p->request->header_count, "Last-Event-ID");
    return span_int(last, &id) < 0 ? since_asked(p) : id;
}

void events_show(struct page *p)
{
    struct console *c = p->console;
    struct stream once = {0}, *held = NULL;
    int64_t news = 0;
    int rc = caselist_news(c->cases, &news);
    if (rc == 0 && !span_is(p->request->method, "HEAD"))
        held = stream_take(c->streams, p->session->member);
    struct stream *s = held ? held : &once;
    s->session = session_serial(p->session);
    s->filter = inbox_filter(p);
    s->since = since_asked(p);
    s->told = told_before(p);
    s->wrote_ms = clock_monotonic_ms();
    struct span first = rc == 0 ? news_text(c, s, news) : (struct span){0};
    s->told = news;
    p->response->status = 200;
    p->response->content_type = SPAN("text/event-stream; charset=utf-8");
    p->response->body = arena_printf(p->arena, "retry: %d\n: here\n\n%.*s", held ? 1000 : 60000, SPAN_ARG(first));
    p->response->stream = held;
}

/* ---- a few times a second ---- */

int64_t console_tick(struct console *c)
{
    int64_t news = 0;
    sessions_sweep(c->sessions, clock_monotonic_ms());
    members_sweep(c);
    caselist_news(c->cases, &news);
    return news;
}

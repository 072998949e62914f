// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/request.h"

#include "base/err.h"
#include "base/mem.h"
#include "server/desk.h"
#include "server/loop.h"
#include "server/routes.h"

enum {
    POOL_MAX = 1024,      // requests kept for later; more are freed
    BODY_KEPT = 4 * 1024, // bytes of a body's buffer that is kept
};

static struct request *request_new(struct loop *l)
{
    struct request *r = mem_calloc(1, sizeof *r);
    struct arena *a = arena_new(l->desk ? REQUEST_PAGE : REQUEST_ARENA);
    if (!r || !a) {
        mem_free(r);
        arena_free(a);
        return NULL;
    }
    r->loop = l;
    r->arena = a;
    str_init(&r->body, SERVER_BODY_MAX);
    return r;
}

void request_free(struct request *r)
{
    arena_free(r->arena);
    str_release(&r->body);
    mem_free(r);
}

static struct request *pool_take(struct loop *l)
{
    struct request *r = l->pool;
    if (!r)
        return request_new(l);
    l->pool = r->next;
    l->pool_count--;
    return r;
}

struct request *request_take(struct loop *l, struct link *link, const char *uri)
{
    struct request *r = pool_take(l);
    if (!r)
        return NULL;
    l->busy++;
    r->link = link;
    r->stage = REQUEST_LINE;
    r->route = NULL;
    r->refusal = (struct refusal){0};
    r->close = r->suspended = r->orphan = false;
    r->passes = 0;
    r->call = (struct channel_call){0};
    r->answer = (struct wire_response){0};
    r->sent = 0;
    r->over = false;
    r->poll = NULL;
    struct span target = arena_copy(r->arena, span_of(uri));
    size_t mark = span_find(target, '?');
    r->wire = (struct wire_request){
        .url = span_first(target, mark), .query = span_from(target, mark + 1), .peer = span_of(link->peer)};
    return r;
}

struct turn *request_turn(struct request *r, size_t index)
{
    return index ? &r->more[index - 1] : &r->turn;
}

/* Each has an arena of its own: some may be with the turn loop while others are refused on our thread. */
int request_turns(struct request *r)
{
    size_t count = r->call.count;
    r->more = arena_array(r->arena, count - 1, sizeof *r->more);
    if (!r->more)
        return ERR_NOMEM;
    for (size_t i = 1; i < count; i++) {
        struct turn *t = request_turn(r, i);
        *t = r->turn;
        t->in = r->call.items[i];
        t->arena = arena_new(REQUEST_ARENA);
        if (!t->arena)
            return ERR_NOMEM;
    }
    return 0;
}

static void turns_free(struct request *r)
{
    for (size_t i = 1; r->more && i < r->call.count; i++)
        arena_free(request_turn(r, i)->arena);
    r->more = NULL;
}

void request_give(struct request *r)
{
    struct loop *l = r->loop;
    l->busy--;
    turns_free(r);
    if (r->answer.stream)
        desk_close_stream(r);
    if (l->pool_count >= POOL_MAX) {
        request_free(r);
        return;
    }
    arena_reset(r->arena);
    if (MEM_WIPED)
        r->turn = (struct turn){0}; // a number lies in it
    str_clear(&r->body);
    if (r->body.cap > BODY_KEPT)
        str_release(&r->body);
    r->next = l->pool;
    l->pool = r;
    l->pool_count++;
}

static struct span moved(char **to, struct span s)
{
    char *p = *to;
    if (s.len)
        memcpy(p, s.p, s.len);
    *to += s.len;
    return (struct span){p, s.len};
}

static bool head_copy(struct request *r)
{
    size_t size = r->wire.method.len;
    for (size_t i = 0; i < r->wire.header_count; i++)
        size += r->headers[i].name.len + r->headers[i].value.len;
    char *p = arena_alloc(r->arena, size);
    if (!p)
        return false;
    r->wire.method = moved(&p, r->wire.method);
    for (size_t i = 0; i < r->wire.header_count; i++)
        r->headers[i] = (struct wire_field){moved(&p, r->headers[i].name), moved(&p, r->headers[i].value)};
    return true;
}

void request_head(struct request *r)
{
    r->stage = REQUEST_BODY;
    const struct refusal *refusal = guard_head(r->wire.headers, r->wire.header_count);
    if (!r->wire.url.p || !head_copy(r))
        r->refusal = (struct refusal){503, "out of memory"};
    else if (refusal)
        r->refusal = *refusal;
    r->close = r->refusal.status != 0;
    r->route = route_find(r->loop->parts.routes, r->wire.url, &r->tail);
}

void request_body(struct request *r, struct span bytes)
{
    str_add(&r->body, bytes);
    if (str_err(&r->body) && !r->refusal.status)
        r->refusal = str_err(&r->body) == ERR_LIMIT ? (struct refusal){413, "the body is too large"}
                                                    : (struct refusal){503, "out of memory"};
}

void request_serve(struct request *r)
{
    if (r->refusal.status) {
        request_say(r, r->refusal.status, r->refusal.why);
        return;
    }
    r->wire.body = str_span(&r->body);
    if (!r->route)
        request_say(r, 404, "no such path");
    else if (!route_takes(r->route, r->wire.method))
        request_say_with(r, 405, "not with this method", "Allow", r->route->methods);
    else
        r->route->serve(r);
}

void request_say(struct request *r, int status, const char *line)
{
    struct span text = arena_printf(r->arena, "%s\n", line);
    request_answer(r, &(struct wire_response){.status = status,
                                              .content_type = SPAN("text/plain; charset=utf-8"),
                                              .body = text.p ? text : span_of(line)});
}

void request_say_with(struct request *r, int status, const char *line, const char *name, const char *value)
{
    request_say(r, status, line);
    r->extra = (struct wire_field){span_of(name), span_of(value)};
    r->answer.headers = &r->extra;
    r->answer.header_count = 1;
}

void request_answer(struct request *r, const struct wire_response *answer)
{
    r->answer = *answer;
    r->stage = REQUEST_ANSWERED;
}

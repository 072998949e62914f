// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/routes.h"

#include "base/err.h"
#include "server/desk.h"
#include "server/hook.h"
#include "server/loop.h"
#include "server/metrics.h"

static void health_serve(struct request *r)
{
    request_say(r, 200, "ok");
}

static void ready_serve(struct request *r)
{
    if (r->loop->parts.intake) {
        request_say(r, 503, "locked");
        return;
    }
    bool ready = gateway_ready(r->loop->parts.gateway);
    request_say(r, ready ? 200 : 503, ready ? "ready" : "turns cannot be committed");
}

#define LITERAL(s)                                                                                                     \
    {                                                                                                                  \
        .p = (s), .len = sizeof(s) - 1                                                                                 \
    }

static const struct route WEBHOOK[] = {
    {LITERAL("/hook/"), NULL, hook_serve, hook_resume}, // the channel's file says which methods
    {LITERAL("/healthz"), "GET, HEAD", health_serve, NULL},
    {LITERAL("/readyz"), "GET, HEAD", ready_serve, NULL},
};

static const struct route CONSOLE[] = {
    {LITERAL("/metrics"), "GET, HEAD", metrics_serve, NULL},
    {LITERAL("/healthz"), "GET, HEAD", health_serve, NULL},
    {LITERAL("/"), NULL, desk_serve, NULL}, // whatever is left: the console knows its own paths
};

const struct route_table ROUTES_WEBHOOK = {WEBHOOK, sizeof WEBHOOK / sizeof *WEBHOOK};
const struct route_table ROUTES_CONSOLE = {CONSOLE, sizeof CONSOLE / sizeof *CONSOLE};

const struct route *route_find(const struct route_table *table, struct span path, struct span *tail)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct route *r = &table->rows[i];
        bool beginning = r->path.p[r->path.len - 1] == '/';
        if (!(beginning ? span_starts(path, r->path) : span_eq(path, r->path)))
            continue;
        *tail = span_from(path, r->path.len);
        return r;
    }
    return NULL;
}

bool route_takes(const struct route *route, struct span method)
{
    if (!route->methods)
        return true;
    struct span rest = span_of(route->methods), one;
    while (span_split(&rest, ',', &one))
        if (span_eq(span_trim(one), method))
            return true;
    return false;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int path_decode(struct span path, struct arena *a, struct span *out)
{
    char *p = arena_strdup(a, path);
    if (!p)
        return ERR_NOMEM;
    size_t len = 0;
    for (size_t i = 0; i < path.len; i++) {
        int c = (unsigned char)path.p[i];
        if (c == '%') {
            int high = i + 2 < path.len ? hex(path.p[i + 1]) : -1;
            int low = i + 2 < path.len ? hex(path.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return ERR_SYNTAX;
            c = high * 16 + low;
            i += 2;
        }
        if (c == 0)
            return ERR_SYNTAX;
        p[len++] = (char)c;
    }
    *out = (struct span){p, len};
    return 0;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/server.h"

#include "base/err.h"
#include "base/mem.h"
#include "record/settings.h"
#include "server/desk.h"
#include "server/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    CONNECTIONS_EACH = 8, // connections a request in flight: past the limit libmicrohttpd no longer accepts
    CONSOLE_MAX = 256,    // connections of the console's address
    FILES_OTHER = 256,    // descriptors for everything else
};

struct server {
    struct loop webhook, console;
    struct desk *desk;
};

static int loops_open(struct server *s, const struct server_parts *parts)
{
    size_t most = (size_t)parts->settings->in_flight_max * CONNECTIONS_EACH;
    listen_allow_files(most + CONSOLE_MAX + FILES_OTHER);
    struct loop_parts loop = {.listen_fd = parts->sockets.listen,
                              .gateway = parts->gateway,
                              .intake = parts->intake,
                              .outbox = parts->outbox,
                              .channels = parts->channels,
                              .clock = parts->clock,
                              .routes = &ROUTES_WEBHOOK,
                              .connections_max = most};
    int rc = loop_open(&s->webhook, &loop);
    loop.listen_fd = parts->sockets.console;
    loop.routes = &ROUTES_CONSOLE;
    loop.connections_max = CONSOLE_MAX;
    if (rc == 0)
        return loop_open(&s->console, &loop);
    close(loop.listen_fd);
    return rc;
}

int server_listen(const char *listen, const char *console, struct server_sockets *out, const char **failed)
{
    *failed = listen;
    int rc = listen_open(listen, &out->listen);
    if (rc < 0)
        return rc;
    *failed = console;
    rc = listen_open(console, &out->console);
    if (rc < 0) {
        int saved = errno;
        close(out->listen);
        errno = saved;
    }
    return rc;
}

int server_open(const struct server_parts *parts, struct server **out)
{
    struct server *s = mem_calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->webhook.listen_fd = s->webhook.wake_fd = s->console.listen_fd = s->console.wake_fd = -1;
    int rc = loops_open(s, parts);
    if (rc == 0 && parts->pages)
        rc = desk_open(parts->pages, &s->desk);
    s->console.desk = s->desk;
    if (rc) {
        int saved = errno;
        server_close(s);
        errno = saved;
        return rc;
    }
    *out = s;
    return 0;
}

const char *server_listen_address(const struct server *s)
{
    return s->webhook.address;
}

const char *server_console_address(const struct server *s)
{
    return s->console.address;
}

int server_sockets(const struct server *s, struct server_sockets *out)
{
    *out = (struct server_sockets){.listen = fcntl(s->webhook.listen_fd, F_DUPFD_CLOEXEC, 0),
                                   .console = fcntl(s->console.listen_fd, F_DUPFD_CLOEXEC, 0)};
    return out->listen < 0 || out->console < 0 ? ERR_IO : 0;
}

int server_start(struct server *s)
{
    int rc = loop_start(&s->webhook);
    return rc ? rc : loop_start(&s->console);
}

void server_quiesce(struct server *s)
{
    loop_quiesce(&s->webhook);
    loop_quiesce(&s->console);
    desk_quiesce(s->desk);
}

void server_stop(struct server *s)
{
    server_quiesce(s);
    loop_stop(&s->webhook);
    loop_stop(&s->console);
}

void server_close(struct server *s)
{
    if (!s)
        return;
    loop_close(&s->webhook);
    loop_close(&s->console);
    desk_close(s->desk);
    mem_free(s);
}

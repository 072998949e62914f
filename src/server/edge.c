// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/edge.h"

#include "base/err.h"
#include "base/mem.h"
#include "server/desk.h"
#include "server/routes.h"

#include <arpa/inet.h>
#include <limits.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EDGE_PATIENCE = 16, // passes until a held connection is suspended
    EDGE_BLOCK = 1024,  // bytes that a stream is asked for at once
};

static void peer_write(const struct sockaddr *a, char *text, socklen_t size)
{
    text[0] = '\0';
    if (a->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)a)->sin_addr, text, size);
    else if (a->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)a)->sin6_addr, text, size);
}

static void link_open(struct loop *l, struct MHD_Connection *mhd, void **slot)
{
    struct link *link = mem_calloc(1, sizeof *link);
    if (!link)
        return; // its requests are then refused one by one
    link->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    peer_write(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr, link->peer,
               sizeof link->peer);
    link_phase(link, LINK_IDLE, l->now_ms);
    link_add(&l->links, link);
    *slot = link;
}

static void on_connection(void *loop, struct MHD_Connection *mhd, void **slot, enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        link_open(loop, mhd, slot);
    } else if (*slot) {
        link_remove(*slot);
        mem_free(*slot);
    }
}

static void *on_line(void *loop, const char *uri, struct MHD_Connection *mhd)
{
    struct loop *l = loop;
    struct link *link = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    if (!link)
        return NULL;
    link_phase(link, LINK_ARRIVING, l->now_ms);
    return request_take(l, link, uri);
}

static enum MHD_Result on_header(void *request, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                 const char *value, size_t value_len)
{
    (void)kind;
    struct request *r = request;
    size_t n = r->wire.header_count++;
    r->headers[n] = (struct wire_field){{name, name_len}, {value, value_len}};
    return n < SERVER_HEADERS_MAX ? MHD_YES : MHD_NO;
}

static bool header_add(struct MHD_Response *response, struct request *r, struct wire_field h)
{
    const char *name = arena_strdup(r->arena, h.name), *value = arena_strdup(r->arena, h.value);
    return name && value && MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool headers_add(struct MHD_Response *response, struct request *r)
{
    bool added = !r->answer.content_type.len ||
                 header_add(response, r, (struct wire_field){SPAN("Content-Type"), r->answer.content_type});
    for (size_t i = 0; i < r->answer.header_count; i++)
        added = added && header_add(response, r, r->answer.headers[i]);
    // an intake's server ends soon: nobody is to rely on it
    if (r->close || r->loop->parts.intake || loop_quiescing(r->loop))
        added = added && header_add(response, r, (struct wire_field){SPAN("Connection"), SPAN("close")});
    return added;
}

/* The next bytes of a stream. Where there are none yet, the request is handed over and its connection suspended, until
 * it comes back as any held one does. */
static ssize_t on_more(void *request, uint64_t position, char *out, size_t most)
{
    (void)position; // of a stream nothing is asked for twice
    struct request *r = request;
    r->stage = REQUEST_ANSWERED;
    struct span rest = span_from(r->answer.body, r->sent);
    size_t n = rest.len < most ? rest.len : most;
    if (n) {
        link_phase(r->link, LINK_ANSWERING, r->loop->now_ms);
        memcpy(out, rest.p, n);
        r->sent += n;
        return (ssize_t)n;
    }
    if (r->over || !desk_wait(r))
        return MHD_CONTENT_READER_END_OF_STREAM;
    link_phase(r->link, LINK_HELD, r->loop->now_ms);
    r->suspended = true;
    MHD_suspend_connection(r->held_by);
    return 0;
}

/* The body is in the request's arena, which lives until on_completed. */
static struct MHD_Response *response_make(struct request *r, struct MHD_Connection *mhd)
{
    struct span body = r->answer.body;
    if (!r->answer.stream)
        return MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.p, MHD_RESPMEM_PERSISTENT);
    r->held_by = mhd;
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, EDGE_BLOCK, on_more, r, NULL);
}

/* MHD_NO closes the connection. */
static enum MHD_Result send_answer(struct request *r, struct MHD_Connection *mhd)
{
    link_phase(r->link, LINK_ANSWERING, r->loop->now_ms);
    struct MHD_Response *response = response_make(r, mhd);
    if (!response)
        return MHD_NO;
    enum MHD_Result queued = MHD_NO;
    if (headers_add(response, r))
        queued = MHD_queue_response(mhd, (unsigned)r->answer.status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result take_head(struct request *r, struct MHD_Connection *mhd, const char *method)
{
    r->wire.method = span_of(method);
    r->wire.headers = r->headers;
    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, on_header, r);
    request_head(r);
    if (!r->refusal.status)
        return MHD_YES;
    request_serve(r); // refused: nothing more is read from this connection
    return send_answer(r, mhd);
}

/* Suspending costs four system calls, and most turns are done within a few passes. So a held connection first stays
 * where it is: libmicrohttpd asks again for its response at every pass (the state is called FULL_REQ_RECEIVED inside),
 * which is cheap while the passes are few. Its connection may then go away under the turn (see on_completed). */
static enum MHD_Result hold(struct request *r, struct MHD_Connection *mhd)
{
    if (r->passes == 0) {
        r->held_by = mhd;
        r->loop->patient++;
        link_phase(r->link, LINK_HELD, r->loop->now_ms);
    }
    if (r->passes++ < EDGE_PATIENCE)
        return MHD_YES;
    r->suspended = true;
    r->loop->patient--;
    MHD_suspend_connection(mhd);
    return MHD_YES;
}

static void resume(struct request *r)
{
    if (r->route->resume)
        r->route->resume(r);
    else
        r->stage = REQUEST_ANSWERED;
}

static enum MHD_Result on_access(void *loop, struct MHD_Connection *mhd, const char *url, const char *method,
                                 const char *version, const char *upload, size_t *upload_len, void **slot)
{
    (void)loop, (void)url, (void)version;
    struct request *r = *slot;
    if (!r)
        return MHD_NO;
    if (r->stage == REQUEST_LINE)
        return take_head(r, mhd, method);
    if (*upload_len) {
        request_body(r, (struct span){upload, *upload_len});
        *upload_len = 0;
        return MHD_YES;
    }
    if (r->stage == REQUEST_BACK)
        resume(r);
    else if (r->stage == REQUEST_BODY)
        request_serve(r);
    return r->stage == REQUEST_HELD ? hold(r, mhd) : send_answer(r, mhd);
}

static void on_completed(void *loop, struct MHD_Connection *mhd, void **slot, enum MHD_RequestTerminationCode why)
{
    (void)mhd, (void)why;
    struct loop *l = loop;
    struct request *r = *slot;
    if (!r)
        return;
    *slot = NULL;
    link_phase(r->link, LINK_IDLE, l->now_ms);
    r->link = NULL;
    if (r->stage == REQUEST_HELD)
        r->orphan = true; // given back when its turn is done
    else
        request_give(r);
}

int edge_open(struct loop *l, size_t connections_max)
{
    unsigned limit = connections_max < UINT_MAX ? (unsigned)connections_max : UINT_MAX;
    l->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_access, l,                   //
                         MHD_OPTION_LISTEN_SOCKET, l->listen_fd, MHD_OPTION_CONNECTION_LIMIT, limit,              //
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_POOL,                                 //
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1, //
                         MHD_OPTION_URI_LOG_CALLBACK, on_line, l, MHD_OPTION_NOTIFY_CONNECTION, on_connection, l, //
                         MHD_OPTION_NOTIFY_COMPLETED, on_completed, l, MHD_OPTION_END);
    if (!l->daemon)
        return ERR_NOMEM;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    l->epoll_fd = info ? info->epoll_fd : -1;
    return info ? 0 : ERR_IO;
}

void edge_close(struct loop *l)
{
    if (l->daemon)
        MHD_stop_daemon(l->daemon);
    l->daemon = NULL;
}

void edge_run(struct loop *l)
{
    MHD_run(l->daemon);
}

int edge_wait_ms(struct loop *l, int most)
{
    MHD_UNSIGNED_LONG_LONG ms;
    if (MHD_get_timeout(l->daemon, &ms) != MHD_YES || ms > (MHD_UNSIGNED_LONG_LONG)most)
        return most;
    return (int)ms;
}

void edge_resume(struct request *r)
{
    r->stage = REQUEST_BACK;
    if (r->suspended)
        MHD_resume_connection(r->held_by);
    else
        r->loop->patient--;
    if (r->orphan)
        request_give(r);
}

void edge_quiesce(struct loop *l)
{
    int fd = MHD_quiesce_daemon(l->daemon);
    if (fd >= 0)
        close(fd); // it no longer is the daemon's
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* server - libmicrohttpd: listening, limits, routes, holding and resuming connections.
 *
 *     server_listen, server_open, server_start, server_quiesce, server_stop, server_close
 *
 * Two listeners with a loop each: webhooks (/hook/..., /healthz, /readyz) and the console's address (/metrics and the
 * staff's pages, desk.h). The loops are our own: they poll libmicrohttpd's epoll descriptor and call MHD_run(), because
 * the library's internal epoll thread sleeps its whole timeout when the ready connections are a multiple of 128
 * (0.9.75).
 *
 * A webhook is read whole (at most SERVER_BODY_MAX bytes), handed to channel_decode, submitted to the gateway while its
 * connection is held, and goes on when the turn loop says done. What libmicrohttpd lets through is refused in the
 * first callback: any Transfer-Encoding, a second Content-Length, white space in a header's name (design, section 6). A
 * reaper closes connections whose request takes longer than SERVER_REQUEST_S to arrive.
 */
#ifndef WAYMARK_SERVER_SERVER_H
#define WAYMARK_SERVER_SERVER_H

#include "base/clock.h"
#include "console/console.h"
#include "gateway/gateway.h"
#include "gateway/intake.h"
#include "outbox/outbox.h"

enum {
    SERVER_BODY_MAX = 64 * 1024, /* bytes of a request's body */
    SERVER_HEADERS_MAX = 64,     /* headers of a request */
    SERVER_POOL = 8 * 1024,      /* bytes of a connection's pool, for the first line (its query twice) and the headers;
                                    zeroed for each request, so a large one costs time */
    SERVER_IDLE_S = 75,          /* keep-alive */
    SERVER_REQUEST_S = 10,       /* from the first byte of a request to its last */
};

struct server;

/** Listening sockets. They may outlive a server, so that whoever comes between two of them waits and is not refused. */
struct server_sockets {
    int listen, console;
};

struct server_parts {
    struct gateway *gateway;
    struct intake *intake;       /* in its place while the master key is not there, with no pages and no outbox */
    const struct outbox *outbox; /* for metrics, and for messages that are fetched; NULL: none */
    const struct channel_set *channels;
    const struct settings *settings;
    struct clock clock;
    struct console *pages;         /* the console's pages; NULL: none */
    struct server_sockets sockets; /* the server's from server_open on, also where it fails */
};

/** Sockets that listen on both addresses, A:P with port 0 for any. ERR_IO with errno set (address in use, not allowed),
 * ERR_SYNTAX; *failed is the address. */
int server_listen(const char *listen, const char *console, struct server_sockets *out, const char **failed);

/** ERR_IO, ERR_NOMEM. */
int server_open(const struct server_parts *parts, struct server **out);

/** The addresses really bound, "127.0.0.1:8080". */
const char *server_listen_address(const struct server *s);
const char *server_console_address(const struct server *s);

/** Duplicates of both listening sockets, for the next server; the caller's. ERR_IO. */
int server_sockets(const struct server *s, struct server_sockets *out);

/** Starts the loops' threads; both listeners accept when it returns 0. */
int server_start(struct server *s);

/** Stops accepting; a request that still comes on an open connection is answered (by the gateway's polite screen once
 * it has closed) and the connection closes. At the end the order is: server_quiesce, gateway_stop (answers what waits),
 * server_stop, server_close, gateway_close. */
void server_quiesce(struct server *s);

/** Quiesces, waits until every held request is answered (and a few seconds for those still arriving), ends the
 * threads. */
void server_stop(struct server *s);

/** After gateway_stop, whose thread may still be inside a turn's done() until then. NULL is allowed. */
void server_close(struct server *s);

#endif

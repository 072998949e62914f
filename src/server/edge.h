// SPDX-License-Identifier: AGPL-3.0-or-later
/* edge - where libmicrohttpd is: its daemon for a listener, its callbacks, its responses.
 *
 * Its callbacks for one request, all on the thread that calls edge_run: the first line, the headers, pieces of the
 * body, the end of the body, once more after each resume, completed.
 */
#ifndef WAYMARK_SERVER_EDGE_H
#define WAYMARK_SERVER_EDGE_H

#include "server/loop.h"

/** A daemon over l->listen_fd, which it owns from then on, into l->daemon and l->epoll_fd. ERR_NOMEM, ERR_IO. */
int edge_open(struct loop *l, size_t connections_max);
void edge_close(struct loop *l);

/** Does what is ready; never blocks. */
void edge_run(struct loop *l);

/** Milliseconds until edge_run must be called without anything being ready, at most `most`. */
int edge_wait_ms(struct loop *l, int most);

/** Lets a held request go on at the next edge_run. */
void edge_resume(struct request *r);

/** Closes the listening socket. */
void edge_quiesce(struct loop *l);

#endif

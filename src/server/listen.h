// SPDX-License-Identifier: AGPL-3.0-or-later
/* listen - an address in text becomes a listening socket. */
#ifndef WAYMARK_SERVER_LISTEN_H
#define WAYMARK_SERVER_LISTEN_H

#include "base/span.h"

enum {
    LISTEN_BACKLOG = 4096, /* connections the system holds for us in a burst; it takes less where somaxconn is lower */
    LISTEN_TEXT = 64,      /* bytes of an address in text with its NUL */
};

/** Listens on `address`: "127.0.0.1:8080" or "[::1]:8080", literal addresses only, port 0: chosen by the system. The
 * socket does not block. ERR_SYNTAX, ERR_IO with errno set. */
int listen_open(const char *address, int *fd);

/** The address that a socket is really bound to. ERR_IO with errno set. */
int listen_address(int fd, char text[LISTEN_TEXT]);

/** Raises this process's soft limit of open files to `files`, as far as the hard limit allows. */
void listen_allow_files(size_t files);

#endif

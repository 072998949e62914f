// SPDX-License-Identifier: AGPL-3.0-or-later
/* guard - what is refused at the edge, before a body is read.
 *
 * libmicrohttpd 0.9.75 takes requests whose end two readers may see at different places (request smuggling), even in
 * strict mode. Every such request is refused here and its connection closed. To add a check: a row in guard.c.
 */
#ifndef WAYMARK_SERVER_GUARD_H
#define WAYMARK_SERVER_GUARD_H

#include "wire/wire.h"

struct refusal {
    int status;
    const char *why; /* one line; never repeats what was sent */
};

/** What is wrong with a request's headers, or NULL. `count` may be one past SERVER_HEADERS_MAX, which means "more". */
const struct refusal *guard_head(const struct wire_field *headers, size_t count);

#endif

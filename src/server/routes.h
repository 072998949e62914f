// SPDX-License-Identifier: AGPL-3.0-or-later
/* routes - which path is served by whom. To add one: a row in routes.c. */
#ifndef WAYMARK_SERVER_ROUTES_H
#define WAYMARK_SERVER_ROUTES_H

#include "server/request.h"

struct route {
    struct span path;                  /* the whole path, or its beginning where it ends with "/" */
    const char *methods;               /* as in an Allow header; NULL: serve looks itself */
    void (*serve)(struct request *r);  /* the request is whole: must answer or hold it */
    void (*resume)(struct request *r); /* it was held and is back: must answer; NULL: it has its answer */
};

struct route_table {
    const struct route *rows;
    size_t count;
};

extern const struct route_table ROUTES_WEBHOOK, ROUTES_CONSOLE;

/** The route of a path as sent, and what follows the route's path; NULL: none. */
const struct route *route_find(const struct route_table *table, struct span path, struct span *tail);

bool route_takes(const struct route *route, struct span method);

/** Percent-decodes a part of a path (RFC 3986, section 2.1; "+" is itself). ERR_SYNTAX for a bad escape or a NUL byte,
 * ERR_NOMEM. */
int path_decode(struct span path, struct arena *a, struct span *out);

#endif

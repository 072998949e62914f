// SPDX-License-Identifier: AGPL-3.0-or-later
/* request - one HTTP request from its first line to the last byte of its answer.
 *
 *     request_take (first line) -> request_head -> request_body... -> route's serve
 *         -> request_say or request_answer | request_hold ... hook's done() ... resume -> request_answer ->
 * request_give
 *
 * Requests are pooled with their arenas, so that an ordinary one asks for no memory. All of it belongs to the
 * listener's thread, but between loop_hold and the done list it is the turn loop's. What a turn may
 * look at lies in the request, never in libmicrohttpd's memory: the connection may go away first.
 */
#ifndef WAYMARK_SERVER_REQUEST_H
#define WAYMARK_SERVER_REQUEST_H

#include "base/str.h"
#include "channel/channel.h"
#include "server/guard.h"
#include "server/reaper.h"
#include "server/server.h"

#include <stdatomic.h>

struct loop;
struct route;
struct poll;
struct MHD_Connection;

enum request_stage {
    REQUEST_LINE,     /* its first line is known */
    REQUEST_BODY,     /* headers are known, the body is being read */
    REQUEST_HELD,     /* with the turn loop */
    REQUEST_BACK,     /* the turn is done, the answer is to be made */
    REQUEST_ANSWERED, /* `answer` is set; a stream is held and comes back many times after that */
};

enum {
    REQUEST_ARENA = 1024 * 1024,     /* ceiling of what decoding and encoding may take */
    REQUEST_PAGE = 16 * 1024 * 1024, /* of what a page of the console may take */
};

struct request {
    struct request *next; /* in the pool or in the done list */
    struct loop *loop;
    struct link *link;
    struct MHD_Connection *held_by; /* while held */
    int passes;                     /* of the loop since it is held */
    bool suspended;
    size_t sent; /* bytes of the answer's body that are on their way, where it is a stream */
    bool over;   /* and nothing comes after them */
    bool orphan; /* the connection went away while it was held */
    enum request_stage stage;
    struct arena *arena;
    struct str body;
    struct wire_request wire;
    struct span tail;            /* the path behind the route's beginning, as sent */
    const struct route *route;   /* NULL: no such path */
    struct refusal refusal;      /* status 0: none */
    struct channel_call call;    /* for hook */
    struct turn turn;            /* of its first item */
    struct turn *more;           /* of the others of a bulk request, call.count - 1 of them, each with an arena */
    atomic_uint pending;         /* turns that are not done; while held */
    struct poll *poll;           /* it fetches messages, or tells of them, and has no turns; NULL: it does not */
    struct wire_response answer; /* content type and header values are NUL-terminated */
    struct wire_field extra;     /* the answer's one header of our own */
    bool close;                  /* no other request on this connection */
    struct wire_field headers[SERVER_HEADERS_MAX + 1];
};

/** A request from the pool, or NULL when out of memory. `uri` is the target as sent. */
struct request *request_take(struct loop *l, struct link *link, const char *uri);

/** Turn `index` of the request's call. */
struct turn *request_turn(struct request *r, size_t index);

/** Makes the turns of the other items. ERR_NOMEM. */
int request_turns(struct request *r);

/** Back into the pool. */
void request_give(struct request *r);

void request_free(struct request *r);

/** Looks at method and headers (r->wire), and copies them into its arena: guards, route. Afterwards `refusal` may be
 * set. */
void request_head(struct request *r);

/** Takes in bytes of the body. */
void request_body(struct request *r, struct span bytes);

/** The body is whole: says what was refused, or lets the route serve. */
void request_serve(struct request *r);

/** Answers with one line of plain text. */
void request_say(struct request *r, int status, const char *line);

/** The same with one more header; both are static or live in the request's arena, NUL-terminated. */
void request_say_with(struct request *r, int status, const char *line, const char *name, const char *value);

/** Answers with `answer`, whose spans live as long as the request. */
void request_answer(struct request *r, const struct wire_response *answer);

#endif

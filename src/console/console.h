// SPDX-License-Identifier: AGPL-3.0-or-later
/* console - the caseworkers' pages: an HTTP request as a value in, a page as a value out.
 *
 *     console_open, console_serve from any thread..., console_close
 *
 * Nothing here knows a socket. The server hands requests over on threads of its own, on which console_serve may wait
 * for the disk; those for which console_slow says true also open a passphrase, which takes a second, and go one after
 * the other. What staff may open at all is one table, site.c; a page that one may not know of does not exist (404).
 *
 * Files: html.c fills the files in pages; site.c says which page is whose; guard.c is what every request passes;
 * session.c is who is signed in; page.c is what pages share; one file a page.
 */
#ifndef WAYMARK_CONSOLE_CONSOLE_H
#define WAYMARK_CONSOLE_CONSOLE_H

#include "base/clock.h"
#include "channel/set.h"
#include "console/port.h"
#include "record/settings.h"
#include "staff/office.h"
#include "vault/vault.h"
#include "wire/wire.h"

struct console;

/** What the console is made of; all of it outlives the console. */
struct console_parts {
    const struct console_port *port;
    const struct settings *settings;
    const struct channel_set *channels;
    const struct vault *vault;
    const struct office *office;
    const char *data; /* folder of the database */
    struct clock clock;
    const char *address; /* that it listens on, "127.0.0.1:8081" */
};

/** ERR_NOMEM, ERR_IO. */
int console_open(const struct console_parts *parts, struct console **out);

/** Signs everybody out and closes; NULL is allowed. */
void console_close(struct console *c);

/** Answers one request; everything in `out` lives in `a` or for ever. There is always an answer. */
void console_serve(struct console *c, const struct wire_request *request, struct arena *a, struct wire_response *out);

/** Whether it waits for news: it is to be served once console_fresh says so, after EVENTS_QUIET_MS at the latest, and
 * at once where the service stops. */
bool console_waits(const struct wire_request *request);

/** What is done about once a second: ends idle sessions, reads what is new. The newest change of a case comes back. */
int64_t console_tick(struct console *c);

/** Whether there is something newer than this request knows. `a` is the request's. */
bool console_fresh(const struct wire_request *request, struct arena *a, int64_t news);

enum { EVENTS_QUIET_MS = 15000 };

/** Whether answering it may take a second of work. */
bool console_slow(const struct wire_request *request);

#endif

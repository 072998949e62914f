// SPDX-License-Identifier: AGPL-3.0-or-later
/* console - the caseworkers' pages: an HTTP request as a value in, a page as a value out.
 *
 *     console_open, console_serve from any thread..., console_close
 *
 * Nothing here knows a socket. The server hands requests over on threads of its own, on which console_serve may wait
 * for the disk; those for which console_slow says true go one after the other: most of them open a passphrase, which
 * takes a second. What staff may open at all is one table, site.c; a page that one may not know of does not exist
 * (404).
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

/** What is done a few times a second, by one thread: ends sessions that are over, reads what is new. The newest change
 * of a case comes back. */
int64_t console_tick(struct console *c);

/** An answer with a `stream` goes on after its body until this gives false: *out is what comes next, and lives until it
 * is asked again; empty: nothing yet. `news` is console_tick's. For one thread at a time. */
bool console_stream_look(struct console *c, void *stream, int64_t news, struct span *out);

/** The stream ended, or whoever listened is gone. */
void console_stream_close(struct console *c, void *stream);

/** Whether it is to be answered by the one thread for pages that may take a second of work. */
bool console_slow(const struct wire_request *request);

#endif

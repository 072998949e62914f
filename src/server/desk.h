// SPDX-License-Identifier: AGPL-3.0-or-later
/* desk - the console's pages: each request is worked on by a thread of its own while its connection is held.
 *
 * All threads here give way to the turn loop and the listeners (nice). Two lanes, one thread each: pages wait for the
 * disk at most; those that open a passphrase take a second and queue behind each other, so that whoever guesses
 * passphrases holds nobody else up (and no two take 256 MiB at once). Requests that wait for news wait in a list
 * without a thread; a third thread looks once a second and hands over to the pages' lane what has waited long enough.
 */
#ifndef WAYMARK_SERVER_DESK_H
#define WAYMARK_SERVER_DESK_H

#include "server/request.h"

struct desk;

/** Starts both lanes. ERR_NOMEM. */
int desk_open(struct console *console, struct desk **out);

/** Finishes what waits and ends the threads; NULL is allowed. */
void desk_close(struct desk *d);

/** A page: holds the request and hands it over. */
void desk_serve(struct request *r);

#endif

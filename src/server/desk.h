// SPDX-License-Identifier: AGPL-3.0-or-later
/* desk - the console's pages: each request is worked on by a thread of its own while its connection is held.
 *
 * All threads here give way to the turn loop and the listeners (nice). Two lanes, one thread each: pages wait for the
 * disk at most; those that open a passphrase take a second and queue behind each other, so that whoever guesses
 * passphrases holds nobody else up (and no two take 256 MiB at once).
 *
 * An answer that is a stream (wire_response.stream) stands in a list, without a thread, while it has nothing to say; a
 * third thread looks a few times a second what there is for each, with numbers in memory alone.
 */
#ifndef WAYMARK_SERVER_DESK_H
#define WAYMARK_SERVER_DESK_H

#include "server/request.h"

struct desk;

/** Starts both lanes. ERR_NOMEM. */
int desk_open(struct console *console, struct desk **out);

/** Finishes what waits and ends the threads; NULL is allowed. */
void desk_close(struct desk *d);

/** A stream has said what it had: holds the request until there is more. False: it is to end. */
bool desk_wait(struct request *r);

/** Whoever listened to the request's stream is gone. */
void desk_close_stream(struct request *r);

/** The listeners quiesce: streams end now and not at the next look. NULL is allowed. */
void desk_quiesce(struct desk *d);

/** A page: holds the request and hands it over. */
void desk_serve(struct request *r);

#endif

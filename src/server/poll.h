// SPDX-License-Identifier: AGPL-3.0-or-later
/* poll - a webhook that fetches messages, or tells and asks about those it has fetched.
 *
 * Its answer needs the one writer, so it is held as turns are and comes back the same way: the work is a job of the
 * turn loop, and the listener's thread never waits for it.
 */
#ifndef WAYMARK_SERVER_POLL_H
#define WAYMARK_SERVER_POLL_H

#include "server/request.h"

/** Hands the decoded request over. False: that cannot be now, and it is to be sent again. */
bool poll_hold(struct request *r, const struct channel *c);

/** It is back. False: nothing was stored, and it is to be sent again. */
bool poll_answer(struct request *r);

#endif

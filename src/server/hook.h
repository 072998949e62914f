// SPDX-License-Identifier: AGPL-3.0-or-later
/* hook - a webhook: /hook/CHANNEL, /hook/CHANNEL/SECRET, /hook/CHANNEL/EVENT.
 *
 * decode -> submit -> (held) -> encode. A dialled session is always answered 200 with a screen, whatever happened; what
 * the aggregator can send again (SMS, events) is answered 503 where it could not be stored, so that it does.
 */
#ifndef WAYMARK_SERVER_HOOK_H
#define WAYMARK_SERVER_HOOK_H

#include "server/request.h"

void hook_serve(struct request *r);

/** The turn is done and the connection runs again: encodes the answer. */
void hook_resume(struct request *r);

#endif

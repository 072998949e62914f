// SPDX-License-Identifier: AGPL-3.0-or-later
/* traffic - which screens people saw, answered and left, as counters without anybody in them.
 *
 * Events of a screen: "seen" (the first time in a session), "shown" (any other page or time too), "wrong" (shown again
 * after an answer that was not accepted), "answered" (something was typed there) and "ended" (the session ended there).
 * What nobody answered and did not end was left: left = shown + wrong - answered - ended; the
 * drop-off of a screen is left / seen. A session under way counts as left where it stands, until it goes on.
 */
#ifndef WAYMARK_GATEWAY_TRAFFIC_H
#define WAYMARK_GATEWAY_TRAFFIC_H

#include "gateway/internal.h"

/** Counts one event of a screen of the session's menus. */
void traffic_count(struct work *w, struct span screen, const char *event);

/** Before a step: something was typed where the session stands. */
void traffic_answered(struct work *w);

/** After the step: what is shown now. ERR_NOMEM. */
int traffic_turn(struct work *w);

#endif

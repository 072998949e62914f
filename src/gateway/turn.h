// SPDX-License-Identifier: AGPL-3.0-or-later
/* turn - what the files of one turn hand each other. Not for the rest of the gateway, which calls turn_do.
 *
 *     turn_open.c     what is known: the session out of its box, the person's rows
 *     turn_step.c     the dialogue steps, once or once for each answer that was dialled through
 *     turn_write.c    the session and the turn are written
 *     turn_answer.c   the reply, or the SMS that says it
 *     turn_repeat.c   a request that comes again gets the answer that it got
 *     turn.c          the whole, in that order
 */
#ifndef WAYMARK_GATEWAY_TURN_H
#define WAYMARK_GATEWAY_TURN_H

#include "gateway/internal.h"

enum { TURN_MAX = 16 * 1024 }; /* bytes of a screen, packed */

/** What a box of the turn is bound to. */
static inline struct span turn_context(const struct blind *index)
{
    return (struct span){(const char *)index->bytes, sizeof index->bytes};
}

/** Moves a string to the batch's arena. Out of memory `rc` says so, unless it says worse. */
struct span turn_kept(struct gateway *g, struct str *s, int *rc);

/** The session as `turn` left it: as it was kept, else out of its box, which is bound to `context`. ERR_MISSING: the
 * key of its day is gone. */
int turn_session(struct gateway *g, int64_t id, int64_t turn, struct span context, struct session *s);

/** The session of this turn, into `w`; false where there is none, or none that can still be read. */
bool turn_session_known(struct work *w);

/** The person's cases and consents, into `w`. */
int turn_person_known(struct work *w);

/** The first screen, over the newest menus; what an SMS said is `text`. */
int turn_begin(struct work *w, struct span text);

/** The next screen of a session that goes on. */
int turn_step(struct work *w, struct span text);

/** Begins, and walks answers that were dialled through, or replays a path after its session was lost: stops before
 * anything that would have an effect, so that nothing is agreed to or sent twice. */
int turn_walk(struct work *w, const struct span *answers, size_t count);

/** The session after this turn, and what was shown and typed. */
int turn_write(struct work *w);

/** The session is over, without a turn. */
int turn_write_ended(struct work *w);

/** What came of the turn, as its medium says it. */
int turn_reply(struct work *w);

/** The session is not known any more: a screen that says what to do. */
int turn_reply_lost(struct work *w);

/** Keeps the answer beside the request's event. */
int turn_seen(struct work *w);

/** The answer to an event that was seen before. */
int turn_seen_again(struct work *w);

/** The last answer of the session. */
int turn_again(struct work *w);

/** Whether the session has answered this number of its sequence. */
bool turn_sequence_repeats(const struct work *w);

#endif

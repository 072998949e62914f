// SPDX-License-Identifier: AGPL-3.0-or-later
/* marks - when a session first showed or offered a text that a case needs shown or offered, and in which words.
 *
 * The dialogue knows which (its masks); for the proof beside a consent it also counts when that was, in which language,
 * and what stood there: a hash of the screen's words, which are kept once when somebody agrees. Nothing of this is told
 * for somebody who only reads: it lies in their session, under the day's key.
 */
#ifndef WAYMARK_GATEWAY_MARKS_H
#define WAYMARK_GATEWAY_MARKS_H

#include "base/pack.h"
#include "gateway/session.h"
#include "record/effect.h"
#include "vault/told.h"

enum { MARKS_MAX = 128 /* 64 watched screens, each offered and shown */ };

/** The turn that is being done. */
struct marks_now {
    const struct program *program;   /* the session's */
    const struct dialogue_input *in; /* of its last step */
    int64_t at_s;
    struct arena *arena;
};

/** Adds what the dialogue's masks have and the session's marks have not. ERR_NOMEM. */
int marks_take(struct session *s, const struct marks_now *now);

/** What a consent's effect says had been shown or offered, in the order in which that was, in the arena; the words of
 * `texts[i]` (empty: they have changed since, or were only offered) go to seen[i]. */
struct marks_told {
    struct told_seen *seen;
    struct span *texts;
    size_t count;
};
int marks_tell(const struct session *s, const struct marks_now *now, const struct effect *e, struct marks_told *told);

/** The marks as bytes, and back (into `a`). */
void marks_pack(const struct session *s, struct str *out);
int marks_unpack(struct unpack *u, struct arena *a, struct session *s);

#endif

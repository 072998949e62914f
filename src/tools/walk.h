// SPDX-License-Identifier: AGPL-3.0-or-later
/* walk - random callers over the real engine, to find what the proofs cannot.
 *
 * Each session is one person with a phone: calls that are cut off and dialled again, SMS in between; options, keys,
 * good and wrong answers, keywords, odd text. Every step is judged (judge.h). To add something that callers
 * type: a row in walk_type.c.
 *
 * Session i of a walk with seed N is session 0 of a walk with seed N + i: a failure is replayed alone.
 */
#ifndef WAYMARK_TOOLS_WALK_H
#define WAYMARK_TOOLS_WALK_H

#include "base/str.h"
#include "dialogue/dialogue.h"
#include "tools/coverage.h"

struct walk_input {
    const struct program *program;
    struct profile ussd, sms;
    uint64_t seed;
    size_t sessions;
    struct span language; /* everybody speaks it; empty: each one of those offered, or nobody knows which */
    bool drafts;          /* draft languages are offered */
    int64_t today;
};

struct walk_report {
    struct coverage *coverage; /* added to; NULL: not wanted */
    size_t sessions, steps, wrong, drops, messages, registered, stopped;
    /* the first failure, where the walk stopped; why NULL: none */
    const char *why;
    uint64_t seed;   /* of that session */
    struct str path; /* as a transcript; made by STR_INIT and released by the caller */
};

/** Walks. ERR_NOMEM. */
int walk_run(const struct walk_input *in, struct walk_report *out);

#endif

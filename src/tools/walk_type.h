// SPDX-License-Identifier: AGPL-3.0-or-later
/* walk_type - what a random caller types. Private to tools/walk*.c. */
#ifndef WAYMARK_TOOLS_WALK_TYPE_H
#define WAYMARK_TOOLS_WALK_TYPE_H

#include "base/str.h"
#include "dialogue/dialogue.h"

/** A small generator of its own, so that a seed gives the same walk everywhere (splitmix64, Steele, Lea and Flood
 * 2014). */
struct luck {
    uint64_t state;
};

uint64_t luck_next(struct luck *l);

/** 0..n-1 (n 1 or more); the little unevenness does not matter here. */
size_t luck_below(struct luck *l, size_t n);

/** Fills bytes; for a struct entropy with a struct luck as its ctx. */
void luck_fill(void *luck, void *bytes, size_t len);

struct typing {
    const struct program *program;
    const struct dialogue *session; /* what is on the phone ... */
    struct span page;               /* ... and its text */
    struct span reference;          /* of a case of theirs, or empty */
    int64_t today;
};

/** Appends what they type next. */
void walk_type(struct luck *l, const struct typing *t, struct str *out);

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* suggest - "did you mean". */
#ifndef WAYMARK_SCRIPT_SUGGEST_H
#define WAYMARK_SCRIPT_SUGGEST_H

#include "base/span.h"

/** Collects candidates and keeps the nearest: suggest_start, suggest_try for each, suggest_best. */
struct suggest {
    struct span wanted, best, part;
    int distance;
    size_t shared; /* bytes of `part` and `wanted` that are the same word */
};

struct suggest suggest_start(struct span wanted);
void suggest_try(struct suggest *s, struct span candidate);

/** The nearest candidate within a third of the word's length (at least 1, at most 3 edits; a swap of neighbours is one,
 * a capital letter for a small one is none), else one that holds the word or is held by it, or the empty span. */
struct span suggest_best(const struct suggest *s);

/** Edits between two words (Damerau-Levenshtein, restricted), given up past `most`: then most + 1. */
int suggest_distance(struct span a, struct span b, int most);

#endif

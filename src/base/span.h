// SPDX-License-Identifier: AGPL-3.0-or-later
/* span - a view of bytes that somebody else owns.
 *
 * A span never owns and is never NUL-terminated by promise. {NULL, 0} is the empty span and is a valid argument
 * everywhere.
 */
#ifndef WAYMARK_BASE_SPAN_H
#define WAYMARK_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const char *p; /* first byte; may be NULL when len is 0 */
    size_t len;    /* bytes */
};

/** A span over a string literal. */
#define SPAN(literal) ((struct span){.p = "" literal, .len = sizeof(literal) - 1})

/** Arguments for a "%.*s" conversion. Never use it on what a person typed or on a phone number. */
#define SPAN_ARG(s) (int)(s).len, (s).p

/** A span over a NUL-terminated string; NULL gives the empty span. */
struct span span_of(const char *s);

bool span_eq(struct span a, struct span b);

/** Equal to the NUL-terminated `s`. */
bool span_is(struct span a, const char *s);

/** Equal, letters A-Z and a-z taken as the same (ASCII only; for protocol words, not for people's text). */
bool span_eq_nocase(struct span a, struct span b);

bool span_starts(struct span s, struct span prefix);

/** The part from byte `from` (clamped to the end). */
struct span span_from(struct span s, size_t from);

/** The first `len` bytes (clamped). */
struct span span_first(struct span s, size_t len);

/** Without ASCII blanks, tabs, CR and LF at both ends. */
struct span span_trim(struct span s);

/** Index of the first `c`, or s.len where there is none. */
size_t span_find(struct span s, char c);

/** Takes what stands before the first `sep` off the front of *rest (and the `sep`); false when *rest is used up (NULL
 * p). */
bool span_split(struct span *rest, char sep, struct span *part);

/** Reads a decimal integer that fills the whole span. ERR_SYNTAX (also for empty, blanks, "+"), ERR_RANGE. */
int span_int(struct span s, int64_t *value);

/** Order as by memcmp, a shorter prefix first. */
int span_cmp(struct span a, struct span b);

#endif

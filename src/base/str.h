// SPDX-License-Identifier: AGPL-3.0-or-later
/* str - a growing byte string that is born with its ceiling.
 *
 * str_init (or STR_INIT), str_add..., then str_release; str_clear empties it and keeps the memory. A failed or too long
 * addition makes the string "broken": it keeps what it had, later additions do nothing, and str_err tells why. So a
 * caller may add many pieces and look once at the end. The bytes are always NUL-terminated one past len.
 */
#ifndef WAYMARK_BASE_STR_H
#define WAYMARK_BASE_STR_H

#include "base/span.h"

#include <stdarg.h>
#include <stddef.h>

struct str {
    char *p;    /* the bytes, or NULL while empty; owned */
    size_t len; /* bytes in use */
    size_t cap; /* bytes allocated */
    size_t max; /* ceiling in bytes */
    int err;    /* 0, ERR_NOMEM or ERR_LIMIT */
};

#define STR_INIT(ceiling) ((struct str){.max = (ceiling)})

void str_init(struct str *s, size_t ceiling);

/** Frees the memory; `s` is then as after str_init with the same ceiling. */
void str_release(struct str *s);

/** Empties it, forgets an error, keeps the memory. */
void str_clear(struct str *s);

/** 0, or why an addition since str_init/str_clear failed. */
int str_err(const struct str *s);

void str_add(struct str *s, struct span bytes);
void str_addz(struct str *s, const char *bytes);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void str_vaddf(struct str *s, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/** Appends `len` bytes that the caller fills in at once; where they begin (valid until the next change), or NULL. */
char *str_extend(struct str *s, size_t len);

/** Appends a whole number in decimal digits. */
void str_addn(struct str *s, int64_t n);

/** Shortens to `len` bytes (no effect where it is shorter). */
void str_cut(struct str *s, size_t len);

/** The bytes as a span, valid until the next change. */
struct span str_span(const struct str *s);

/** The bytes as a NUL-terminated string, never NULL, valid until the next change. */
const char *str_z(const struct str *s);

#endif

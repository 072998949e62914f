// SPDX-License-Identifier: AGPL-3.0-or-later
/* diag - what is wrong in an operator's file, told in words, where it is.
 *
 *     menus/main.menu:67:6: error E02: no such screen "contry"
 *        67 |   -> contry
 *           |      ^
 *       hint: did you mean "country"?
 *
 * diags_new, diag_add..., diags_print or diags_at, diags_free. Messages are collected, not printed at once, so that an
 * operator sees all of them in the order of files and lines.
 */
#ifndef WAYMARK_SCRIPT_DIAG_H
#define WAYMARK_SCRIPT_DIAG_H

#include "base/span.h"
#include "base/str.h"

/** A place in a file. `line` and `column` count from 1; columns count code points; 0: unknown. */
struct place {
    const char *file; /* as the operator would name it; outlives the diags (kept by the script_source or arena) */
    int line, column;
};

enum severity { SEVERITY_WARNING, SEVERITY_ERROR };

struct diag {
    enum severity severity;
    const char *code; /* "E02", "W01"; static storage */
    struct place at;
    struct span message, hint; /* hint may be empty */
    struct span source;        /* the whole line of the file, empty when unknown */
};

struct diags; /* a growing list */

struct diags *diags_new(void); /* NULL: out of memory */
void diags_free(struct diags *d);

/** Adds one; the texts are copied. `source` may be empty. Past 1,000 they are only counted. */
void diag_add(struct diags *d, const struct diag *one);

/** Adds an error whose message and hint are formatted: the hint is what follows the first "\n" of the result. */
void diag_error(struct diags *d, const char *code, struct place at, struct span source, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void diag_warning(struct diags *d, const char *code, struct place at, struct span source, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

size_t diags_errors(const struct diags *d);
size_t diags_count(const struct diags *d);
const struct diag *diags_at(const struct diags *d, size_t index);

/** Orders by file (order of first appearance), line and column, and drops exact repeats. */
void diags_sort(struct diags *d);

/** Appends all of them as text for people, or as a JSON array. In the text a message that comes again elsewhere stands
 * once, with the places below it. */
void diags_text(const struct diags *d, struct str *out);
void diags_json(const struct diags *d, struct str *out);

#endif

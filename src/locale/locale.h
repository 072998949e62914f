// SPDX-License-Identifier: AGPL-3.0-or-later
/* locale - translations, read from PO files into an immutable catalogue (GNU libgettextpo).
 *
 * The key is context and source text. A fuzzy, obsolete or empty entry counts as missing.
 */
#ifndef WAYMARK_LOCALE_LOCALE_H
#define WAYMARK_LOCALE_LOCALE_H

#include "base/span.h"

struct locale;

/** A thing that libgettextpo or we found wrong in a file; column 0: unknown. */
struct locale_problem {
    const char *file;
    size_t line, column;
    const char *message; /* behind a "\n" what to do, where that is known */
    struct span source;  /* the line; empty where none is known */
};
typedef void locale_report(void *ctx, const struct locale_problem *problem);

enum { LOCALE_PLURALS_MAX = 6 };

/** Reads a PO file from disk. ERR_MISSING, ERR_IO, ERR_LIMIT, ERR_SYNTAX (reported), ERR_NOMEM. Free with locale_free.
 * Threads may read files at the same time: one waits for the other (libgettextpo keeps state while it reads). */
int locale_load(const char *path, locale_report *report, void *ctx, struct locale **out);

/** An empty catalogue for the source language: everything is its own translation; plural rule n != 1. NULL: out of
 * memory. */
struct locale *locale_source(struct span code);

/** One more owner of the same catalogue; returns it. */
struct locale *locale_share(struct locale *l);

/** Lets go of it; the last owner frees it. NULL is allowed. */
void locale_free(struct locale *l);

/** The language code from the header, or the file's name. */
struct span locale_code(const struct locale *l);

/** Name of whoever reviewed it (header X-Reviewed-By), or empty. */
struct span locale_reviewer(const struct locale *l);

/** The translation of `source` in `context`; p is NULL where it is missing, fuzzy, or an entry with plural forms. */
struct span locale_text(const struct locale *l, struct span context, struct span source);

/** The plural form `form` (0..locale_plural_count-1) of `source`; p is NULL where missing or fuzzy. A source
 * catalogue knows only form 0, `source` itself: the other form stands in the menu. */
struct span locale_plural(const struct locale *l, struct span context, struct span source, int form);

/** Number of plural forms of the language, 1..LOCALE_PLURALS_MAX. */
int locale_plural_count(const struct locale *l);

/** The form that the number `n` (0 or more) takes, by the header's Plural-Forms expression. */
int locale_plural_form(const struct locale *l, uint64_t n);

/** Walks all entries but obsolete ones, also those no menu uses, for checks: false past the end. `text` is the
 * translation or plural form 0, p NULL where missing or fuzzy; `line` is the msgid's line in the file, 0: unknown. */
bool locale_entry(const struct locale *l, size_t index, struct span *context, struct span *source, struct span *text,
                  size_t *line);

/** The line of the entry with this context and source in the file; 0: unknown, or there is none. */
int locale_line(const struct locale *l, struct span context, struct span source);

/** A line of a file's bytes by its number, without its end; empty for 0 and past the last. */
struct span locale_source_line(struct span bytes, size_t line);

#endif

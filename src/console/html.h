// SPDX-License-Identifier: AGPL-3.0-or-later
/* html - the console's pages, compiled into the program, and the values that fill them.
 *
 * The pages are HTML files in src/console/pages; pages.py there reads them when the program is built, says how each
 * value is escaped by where it stands, and writes html_pages. Here they are only walked.
 *
 *     view_new -> view_set..., view_add (a row of a list) -> html_render
 *
 * A view is a scope of named values; a row finds what it lacks in the view around it. All of it lives in one arena, and
 * what is set must live as long. When memory ends the view is broken, and html_render says so.
 *
 * To add a page: a file in src/console/pages and a function that fills a view for it (page.h).
 */
#ifndef WAYMARK_CONSOLE_HTML_H
#define WAYMARK_CONSOLE_HTML_H

#include "base/arena.h"
#include "base/str.h"

enum html_kind { OP_LITERAL, OP_VALUE, OP_EACH, OP_IF, OP_UNLESS, OP_END };

enum html_escape {
    ESCAPE_TEXT,    /* text, or a quoted attribute */
    ESCAPE_ADDRESS, /* the whole of an address: only a path of ours, or a fragment */
    ESCAPE_PART,    /* within an address: percent-encoded */
};

struct html_op {
    enum html_kind op;
    enum html_escape escape;
    struct span text; /* the literal, or the value's name */
    size_t to;        /* a section's beginning: the op behind its end; its end: its beginning */
};

struct html_page {
    const char *name;
    const struct html_op *ops;
    size_t count;
};

struct html_asset {
    const char *name, *type;
    struct span bytes;
};

/** Written by pages.py; each ends with a row without a name. */
extern const struct html_page html_pages[];
extern const struct html_asset html_assets[];

struct view;

/** An empty view, or NULL when out of memory. */
struct view *view_new(struct arena *a);

/** Sets a value; an empty one counts as not there. `name` is a literal. */
void view_set(struct view *v, const char *name, struct span value);
void view_setz(struct view *v, const char *name, const char *value); /* NULL: nothing */
void view_setn(struct view *v, const char *name, int64_t number);
void view_setf(struct view *v, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** A value that is only there or not. */
void view_flag(struct view *v, const char *name, bool on);

/** A new row at the end of a list; never NULL. */
struct view *view_add(struct view *v, const char *list);

/** The value, looked for outwards; empty: none. */
struct span view_get(const struct view *v, struct span name);

struct arena *view_arena(const struct view *v);

/** Appends a page. ERR_MISSING: there is no such page; ERR_NOMEM; ERR_LIMIT. */
int html_render(const char *page, const struct view *v, struct str *out);

/** The asset called `name`, or NULL. */
const struct html_asset *html_asset(struct span name);

/** Appends text as HTML text, safe in a quoted attribute too. */
void escape_text(struct str *out, struct span text);

#endif

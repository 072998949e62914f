// SPDX-License-Identifier: AGPL-3.0-or-later
/* script - the one line grammar of menus, configuration, channels and transcripts.
 *
 * A file is lines; the first word of a line says what it is; text runs to the end of the line without quotes; "|" at
 * the start of a line continues the text above on a new line; "#" starts a note, on a line of its own only; indentation
 * is for the eye. script_read cuts a file into statements and tells E01 for what no file may hold (bytes that are not
 * UTF-8, NUL and other control characters, a line longer than SCRIPT_LINE_MAX bytes, a "|" with nothing above, what git
 * leaves of a conflict, a file that is no text at all). CRLF and a byte-order mark are accepted. Then a cursor walks
 * each statement:
 *
 *     struct script_cursor c = script_cursor(st);
 *     struct token word;
 *     if (script_word(&c, &word)) ...       // next word
 *     struct token text = script_rest(&c);  // all that is left
 *
 * What a word means is the reader's matter (menu/, config/, channel/, tools/).
 */
#ifndef WAYMARK_SCRIPT_SCRIPT_H
#define WAYMARK_SCRIPT_SCRIPT_H

#include "base/arena.h"
#include "base/span.h"
#include "script/diag.h"

enum { SCRIPT_LINE_MAX = 4096, SCRIPT_FILE_MAX = 8 * 1024 * 1024, SCRIPT_LINES_MAX = 200000 };

/** A piece of a statement, with the place of its first letter. */
struct token {
    struct span text;
    struct place at;
    struct span source; /* its line, for messages */
};

/** One statement: a line and its continuations. */
struct statement {
    struct place at;          /* of its first word */
    struct span source;       /* the whole first line */
    struct span text;         /* without indentation; continuations joined by \n, each without "|" and one blank */
    const struct span *lines; /* the raw source lines it was joined from */
    const struct place *line_places; /* where each joined line's text begins */
    size_t line_count;
};

struct script {
    const char *file;
    const struct statement *statements;
    size_t count;
};

/** Cuts `bytes` into statements, in `a` (the bytes are copied). Problems go to `d`. Returns 0 also with problems found;
 * what could be read is there. ERR_NOMEM only. */
int script_read(const char *file, struct span bytes, struct arena *a, struct diags *d, struct script *out);

struct script_cursor {
    const struct statement *st;
    size_t at; /* byte offset into st->text */
};

struct script_cursor script_cursor(const struct statement *st);

/** The next word (up to a blank or \n); false and an empty token placed at the end when nothing is left. */
bool script_word(struct script_cursor *c, struct token *word);

/** Takes the next word only if it is `word`. */
bool script_accept(struct script_cursor *c, const char *word);

/** All that is left, without blanks at both ends; may be empty. */
struct token script_rest(struct script_cursor *c);

/** The next `len` bytes from the cursor as a token, and moves past them. */
struct token script_take(struct script_cursor *c, size_t len);

/** What is left, without moving. */
struct span script_peek(const struct script_cursor *c);

/** The place of byte `offset` of the statement's text, in the line it came from; *source (may be NULL) is that line. */
struct place script_place(const struct statement *st, size_t offset, struct span *source);

/** A name: a-z first, then a-z, 0-9, "-", "_"; with at most one "/" between two such names. */
bool script_is_name(struct span s);

/** A word: ASCII letters, digits, "-", "_", "."; no ":". */
bool script_is_word(struct span s);

#endif

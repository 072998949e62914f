// SPDX-License-Identifier: AGPL-3.0-or-later
/* po - libgettextpo behind a small door: read a PO file, hear its complaints, visit its messages.
 *
 * Measured with 0.21: a file with errors is read to its end and returned all the same, so that only the reports tell; a
 * problem of severity "fatal" (reading fails half-way) must not return into the library and is left by a jump, which
 * loses the little that it had allocated; text behind a NUL byte is lost silently, and bytes that are not UTF-8 pass
 * as it is told to read, so such files are refused before it reads them; it leaks a file's name and each keyword it
 * does not know; out of memory it ends the program, as its own allocator is fixed; po_file_free forgets the contexts of
 * messages, which po_close frees.
 */
#ifndef WAYMARK_LOCALE_PO_H
#define WAYMARK_LOCALE_PO_H

#include "base/str.h"
#include "locale/locale.h"

#include <gettext-po.h>

/** Reads the file. ERR_MISSING, ERR_IO, ERR_LIMIT, ERR_NOMEM, or ERR_SYNTAX with all that is wrong reported. Free *out
 * with po_close; `bytes` is filled with the raw file. */
int po_read(const char *path, locale_report *report, void *ctx, struct str *bytes, po_file_t *out);

/** Frees a file that po_read gave, and what the library would keep of it. NULL is allowed. */
void po_close(po_file_t file);

/** Takes the line of the next msgid off the front of *bytes; 0 past the last. *line is the number of lines taken so
 * far. */
size_t po_next_msgid(struct span *bytes, size_t *line);

#endif

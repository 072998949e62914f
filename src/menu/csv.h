// SPDX-License-Identifier: AGPL-3.0-or-later
/* csv - a table of a directory, as spreadsheets write it: RFC 4180 in UTF-8, read strictly.
 *
 * Cells are divided by commas; one that holds a comma, a quote or a line break stands in quotes, and a quote in it is
 * written twice. Lines end with CRLF or LF, the last one may end without; a byte-order mark is passed over. The first
 * line names the columns, and every line has as many cells as it. Nothing is guessed: what a spreadsheet would mend
 * silently is told, so that no telephone number slides into the wrong column.
 */
#ifndef WAYMARK_MENU_CSV_H
#define WAYMARK_MENU_CSV_H

#include "base/arena.h"
#include "script/diag.h"

enum { CSV_CELL_MAX = 2000 }; /* bytes */

struct csv_cell {
    struct span text; /* without its quotes */
    struct place at;
    struct span source; /* its line, for messages */
};

struct csv {
    const struct csv_cell *cells; /* line after line; the first line names the columns */
    size_t columns, rows;         /* rows: with that line */
};

/** Reads a file in `a`; spans point into `bytes` where nothing had to be taken out, so these must live as long. `file`
 * is how the operator names it. Problems go to `d` (E01, E03). Returns 0 also with problems found: what could be read
 * is there. ERR_NOMEM only. */
int csv_read(const char *file, struct span bytes, struct arena *a, struct diags *d, struct csv *out);

/** A cell of a row. */
static inline const struct csv_cell *csv_at(const struct csv *c, size_t row, size_t column)
{
    return &c->cells[row * c->columns + column];
}

#endif

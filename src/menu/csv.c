// SPDX-License-Identifier: AGPL-3.0-or-later
#include "menu/csv.h"

#include "base/err.h"
#include "base/foreign.h"
#include "base/utf8.h"

#include <string.h>

struct reader {
    const char *file;
    struct span all; /* without a byte-order mark */
    size_t at;       /* next byte */
    size_t line_at;  /* where the line begins */
    int line;        /* from 1 */
    struct arena *a;
    struct diags *d;
    struct csv_cell *cells;
    size_t count;   /* of cells, all rows */
    size_t columns; /* of the first line; 0 while that is read */
    bool stuck;     /* no cell can be found any more */
    int err;
};

static struct span line_from(struct span all, size_t at)
{
    struct span line = span_from(all, at);
    line = span_first(line, span_find(line, '\n'));
    return line.len && line.p[line.len - 1] == '\r' ? span_first(line, line.len - 1) : line;
}

static struct place place_of(const struct reader *r, size_t at)
{
    struct span before = {.p = r->all.p + r->line_at, .len = at - r->line_at};
    return (struct place){.file = r->file, .line = r->line, .column = (int)utf8_length(before) + 1};
}

static void tell(struct reader *r, const char *code, size_t at, const char *text)
{
    diag_error(r->d, code, place_of(r, at), line_from(r->all, r->line_at), "%s", text);
}

static bool ended(const struct reader *r)
{
    return r->at >= r->all.len;
}

static char byte(const struct reader *r)
{
    return r->all.p[r->at];
}

/** Whether a line ends here; its end is then passed over when `take`. */
static bool line_end(struct reader *r, bool take)
{
    size_t len = 0;
    if (span_starts(span_from(r->all, r->at), SPAN("\r\n")))
        len = 2;
    else if (!ended(r) && byte(r) == '\n')
        len = 1;
    if (!len || !take)
        return len > 0;
    r->at += len;
    r->line_at = r->at;
    r->line++;
    return true;
}

/** Whether the bytes may stand in a cell; the reader's line is that of `from`, and becomes that of `to`. */
static bool check_bytes(struct reader *r, size_t from, size_t to)
{
    for (size_t i = from; i < to;) {
        size_t len = utf8_len(span_from(r->all, i));
        unsigned char c = (unsigned char)r->all.p[i];
        if (!len)
            tell(r, "E01", i, "a byte that is not UTF-8\nsave the file as UTF-8");
        else if (c < ' ' && c != '\n' && !(c == '\r' && i + 1 < r->all.len && r->all.p[i + 1] == '\n'))
            tell(r, "E01", i, c ? "a control character\ntake it out" : "a NUL byte\ntake it out");
        else {
            i += len;
            if (c == '\n')
                r->line_at = i, r->line++;
            continue;
        }
        return false;
    }
    return true;
}

/** A cell without quotes, up to the comma or the end of the line. */
static bool read_plain(struct reader *r, struct span *text)
{
    size_t from = r->at;
    while (!ended(r) && byte(r) != ',' && !line_end(r, false)) {
        if (byte(r) == '"') {
            tell(r, "E01", r->at, "a quote inside a cell\nput the whole cell in quotes and write \"\" for the quote");
            return false;
        }
        r->at++;
    }
    *text = (struct span){.p = r->all.p + from, .len = r->at - from};
    return check_bytes(r, from, r->at);
}

/** `""` in a cell stands for one quote. */
static struct span unquoted(struct reader *r, struct span raw)
{
    char *out = arena_alloc(r->a, raw.len + 1);
    size_t len = 0;
    if (!out) {
        r->err = ERR_NOMEM;
        return (struct span){0};
    }
    for (size_t i = 0; i < raw.len; i++) {
        out[len++] = raw.p[i];
        i += raw.p[i] == '"';
    }
    return (struct span){.p = out, .len = len};
}

/** A cell in quotes; false after telling what is wrong. */
static bool read_quoted(struct reader *r, struct span *text)
{
    size_t open = r->at++, line_at = r->line_at, from = r->at;
    int line = r->line;
    bool doubled = false;
    while (!ended(r) && (byte(r) != '"' || span_starts(span_from(r->all, r->at), SPAN("\"\"")))) {
        doubled |= byte(r) == '"';
        if (byte(r) == '"')
            r->at += 2;
        else if (!line_end(r, true))
            r->at++;
    }
    r->line_at = line_at, r->line = line;
    if (ended(r)) {
        tell(r, "E01", open, "a quote that is never closed\nput a quote at the end of the cell");
        return false;
    }
    *text = (struct span){.p = r->all.p + from, .len = r->at - from};
    if (!check_bytes(r, from, r->at))
        return false;
    r->at++;
    if (!ended(r) && byte(r) != ',' && !line_end(r, false)) {
        tell(r, "E01", r->at, "something behind the closing quote\nwrite a comma, or \"\" for a quote in the cell");
        return false;
    }
    if (doubled)
        *text = unquoted(r, *text);
    return true;
}

static void add_cell(struct reader *r, struct csv_cell cell)
{
    struct csv_cell *cells = arena_grow(r->a, r->cells, r->count, sizeof *cells);
    if (!cells) {
        r->err = ERR_NOMEM;
        return;
    }
    r->cells = cells;
    cells[r->count++] = cell;
}

static bool read_cell(struct reader *r)
{
    struct csv_cell cell = {.at = place_of(r, r->at), .source = line_from(r->all, r->line_at)};
    bool good = !ended(r) && byte(r) == '"' ? read_quoted(r, &cell.text) : read_plain(r, &cell.text);
    if (good && cell.text.len > CSV_CELL_MAX) {
        diag_error(r->d, "E01", cell.at, cell.source, "a cell that is longer than any page\nshorten it");
        good = false;
    }
    if (good)
        add_cell(r, cell);
    r->stuck |= !good;
    return good;
}

static void check_ragged(struct reader *r, const struct csv_cell *first, size_t cells)
{
    if (cells == r->columns)
        return;
    diag_error(r->d, "E01", first->at, first->source,
               "%zu cell%s, but the first line names %zu columns\nput a cell with a comma in it in quotes, or take the "
               "line out",
               cells, cells == 1 ? "" : "s", r->columns);
}

/** One line; its cells are forgotten again where they are not as many as the columns. */
static void read_row(struct reader *r)
{
    size_t before = r->count;
    while (read_cell(r) && !r->err && !ended(r) && byte(r) == ',')
        r->at++;
    if (r->stuck || r->err)
        return;
    line_end(r, true);
    size_t cells = r->count - before;
    if (!r->columns)
        r->columns = cells;
    check_ragged(r, &r->cells[before], cells);
    if (cells != r->columns)
        r->count = before;
}

static void check_names(struct reader *r)
{
    for (size_t i = 0; i < r->columns; i++) {
        const struct csv_cell *name = &r->cells[i];
        if (!name->text.len)
            diag_error(r->d, "E01", name->at, name->source, "a column without a name\nname it in the first line");
        for (size_t k = 0; k < i; k++)
            if (name->text.len && span_eq(r->cells[k].text, name->text))
                diag_error(r->d, "E03", name->at, name->source, "column \"%.*s\" stands twice\ngive one another name",
                           SPAN_ARG(name->text));
    }
}

/* As spreadsheets of some countries, and copies from them, divide cells: each cell would be told to be wrong. */
static bool other_commas(struct reader *r)
{
    struct span first = line_from(r->all, 0);
    size_t semicolon = span_find(first, ';'), tab = span_find(first, '\t');
    size_t at = semicolon < tab ? semicolon : tab;
    if (at == first.len || span_find(first, ',') < first.len)
        return false;
    tell(r, "E01", at,
         semicolon < tab
             ? "cells are divided by semicolons here, not by commas\nsave the table as CSV with the comma as "
               "field separator (and UTF-8)"
             : "cells are divided by tabs here, not by commas\nsave the table as CSV with the comma as field "
               "separator (and UTF-8)");
    return true;
}

int csv_read(const char *file, struct span bytes, struct arena *a, struct diags *d, struct csv *out)
{
    static const struct span mark = {"\xEF\xBB\xBF", 3};
    struct reader r = {
        .file = file, .all = span_from(bytes, span_starts(bytes, mark) ? mark.len : 0), .line = 1, .a = a, .d = d};
    *out = (struct csv){0};
    const char *foreign = foreign_file(bytes);
    if (foreign) {
        diag_error(d, "E01", (struct place){file, 1, 1}, (struct span){0}, "%s", foreign);
        return 0;
    }
    if (other_commas(&r))
        return 0;
    if (!r.all.len)
        tell(&r, "E01", 0, "the file is empty\nits first line names the columns");
    while (!ended(&r) && !r.stuck && !r.err)
        read_row(&r);
    if (r.err)
        return r.err;
    if (r.columns)
        check_names(&r);
    *out = (struct csv){.cells = r.cells, .columns = r.columns, .rows = r.columns ? r.count / r.columns : 0};
    return 0;
}

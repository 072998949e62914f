// SPDX-License-Identifier: AGPL-3.0-or-later
/* parse_table - directories: what a `table` section says of its file, and the rows of that file.
 *
 * Some columns have a meaning of their own: the key, by which rows are found; `aliases`, other words for the key,
 * divided by ";"; `reviewed` and `review-by`, a row's own dates. Several rows may have one key. Keys and aliases are
 * compared as keywords are (fold_compare), so "New York", "new york." and "NEW YORK" are one.
 */
#include "base/clock.h"
#include "base/err.h"
#include "menu/csv.h"
#include "menu/parse.h"
#include "script/suggest.h"
#include "text/fold.h"

enum { TABLE_NONE = -1 };

struct reading { /* one table while its file is read */
    struct parse *p;
    struct table *t;
    const char *file;
    struct csv csv;
    size_t *columns; /* [t->column_count]: where they stand in the file */
    int key, aliases, reviewed, due;
    struct list rows, names;
    struct map *known; /* folded name -> struct table_name */
    struct map *lines; /* what a row says -> its first cell */
};

/* ---- the section ---- */

void parse_table_file(struct parse *p, const struct statement_row *row)
{
    (void)row;
    p->file = script_rest(&p->c);
    if (!p->file.text.len)
        build_error(p->b, "E01", p->file, "a file is missing\nfor example: file legal-help.csv");
}

void parse_table_key(struct parse *p, const struct statement_row *row)
{
    (void)row;
    if (parse_name(p, "key state", &p->key))
        parse_end(p);
}

void parse_table_columns(struct parse *p, const struct statement_row *row)
{
    (void)row;
    struct token name;
    if (!parse_name(p, "column name phone", &name))
        return;
    do {
        struct token *kept = NULL;
        if (!script_is_name(name.text))
            build_error(p->b, "E01", name, "\"%.*s\" is not a name\nfor example: column name phone",
                        SPAN_ARG(name.text));
        else
            kept = list_add(p->b, &p->columns, sizeof *kept);
        if (kept)
            *kept = name;
    } while (script_word(&p->c, &name));
}

/* ---- columns ---- */

static struct token token_of(const struct csv_cell *cell)
{
    return (struct token){.text = cell->text, .at = cell->at, .source = cell->source};
}

static int find_column(const struct csv *csv, struct span name)
{
    for (size_t i = 0; i < csv->columns; i++)
        if (span_eq(csv_at(csv, 0, i)->text, name))
            return (int)i;
    return TABLE_NONE;
}

static int need_column(struct reading *r, struct token name)
{
    struct suggest near = suggest_start(name.text);
    int at = find_column(&r->csv, name.text);
    if (at != TABLE_NONE)
        return at;
    for (size_t i = 0; i < r->csv.columns; i++)
        suggest_try(&near, csv_at(&r->csv, 0, i)->text);
    struct span best = suggest_best(&near);
    if (best.len)
        build_unknown(r->p->b, name, "column", best);
    else
        build_error(r->p->b, "E02", name, "no such column \"%.*s\"\nthe first line of %s names the columns",
                    SPAN_ARG(name.text), r->file);
    return at;
}

static bool find_columns(struct reading *r)
{
    struct parse *p = r->p;
    size_t count = p->columns.count + 1;
    struct span *names = arena_array(p->b->a, count, sizeof *names);
    r->columns = arena_array(p->b->a, count, sizeof *r->columns);
    if (!build_got(p->b, names) || !build_got(p->b, r->columns))
        return false;
    bool found = true;
    for (size_t i = 0; i < count; i++) {
        struct token name = i + 1 < count ? *(struct token *)list_at(&p->columns, i) : p->key;
        int at = need_column(r, name);
        found &= at != TABLE_NONE;
        names[i] = name.text;
        r->columns[i] = (size_t)at;
    }
    r->key = found ? (int)r->columns[count - 1] : TABLE_NONE;
    r->aliases = find_column(&r->csv, SPAN("aliases"));
    r->reviewed = find_column(&r->csv, SPAN("reviewed"));
    r->due = find_column(&r->csv, SPAN("review-by"));
    r->t->columns = names;
    r->t->column_count = found ? count : 0; // with none, texts are not told of columns too
    return found;
}

/* ---- rows ---- */

static struct span fold_kept(struct parse *p, struct span text)
{
    struct str folded = STR_INIT(4 * CSV_CELL_MAX);
    fold_compare(&folded, text);
    struct span kept = str_err(&folded) ? (struct span){0} : arena_copy(p->b->a, str_span(&folded));
    str_release(&folded);
    build_got(p->b, kept.p);
    return kept;
}

/** A name of a key; false where it already means another one, after telling that. */
static bool add_name(struct reading *r, const struct csv_cell *cell, struct span folded, struct span key)
{
    struct build *b = r->p->b;
    const struct table_name *other = map_get(r->known, folded);
    if (other && span_eq(other->key, key))
        return true;
    if (other) {
        build_error(b, "E03", token_of(cell), "\"%.*s\" already stands for \"%.*s\"\neach word leads to one key only",
                    SPAN_ARG(folded), SPAN_ARG(other->key));
        return false;
    }
    struct table_name *name = arena_alloc(b->a, sizeof *name), *kept = list_add(b, &r->names, sizeof *kept);
    if (!build_got(b, name) || !kept)
        return false;
    *name = *kept = (struct table_name){.folded = folded, .key = key};
    if (map_put(r->known, folded, name) == ERR_NOMEM)
        b->err = ERR_NOMEM;
    return true;
}

static void add_aliases(struct reading *r, size_t row, struct span key)
{
    if (r->aliases == TABLE_NONE)
        return;
    const struct csv_cell *cell = csv_at(&r->csv, row, (size_t)r->aliases);
    struct span rest = cell->text, part;
    while (rest.len && span_split(&rest, ';', &part) && !r->p->b->err) {
        struct span folded = fold_kept(r->p, part);
        if (folded.len && !add_name(r, cell, folded, key))
            return;
    }
}

/** The date in a cell of the row; the table's where there is none. */
static int64_t read_day(struct reading *r, size_t row, int column, int64_t otherwise, struct place *at)
{
    const struct csv_cell *cell = column == TABLE_NONE ? NULL : csv_at(&r->csv, row, (size_t)column);
    struct date date;
    if (!cell || !span_trim(cell->text).len)
        return otherwise;
    if (at)
        *at = cell->at;
    if (!date_parse(span_trim(cell->text), &date))
        return date_to_day(date);
    build_error(r->p->b, "E50", token_of(cell), "\"%.*s\" is not a date\nwrite year-month-day: 2026-03-02",
                SPAN_ARG(cell->text));
    return otherwise;
}

/** What texts may say of the row; false after telling what cannot be shown. */
static bool read_cells(struct reading *r, size_t row, struct table_row *out)
{
    struct span *cells = arena_array(r->p->b->a, r->t->column_count, sizeof *cells);
    if (!build_got(r->p->b, cells))
        return false;
    for (size_t i = 0; i < r->t->column_count; i++) {
        const struct csv_cell *cell = csv_at(&r->csv, row, r->columns[i]);
        cells[i] = span_trim(cell->text);
        if (span_find(cell->text, '\n') < cell->text.len) {
            build_error(r->p->b, "E01", token_of(cell), "a line break in a cell that is shown\na row is one line");
            return false;
        }
    }
    out->cells = cells;
    return true;
}

/** Whether the very same line of a page was there before; then that is told. */
static bool said_before(struct reading *r, const struct table_row *row, const struct csv_cell *first)
{
    struct str all = STR_INIT(64 * CSV_CELL_MAX);
    str_add(&all, row->key);
    for (size_t i = 0; i + 1 < r->t->column_count; i++) { // the last one is the key itself
        str_addc(&all, '\n');
        str_add(&all, row->cells[i]);
    }
    struct span said = arena_copy(r->p->b->a, str_span(&all));
    bool broken = str_err(&all) != 0;
    str_release(&all);
    const struct csv_cell *other = map_get(r->lines, said);
    if (other)
        build_error(r->p->b, "E03", token_of(first), "this row stands twice\nit stands first on line %d; take one out",
                    other->at.line);
    else if (broken || !build_got(r->p->b, said.p) || map_put(r->lines, said, (void *)(uintptr_t)first) == ERR_NOMEM)
        r->p->b->err = ERR_NOMEM;
    return other;
}

static void read_row(struct reading *r, size_t index)
{
    const struct csv_cell *first = csv_at(&r->csv, index, 0), *key = csv_at(&r->csv, index, (size_t)r->key);
    struct table_row row = {.at = first->at, .due_at = r->t->due_at, .key = fold_kept(r->p, key->text)};
    if (r->p->b->err)
        return;
    if (!row.key.len) {
        build_error(r->p->b, "E01", token_of(key), "a row without its key\nwrite what people type to find it");
        return;
    }
    row.reviewed_day = read_day(r, index, r->reviewed, r->t->reviewed_day, NULL);
    row.review_by_day = read_day(r, index, r->due, r->t->review_by_day, &row.due_at);
    if (row.review_by_day < row.reviewed_day)
        build_error(r->p->b, "E50", token_of(first), "this row is due before it was reviewed\nlook at its two dates");
    if (!read_cells(r, index, &row) || said_before(r, &row, first) || !add_name(r, key, row.key, row.key))
        return;
    add_aliases(r, index, row.key);
    struct table_row *kept = list_add(r->p->b, &r->rows, sizeof *kept);
    if (kept)
        *kept = row;
}

/* ---- all of it ---- */

static bool read_file(struct reading *r)
{
    struct span bytes;
    struct build *b = r->p->b;
    size_t before = diags_errors(b->d);
    if (!source_beside(b, r->p->section->name.at.file, r->p->file, &r->file, &bytes))
        return false;
    if (csv_read(r->file, bytes, b->a, b->d, &r->csv) < 0)
        b->err = ERR_NOMEM;
    if (b->err || diags_errors(b->d) > before)
        return false;
    if (r->csv.rows < 2)
        build_error(b, "E01", r->p->file, "%s has no rows\nput at least one below its first line", r->file);
    return r->csv.rows >= 2 && find_columns(r);
}

static void read_rows(struct reading *r)
{
    r->known = map_new();
    r->lines = map_new();
    if (build_got(r->p->b, r->known) && build_got(r->p->b, r->lines))
        for (size_t i = 1; i < r->csv.rows && !r->p->b->err; i++)
            read_row(r, i);
    map_free(r->known);
    map_free(r->lines);
    r->t->rows = r->rows.items, r->t->row_count = r->rows.count;
    r->t->names = r->names.items, r->t->name_count = r->names.count;
}

/** A name that stands for two things in a text or after `find` helps nobody. */
static void check_name(struct parse *p)
{
    static const struct {
        enum name_space space;
        const char *what;
    } others[] = {{NAME_FACT, "fact"}, {NAME_CASE, "case"}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (build_look(p->b, others[i].space, p->section->name.text) != PROGRAM_NONE)
            build_error(p->b, "E03", p->section->name, "\"%.*s\" is also the name of a %s\ngive the table another name",
                        SPAN_ARG(p->section->name.text), others[i].what);
}

void parse_table_done(struct parse *p)
{
    static const struct {
        const char *word, *example;
    } wanted[] = {{"file", "file help.csv"}, {"key", "key state"}, {"column", "column name phone"}};
    struct reading r = {.p = p, .t = list_at(&p->b->tables, p->section->index)};
    size_t before = diags_errors(p->b->d);
    r.t->name = p->section->name.text, r.t->at = p->section->name.at;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!parse_says(p, wanted[i].word))
            build_error(p->b, "E01", p->section->name, "table \"%.*s\" without \"%s\"\nadd for example: %s",
                        SPAN_ARG(r.t->name), wanted[i].word, wanted[i].example);
    check_name(p);
    parse_check_source(p, "table", r.t->reviewed_day, r.t->review_by_day);
    if (diags_errors(p->b->d) == before && read_file(&r))
        read_rows(&r);
}

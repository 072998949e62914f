// SPDX-License-Identifier: AGPL-3.0-or-later
#include "script/diag.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum {
    DIAGS_MAX = 1000,                   // kept; more are only counted
    DIAG_TEXT_MAX = 16 * 1024,          // bytes of one message with its hint
    DIAGS_BYTES_MAX = 64 * 1024 * 1024, // bytes of all texts
    PLACES_TOLD = 5,                    // of one message; more are only counted
};

struct entry {
    struct diag diag;
    size_t file_rank, order; // of first appearance, of adding; for sorting
};

struct diags {
    struct entry *entries;
    size_t count, room, errors, left_out;
    struct arena *texts;
};

struct diags *diags_new(void)
{
    struct diags *d = mem_calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->texts = arena_new(DIAGS_BYTES_MAX);
    if (d->texts)
        return d;
    mem_free(d);
    return NULL;
}

void diags_free(struct diags *d)
{
    if (!d)
        return;
    arena_free(d->texts);
    mem_free(d->entries);
    mem_free(d);
}

static struct entry *room_for_one(struct diags *d)
{
    if (d->count == DIAGS_MAX)
        return NULL;
    if (d->count < d->room)
        return &d->entries[d->count];
    size_t room = d->room ? d->room * 2 : 16;
    struct entry *entries = mem_realloc(d->entries, room * sizeof *entries);
    if (!entries)
        return NULL;
    d->entries = entries;
    d->room = room;
    return &entries[d->count];
}

/* The name as the list keeps it, so that messages outlive the arena of the file they are about. */
static const char *kept_name(struct diags *d, const char *file)
{
    for (size_t i = d->count; file && i > 0; i--) {
        const char *known = d->entries[i - 1].diag.at.file;
        if (known && strcmp(known, file) == 0)
            return known;
    }
    return file ? arena_strdup(d->texts, span_of(file)) : NULL;
}

/* True when every text that was given found memory. */
static bool keep_texts(struct diags *d, struct diag *one)
{
    const char *file = one->at.file;
    one->at.file = kept_name(d, file);
    one->message = arena_copy(d->texts, one->message);
    one->hint = arena_copy(d->texts, one->hint);
    one->source = arena_copy(d->texts, one->source);
    return (one->at.file || !file) && one->message.p && one->hint.p && one->source.p;
}

void diag_add(struct diags *d, const struct diag *one)
{
    // An error is counted also where it cannot be kept: nothing passes as free of errors.
    d->errors += one->severity == SEVERITY_ERROR;
    struct entry *e = room_for_one(d);
    struct diag kept = *one;
    if (!e || !keep_texts(d, &kept)) {
        d->left_out++;
        return;
    }
    *e = (struct entry){.diag = kept, .order = d->count};
    d->count++;
}

__attribute__((format(printf, 3, 0))) static void add_formatted(struct diags *d, struct diag *one, const char *format,
                                                                va_list args)
{
    struct str text = STR_INIT(DIAG_TEXT_MAX);
    str_vaddf(&text, format, args);
    one->message = str_err(&text) ? span_of(format) : str_span(&text);
    size_t end = span_find(one->message, '\n');
    one->hint = span_from(one->message, end + 1);
    one->message = span_first(one->message, end);
    diag_add(d, one);
    str_release(&text);
}

void diag_error(struct diags *d, const char *code, struct place at, struct span source, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct diag one = {.severity = SEVERITY_ERROR, .code = code, .at = at, .source = source};
    add_formatted(d, &one, format, args);
    va_end(args);
}

void diag_warning(struct diags *d, const char *code, struct place at, struct span source, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct diag one = {.severity = SEVERITY_WARNING, .code = code, .at = at, .source = source};
    add_formatted(d, &one, format, args);
    va_end(args);
}

size_t diags_errors(const struct diags *d)
{
    return d->errors;
}

size_t diags_count(const struct diags *d)
{
    return d->count;
}

const struct diag *diags_at(const struct diags *d, size_t index)
{
    return index < d->count ? &d->entries[index].diag : NULL;
}

static bool same_file(const struct diag *a, const struct diag *b)
{
    return span_eq(span_of(a->at.file), span_of(b->at.file));
}

static void rank_files(struct diags *d)
{
    for (size_t i = 0; i < d->count; i++) {
        size_t first = 0;
        while (!same_file(&d->entries[first].diag, &d->entries[i].diag))
            first++;
        d->entries[i].file_rank = first;
    }
}

static int order_of(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int by_place(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->file_rank != b->file_rank)
        return order_of(a->file_rank, b->file_rank);
    if (a->diag.at.line != b->diag.at.line)
        return a->diag.at.line < b->diag.at.line ? -1 : 1;
    if (a->diag.at.column != b->diag.at.column)
        return a->diag.at.column < b->diag.at.column ? -1 : 1;
    return order_of(a->order, b->order);
}

static bool same_place(const struct entry *a, const struct entry *b)
{
    return a->file_rank == b->file_rank && a->diag.at.line == b->diag.at.line && a->diag.at.column == b->diag.at.column;
}

static bool same_words(const struct diag *a, const struct diag *b)
{
    return a->severity == b->severity && strcmp(a->code, b->code) == 0 && span_eq(a->message, b->message) &&
           span_eq(a->hint, b->hint);
}

static bool repeats(const struct entry *entries, size_t kept, const struct entry *e)
{
    for (size_t i = kept; i > 0 && same_place(&entries[i - 1], e); i--) {
        if (same_words(&entries[i - 1].diag, &e->diag))
            return true;
    }
    return false;
}

void diags_sort(struct diags *d)
{
    if (!d->count)
        return;
    rank_files(d);
    qsort(d->entries, d->count, sizeof *d->entries, by_place);
    size_t kept = 0;
    for (size_t i = 0; i < d->count; i++) {
        if (repeats(d->entries, kept, &d->entries[i]))
            d->errors -= d->entries[i].diag.severity == SEVERITY_ERROR;
        else
            d->entries[kept++] = d->entries[i];
    }
    d->count = kept;
    for (size_t i = 0; i < kept; i++)
        d->entries[i].order = i;
}

static const char *const severity_names[] = {[SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};

/* Adds text from an operator's file for a terminal: control characters and stray bytes as U+FFFD, one column each. */
static void add_shown(struct str *out, struct span s)
{
    while (s.len) {
        size_t len = utf8_len(s);
        unsigned char c = (unsigned char)s.p[0];
        if (len == 0 || (c < ' ' && c != '\t') || c == 0x7F)
            str_addz(out, "\xEF\xBF\xBD");
        else
            str_add(out, span_first(s, len));
        s = span_from(s, len ? len : 1);
    }
}

/* What stands before the caret: a blank a code point, tabs as they are, so that both lines are bent alike. */
static void add_padding(struct str *out, struct span source, int column)
{
    for (int at = 1; at < column; at++) {
        size_t len = utf8_len(source);
        str_addc(out, source.len && source.p[0] == '\t' ? '\t' : ' ');
        source = span_from(source, len ? len : 1);
    }
}

static void add_source(struct str *out, const struct diag *one)
{
    if (!one->source.len || one->at.line < 1)
        return;
    str_addf(out, "%5d | ", one->at.line);
    add_shown(out, one->source);
    str_addc(out, '\n');
    if (one->at.column < 1)
        return;
    int gutter = snprintf(NULL, 0, "%5d", one->at.line);
    str_addf(out, "%*s | ", gutter, "");
    add_padding(out, one->source, one->at.column);
    str_addz(out, "^\n");
}

static void add_place(struct str *out, const struct place *at)
{
    str_addz(out, at->file);
    if (at->line > 0)
        str_addf(out, ":%d", at->line);
    if (at->line > 0 && at->column > 0)
        str_addf(out, ":%d", at->column);
}

static void add_text(struct str *out, const struct diag *one)
{
    if (one->at.file)
        add_place(out, &one->at);
    str_addf(out, "%s%s %s: ", one->at.file ? ": " : "", severity_names[one->severity], one->code);
    add_shown(out, one->message);
    str_addc(out, '\n');
    add_source(out, one);
    if (!one->hint.len)
        return;
    str_addz(out, "  hint: ");
    add_shown(out, one->hint);
    str_addc(out, '\n');
}

static bool told_above(const struct diags *d, size_t index)
{
    size_t first = 0;
    while (first < index && !same_words(&d->entries[first].diag, &d->entries[index].diag))
        first++;
    return first < index;
}

/* One cause is often met in many places: they follow its first message as a list. */
static void add_other_places(struct str *out, const struct diags *d, size_t index)
{
    size_t places = 0;
    for (size_t i = index + 1; i < d->count; i++) {
        const struct diag *other = &d->entries[i].diag;
        if (!other->at.file || !same_words(other, &d->entries[index].diag) || ++places > PLACES_TOLD)
            continue;
        str_addz(out, places == 1 ? "  also at " : ", ");
        add_place(out, &other->at);
    }
    if (places > PLACES_TOLD)
        str_addf(out, " and %zu more", places - PLACES_TOLD);
    if (places)
        str_addc(out, '\n');
}

void diags_text(const struct diags *d, struct str *out)
{
    for (size_t i = 0; i < d->count; i++) {
        if (told_above(d, i))
            continue;
        add_text(out, &d->entries[i].diag);
        add_other_places(out, d, i);
    }
    if (d->left_out)
        str_addf(out, "and %zu more\n", d->left_out);
}

/* A JSON string (RFC 8259, section 7); bytes that are not UTF-8 as U+FFFD. */
static void add_quoted(struct str *out, struct span s)
{
    str_addc(out, '"');
    while (s.len) {
        size_t len = utf8_len(s);
        unsigned char c = (unsigned char)s.p[0];
        if (len == 0)
            str_addz(out, "\\ufffd");
        else if (c < ' ')
            str_addf(out, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            str_addf(out, "\\%c", c);
        else
            str_add(out, span_first(s, len));
        s = span_from(s, len ? len : 1);
    }
    str_addc(out, '"');
}

static void add_json(struct str *out, const struct diag *one)
{
    str_addf(out, "{\"severity\":\"%s\",\"code\":\"%s\",\"file\":", severity_names[one->severity], one->code);
    add_quoted(out, span_of(one->at.file));
    str_addf(out, ",\"line\":%d,\"column\":%d,\"message\":", one->at.line, one->at.column);
    add_quoted(out, one->message);
    str_addz(out, ",\"hint\":");
    add_quoted(out, one->hint);
    str_addc(out, '}');
}

void diags_json(const struct diags *d, struct str *out)
{
    str_addc(out, '[');
    for (size_t i = 0; i < d->count; i++) {
        str_addz(out, i ? ",\n " : "");
        add_json(out, &d->entries[i].diag);
    }
    if (d->left_out)
        str_addf(out, "%s{\"severity\":\"error\",\"code\":\"more\",\"message\":\"and %zu more\"}",
                 d->count ? ",\n " : "", d->left_out);
    str_addz(out, "]\n");
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "script/script.h"

#include "base/err.h"
#include "base/foreign.h"
#include "base/utf8.h"

#include <string.h>

/* What the line above was, for a "|". */
enum above { ABOVE_NOTHING, ABOVE_GAP, ABOVE_STATEMENT, ABOVE_REFUSED };

/* Which text of a conflict of git a line is in. */
enum side { SIDE_NONE, SIDE_FIRST, SIDE_OTHER };

/* A statement's lines follow each other, so its pieces are runs of three arrays with room for every line of the file;
 * the joined texts are no longer than the file, so that one buffer of its size holds them all. */
struct reader {
    const char *file;
    struct diags *diags;
    int line; // from 1
    enum above above;
    enum side side;
    struct statement *statements;
    size_t count;
    struct span *lines;
    struct place *places;
    size_t pieces; // used of lines and places
    char *joined;
    size_t joined_len;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t blanks(struct span s)
{
    size_t n = 0;
    while (n < s.len && is_blank(s.p[n]))
        n++;
    return n;
}

static struct place place_at(const struct reader *r, struct span line, size_t byte)
{
    return (struct place){.file = r->file, .line = r->line, .column = (int)utf8_length(span_first(line, byte)) + 1};
}

/* What no text means, and no telephone shows. */
static bool is_control(char c)
{
    return (unsigned char)c < ' ' ? c != '\t' : c == 0x7f;
}

/* Index of the first byte that is a control character or belongs to no code point; line.len where there is none. */
static size_t first_bad_byte(struct span line)
{
    size_t i = 0;
    while (i < line.len) {
        size_t len = utf8_len(span_from(line, i));
        if (len == 0 || is_control(line.p[i]))
            break;
        i += len;
    }
    return i;
}

static bool line_is_readable(struct reader *r, struct span line)
{
    if (line.len > SCRIPT_LINE_MAX) {
        diag_error(r->diags, "E01", (struct place){r->file, r->line, 1}, (struct span){0},
                   "this line has %zu bytes, but %d is the most\ncontinue a long text on the next line with \"|\"",
                   line.len, SCRIPT_LINE_MAX);
        return false;
    }
    size_t bad = first_bad_byte(line);
    if (bad == line.len)
        return true;
    if (line.p[bad] == '\0')
        diag_error(r->diags, "E01", place_at(r, line, bad), line, "a NUL byte in the text\ntake it out");
    else if (line.p[bad] == '\r')
        diag_error(r->diags, "E01", place_at(r, line, bad), line,
                   "an end of line of old Macintoshes (CR) in the text\nsave the file with the line ends of Unix (LF) "
                   "or Windows (CRLF)");
    else if (is_control(line.p[bad]))
        diag_error(r->diags, "E01", place_at(r, line, bad), line,
                   "a control character (0x%02X) in the text\ntake it out", (unsigned)line.p[bad]);
    else
        diag_error(r->diags, "E01", place_at(r, line, bad), line, "byte 0x%02X is not UTF-8\nsave the file as UTF-8",
                   (unsigned)(unsigned char)line.p[bad]);
    return false;
}

/* Adds `text`, a part of `line`, to the statement at the end of the list. */
static void add_piece(struct reader *r, struct span line, struct span text)
{
    struct statement *st = &r->statements[r->count - 1];
    r->lines[r->pieces] = line;
    r->places[r->pieces] = place_at(r, line, (size_t)(text.p - line.p));
    r->pieces++;
    if (st->line_count++)
        r->joined[r->joined_len++] = '\n';
    memcpy(r->joined + r->joined_len, text.p, text.len);
    r->joined_len += text.len;
    st->text.len = (size_t)(r->joined + r->joined_len - st->text.p);
}

static void open_statement(struct reader *r, struct span line, struct span text)
{
    r->statements[r->count++] = (struct statement){
        .at = place_at(r, line, (size_t)(text.p - line.p)),
        .source = line,
        .text = {.p = r->joined + r->joined_len},
        .lines = r->lines + r->pieces,
        .line_places = r->places + r->pieces,
    };
    add_piece(r, line, text);
    r->above = ABOVE_STATEMENT;
}

static void continue_statement(struct reader *r, struct span line, struct span text)
{
    static const char *const why[] = {
        [ABOVE_NOTHING] = "write the text that it continues on the line above",
        [ABOVE_GAP] = "\"|\" must directly follow its text; take out the empty line or the note between them",
    };
    struct place at = place_at(r, line, (size_t)(text.p - line.p));
    if (r->above == ABOVE_NOTHING || r->above == ABOVE_GAP)
        diag_error(r->diags, "E01", at, line, "\"|\" with nothing above it to continue\n%s", why[r->above]);
    if (r->above != ABOVE_STATEMENT) { // refused once: the "|" that follow it say nothing more
        r->above = ABOVE_REFUSED;
        return;
    }
    text = span_from(text, 1);
    add_piece(r, line, span_from(text, text.len && is_blank(text.p[0])));
}

/* Whether the line is a mark of a conflict, or in its second text. Each conflict is told once; its first text is read,
 * so that nothing else is told for want of it. */
static bool in_conflict(struct reader *r, struct span line)
{
    const enum side before = r->side;
    if (foreign_mark(line, '<'))
        r->side = SIDE_FIRST;
    else if (foreign_mark(line, '|') || foreign_mark(line, '='))
        r->side = SIDE_OTHER;
    else if (foreign_mark(line, '>'))
        r->side = SIDE_NONE;
    else
        return r->side == SIDE_OTHER;
    if (before == SIDE_NONE)
        diag_error(r->diags, "E01", place_at(r, line, 0), line, "%s", foreign_conflict);
    r->above = ABOVE_GAP;
    return true;
}

/* `line` is without its end of line. */
static void read_line(struct reader *r, struct span line)
{
    if (in_conflict(r, line))
        return;
    if (!line_is_readable(r, line)) {
        r->above = ABOVE_REFUSED;
        return;
    }
    struct span text = span_from(line, blanks(line));
    while (text.len && is_blank(text.p[text.len - 1]))
        text.len--;
    if (!text.len || text.p[0] == '#')
        r->above = r->above == ABOVE_NOTHING ? ABOVE_NOTHING : ABOVE_GAP;
    else if (text.p[0] == '|')
        continue_statement(r, line, text);
    else
        open_statement(r, line, text);
}

static void read_lines(struct reader *r, struct span bytes)
{
    while (bytes.len) {
        size_t end = span_find(bytes, '\n');
        struct span line = span_first(bytes, end);
        if (line.len && line.p[line.len - 1] == '\r')
            line.len--;
        r->line++;
        if (r->line > SCRIPT_LINES_MAX) {
            diag_error(r->diags, "E01", (struct place){r->file, r->line, 1}, (struct span){0},
                       "more than %d lines; the rest is not read", SCRIPT_LINES_MAX);
            return;
        }
        read_line(r, line);
        bytes = span_from(bytes, end + 1);
    }
}

static size_t count_lines(struct span bytes)
{
    size_t lines = 1;
    for (size_t i = 0; i < bytes.len && lines < SCRIPT_LINES_MAX; i++)
        lines += bytes.p[i] == '\n';
    return lines;
}

int script_read(const char *file, struct span bytes, struct arena *a, struct diags *d, struct script *out)
{
    *out = (struct script){.file = arena_strdup(a, span_of(file))};
    if (bytes.len > SCRIPT_FILE_MAX) {
        diag_error(d, "E01", (struct place){.file = out->file}, (struct span){0},
                   "the file has %zu bytes, but %d is the most", bytes.len, SCRIPT_FILE_MAX);
        return out->file ? 0 : ERR_NOMEM;
    }
    const char *foreign = foreign_file(bytes);
    if (foreign) {
        diag_error(d, "E01", (struct place){out->file, 1, 1}, (struct span){0}, "%s", foreign);
        return out->file ? 0 : ERR_NOMEM;
    }
    if (span_starts(bytes, SPAN("\xEF\xBB\xBF")))
        bytes = span_from(bytes, 3);
    size_t lines = count_lines(bytes);
    struct reader r = {
        .file = out->file,
        .diags = d,
        .statements = arena_array(a, lines, sizeof *r.statements),
        .lines = arena_array(a, lines, sizeof *r.lines),
        .places = arena_array(a, lines, sizeof *r.places),
        .joined = arena_alloc(a, bytes.len + 1),
    };
    bytes = arena_copy(a, bytes);
    if (!out->file || !r.statements || !r.lines || !r.places || !r.joined || !bytes.p)
        return ERR_NOMEM;
    read_lines(&r, bytes);
    out->statements = r.statements;
    out->count = r.count;
    return 0;
}

struct script_cursor script_cursor(const struct statement *st)
{
    return (struct script_cursor){.st = st};
}

struct span script_peek(const struct script_cursor *c)
{
    return span_from(c->st->text, c->at);
}

struct token script_take(struct script_cursor *c, size_t len)
{
    struct token t = {.text = span_first(script_peek(c), len)};
    t.at = script_place(c->st, c->at, &t.source);
    c->at += t.text.len;
    return t;
}

static bool is_gap(char c)
{
    return is_blank(c) || c == '\n';
}

static void skip_gap(struct script_cursor *c)
{
    while (c->at < c->st->text.len && is_gap(c->st->text.p[c->at]))
        c->at++;
}

bool script_word(struct script_cursor *c, struct token *word)
{
    skip_gap(c);
    struct span left = script_peek(c);
    size_t len = 0;
    while (len < left.len && !is_gap(left.p[len]))
        len++;
    *word = script_take(c, len);
    return len > 0;
}

bool script_accept(struct script_cursor *c, const char *word)
{
    struct script_cursor ahead = *c;
    struct token next;
    if (!script_word(&ahead, &next) || !span_is(next.text, word))
        return false;
    *c = ahead;
    return true;
}

struct token script_rest(struct script_cursor *c)
{
    skip_gap(c);
    struct token t = script_take(c, script_peek(c).len);
    t.text = span_trim(t.text);
    return t;
}

struct place script_place(const struct statement *st, size_t offset, struct span *source)
{
    struct span before = span_first(st->text, offset);
    size_t line = 0, start = 0;
    for (size_t i = 0; i < before.len; i++)
        if (before.p[i] == '\n') {
            line++;
            start = i + 1;
        }
    if (source)
        *source = st->lines[line];
    struct place at = st->line_places[line];
    at.column += (int)utf8_length(span_from(before, start));
    return at;
}

static size_t name_len(struct span s)
{
    if (!s.len || s.p[0] < 'a' || s.p[0] > 'z')
        return 0;
    size_t n = 1;
    while (n < s.len &&
           ((s.p[n] >= 'a' && s.p[n] <= 'z') || (s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '-' || s.p[n] == '_'))
        n++;
    return n;
}

bool script_is_name(struct span s)
{
    size_t first = name_len(s);
    if (first == 0 || first == s.len)
        return first > 0;
    struct span second = span_from(s, first + 1);
    return s.p[first] == '/' && second.len && name_len(second) == second.len;
}

bool script_is_word(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
            return false;
    }
    return s.len > 0;
}

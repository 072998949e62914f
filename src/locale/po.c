// SPDX-License-Identifier: AGPL-3.0-or-later
#include "locale/po.h"

#include "base/err.h"
#include "base/file.h"
#include "base/foreign.h"
#include "base/utf8.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The library takes every letter through iconv to see where the next one begins, which is more than half of the time
 * that it reads for; but not where files are said to be as they were before gettext 0.10.37 (po-lex.c), which changes
 * nothing else for UTF-8. It asks the environment for that, which is not to be written to once there are threads. */
__attribute__((constructor)) static void letters_are_bytes(void)
{
    setenv("OLD_PO_FILE_INPUT", "1", 1); // without memory for that it is only slower
}

enum { COMPLAINT_MAX = 1024 }; // bytes of one, with its hint

/* The library's callbacks take no context of ours; each thread has its own. */
static _Thread_local struct {
    locale_report *report;
    void *ctx;
    const char *path;
    struct span bytes;
    size_t problems, last_line; // of the problem told last
    jmp_buf fatal;
} po_reading;

static size_t known(size_t position)
{
    return position == (size_t)-1 ? 0 : position;
}

/* What the library says of what people get wrong, and what they should do. */
static const struct {
    const char *said;  // or the front of it
    size_t lines_late; // it has gone on to the next line before it complains
    const char *told;  // instead; NULL: what it says
    const char *hint;
} complaints[] = {
    {"end-of-line within string", 1, "a text without its second quote",
     "write the quote \" at the end of the line; within a text it is written \\\""},
    {"end-of-file within string", 0, "the file ends in the middle of a text",
     "it was cut off: take a whole copy, or write the quote \" at the end"},
    {"invalid control sequence", 0, "a \"\\\" that means nothing",
     "write \\\\ for the sign itself, \\\" for a quote within a text"},
    {"missing 'msgstr' section", 0, NULL, "write below it: msgstr \"TRANSLATION\""},
    {"duplicate message definition", 0, "an entry for this text is there already", "take one of the two entries out"},
    {"keyword \"", 0, NULL,
     "a text stands between two straight quotes \"; a quote within it is written \\\", a note begins with #"},
    {"syntax error", 0, "something that cannot stand here",
     "an entry is a line msgctxt, a line msgid and one line msgstr, each with its text between straight quotes"},
};

/* Where it happened and what to do; `text` of `size` bytes is for the words. */
static void explain(struct locale_problem *problem, char *text, size_t size)
{
    const char *said = problem->message;
    for (size_t i = 0; i < sizeof complaints / sizeof complaints[0]; i++) {
        if (!span_starts(span_of(said), span_of(complaints[i].said)))
            continue;
        const char *told = complaints[i].told ? complaints[i].told : said;
        snprintf(text, size, "%s\n%s", told, complaints[i].hint);
        problem->message = text;
        problem->line -= problem->line > complaints[i].lines_late ? complaints[i].lines_late : 0;
        problem->column = complaints[i].lines_late ? 0 : problem->column;
    }
    problem->source = locale_source_line(po_reading.bytes, problem->line);
    size_t end = utf8_length(problem->source);
    if (!problem->column && problem->source.len)
        problem->column = said != problem->message && span_starts(span_of(said), SPAN("end-of-line")) ? end + 1 : 1;
}

static void on_problem(int severity, po_message_t message, const char *file, size_t line, size_t column, int multiline,
                       const char *text)
{
    (void)message;
    (void)multiline;
    if (severity != PO_SEVERITY_WARNING) {
        bool placed = file && line != (size_t)-1;
        struct locale_problem problem = {
            .file = po_reading.path, .line = placed ? line : 0, .column = placed ? known(column) : 0, .message = text};
        char words[COMPLAINT_MAX];
        explain(&problem, words, sizeof words);
        // What the library says next of the same line comes of what it said first.
        if (!po_reading.problems++ || problem.line != po_reading.last_line)
            po_reading.report(po_reading.ctx, &problem);
        po_reading.last_line = problem.line;
    }
    if (severity == PO_SEVERITY_FATAL_ERROR)
        longjmp(po_reading.fatal, 1);
}

/* The second message of a pair only says where the first definition was, and without a place. */
// NOLINTNEXTLINE(readability-function-size): the signature is the library's
static void on_problem2(int severity, po_message_t m1, const char *file1, size_t line1, size_t column1, int multiline1,
                        const char *text1, po_message_t m2, const char *file2, size_t line2, size_t column2,
                        int multiline2, const char *text2)
{
    (void)m2, (void)file2, (void)line2, (void)column2, (void)multiline2, (void)text2;
    on_problem(severity, m1, file1, line1, column1, multiline1, text1);
}

static po_file_t read_or_jump(const char *path)
{
    static const struct po_xerror_handler handler = {.xerror = on_problem, .xerror2 = on_problem2};
    if (setjmp(po_reading.fatal))
        return NULL;
    return po_file_read(path, &handler);
}

/* The library's parser is one for the whole process: a reload and a session that needs older menus may read at once. */
static po_file_t read_alone(const char *path)
{
    static pthread_mutex_t parser = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&parser);
    po_file_t file = read_or_jump(path);
    pthread_mutex_unlock(&parser);
    return file;
}

static int refuse(const struct locale_problem *problem, locale_report *report, void *ctx)
{
    report(ctx, problem);
    return ERR_SYNTAX;
}

/* What the library would swallow, explain badly or, as it is told to read, not see. */
static int look_over(const char *path, locale_report *report, void *ctx, struct span bytes)
{
    struct locale_problem problem = {.file = path, .line = 1, .column = 1, .message = foreign_file(bytes)};
    if (problem.message)
        return refuse(&problem, report, ctx);
    problem.message = "the file starts with a byte-order mark\nsave it as UTF-8 without one (without \"BOM\")";
    if (span_starts(bytes, SPAN("\xEF\xBB\xBF")))
        return refuse(&problem, report, ctx);
    const size_t good = utf8_valid(span_first(bytes, span_find(bytes, '\0')));
    for (struct span rest = bytes; rest.len; rest = span_from(rest, problem.source.len + 1), problem.line++) {
        problem.source = span_first(rest, span_find(rest, '\n'));
        size_t at = good - (size_t)(rest.p - bytes.p);
        if (foreign_mark(span_trim(problem.source), '<')) {
            problem.message = foreign_conflict;
            return refuse(&problem, report, ctx);
        }
        if (good == bytes.len || at >= problem.source.len)
            continue;
        problem.column = utf8_length(span_first(problem.source, at)) + 1;
        problem.message =
            rest.p[at] ? "a byte that is not UTF-8\nsave the file as UTF-8" : "a NUL byte in the text\ntake it out";
        return refuse(&problem, report, ctx);
    }
    return 0;
}

static void forget_contexts(po_file_t file, const char *domain)
{
    po_message_iterator_t it = po_message_iterator(file, domain);
    for (po_message_t m = po_next_message(it); m; m = po_next_message(it)) {
        po_message_set_msgctxt(m, NULL);
        po_message_set_prev_msgctxt(m, NULL);
    }
    po_message_iterator_free(it);
}

void po_close(po_file_t file)
{
    const char *const *domains = file ? po_file_domains(file) : NULL;
    for (; domains && *domains; domains++)
        forget_contexts(file, *domains);
    if (file)
        po_file_free(file);
}

int po_read(const char *path, locale_report *report, void *ctx, struct str *bytes, po_file_t *out)
{
    *out = NULL;
    int rc = file_read(path, bytes);
    if (rc == 0)
        rc = look_over(path, report, ctx, str_span(bytes));
    if (rc < 0)
        return rc;
    po_reading.report = report;
    po_reading.ctx = ctx;
    po_reading.path = path;
    po_reading.bytes = str_span(bytes);
    po_reading.problems = po_reading.last_line = 0;
    po_file_t file = read_alone(path);
    if (file && !po_reading.problems) {
        *out = file;
        return 0;
    }
    po_close(file);
    return po_reading.problems ? ERR_SYNTAX : ERR_IO;
}

static bool takes_off(struct span *s, struct span front)
{
    if (!span_starts(*s, front))
        return false;
    *s = span_trim(span_from(*s, front.len));
    return true;
}

size_t po_next_msgid(struct span *bytes, size_t *line)
{
    while (bytes->len) {
        size_t end = span_find(*bytes, '\n');
        struct span text = span_trim(span_first(*bytes, end));
        *bytes = span_from(*bytes, end + 1);
        ++*line;
        takes_off(&text, SPAN("#~")); // obsolete; "#|" holds what a msgid was before
        if (takes_off(&text, SPAN("msgid")) && (!text.len || text.p[0] == '"'))
            return *line;
    }
    return 0;
}

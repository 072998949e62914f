// SPDX-License-Identifier: AGPL-3.0-or-later
#include "locale/po.h"

#include "base/err.h"
#include "base/file.h"
#include "base/utf8.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>

/* The library takes every letter through iconv to see where the next one begins, which is more than half of the time
 * that it reads for; but not where files are said to be as they were before gettext 0.10.37 (po-lex.c), which changes
 * nothing else for UTF-8. It asks the environment for that, which is not to be written to once there are threads. */
__attribute__((constructor)) static void letters_are_bytes(void)
{
    setenv("OLD_PO_FILE_INPUT", "1", 1); // without memory for that it is only slower
}

/* The library's callbacks take no context of ours; each thread has its own. */
static _Thread_local struct {
    locale_report *report;
    void *ctx;
    const char *path;
    size_t problems;
    jmp_buf fatal;
} po_reading;

static size_t known(size_t position)
{
    return position == (size_t)-1 ? 0 : position;
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
        po_reading.problems++;
        po_reading.report(po_reading.ctx, &problem);
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
    struct locale_problem problem = {.file = path, .line = 1};
    problem.message = "the file starts with a byte-order mark; save it as UTF-8 without one";
    if (span_starts(bytes, SPAN("\xEF\xBB\xBF")))
        return refuse(&problem, report, ctx);
    size_t good = utf8_valid(span_first(bytes, span_find(bytes, '\0'))), line_at = 0;
    if (good == bytes.len)
        return 0;
    for (size_t i = 0; i < good; i++)
        if (bytes.p[i] == '\n') {
            problem.line++;
            line_at = i + 1;
        }
    problem.column = utf8_length(span_from(span_first(bytes, good), line_at)) + 1;
    problem.message = bytes.p[good] ? "a byte that is not UTF-8" : "a NUL byte in the text";
    return refuse(&problem, report, ctx);
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
    po_reading.problems = 0;
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

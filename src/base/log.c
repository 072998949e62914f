// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/log.h"

#include "base/str.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <unistd.h>

enum { LOG_LINE_MAX = 1024, LOG_DIGITS_MAX = 5 };

static _Atomic int log_least = LOG_INFO;

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

void log_threshold(enum log_level level)
{
    atomic_store(&log_least, (int)level);
}

static size_t digit_run(struct span s, size_t from)
{
    size_t n = 0;
    while (from + n < s.len && s.p[from + n] >= '0' && s.p[from + n] <= '9')
        n++;
    return n;
}

/* The letter at the front; "?" for what is none, and for what a terminal would take for an order. */
static size_t add_letter(struct str *line, struct span s)
{
    struct span rest = s;
    int32_t cp = utf8_next(&rest);
    size_t len = s.len - rest.len;
    if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
        str_addc(line, '?');
    else
        str_add(line, span_first(s, len));
    return len;
}

/* A name, with control characters as "?" and long runs of digits as "#", so that a slip elsewhere prints no number. */
static void add_name(struct str *line, struct span name)
{
    for (size_t i = 0; i < name.len;) {
        size_t run = digit_run(name, i);
        if (run > LOG_DIGITS_MAX)
            str_addc(line, '#');
        else if (run)
            str_add(line, (struct span){name.p + i, run});
        i += run ? run : add_letter(line, span_from(name, i));
    }
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
    if ((int)level < atomic_load_explicit(&log_least, memory_order_relaxed))
        return;
    struct str line = STR_INIT(LOG_LINE_MAX);
    str_addf(&line, "waymark: %s %s", level_names[level], event);
    for (size_t i = 0; i < count; i++) {
        str_addf(&line, " %s=", fields[i].key);
        if (fields[i].name.p)
            add_name(&line, fields[i].name);
        else
            str_addf(&line, "%" PRId64, fields[i].number);
    }
    str_cut(&line, LOG_LINE_MAX - 1);
    line.err = 0;
    str_addc(&line, '\n');
    if (write(STDERR_FILENO, str_z(&line), line.len) < 0) { /* there is nowhere left to say so */
    }
    str_release(&line);
}

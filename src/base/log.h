// SPDX-License-Identifier: AGPL-3.0-or-later
/* log - one line an event on standard error, and no way in for a phone number.
 *
 * An event is a fixed name and typed fields: integers, and names that the operator or this program chose (a channel, a
 * screen, an error). There is no field for what a person typed, and a run of six digits or more inside a name is
 * written as "#" all the same. Thread-safe; one write(2) a line.
 *
 *     log_event(LOG_WARN, "send failed", LOG_NAME("channel", name), LOG_INT("status", 503));
 */
#ifndef WAYMARK_BASE_LOG_H
#define WAYMARK_BASE_LOG_H

#include "base/span.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *key;  /* static storage */
    struct span name; /* used where p is not NULL */
    int64_t number;
};

#define LOG_INT(k, v)  ((struct log_field){.key = (k), .number = (int64_t)(v)})
#define LOG_NAME(k, v) ((struct log_field){.key = (k), .name = span_of(v)})
#define LOG_SPAN(k, v) ((struct log_field){.key = (k), .name = (v)})
#define LOG_ERR(code)  LOG_NAME("why", err_text(code))

/** Fields are LOG_INT, LOG_NAME, LOG_SPAN or LOG_ERR; at least one. */
#define log_event(level, event, ...)                                                                                   \
    log_write((level), (event), (const struct log_field[]){__VA_ARGS__},                                               \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

/** Writes one line: "waymark: LEVEL EVENT key=value ...". */
void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);

/** Lines below this level are not written (at start: LOG_INFO). */
void log_threshold(enum log_level level);

#endif

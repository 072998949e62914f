// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/log.h"

#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { LINE_MOST = 4096 };

/* What is written to standard error for a name. */
static void logged(struct span name, char line[LINE_MOST])
{
    int ends[2], kept = dup(STDERR_FILENO);
    assert_true(kept >= 0 && pipe(ends) == 0);
    dup2(ends[1], STDERR_FILENO);
    log_event(LOG_WARN, "event", LOG_SPAN("name", name));
    dup2(kept, STDERR_FILENO);
    close(ends[1]);
    close(kept);
    ssize_t got = read(ends[0], line, LINE_MOST - 1);
    close(ends[0]);
    assert_true(got >= 0);
    line[got] = '\0';
}

static void a_line_says_level_event_and_fields(void **state)
{
    (void)state;
    char line[LINE_MOST];
    logged(SPAN("africastalking"), line);
    assert_string_equal(line, "waymark: warn event name=africastalking\n");
}

static void a_number_is_not_written(void **state)
{
    (void)state;
    char line[LINE_MOST];
    logged(SPAN("+12025550101"), line);
    assert_string_equal(line, "waymark: warn event name=+#\n");
    logged(SPAN("v12345"), line);
    assert_string_equal(line, "waymark: warn event name=v12345\n");
}

static void nothing_that_a_terminal_obeys_is_written(void **state)
{
    (void)state;
    static const struct {
        const char *name, *shown;
    } rows[] = {
        {"a\nb", "a?b"},
        {"a\x1B[2J", "a?[2J"},
        {"a\x7F", "a?"},
        {"a\xC2\x9B"
         "2J",
         "a?2J"},
        {"a\x9B"
         "2J",
         "a?2J"},
        {"a\xC2\xA0", "a\xC2\xA0"},
        {"a\xC3", "a?"},
        {"\xC3\xA9t\xC3\xA9", "\xC3\xA9t\xC3\xA9"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[LINE_MOST];
        logged(span_of(rows[i].name), line);
        line[strlen(line) - 1] = '\0';
        assert_string_equal(line + sizeof "waymark: warn event name=" - 1, rows[i].shown);
    }
}

static void a_line_has_an_end_however_long_the_name_is(void **state)
{
    (void)state;
    static char name[3000];
    char line[LINE_MOST];
    memset(name, 'x', sizeof name);
    logged((struct span){name, sizeof name}, line);
    assert_true(strlen(line) == 1024 && line[1023] == '\n');
}

static void what_lies_below_the_threshold_is_not_written(void **state)
{
    (void)state;
    char line[LINE_MOST];
    log_threshold(LOG_ERROR);
    logged(SPAN("a"), line);
    log_threshold(LOG_INFO);
    assert_string_equal(line, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_level_event_and_fields),
        cmocka_unit_test(a_number_is_not_written),
        cmocka_unit_test(nothing_that_a_terminal_obeys_is_written),
        cmocka_unit_test(a_line_has_an_end_however_long_the_name_is),
        cmocka_unit_test(what_lies_below_the_threshold_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

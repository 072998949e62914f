// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/junit.h"

static void put_letter(struct str *out, char c)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\n', "&#10;"}, {'\t', "&#9;"}};
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
        if (c == entities[i].c) {
            str_addz(out, entities[i].entity);
            return;
        }
    if ((unsigned char)c < 0x20)
        str_addz(out, "\xEF\xBF\xBD");
    else
        str_addc(out, c);
}

static void put_attribute(struct str *out, const char *name, struct span value)
{
    str_addf(out, " %s=\"", name);
    for (size_t i = 0; i < value.len; i++)
        put_letter(out, value.p[i]);
    str_addc(out, '"');
}

static void put_case(struct str *out, const struct talk_result *r)
{
    str_addz(out, "    <testcase");
    put_attribute(out, "classname", span_of(r->file));
    put_attribute(out, "name", r->title);
    put_attribute(out, "file", span_of(r->file));
    str_addf(out, " line=\"%d\"", r->line);
    if (r->why.len) {
        str_addz(out, ">\n      <failure");
        put_attribute(out, "message", r->why);
        str_addz(out, "/>\n    </testcase>\n");
    } else
        str_addz(out, "/>\n");
}

static size_t failures(const struct talk_result *results, size_t count)
{
    size_t failed = 0;
    for (size_t i = 0; i < count; i++)
        failed += results[i].why.len > 0;
    return failed;
}

/** Results of the file of the first one. */
static size_t suite_length(const struct talk_result *results, size_t count)
{
    size_t len = 0;
    while (len < count && span_eq(span_of(results[len].file), span_of(results[0].file)))
        len++;
    return len;
}

/** What the talks came by, whatever their language: a suite without tests, for its properties. */
static void put_coverage(const struct coverage *c, struct str *out)
{
    str_addz(out, "  <testsuite name=\"coverage\" tests=\"0\" failures=\"0\">\n    <properties>\n");
    for (enum coverage_what what = 0; what < COVERAGE_KINDS; what++)
        str_addf(out, "      <property name=\"%s\" value=\"%zu/%zu\"/>\n", coverage_name(what),
                 coverage_done(c, what, COVERAGE_ANY), coverage_count(c, what));
    str_addz(out, "    </properties>\n  </testsuite>\n");
}

void junit_text(const struct talk_result *results, size_t count, const struct coverage *coverage, struct str *out)
{
    str_addf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%zu\" failures=\"%zu\">\n", count,
             failures(results, count));
    for (size_t at = 0, len; at < count; at += len) {
        len = suite_length(results + at, count - at);
        str_addz(out, "  <testsuite");
        put_attribute(out, "name", span_of(results[at].file));
        str_addf(out, " tests=\"%zu\" failures=\"%zu\">\n", len, failures(results + at, len));
        for (size_t i = 0; i < len; i++)
            put_case(out, &results[at + i]);
        str_addz(out, "  </testsuite>\n");
    }
    if (coverage)
        put_coverage(coverage, out);
    str_addz(out, "</testsuites>\n");
}

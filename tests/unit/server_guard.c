// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/guard.h"

#include "base/err.h"
#include "server/routes.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define FIELD(n, v) {{(n), sizeof(n) - 1}, {(v), sizeof(v) - 1}}
// clang-format on

static void requests_whose_end_is_in_doubt_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int status; // 0: let through
        struct wire_field headers[3];
    } ROWS[] = {
        {"ordinary", 0, {FIELD("Host", "x"), FIELD("Content-Length", "18"), FIELD("Accept", "*/*")}},
        {"no length", 0, {FIELD("Host", "x"), FIELD("X-Twilio-Signature", "a="), FIELD("a!#$%&'*+-.^_`|~9", "")}},
        {"length 0", 0, {FIELD("Host", "x"), FIELD("Content-Length", "0"), FIELD("A", "")}},
        {"largest body", 0, {FIELD("Host", "x"), FIELD("Content-Length", "65536"), FIELD("A", "")}},
        {"a byte more", 413, {FIELD("Host", "x"), FIELD("Content-Length", "65537"), FIELD("A", "")}},
        {"beyond 64 bits", 413, {FIELD("Host", "x"), FIELD("Content-Length", "99999999999999999999"), FIELD("A", "")}},
        {"the same length twice", 400, {FIELD("Content-Length", "5"), FIELD("A", ""), FIELD("Content-Length", "5")}},
        {"two lengths", 400, {FIELD("Content-Length", "5"), FIELD("A", ""), FIELD("CONTENT-LENGTH", "6")}},
        {"a list of lengths", 400, {FIELD("Host", "x"), FIELD("Content-Length", "5, 5"), FIELD("A", "")}},
        {"a signed length", 400, {FIELD("Host", "x"), FIELD("Content-Length", "+5"), FIELD("A", "")}},
        {"a negative length", 400, {FIELD("Host", "x"), FIELD("Content-Length", "-1"), FIELD("A", "")}},
        {"a hexadecimal length", 400, {FIELD("Host", "x"), FIELD("Content-Length", "0x5"), FIELD("A", "")}},
        {"an empty length", 400, {FIELD("Host", "x"), FIELD("Content-Length", ""), FIELD("A", "")}},
        {"chunks", 400, {FIELD("Host", "x"), FIELD("Transfer-Encoding", "chunked"), FIELD("A", "")}},
        {"identity", 400, {FIELD("Host", "x"), FIELD("transfer-encoding", "identity"), FIELD("A", "")}},
        {"an empty encoding", 400, {FIELD("Host", "x"), FIELD("TRANSFER-ENCODING", ""), FIELD("A", "")}},
        {"chunks and a length",
         400,
         {FIELD("Content-Length", "5"), FIELD("Transfer-Encoding", "chunked"), FIELD("A", "")}},
        {"a blank before the colon", 400, {FIELD("Host", "x"), FIELD("Content-Length ", "5"), FIELD("A", "")}},
        {"a tab before the colon", 400, {FIELD("Host", "x"), FIELD("X\t", "5"), FIELD("A", "")}},
        {"a blank in front", 400, {FIELD("Host", "x"), FIELD(" X", "5"), FIELD("A", "")}},
        {"a blank within", 400, {FIELD("Host", "x"), FIELD("X Y", "5"), FIELD("A", "")}},
        {"a NUL byte", 400, {FIELD("Host", "x"), FIELD("X\0Y", "5"), FIELD("A", "")}},
        {"a carriage return", 400, {FIELD("Host", "x"), FIELD("X\r", "5"), FIELD("A", "")}},
        {"no ASCII", 400, {FIELD("Host", "x"), FIELD("\xc3\xa9", "5"), FIELD("A", "")}},
        {"no name", 400, {FIELD("Host", "x"), FIELD("", "5"), FIELD("A", "")}},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const struct refusal *refusal = guard_head(ROWS[i].headers, 3);
        if ((refusal ? refusal->status : 0) != ROWS[i].status)
            fail_msg("%s: %d instead of %d", ROWS[i].label, refusal ? refusal->status : 0, ROWS[i].status);
    }
}

static void headers_are_counted(void **state)
{
    (void)state;
    struct wire_field headers[SERVER_HEADERS_MAX + 1];
    for (size_t i = 0; i <= SERVER_HEADERS_MAX; i++)
        headers[i] = (struct wire_field)FIELD("A", "b");
    assert_null(guard_head(NULL, 0));
    assert_null(guard_head(headers, SERVER_HEADERS_MAX));
    assert_int_equal(guard_head(headers, SERVER_HEADERS_MAX + 1)->status, 431);
}

static void paths_find_their_route(void **state)
{
    (void)state;
    static const struct {
        const char *path, *route, *tail; // route NULL: none
    } ROWS[] = {
        {"/hook/at", "/hook/", "at"},
        {"/hook/at/s%20e", "/hook/", "at/s%20e"},
        {"/hook/", "/hook/", ""},
        {"/hook", NULL, NULL},
        {"/healthz", "/healthz", ""},
        {"/healthz/", NULL, NULL},
        {"/healthzz", NULL, NULL},
        {"/metrics", NULL, NULL},
        {"", NULL, NULL},
        {"http://host/hook/at", NULL, NULL},
        {"//hook/at", NULL, NULL},
        {"/%68ook/at", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct span tail = {0};
        const struct route *r = route_find(&ROUTES_WEBHOOK, span_of(ROWS[i].path), &tail);
        if (!ROWS[i].route != !r || (r && !(span_is(r->path, ROWS[i].route) && span_is(tail, ROWS[i].tail))))
            fail_msg("%s", ROWS[i].path);
    }
    struct span tail;
    const struct route *metrics = route_find(&ROUTES_CONSOLE, SPAN("/metrics"), &tail);
    assert_non_null(metrics);
    assert_true(route_takes(metrics, SPAN("GET")));
    assert_true(route_takes(metrics, SPAN("HEAD")));
    assert_false(route_takes(metrics, SPAN("POST")));
    assert_false(route_takes(metrics, SPAN("")));
    const struct route *rest = route_find(&ROUTES_CONSOLE, SPAN("/hook/at"), &tail); // the pages know their own paths
    assert_non_null(rest);
    assert_true(span_is(rest->path, "/"));
}

static void path_segments_are_decoded_once(void **state)
{
    (void)state;
    static const struct {
        const char *path, *plain; // plain NULL: refused
    } ROWS[] = {
        {"", ""},    {"a+b", "a+b"}, {"a%20b%2Fc", "a b/c"}, {"%2520", "%20"}, {"%c3%A9", "\xc3\xa9"},
        {"%", NULL}, {"%4", NULL},   {"%4g", NULL},          {"a%00b", NULL},  {"%-1", NULL},
    };
    struct arena *a = arena_new(1000);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct span plain = {0};
        int rc = path_decode(span_of(ROWS[i].path), a, &plain);
        if (rc != (ROWS[i].plain ? 0 : ERR_SYNTAX) || (ROWS[i].plain && !span_is(plain, ROWS[i].plain)))
            fail_msg("%s", ROWS[i].path);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_whose_end_is_in_doubt_are_refused),
        cmocka_unit_test(headers_are_counted),
        cmocka_unit_test(paths_find_their_route),
        cmocka_unit_test(path_segments_are_decoded_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

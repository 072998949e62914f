// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/reaper.h"

#include "base/err.h"
#include "server/listen.h"
#include "server/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { REQUEST_MS = SERVER_REQUEST_S * 1000, IDLE_MS = SERVER_IDLE_S * 1000 };

/* A caller and our end of the connection. */
struct pair {
    int caller;
    struct link link;
    struct link *list;
};

static void pair_open(struct pair *p)
{
    int listening;
    assert_int_equal(listen_open("127.0.0.1:0", &listening), 0);
    struct sockaddr_in to;
    socklen_t len = sizeof to;
    assert_int_equal(getsockname(listening, (struct sockaddr *)&to, &len), 0);
    *p = (struct pair){.caller = socket(AF_INET, SOCK_STREAM, 0)};
    assert_int_equal(connect(p->caller, (struct sockaddr *)&to, len), 0);
    p->link.fd = accept(listening, NULL, NULL);
    assert_true(p->link.fd >= 0);
    close(listening);
    link_phase(&p->link, LINK_IDLE, 0);
    link_add(&p->list, &p->link);
}

static void pair_close(struct pair *p)
{
    link_remove(&p->link);
    assert_null(p->list);
    close(p->caller);
    close(p->link.fd);
}

static bool caller_sees_the_end(const struct pair *p)
{
    char byte;
    return recv(p->caller, &byte, 1, MSG_DONTWAIT) == 0;
}

static void each_phase_has_its_own_limit(void **state)
{
    (void)state;
    static const struct {
        enum link_phase phase;
        int64_t after_ms;
        size_t reaped;
    } ROWS[] = {
        {LINK_IDLE, IDLE_MS, 0},
        {LINK_IDLE, IDLE_MS + 1, 1},
        {LINK_ARRIVING, REQUEST_MS, 0},
        {LINK_ARRIVING, REQUEST_MS + 1, 1},
        {LINK_HELD, 1000LL * IDLE_MS, 0},
        {LINK_ANSWERING, REQUEST_MS, 0},
        {LINK_ANSWERING, REQUEST_MS + 1, 1},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct pair p;
        pair_open(&p);
        link_phase(&p.link, ROWS[i].phase, 5);
        assert_int_equal(reaper_look(p.list, 5 + ROWS[i].after_ms), ROWS[i].reaped);
        assert_int_equal(caller_sees_the_end(&p), ROWS[i].reaped == 1);
        pair_close(&p);
    }
}

static void bytes_that_drip_before_a_first_line_begin_a_request(void **state)
{
    (void)state;
    struct pair p;
    pair_open(&p);
    link_phase(&p.link, LINK_ARRIVING, 900); // one request is over
    link_phase(&p.link, LINK_IDLE, 950);
    assert_int_equal(reaper_look(p.list, 1000), 0);
    assert_int_equal(send(p.caller, "P", 1, 0), 1);
    assert_int_equal(reaper_look(p.list, 2000), 0);
    assert_int_equal(p.link.phase, LINK_ARRIVING);
    for (int64_t ms = 3000; ms <= 2000 + REQUEST_MS; ms += 1000) {
        assert_int_equal(send(p.caller, "O", 1, 0), 1); // more of them win no time
        assert_int_equal(reaper_look(p.list, ms), 0);
    }
    assert_int_equal(reaper_look(p.list, 2001 + REQUEST_MS), 1);
    pair_close(&p);
}

static void bytes_of_a_request_that_was_answered_are_not_a_new_one(void **state)
{
    (void)state;
    struct pair p;
    pair_open(&p);
    for (int64_t ms = 1000; ms < 5000; ms += 1000) {
        assert_int_equal(send(p.caller, "POST", 4, 0), 4);
        link_phase(&p.link, LINK_ARRIVING, ms - 1);
        link_phase(&p.link, LINK_IDLE, ms - 1);
        assert_int_equal(reaper_look(p.list, ms), 0);
        assert_int_equal(p.link.phase, LINK_IDLE);
    }
    pair_close(&p);
}

static void only_literal_addresses_are_listened_on(void **state)
{
    (void)state;
    static const char *const BAD[] = {"",       "127.0.0.1",   "127.0.0.1:",     "127.0.0.1:65536", "127.0.0.1:-1",
                                      ":8080",  "localhost:0", "127.0.0.1:http", "::1:0",           "[::1]",
                                      "[::1:0", "[]:0",        "[127.0.0.1]:0",  "256.0.0.1:0",     "127.1:0"};
    char text[LISTEN_TEXT];
    int fd;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        if (listen_open(BAD[i], &fd) != ERR_SYNTAX)
            fail_msg("\"%s\" was taken", BAD[i]);
    assert_int_equal(listen_open("127.0.0.1:0", &fd), 0);
    assert_int_equal(listen_address(fd, text), 0);
    assert_memory_equal(text, "127.0.0.1:", 10);
    int second;
    char again[LISTEN_TEXT];
    assert_int_equal(listen_open(text, &second), ERR_IO); // the port is taken
    close(fd);
    assert_int_equal(listen_open(text, &second), 0);
    assert_int_equal(listen_address(second, again), 0);
    assert_string_equal(again, text);
    close(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_phase_has_its_own_limit),
        cmocka_unit_test(bytes_that_drip_before_a_first_line_begin_a_request),
        cmocka_unit_test(bytes_of_a_request_that_was_answered_are_not_a_new_one),
        cmocka_unit_test(only_literal_addresses_are_listened_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

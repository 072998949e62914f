// SPDX-License-Identifier: AGPL-3.0-or-later
/* A token's life: asked for once, again while the old one still serves, dropped once by a 401. The answers come from an
 * aggregator on this machine; what is due is set by moving the token's times, so nothing here waits for a clock. */
#include "outbox_fixture.h"

#include "outbox/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TIMEOUT_MS = 20000, FAR = 1000000 };

#define JSON(status, more, body)                                                                                       \
    "HTTP/1.1 " status "\r\nContent-Type: application/json\r\nConnection: close\r\n" more "\r\n" body

static void play_token(struct aggregator *g, int fd, int nth)
{
    char text[256];
    (void)g;
    snprintf(text, sizeof text, JSON("200 OK", "", "{\"access_token\":\"token-%d\",\"expires_in\":100}"), nth);
    say(fd, text);
}

static void play_refused(struct aggregator *g, int fd, int nth)
{
    (void)g, (void)nth;
    say(fd, JSON("401 Unauthorized", "", "{\"error\":\"invalid_client\"}"));
}

static void play_later(struct aggregator *g, int fd, int nth)
{
    (void)g, (void)nth;
    say(fd, JSON("503 Service Unavailable", "Retry-After: 100\r\n", ""));
}

static const struct act token_acts[] = {
    {"token", play_token}, {"refused", play_refused}, {"later", play_later},   {"redirect", play_redirect},
    {"huge", play_huge},   {"headers", play_headers}, {"silent", play_silent},
};

/* ---- the room ---- */

struct room {
    struct aggregator aggregator;
    struct outbox *outbox; /* none */
    atomic_int refusals;
    struct settings settings;
    struct settings_secret secrets[2];
    char folder[64];
    struct channel_set *channels;
    struct hosts *hosts;
    CURLM *multi;
    struct token_cache token;
};

static void draw_nothing(void *ctx, void *bytes, size_t len)
{
    (void)ctx;
    memset(bytes, 0, len);
}

static const struct entropy nothing = {.fill = draw_nothing};

/* The word of an act as a secret, so that one file serves all tests. */
static void open_room(struct room *r, const char *word)
{
    char path[128];
    struct str text = STR_INIT(4096);
    memset(r, 0, sizeof *r);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    aggregator_start(&r->aggregator, token_acts, sizeof token_acts / sizeof token_acts[0], &r->refusals, &r->outbox);
    r->secrets[0] = (struct settings_secret){SPAN("id"), SPAN("me")};
    r->secrets[1] = (struct settings_secret){SPAN("act"), span_of(word)};
    r->settings = (struct settings){.secrets = r->secrets, .secret_count = 2};
    snprintf(r->folder, sizeof r->folder, "%s", P_tmpdir "/waymark-token-XXXXXX");
    assert_non_null(mkdtemp(r->folder));
    snprintf(path, sizeof path, "%s/test.channel", r->folder);
    str_addf(&text,
             "title T\nmedium sms\nreceive POST form\nfield id from form id\nfield from from form f\n"
             "field text from form t\nrepeat id\nallow private\nsend POST http://127.0.0.1:%d/send\n"
             "send-auth oauth2 http://127.0.0.1:%d/token client $id hush field message $act\n",
             r->aggregator.port, r->aggregator.port);
    FILE *f = fopen(path, "we");
    assert_true(f && fputs(str_z(&text), f) >= 0 && fclose(f) == 0);
    str_release(&text);
    struct diags *d = diags_new();
    assert_int_equal(channel_set_load(r->folder, &r->settings, d, &r->channels), 0);
    diags_free(d);
    unlink(path);
    rmdir(r->folder);
    assert_int_equal(hosts_new(r->channels, &r->hosts), 0);
    r->multi = curl_multi_init();
    assert_int_equal(token_init(&r->token, channel_set_at(r->channels, 0)), 0);
}

static void close_room(struct room *r)
{
    token_release(&r->token, r->multi);
    curl_multi_cleanup(r->multi);
    aggregator_stop(&r->aggregator);
    hosts_free(r->hosts);
    channel_set_free(r->channels);
    curl_global_cleanup();
}

static bool ready(struct room *r)
{
    struct transfer_limits limits = {.hosts = r->hosts, .timeout_ms = TIMEOUT_MS};
    return token_ready(&r->token, r->multi, &limits, nothing);
}

/* Lets libcurl work until the request has ended. */
static void finish(struct room *r)
{
    while (r->token.asking) {
        int running, left;
        CURLMsg *message;
        curl_multi_poll(r->multi, NULL, 0, 1000, NULL);
        curl_multi_perform(r->multi, &running);
        while ((message = curl_multi_info_read(r->multi, &left)))
            if (message->msg == CURLMSG_DONE)
                token_end(&r->token, r->multi, message->data.result, nothing);
    }
}

static bool holds(const struct room *r, const char *token)
{
    return span_is(token_span(&r->token), token);
}

/* ---- tests ---- */

static void it_is_asked_for_once_however_many_wait(void **state)
{
    (void)state;
    struct room r;
    open_room(&r, "token");
    for (int i = 0; i < 100; i++)
        assert_false(ready(&r));
    assert_true(r.token.asking);
    assert_int_equal(token_wait(&r.token, clock_monotonic_ms()), INT64_MAX);
    finish(&r);
    for (int i = 0; i < 100; i++)
        assert_true(ready(&r) && holds(&r, "token-1"));
    assert_int_equal(token_wait(&r.token, clock_monotonic_ms()), 0);
    assert_int_equal(aggregator_seen(&r.aggregator, "token"), 1);
    assert_non_null(strstr(r.aggregator.last, "\r\nAuthorization: Basic bWU6aHVzaA==\r\n")); // me:hush
    assert_non_null(strstr(r.aggregator.last, "grant_type=client_credentials&message=token"));
    close_room(&r);
}

static void before_it_expires_the_next_is_asked_for_while_it_still_serves(void **state)
{
    (void)state;
    struct room r;
    open_room(&r, "token");
    ready(&r), finish(&r);
    int64_t now = clock_monotonic_ms();
    assert_in_range(r.token.good_to, now + 90000, now + 100000);
    assert_int_equal(r.token.refresh_at, r.token.good_to - 25000); // a quarter of its 100 s
    assert_true(ready(&r) && !r.token.asking);
    r.token.refresh_at = now - 1;
    assert_true(ready(&r) && r.token.asking && holds(&r, "token-1"));
    finish(&r);
    assert_true(ready(&r) && holds(&r, "token-2"));
    r.token.good_to = now - 1;
    assert_false(ready(&r));
    assert_false(holds(&r, "token-2"));
    finish(&r);
    assert_true(ready(&r) && holds(&r, "token-3"));
    close_room(&r);
}

static void a_401_drops_it_once(void **state)
{
    (void)state;
    struct room r;
    open_room(&r, "token");
    ready(&r), finish(&r);
    unsigned first = r.token.which;
    assert_false(token_refused(&r.token, first, 200));
    assert_false(token_refused(&r.token, first, 400)); // that is about the message
    assert_false(token_refused(&r.token, first, 0));
    assert_true(token_refused(&r.token, first, 401));
    assert_false(ready(&r));
    finish(&r);
    assert_true(token_refused(&r.token, first, 401)); // it was under way with the old one
    assert_true(ready(&r) && holds(&r, "token-2"));
    assert_int_equal(aggregator_seen(&r.aggregator, "token"), 2);
    // The new one is refused as well: no longer for nothing.
    unsigned second = r.token.which;
    assert_false(token_refused(&r.token, second, 401));
    assert_false(ready(&r));
    finish(&r);
    assert_true(ready(&r));
    assert_false(token_refused(&r.token, r.token.which, 401));
    ready(&r), finish(&r);
    // What an older one is told proves nothing; once the newest is taken, all is well again.
    token_refused(&r.token, first, 201);
    assert_true(r.token.doubted);
    assert_false(token_refused(&r.token, r.token.which, 201));
    assert_true(token_refused(&r.token, r.token.which, 401));
    close_room(&r);
}

static void after_a_failure_it_is_asked_for_later_and_later(void **state)
{
    (void)state;
    static const char *const words[] = {"refused", "redirect", "huge", "headers", "silent"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct room r;
        open_room(&r, words[i]);
        int64_t pauses[3];
        for (int k = 0; k < 3; k++) {
            assert_false(ready(&r));
            assert_true(r.token.asking);
            finish(&r);
            int64_t now = clock_monotonic_ms();
            assert_false(ready(&r) || r.token.asking);
            pauses[k] = token_wait(&r.token, now);
            r.token.ask_at = now - 1;
        }
        assert_in_range(pauses[0], 1, TOKEN_PAUSE_BASE_MS / 2);
        assert_in_range(pauses[2], 2 * TOKEN_PAUSE_BASE_MS / 2 + 1, 4 * TOKEN_PAUSE_BASE_MS / 2);
        if (aggregator_seen(&r.aggregator, words[i]) != 3) // a redirect that is followed would come again
            fail_msg("%s: %d requests", words[i], aggregator_seen(&r.aggregator, words[i]));
        close_room(&r);
    }
}

static void retry_after_is_kept_and_a_failed_refresh_leaves_the_old_one(void **state)
{
    (void)state;
    struct room r;
    open_room(&r, "later");
    ready(&r), finish(&r);
    assert_in_range(token_wait(&r.token, clock_monotonic_ms()), 90000, 101000);
    memcpy(r.token.bytes, "old", 3);
    r.token.len = 3;
    r.token.good_to = clock_monotonic_ms() + FAR;
    r.token.ask_at = 0;
    assert_true(ready(&r) && r.token.asking);
    finish(&r);
    assert_true(ready(&r) && holds(&r, "old") && !r.token.asking);
    close_room(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_asked_for_once_however_many_wait),
        cmocka_unit_test(before_it_expires_the_next_is_asked_for_while_it_still_serves),
        cmocka_unit_test(a_401_drops_it_once),
        cmocka_unit_test(after_a_failure_it_is_asked_for_later_and_later),
        cmocka_unit_test(retry_after_is_kept_and_a_failed_refresh_leaves_the_old_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* What is built and read by a channel: replies, messages, signals, parts, reports; and failing allocations. */
#include "channel_fixture.h"

static void a_message_can_be_json_or_a_query_and_go_to_the_own_network(void **state)
{
    (void)state;
    struct channel *c = channel_with("allow private\nsend POST http://10.0.0.2/{to}/$user\n"
                                     "send-query k $key\nsend-query no $nowhere ?\n"
                                     "send-body application/json {\"t\":{text:json},\"k\":{$key:json},\"x\":{}}\n");
    struct arena *a = arena_new(1 << 20);
    struct message m = {.to = {"12025550101"}, .text = SPAN("a\"{to}$key")};
    struct wire_request out;
    assert_true(channel_can_send(c) && channel_private_hosts(c));
    assert_int_equal(channel_build_send(c, &m, a, &out), 0);
    assert_true(span_is(out.url, "http://10.0.0.2/12025550101/u1"));
    assert_true(span_is(out.query, "k=k1"));
    assert_true(span_is(out.body, "{\"t\":\"a\\\"{to}$key\",\"k\":\"k1\",\"x\":{}}"));
    assert_true(span_is(wire_header(out.headers, out.header_count, "content-type"), "application/json"));
    arena_free(a);
    channel_free(c);
}

static void a_channel_without_its_key_does_not_send(void **state)
{
    (void)state;
    struct channel *c = channel_with("send POST https://host/\nsend-header X $nowhere\n");
    struct arena *a = arena_new(1 << 16);
    struct message m = {.to = {"12025550101"}};
    struct wire_request out;
    assert_false(channel_can_send(c));
    assert_int_equal(channel_build_send(c, &m, a, &out), ERR_NOT_NOW);
    arena_free(a);
    channel_free(c);
}

static void xml_and_forms_are_escaped(void **state)
{
    (void)state;
    struct channel *c = channel_with("reply-none <m to=\"{to:xml}\">{session:form}</m>\n");
    struct arena *a = arena_new(1 << 16);
    struct inbound in = {.to = SPAN("<&\">'\x01é"), .session = SPAN("a b&c")};
    struct wire_response out;
    struct channel_call call = {.items = &in, .count = 1};
    assert_int_equal(channel_encode(c, &call, NULL, a, &out), 0);
    assert_true(span_is(out.body, "<m to=\"&lt;&amp;&quot;&gt;&apos; é\">a%20b%26c</m>"));
    assert_int_equal(channel_encode(c, NULL, NULL, a, &out), 0);
    assert_true(span_is(out.body, "<m to=\"\"></m>"));
    arena_free(a);
    channel_free(c);
}

static void signals_say_what_begins_and_ends(void **state)
{
    (void)state;
    struct channel *c = channel_with("field signal from form type\nsignal Initiation = begins\n"
                                     "signal Release Timeout = ends\n");
    struct arena *a = arena_new(1 << 16);
    static const struct {
        const char *body;
        bool begins;
        enum inbound_kind kind;
    } cases[] = {{BODY "&type=Initiation", true, INBOUND_TURN},
                 {BODY "&type=Response", false, INBOUND_TURN},
                 {BODY "&type=Timeout", false, INBOUND_ENDED}};
    const struct wire_field header = {SPAN("Content-Type"), SPAN("application/x-www-form-urlencoded")};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wire_request request = {
            .method = SPAN("POST"), .headers = &header, .header_count = 1, .body = span_of(cases[i].body)};
        struct inbound in;
        const char *why;
        assert_int_equal(decode(c, (struct span){0}, &request, a, &in, &why), 0);
        assert_int_equal(in.begins, cases[i].begins);
        assert_int_equal(in.kind, cases[i].kind);
    }
    arena_free(a);
    channel_free(c);
}

static void parts_and_opt_outs_of_a_message_are_read(void **state)
{
    (void)state;
    struct channel *c = channel_with("field medium from form m\nfield signal from form o optional\n"
                                     "signal STOP = opts-out\nfield part-ref from form r optional\n"
                                     "field part-total from form n optional\nfield part from form i optional\n");
    static const struct {
        const char *more;
        int rc, total;
        bool opted_out;
    } cases[] = {{"&m=sms&o=STOP", 0, 0, true},
                 {"&m=sms&o=HELP", 0, 0, false},
                 {"&m=sms&r=7&n=3&i=3", 0, 3, false},
                 {"&m=sms&r=7&n=1&i=1", 0, 0, false},
                 {"&m=ussd&r=7&n=3&i=3", 0, 0, false},
                 {"&m=sms&n=3&i=3", 0, 0, false},
                 {"&m=sms&r=7&n=3&i=4", ERR_SYNTAX, 0, false},
                 {"&m=sms&r=7&n=256&i=4", ERR_SYNTAX, 0, false},
                 {"&m=sms&r=7&n=3&i=0", ERR_SYNTAX, 0, false}};
    struct arena *a = arena_new(1 << 16);
    const struct wire_field header = {SPAN("Content-Type"), SPAN("application/x-www-form-urlencoded")};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span body = arena_printf(a, "%s%s", BODY, cases[i].more);
        struct wire_request request = {.method = SPAN("POST"), .headers = &header, .header_count = 1, .body = body};
        struct inbound in;
        const char *why;
        assert_int_equal(decode(c, (struct span){0}, &request, a, &in, &why), cases[i].rc);
        assert_int_equal(cases[i].rc == 0 ? in.part.total : 0, cases[i].total);
        assert_int_equal(cases[i].rc == 0 && in.opted_out, cases[i].opted_out);
    }
    arena_free(a);
    channel_free(c);
}

static void a_report_may_tell_our_own_id_back(void **state)
{
    (void)state;
    struct channel *c = channel_with("rate 7\nevent d\nkind delivery\nfield key from form k\n"
                                     "field state from form st\nstate 1 = delivered\n");
    struct arena *a = arena_new(1 << 16);
    const struct wire_field header = {SPAN("Content-Type"), SPAN("application/x-www-form-urlencoded")};
    static const struct {
        const char *body;
        size_t len;
    } cases[] = {{"st=1&k=00112233445566778899aabbccddeeff", MESSAGE_KEY_LEN}, {"st=1&k=0011", 0}};
    assert_int_equal(channel_rate(c), 7);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wire_request request = {
            .method = SPAN("POST"), .headers = &header, .header_count = 1, .body = span_of(cases[i].body)};
        struct inbound in;
        const char *why;
        assert_int_equal(decode(c, SPAN("d"), &request, a, &in, &why), 0);
        assert_int_equal(in.key.len, cases[i].len);
        assert_int_equal(in.delivery, DELIVERY_DELIVERED);
    }
    arena_free(a);
    channel_free(c);
}

static void the_first_place_that_holds_something_is_taken(void **state)
{
    (void)state;
    struct channel *c = channel_with("field to from form a or query b or header X-C optional\n");
    struct arena *a = arena_new(1 << 16);
    const struct wire_field headers[] = {{SPAN("Content-Type"), SPAN("application/x-www-form-urlencoded")},
                                         {SPAN("x-c"), SPAN("3")}};
    static const struct {
        const char *body, *query, *expected;
    } cases[] = {{BODY "&a=1", "b=2", "1"}, {BODY "&a=", "b=2", "2"}, {BODY, "", "3"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wire_request request = {.method = SPAN("POST"),
                                       .headers = headers,
                                       .header_count = 2,
                                       .query = span_of(cases[i].query),
                                       .body = span_of(cases[i].body)};
        struct inbound in;
        const char *why;
        assert_int_equal(decode(c, (struct span){0}, &request, a, &in, &why), 0);
        assert_true(span_is(in.to, cases[i].expected));
    }
    arena_free(a);
    channel_free(c);
}

static void a_request_past_the_cap_is_refused(void **state)
{
    (void)state;
    struct channel *c = channel_with("");
    struct arena *a = arena_new(1 << 20);
    char *body = mem_alloc(CHANNEL_BODY_MAX + 1);
    size_t len = sizeof BODY - 1;
    memset(body, 'x', CHANNEL_BODY_MAX + 1);
    memcpy(body, BODY, len);
    const struct wire_field header = {SPAN("Content-Type"), SPAN("application/x-www-form-urlencoded")};
    struct wire_request request = {
        .method = SPAN("POST"), .headers = &header, .header_count = 1, .body = {body, CHANNEL_BODY_MAX}};
    struct inbound in;
    const char *why = NULL;
    assert_int_equal(decode(c, (struct span){0}, &request, a, &in, &why), 0);
    request.body.len++;
    assert_int_equal(decode(c, (struct span){0}, &request, a, &in, &why), ERR_SYNTAX);
    assert_string_equal(why, "the request is too long");
    mem_free(body);
    arena_free(a);
    channel_free(c);
}

/* A turn and the answer to a message under failing allocations: ERR_NOMEM or the right result, never a wrong one. */
static bool turn_survives(const struct channel *c, long nth)
{
    const struct wire_field header = {SPAN("Content-Type"), SPAN("application/json")};
    struct wire_request request = {
        .method = SPAN("POST"),
        .headers = &header,
        .header_count = 1,
        .body = SPAN("{\"session\":\"s\",\"phone\":\"+12025550101\",\"text\":\"1\",\"sequence\":7}")};
    struct screen screen = {.text = SPAN("Hi"), .more = true};
    struct arena *a = arena_new(1 << 20);
    struct wire_response reply;
    struct channel_call call;
    mem_fail_after(nth);
    int rc = channel_decode(c, (struct span){0}, &request, a, &call);
    rc = rc < 0 ? rc : channel_encode(c, &call, &screen, a, &reply);
    mem_fail_after(-1);
    assert_true(rc == 0 || rc == ERR_NOMEM);
    assert_true(rc < 0 || span_is(reply.body, "{\"text\":\"Hi\",\"more\":true}"));
    arena_free(a);
    return rc == 0;
}

static bool answer_survives(const struct channel *c, long nth)
{
    struct wire_response answer = {.status = 201, .body = SPAN("{\"state\":\"yes\",\"id\":\"7\"}")};
    struct arena *a = arena_new(1 << 20);
    struct send_result result;
    mem_fail_after(nth);
    assert_int_equal(channel_read_send(c, &answer, a, &result), 0);
    mem_fail_after(-1);
    bool fine = result.outcome == SEND_ACCEPTED;
    assert_true(fine || result.outcome == SEND_UNKNOWN);
    arena_free(a);
    return fine;
}

static void a_turn_survives_every_failing_allocation(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    struct channel_set *set = NULL;
    assert_int_equal(channel_set_load("config/channels", &settings, d, &set), 0);
    struct channel *sends = channel_with("send POST https://host/\nsend-ok json state = yes\nsend-id json id\n");
    long turn = 0, answer = 0;
    while (turn < 200 && !turn_survives(channel_set_get(set, SPAN("phone")), turn))
        turn++;
    while (answer < 200 && !answer_survives(sends, answer))
        answer++;
    assert_in_range(turn, 1, 199);
    assert_in_range(answer, 1, 199);
    channel_free(sends);
    channel_set_free(set);
    diags_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_can_be_json_or_a_query_and_go_to_the_own_network),
        cmocka_unit_test(a_channel_without_its_key_does_not_send),
        cmocka_unit_test(xml_and_forms_are_escaped),
        cmocka_unit_test(signals_say_what_begins_and_ends),
        cmocka_unit_test(parts_and_opt_outs_of_a_message_are_read),
        cmocka_unit_test(a_report_may_tell_our_own_id_back),
        cmocka_unit_test(the_first_place_that_holds_something_is_taken),
        cmocka_unit_test(a_request_past_the_cap_is_refused),
        cmocka_unit_test(a_turn_survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

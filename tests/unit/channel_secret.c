// SPDX-License-Identifier: AGPL-3.0-or-later
/* Secrets of a channel: which callers have it, and what comes of those who have not. */
#include "channel_fixture.h"

struct call {
    const char *query, *name, *value, *body; // name, value: a header besides the content type
    int expected;
};

static void check_calls(const char *statements, const struct call *calls, size_t count)
{
    struct channel *c = channel_with(statements);
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < count; i++) {
        const struct wire_field headers[] = {
            {SPAN("Content-Type"), SPAN("application/x-www-form-urlencoded")},
            {span_of(calls[i].name), span_of(calls[i].value)},
        };
        struct wire_request request = {.method = SPAN("POST"),
                                       .query = span_of(calls[i].query),
                                       .headers = headers,
                                       .header_count = calls[i].name ? 2 : 1,
                                       .body = span_of(calls[i].body)};
        struct inbound in;
        const char *why = NULL;
        int rc = decode(c, (struct span){0}, &request, a, &in, &why);
        if (rc != calls[i].expected)
            fail_msg("%s, call %zu: %s, not %s", statements, i, err_text(rc), err_text(calls[i].expected));
        assert_true(rc == 0 || why != NULL);
    }
    arena_free(a);
    channel_free(c);
}

#define CHECK(statements, calls) check_calls((statements), (calls), sizeof(calls) / sizeof(calls)[0])

static void a_secret_in_a_header_is_asked_for(void **state)
{
    (void)state;
    static const struct call calls[] = {
        {"", "x-key", "k1", BODY, 0},         {"", "x-key", "k2", BODY, ERR_AUTH}, {"", "x-key", "k", BODY, ERR_AUTH},
        {"", "x-key", "k11", BODY, ERR_AUTH}, {"", "x-key", "", BODY, ERR_AUTH},   {"", NULL, NULL, BODY, ERR_AUTH},
        {"", NULL, NULL, "s=1", ERR_AUTH}, // before anything is decoded
    };
    CHECK("secret-header X-Key $key\n", calls);
}

static void a_secret_in_the_query_is_asked_for(void **state)
{
    (void)state;
    static const struct call calls[] = {
        {"a=1&token=k1", NULL, NULL, BODY, 0},
        {"token=k2", NULL, NULL, BODY, ERR_AUTH},
        {"", NULL, NULL, BODY "&token=k1", ERR_AUTH},
        {"token=k1&token=k1", NULL, NULL, BODY, ERR_SYNTAX},
    };
    CHECK("secret-query token $key\n", calls);
}

static void a_secret_in_the_form_is_asked_for(void **state)
{
    (void)state;
    static const struct call calls[] = {
        {"", NULL, NULL, BODY "&token=k1", 0},
        {"token=k1", NULL, NULL, BODY, ERR_AUTH},
        {"", NULL, NULL, BODY "&token=", ERR_AUTH},
    };
    CHECK("secret-form token $key\n", calls);
}

static void basic_asks_for_user_and_password(void **state)
{
    (void)state;
    static const struct call calls[] = {
        {"", "Authorization", "Basic dTE6azE=", BODY, 0}, // u1:k1
        {"", "authorization", "basic dTE6azE=", BODY, 0},
        {"", "Authorization", "Basic dTE6azI=", BODY, ERR_AUTH},
        {"", "Authorization", "Bearer dTE6azE=", BODY, ERR_AUTH},
        {"", "Authorization", "Basic", BODY, ERR_AUTH},
        {"", NULL, NULL, BODY, ERR_AUTH},
    };
    CHECK("basic $user $key\n", calls);
}

static void two_secrets_are_both_asked_for(void **state)
{
    (void)state;
    static const struct call calls[] = {
        {"token=u1", "X-Key", "k1", BODY, 0},
        {"token=u1", NULL, NULL, BODY, ERR_AUTH},
        {"", "X-Key", "k1", BODY, ERR_AUTH},
    };
    CHECK("secret-header X-Key $key\nsecret-query token $user\n", calls);
}

static void a_secret_that_is_not_configured_refuses_all(void **state)
{
    (void)state;
    static const struct call calls[] = {{"", "X-Key", "", BODY, ERR_AUTH}, {"", NULL, NULL, BODY, ERR_AUTH}};
    CHECK("secret-header X-Key $nowhere\n", calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_in_a_header_is_asked_for),
        cmocka_unit_test(a_secret_in_the_query_is_asked_for),
        cmocka_unit_test(a_secret_in_the_form_is_asked_for),
        cmocka_unit_test(basic_asks_for_user_and_password),
        cmocka_unit_test(two_secrets_are_both_asked_for),
        cmocka_unit_test(a_secret_that_is_not_configured_refuses_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

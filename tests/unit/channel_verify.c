// SPDX-License-Identifier: AGPL-3.0-or-later
/* Signatures: every vector holds, and nothing that differs from it in a bit, a header or the time does. */
#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "channel/channel.h"
#include "channel/digest.h"
#include "channel_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { HEADERS_MAX = VECTOR_HEADERS + 4 };

/* The kinds of request carry no fields, so that only the proof decides. */
static const char head[] = "title T\nmedium sms\nreceive POST form\nfield from from form p\nfield text from form t\n";
static const char tail[] = "event form\nkind ignored\nreceive POST form\nreceive GET query\n"
                           "event json\nkind ignored\nreceive POST json\n";

/* A vector set up: the parts of its request may be changed before it is asked. */
struct trial {
    struct settings_secret secret;
    struct ip_range proxies[2];
    struct settings settings;
    struct diags *d;
    struct arena *a;
    struct channel *c;
    struct wire_field headers[HEADERS_MAX];
    struct wire_request request;
    const char *event;
};

static int read_channel(struct trial *t, const char *verify)
{
    struct str text = STR_INIT(65536);
    str_addf(&text, "%s%s%s", head, verify, tail);
    channel_free(t->c);
    t->c = NULL;
    int rc = channel_read("x/test.channel", str_span(&text), &t->settings, t->d, &t->c);
    str_release(&text);
    return rc;
}

static void header_add(struct trial *t, const char *name, const char *value)
{
    assert_true(t->request.header_count < HEADERS_MAX);
    t->headers[t->request.header_count++] = (struct wire_field){span_of(name), span_of(value)};
}

static void trial_start(struct trial *t, const struct vector *v)
{
    *t = (struct trial){.secret = {SPAN("key"), span_of(v->secret)}, .d = diags_new(), .a = arena_new(8 << 20)};
    t->settings = (struct settings){.secrets = &t->secret, .secret_count = 1, .public_url = span_of(v->base)};
    t->request = (struct wire_request){.method = span_of(v->method),
                                       .url = span_of(v->path),
                                       .query = span_of(v->query),
                                       .body = span_of(v->body),
                                       .at_s = v->at_s,
                                       .headers = t->headers};
    t->event = v->type && span_is(span_of(v->type), JSON) ? "json" : "form";
    if (v->type)
        header_add(t, "Content-Type", v->type);
    for (size_t i = 0; i < VECTOR_HEADERS && v->headers[i].name; i++)
        header_add(t, v->headers[i].name, v->headers[i].value);
    if (read_channel(t, v->verify) < 0) {
        struct str told = STR_INIT(65536);
        diags_text(t->d, &told);
        fail_msg("%s:\n%s", v->label, str_z(&told));
    }
}

static void trial_end(struct trial *t)
{
    channel_free(t->c);
    diags_free(t->d);
    arena_free(t->a);
}

static int ask(struct trial *t)
{
    struct channel_call call;
    int rc = channel_decode(t->c, span_of(t->event), &t->request, t->a, &call);
    assert_true(rc == 0 || call.why);
    arena_reset(t->a);
    return rc;
}

static void every_vector_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct trial t;
        trial_start(&t, &vectors[i]);
        int rc = ask(&t);
        if (rc != 0)
            fail_msg("%s: %s", vectors[i].label, err_text(rc));
        trial_end(&t);
    }
}

/* Flips the lowest bit of each byte of *part in turn; `expected` says whether the proof must break. */
static void flip_each(struct trial *t, const char *label, const char *what, struct span *part, bool breaks)
{
    const struct span whole = *part;
    char *copy = mem_alloc(whole.len + 1);
    for (size_t i = 0; i < whole.len; i++) {
        memcpy(copy, whole.p, whole.len);
        copy[i] ^= 1;
        *part = (struct span){copy, whole.len};
        int rc = ask(t);
        if (breaks ? rc != ERR_AUTH : rc == ERR_AUTH)
            fail_msg("%s: byte %zu of the %s flipped: %s", label, i, what, err_text(rc));
    }
    *part = whole;
    mem_free(copy);
}

static void one_flipped_bit_breaks_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        struct trial t;
        trial_start(&t, v);
        flip_each(&t, v->label, "body", &t.request.body, !(v->free & FREE_BODY));
        flip_each(&t, v->label, "query", &t.request.query, !(v->free & FREE_QUERY));
        flip_each(&t, v->label, "path", &t.request.url, !(v->free & FREE_PATH));
        for (size_t k = v->type ? 1 : 0; k < t.request.header_count; k++)
            flip_each(&t, v->label, v->headers[k - (v->type ? 1 : 0)].name, &t.headers[k].value, true);
        assert_int_equal(ask(&t), 0);
        trial_end(&t);
    }
}

static void another_key_or_another_host_breaks_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        struct trial t;
        trial_start(&t, v);
        struct span whole = t.secret.text;
        for (size_t at = 0; at < whole.len; at++) {
            char key[1024];
            memcpy(key, whole.p, whole.len);
            key[at] ^= 1;
            t.secret.text = (struct span){key, whole.len};
            // a public key with a flipped bit may be none at all
            if (read_channel(&t, v->verify) == 0 && ask(&t) != ERR_AUTH)
                fail_msg("%s: byte %zu of the key flipped", v->label, at);
        }
        t.secret.text = whole;
        if (!(v->free & FREE_PATH)) {
            t.settings.public_url = SPAN("https://other.example");
            assert_int_equal(read_channel(&t, v->verify), 0);
            assert_int_equal(ask(&t), ERR_AUTH);
        }
        trial_end(&t);
    }
}

static void the_window_is_as_wide_as_it_says(void **state)
{
    (void)state;
    int windows = 0;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        struct trial t;
        if (!v->window_s)
            continue;
        windows++;
        trial_start(&t, v);
        const int64_t late[] = {v->window_s - 1, v->window_s + 1, 86400, INT32_MAX};
        for (size_t k = 0; k < 4; k++) {
            t.request.at_s = v->at_s + late[k];
            if (ask(&t) != (k == 0 ? 0 : ERR_AUTH))
                fail_msg("%s: %lld s late", v->label, (long long)late[k]);
        }
        t.request.at_s = v->at_s - 86400;
        assert_int_equal(ask(&t), ERR_AUTH);
        t.request.at_s = 0;
        assert_int_equal(ask(&t), ERR_AUTH);
        trial_end(&t);
    }
    assert_true(windows >= 14);
}

static void each_header_is_needed_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        struct trial t;
        trial_start(&t, v);
        size_t first = v->type ? 1 : 0, count = t.request.header_count;
        for (size_t k = first; k < count; k++) {
            struct wire_field whole = t.headers[k];
            t.headers[k].name = SPAN("x-other");
            if (ask(&t) != ERR_AUTH)
                fail_msg("%s without %s", v->label, v->headers[k - first].name);
            t.headers[k] = (struct wire_field){whole.name, SPAN("")};
            assert_int_equal(ask(&t), ERR_AUTH);
            t.headers[k].value = span_first(whole.value, whole.value.len - 1);
            assert_int_equal(ask(&t), ERR_AUTH);
            t.headers[k] = t.headers[count] = whole;
            t.request.header_count = count + 1;
            if (ask(&t) != ERR_AUTH)
                fail_msg("%s with %s twice", v->label, v->headers[k - first].name);
            t.request.header_count = count;
        }
        assert_int_equal(ask(&t), 0);
        trial_end(&t);
    }
}

/* A key that is configured but empty counts as not configured; no HMAC with an empty key can ever match. */
static void an_empty_key_proves_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct trial t;
        trial_start(&t, &vectors[i]);
        t.secret.text = SPAN("");
        assert_int_equal(read_channel(&t, vectors[i].verify), 0); // nobody configured it: it refuses all
        assert_int_equal(ask(&t), ERR_AUTH);
        trial_end(&t);
    }
    struct digest_value none = digest_hmac(DIGEST_SHA256, (struct span){0}, SPAN("x"));
    assert_int_equal(none.len, 0);
}

static const struct vector *vector_of(const char *label)
{
    size_t i = 0;
    while (strcmp(vectors[i].label, label) != 0)
        i++;
    return &vectors[i];
}

static void several_signatures_may_be_given(void **state)
{
    (void)state;
    static const struct {
        const char *label, *header, *value;
        int expected;
    } cases[] = {
        {"Plivo V3, POST", "X-Plivo-Signature-V3", "AAAA,517k6FaHmtkhSDo4qqb2STpFZWP235reaeW5lPGJ6Qs=", 0},
        {"Plivo V3, POST", "X-Plivo-Signature-V3", "517k6FaHmtkhSDo4qqb2STpFZWP235reaeW5lPGJ6Qs=, AAAA", 0},
        {"Plivo V3, POST", "X-Plivo-Signature-V3", "AAAA,BBBB", ERR_AUTH},
        {"Plivo V3, POST", "X-Plivo-Signature-V3", ",,,", ERR_AUTH},
        {"Plivo V3, POST", "X-Plivo-Signature-V3",
         "1,2,3,4,5,6,7,8,517k6FaHmtkhSDo4qqb2STpFZWP235reaeW5lPGJ6Qs=", ERR_AUTH},
        {"android-sms-gateway", "X-Signature", "AB97D6E8E2A736166CCFC33CF2EEC5A6B0FECFF92369A6146FA6374276A2A142", 0},
        {"android-sms-gateway", "X-Signature", "AB97", ERR_AUTH},
        {"android-sms-gateway", "X-Timestamp", "1767323045.0", ERR_AUTH},
        {"android-sms-gateway", "X-Timestamp", "+1767323045", ERR_AUTH},
        {"android-sms-gateway", "X-Timestamp", "-1767323045", ERR_AUTH},
        {"android-sms-gateway", "X-Timestamp", "99999999999999999999999", ERR_AUTH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trial t;
        trial_start(&t, vector_of(cases[i].label));
        for (size_t k = 0; k < t.request.header_count; k++)
            if (span_is(t.headers[k].name, cases[i].header))
                t.headers[k].value = span_of(cases[i].value);
        int rc = ask(&t);
        if (rc != cases[i].expected)
            fail_msg("%s: %s", cases[i].value, err_text(rc));
        trial_end(&t);
    }
}

/* "&a=b" of a name "a=b&..." would be what two honest parameters give. */
static void a_name_cannot_stand_for_several_parameters(void **state)
{
    (void)state;
    struct trial t;
    trial_start(&t, vector_of("Vonage MD5, form"));
    t.request.body = SPAN("api-key=abcd1234&keyword=FEVER&message-timestamp=2026-01-02+03%3A04%3A05&"
                          "messageId%3D0A0000000123ABCD1%26msisdn=12025550123&"
                          "nonce=aaaaaaaa-bbbb-cccc-dddd-0123456789ab&text=fever+%26+cough%3Dyes&timestamp=1767323045&"
                          "to=12025550199&type=text&sig=390fef0578f2b55482c0149e4557a78b");
    assert_int_equal(ask(&t), ERR_AUTH);
    t.request.body = SPAN(VONAGE_FORM "&text=fever+%26+cough%3Dyes&sig=390fef0578f2b55482c0149e4557a78b");
    assert_int_equal(ask(&t), ERR_AUTH);
    t.request.body = SPAN(VONAGE_FORM "&sig=390fef0578f2b55482c0149e4557a78b&sig=390fef0578f2b55482c0149e4557a78b");
    assert_int_equal(ask(&t), ERR_AUTH);
    trial_end(&t);
}

static void a_body_that_twilio_does_not_cover_is_refused(void **state)
{
    (void)state;
    struct trial t;
    trial_start(&t, vector_of("Twilio T3"));
    t.request.method = SPAN("POST");
    t.event = "json";
    header_add(&t, "Content-Type", JSON);
    t.request.body = SPAN("{\"Body\":\"forged\"}"); // the URL alone is signed
    assert_int_equal(ask(&t), ERR_AUTH);
    trial_end(&t);
}

/* -- tokens -- */

static const struct token_case {
    const char *header, *claims;
    int expected;
} tokens[] = {
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":1000}", 0},
    {"{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"../../etc\"}", "{\"iss\":\"v\",\"iat\":1000.75}", 0},
    {"{\"alg\":\"none\"}", "{\"iss\":\"v\",\"iat\":1000}", ERR_AUTH},
    {"{\"alg\":\"None\"}", "{\"iss\":\"v\",\"iat\":1000}", ERR_AUTH},
    {"{\"alg\":\"hs256\"}", "{\"iss\":\"v\",\"iat\":1000}", ERR_AUTH},
    {"{\"alg\":\"HS512\"}", "{\"iss\":\"v\",\"iat\":1000}", ERR_AUTH},
    {"{\"alg\":\"RS256\"}", "{\"iss\":\"v\",\"iat\":1000}", ERR_AUTH},
    {"{\"alg\":[\"HS256\"]}", "{\"iss\":\"v\",\"iat\":1000}", ERR_AUTH},
    {"{\"alg\":\"HS256\",\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":1000}", ERR_AUTH},
    {"{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}", "{\"iss\":\"v\",\"iat\":1000}", ERR_AUTH},
    {"{}", "{\"iss\":\"v\",\"iat\":1000}", ERR_AUTH},
    {"\"HS256\"", "{\"iss\":\"v\",\"iat\":1000}", ERR_AUTH},
    {"", "{\"iss\":\"v\",\"iat\":1000}", ERR_AUTH},
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\"}", ERR_AUTH}, // without a time it would live for ever
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":\"1000\"}", 0},
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":\"soon\"}", ERR_AUTH},
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":null}", ERR_AUTH},
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":939}", ERR_AUTH},
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":1061}", ERR_AUTH},
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":939,\"exp\":1001}", 0}, // its own end counts
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":1000,\"exp\":941}", 0},
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":1000,\"exp\":940}", ERR_AUTH},
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":1000,\"nbf\":1060}", 0},
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"v\",\"iat\":1000,\"nbf\":1061}", ERR_AUTH},
    {"{\"alg\":\"HS256\"}", "{\"iss\":\"w\",\"iat\":1000}", ERR_AUTH},
    {"{\"alg\":\"HS256\"}", "{\"iat\":1000}", ERR_AUTH},
    {"{\"alg\":\"HS256\"}", "[1000]", ERR_AUTH},
    {"{\"alg\":\"HS256\"}", "", ERR_AUTH},
};

static struct span sign(struct arena *a, enum digest digest, struct span key, const char *header, const char *claims)
{
    struct span h = armor_write(ARMOR_BASE64URL, span_of(header), a),
                c = armor_write(ARMOR_BASE64URL, span_of(claims), a);
    struct span both = arena_printf(a, "%.*s.%.*s", SPAN_ARG(h), SPAN_ARG(c));
    struct digest_value v = digest_hmac(digest, key, both);
    struct span s = armor_write(ARMOR_BASE64URL, digest_span(&v), a);
    return arena_printf(a, "Bearer %.*s.%.*s", SPAN_ARG(both), SPAN_ARG(s));
}

static int ask_token(struct span header)
{
    static const struct vector v = {"token", "verify jwt-hs256 key $key issuer v window 60 seconds\n",
                                    "k1",    "",
                                    "GET",   "/",
                                    "",      NULL,
                                    "",      {{0}},
                                    1000,    0,
                                    0};
    struct trial t;
    trial_start(&t, &v);
    t.headers[t.request.header_count++] = (struct wire_field){SPAN("authorization"), header};
    int rc = ask(&t);
    trial_end(&t);
    return rc;
}

static void a_token_chooses_nothing(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        int rc = ask_token(sign(a, DIGEST_SHA256, SPAN("k1"), tokens[i].header, tokens[i].claims));
        if (rc != tokens[i].expected)
            fail_msg("%s %s: %s", tokens[i].header, tokens[i].claims, err_text(rc));
    }
    const char *claims = "{\"iss\":\"v\",\"iat\":1000}";
    assert_int_equal(ask_token(sign(a, DIGEST_SHA512, SPAN("k1"), "{\"alg\":\"HS512\"}", claims)), ERR_AUTH);
    assert_int_equal(ask_token(sign(a, DIGEST_SHA512, SPAN("k1"), "{\"alg\":\"HS256\"}", claims)), ERR_AUTH);
    assert_int_equal(ask_token(sign(a, DIGEST_SHA256, SPAN(""), "{\"alg\":\"HS256\"}", claims)), ERR_AUTH);
    struct span good = sign(a, DIGEST_SHA256, SPAN("k1"), "{\"alg\":\"HS256\"}", claims);
    assert_int_equal(ask_token(good), 0);
    assert_int_equal(ask_token(arena_printf(a, "%.*s.", SPAN_ARG(good))), ERR_AUTH);
    assert_int_equal(ask_token(arena_printf(a, "%.*s=", SPAN_ARG(good))), ERR_AUTH);
    assert_int_equal(ask_token(arena_printf(a, "Basic %.*s", SPAN_ARG(span_from(good, 7)))), ERR_AUTH);
    assert_int_equal(ask_token(arena_printf(a, "bearer %.*s", SPAN_ARG(span_from(good, 7)))), 0);
    assert_int_equal(ask_token(SPAN("Bearer ...")), ERR_AUTH);
    assert_int_equal(ask_token(SPAN("Bearer ")), ERR_AUTH);
    arena_free(a);
}

static void a_body_needs_its_hash_and_no_body_needs_none(void **state)
{
    (void)state;
    static const struct vector v = {"token", "verify jwt-hs256 key $key body-hash h require jti window 60 seconds\n",
                                    "k1",    "",
                                    "POST",  "/",
                                    "",      JSON,
                                    "",      {{0}},
                                    1000,    0,
                                    0};
    static const struct {
        const char *body, *claims;
        int expected;
    } cases[] = {
        {"", "{\"iat\":1000,\"jti\":\"1\"}", 0},
        {"{}", "{\"iat\":1000,\"jti\":\"1\"}", ERR_AUTH},
        {"{}",
         "{\"iat\":1000,\"jti\":\"1\",\"h\":\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"}", 0},
        {"", "{\"iat\":1000,\"jti\":\"1\",\"h\":\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"}",
         ERR_AUTH},
        {"", "{\"iat\":1000}", ERR_AUTH},
        {"", "{\"iat\":1000,\"jti\":\"\"}", ERR_AUTH},
    };
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trial t;
        trial_start(&t, &v);
        t.request.body = span_of(cases[i].body);
        t.headers[t.request.header_count++] = (struct wire_field){
            SPAN("Authorization"), sign(a, DIGEST_SHA256, SPAN("k1"), "{\"alg\":\"HS256\"}", cases[i].claims)};
        int rc = ask(&t);
        if (rc != cases[i].expected)
            fail_msg("%s %s: %s", cases[i].body, cases[i].claims, err_text(rc));
        trial_end(&t);
    }
    arena_free(a);
}

/* -- addresses -- */

static void addresses_are_those_of_the_caller(void **state)
{
    (void)state;
    static const struct {
        const char *peer, *forwarded, *earlier; // `earlier`: a header of the same name before it
        bool trusted;
        int expected;
    } cases[] = {
        {"45.233.20.9", NULL, NULL, false, 0},
        {"45.233.21.9", NULL, NULL, false, ERR_AUTH},
        {"2001:db8::5", NULL, NULL, false, 0},
        {"", NULL, NULL, false, ERR_AUTH},
        {"127.0.0.1", "45.233.20.9", NULL, false, ERR_AUTH}, // nobody said that it is a proxy
        {"127.0.0.1", "45.233.20.9", NULL, true, 0},
        {"127.0.0.1", "45.233.20.9, 10.9.9.9", NULL, true, 0},
        {"127.0.0.1", "45.233.20.9, 198.51.100.7", NULL, true, ERR_AUTH}, // the first is hearsay
        {"127.0.0.1", "45.233.20.9, 198.51.100.7, 10.0.0.1", NULL, true, ERR_AUTH},
        {"127.0.0.1", "10.0.0.1", "45.233.20.9", true, 0},
        {"127.0.0.1", "198.51.100.7", "45.233.20.9", true, ERR_AUTH},
        {"127.0.0.1", "somebody", NULL, true, ERR_AUTH},
        {"127.0.0.1", "", NULL, true, ERR_AUTH},
        {"127.0.0.1", NULL, NULL, true, ERR_AUTH},
        {"45.233.20.9", "198.51.100.7", NULL, true, 0}, // told by somebody who is no proxy of ours
    };
    static const struct vector v = {
        "address", "verify address from 45.233.20.0/24 2001:db8::/32\n", "", "", "GET", "/", "", NULL, "", {{0}}, 0, 0,
        0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trial t;
        trial_start(&t, &v);
        ip_range_read(SPAN("127.0.0.1"), &t.proxies[0]);
        ip_range_read(SPAN("10.0.0.0/8"), &t.proxies[1]);
        t.settings.proxies = t.proxies;
        t.settings.proxy_count = cases[i].trusted ? 2 : 0;
        t.request.peer = span_of(cases[i].peer);
        if (cases[i].earlier)
            header_add(&t, "X-Forwarded-For", cases[i].earlier);
        if (cases[i].forwarded)
            header_add(&t, "x-forwarded-for", cases[i].forwarded);
        int rc = ask(&t);
        if (rc != cases[i].expected)
            fail_msg("case %zu: %s", i, err_text(rc));
        trial_end(&t);
    }
}

/* Without memory nothing is proved, and nothing is held against the caller either. */
static void every_vector_survives_failing_allocations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct trial t;
        trial_start(&t, &vectors[i]);
        int rc = ERR_NOMEM;
        for (long nth = 0; rc == ERR_NOMEM; nth++) {
            struct channel_call call;
            struct arena *a = arena_new(8 << 20);
            mem_fail_after(nth);
            rc = channel_decode(t.c, span_of(t.event), &t.request, a, &call);
            mem_fail_after(-1);
            arena_free(a);
            assert_in_range(nth, 0, 500);
        }
        if (rc != 0)
            fail_msg("%s: %s", vectors[i].label, err_text(rc));
        trial_end(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_holds),
        cmocka_unit_test(one_flipped_bit_breaks_it),
        cmocka_unit_test(another_key_or_another_host_breaks_it),
        cmocka_unit_test(the_window_is_as_wide_as_it_says),
        cmocka_unit_test(each_header_is_needed_once),
        cmocka_unit_test(an_empty_key_proves_nothing),
        cmocka_unit_test(several_signatures_may_be_given),
        cmocka_unit_test(a_name_cannot_stand_for_several_parameters),
        cmocka_unit_test(a_body_that_twilio_does_not_cover_is_refused),
        cmocka_unit_test(a_token_chooses_nothing),
        cmocka_unit_test(a_body_needs_its_hash_and_no_body_needs_none),
        cmocka_unit_test(addresses_are_those_of_the_caller),
        cmocka_unit_test(every_vector_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

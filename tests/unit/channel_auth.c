// SPDX-License-Identifier: AGPL-3.0-or-later
/* How we prove ourselves to aggregators: what each `send-auth` adds to a request, what is read of a token, and what a
 * mistake in the statement is told. */
#include "base/err.h"
#include "base/str.h"
#include "channel/channel.h"
#include "channel/digest.h"
#include "wire/json.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                                                           \
    "title T\nmedium sms\nreceive POST form\nfield id from form id\nfield from from form f\nfield text from form t\n"  \
    "repeat id\nsend POST https://api.example.org/send\nsend-form to {to}\n"

enum { SECRETS = 5 };

static EVP_PKEY *our_key;
static char pem[8192], small_pem[4096];
static struct settings_secret secrets[SECRETS] = {{SPAN("id"), SPAN("me:1")},
                                                  {SPAN("word"), SPAN("s3 cret&")},
                                                  {SPAN("key"), {0}},
                                                  {SPAN("small"), {0}},
                                                  {SPAN("host"), SPAN("auth.example.org")}};
static struct settings settings = {.parts_answer = 3, .secrets = secrets, .secret_count = SECRETS};

static EVP_PKEY *make_key(unsigned bits, char *text, size_t size)
{
    EVP_PKEY *key = EVP_RSA_gen(bits);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_true(key && bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
    int len = BIO_read(bio, text, (int)size - 1);
    assert_true(len > 0);
    text[len] = '\0';
    BIO_free(bio);
    return key;
}

static int setup(void **state)
{
    (void)state;
    our_key = make_key(2048, pem, sizeof pem);
    EVP_PKEY_free(make_key(1024, small_pem, sizeof small_pem));
    secrets[2].text = span_of(pem);
    secrets[3].text = span_of(small_pem);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    EVP_PKEY_free(our_key);
    return 0;
}

/* What a file with this more is told; *c NULL where it is refused. */
static void read_channel(const char *more, struct channel **c, struct str *told)
{
    struct str text = STR_INIT(65536);
    struct diags *d = diags_new();
    *c = NULL;
    str_addf(&text, HEAD "%s", more);
    channel_read("x/test.channel", str_span(&text), &settings, d, c);
    diags_text(d, told);
    str_release(&text);
    diags_free(d);
}

static struct channel *channel_with(const char *more)
{
    struct str told = STR_INIT(65536);
    struct channel *c;
    read_channel(more, &c, &told);
    if (!c)
        fail_msg("%s", str_z(&told));
    str_release(&told);
    return c;
}

/* Every draw is this byte. */
static void draw(void *ctx, void *bytes, size_t len)
{
    memset(bytes, *(const int *)ctx, len);
}

static struct span proof_of(const struct channel *c, const struct channel_pass *pass, struct arena *a)
{
    struct message m = {.to = {"12025550101"}, .text = SPAN("x")};
    struct wire_request request;
    size_t proofs = 0;
    assert_int_equal(channel_build_send(c, &m, a, &request), 0);
    assert_int_equal(channel_authorize(c, pass, a, &request), 0);
    for (size_t i = 0; i < request.header_count; i++)
        proofs += span_eq_nocase(request.headers[i].name, SPAN("authorization"));
    assert_int_equal(proofs, 1);
    assert_true(span_is(wire_header(request.headers, request.header_count, "content-type"),
                        "application/x-www-form-urlencoded"));
    return wire_header(request.headers, request.header_count, "authorization");
}

static void basic_is_user_and_password(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 16);
    struct channel *c = channel_with("send-auth basic $id $word\n");
    assert_true(channel_can_send(c) && !channel_needs_token(c));
    assert_true(span_is(proof_of(c, &(struct channel_pass){0}, a), "Basic bWU6MTpzMyBjcmV0Jg==")); // me:1:s3 cret&
    channel_free(c);
    c = channel_with("send-auth basic AC_$id token\n");
    assert_true(span_is(proof_of(c, &(struct channel_pass){0}, a), "Basic QUNfbWU6MTp0b2tlbg=="));
    channel_free(c);
    arena_free(a);
}

static void without_its_secret_a_channel_does_not_send(void **state)
{
    (void)state;
    static const char *const lines[] = {"send-auth basic $id $nowhere\n",
                                        "send-auth oauth2 https://h.example/t client $nowhere $word\n",
                                        "send-auth oauth2 https://h.example/$nowhere client $id $word\n",
                                        "send-auth oauth2 https://h.example/t client $id $word field a $nowhere\n",
                                        "send-auth jwt-rs256 $nowhere\n",
                                        "send-auth jwt-rs256 $key claim a $nowhere\n"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct channel *c = channel_with(lines[i]);
        struct arena *a = arena_new(1 << 16);
        struct wire_request request;
        if (channel_can_send(c))
            fail_msg("it sends: %s", lines[i]);
        assert_int_equal(channel_build_token(c, a, &request), ERR_NOT_NOW);
        arena_free(a);
        channel_free(c);
    }
}

static void a_token_is_asked_for_with_the_clients_credentials(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *url, *body, *proof;
    } rows[] = {
        {"send-auth oauth2 https://auth.example.org/t?v=1 client $id $word\n", "https://auth.example.org/t?v=1",
         "grant_type=client_credentials", "Basic bWUlM0ExOnMzJTIwY3JldCUyNg=="}, // me%3A1:s3%20cret%26
        {"send-auth oauth2 https://$host/t client $id $word in-form field audience x=y scope a b\n",
         "https://auth.example.org/t",
         "grant_type=client_credentials&audience=x%3Dy&scope=a%20b&client_id=me%3A1&client_secret=s3%20cret%26", NULL},
        {"send-auth oauth2 https://h.example/t client $id $word in-form\n| field grant_type password\n"
         "| field username u field password $word\n",
         "https://h.example/t",
         "grant_type=password&username=u&password=s3%20cret%26&client_id=me%3A1&client_secret=s3%20cret%26", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct channel *c = channel_with(rows[i].lines);
        struct arena *a = arena_new(1 << 16);
        struct wire_request request;
        assert_true(channel_needs_token(c));
        assert_int_equal(channel_build_token(c, a, &request), 0);
        assert_true(span_is(request.method, "POST"));
        assert_string_equal(arena_strdup(a, request.url), rows[i].url);
        assert_string_equal(arena_strdup(a, request.body), rows[i].body);
        struct span proof = wire_header(request.headers, request.header_count, "authorization");
        assert_true(rows[i].proof ? span_is(proof, rows[i].proof) : !proof.p);
        assert_true(span_is(wire_header(request.headers, request.header_count, "content-type"),
                            "application/x-www-form-urlencoded"));
        arena_free(a);
        channel_free(c);
    }
}

static void a_token_is_read_or_refused(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body, *token;
        int rc, life_s;
    } rows[] = {
        {200, "{\"access_token\":\"abc\",\"token_type\":\"Bearer\",\"expires_in\":3600}", "abc", 0, 3600},
        {200, "{\"access_token\":\"abc\",\"token_type\":\"BearerToken\",\"expires_in\":\"3599\"}", "abc", 0, 3599},
        {201, "{\"access_token\":\"a.b-c_d~e+f/==\"}", "a.b-c_d~e+f/==", 0, 300},
        {200, "{\"access_token\":\"abc\",\"expires_in\":12.9}", "abc", 0, 12},
        {200, "{\"access_token\":\"abc\",\"expires_in\":0}", "abc", 0, 1},
        {200, "{\"access_token\":\"abc\",\"expires_in\":-5}", "abc", 0, 1},
        {200, "{\"access_token\":\"abc\",\"expires_in\":99999999}", "abc", 0, 86400},
        {200, "{\"access_token\":\"abc\",\"expires_in\":{}}", "abc", 0, 300},
        {200, "{\"access_token\":\"abc\",\"token_type\":\"mac\"}", NULL, ERR_SYNTAX, 0},
        {200, "{\"access_token\":\"\"}", NULL, ERR_SYNTAX, 0},
        {200, "{\"access_token\":\"a\\r\\nX-Evil: 1\"}", NULL, ERR_SYNTAX, 0},
        {200, "{\"access_token\":\"a b\"}", NULL, ERR_SYNTAX, 0},
        {200, "{\"access_token\":\"\xc3\xa9\"}", NULL, ERR_SYNTAX, 0},
        {200, "{\"access_token\":[\"abc\"]}", NULL, ERR_SYNTAX, 0},
        {200, "{}", NULL, ERR_SYNTAX, 0},
        {200, "access_token=abc", NULL, ERR_SYNTAX, 0},
        {200, "", NULL, ERR_SYNTAX, 0},
        {301, "{\"access_token\":\"abc\"}", NULL, ERR_AUTH, 0},
        {400, "{\"error\":\"invalid_grant\"}", NULL, ERR_AUTH, 0},
        {401, "{\"access_token\":\"abc\"}", NULL, ERR_AUTH, 0},
        {429, "", NULL, ERR_NOT_NOW, 0},
        {503, "", NULL, ERR_NOT_NOW, 0},
    };
    struct channel *c = channel_with("send-auth oauth2 https://h.example/t client $id $word\n");
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wire_response answer = {.status = rows[i].status, .body = span_of(rows[i].body)};
        struct channel_token got;
        if (channel_read_token(c, &answer, a, &got) != rows[i].rc)
            fail_msg("%d %s", rows[i].status, rows[i].body);
        if (rows[i].rc == 0 && (!span_is(got.token, rows[i].token) || got.life_s != rows[i].life_s))
            fail_msg("%s: %.*s for %d s", rows[i].body, SPAN_ARG(got.token), got.life_s);
    }
    struct str huge = STR_INIT(65536);
    str_addz(&huge, "{\"access_token\":\"");
    for (int i = 0; i <= CHANNEL_TOKEN_MAX; i++)
        str_addc(&huge, 'x');
    str_addz(&huge, "\"}");
    struct channel_token got;
    assert_int_equal(channel_read_token(c, &(struct wire_response){.status = 200, .body = str_span(&huge)}, a, &got),
                     ERR_SYNTAX);
    str_release(&huge);
    struct wire_field after = {SPAN("Retry-After"), SPAN("17")};
    struct wire_response busy = {.status = 503, .headers = &after, .header_count = 1};
    assert_int_equal(channel_read_token(c, &busy, a, &got), ERR_NOT_NOW);
    assert_int_equal(got.after_s, 17);
    arena_free(a);
    channel_free(c);
}

static void a_token_goes_with_the_message_and_nothing_goes_without(void **state)
{
    (void)state;
    struct channel *c = channel_with("send-auth oauth2 https://h.example/t client $id $word\n");
    struct arena *a = arena_new(1 << 16);
    struct wire_request request = {0};
    assert_true(span_is(proof_of(c, &(struct channel_pass){.token = SPAN("abc")}, a), "Bearer abc"));
    assert_int_equal(channel_authorize(c, &(struct channel_pass){0}, a, &request), ERR_NOT_NOW);
    arena_free(a);
    channel_free(c);
}

/* -- RS256 -- */

static struct span part_of(struct span *rest, struct arena *a)
{
    struct span part, bytes;
    assert_true(span_split(rest, '.', &part));
    assert_int_equal(armor_read(ARMOR_BASE64URL, part, a, &bytes), 0);
    return bytes;
}

static struct span claim(struct span json, const char *name, struct arena *a)
{
    struct json *doc;
    struct span value;
    assert_int_equal(json_read(json, &doc), 0);
    assert_int_equal(json_get(doc, span_of(name), a, &value), 0);
    json_free(doc);
    return value;
}

static bool signed_by_us(struct span token, struct span signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t covered = token.len;
    while (token.p[--covered] != '.')
        ;
    bool good = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, our_key) == 1 &&
                EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.len, (const unsigned char *)token.p,
                                 covered) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

static void a_jwt_is_signed_with_our_key_and_says_who_and_when(void **state)
{
    (void)state;
    struct channel *c = channel_with("send-auth jwt-rs256 $key claim application_id $id claim q \"\\ life 5 minutes\n");
    struct arena *a = arena_new(1 << 18);
    int byte = 0xAB;
    struct channel_pass pass = {.now_s = 1767323045, .entropy = {draw, &byte}};
    struct span token = proof_of(c, &pass, a);
    assert_true(span_starts(token, SPAN("Bearer ")));
    token = span_from(token, strlen("Bearer "));
    struct span rest = token, header = part_of(&rest, a), body = part_of(&rest, a), signature = part_of(&rest, a);
    assert_null(rest.p);
    assert_true(signed_by_us(token, signature));
    assert_true(span_is(claim(header, "alg", a), "RS256") && span_is(claim(header, "typ", a), "JWT"));
    assert_true(span_is(claim(body, "application_id", a), "me:1"));
    assert_true(span_is(claim(body, "q", a), "\"\\"));
    assert_true(span_is(claim(body, "iat", a), "1767323045") && span_is(claim(body, "exp", a), "1767323345"));
    assert_true(span_is(claim(body, "jti", a), "abababab-abab-4bab-abab-abababababab"));
    byte = 0x11;
    assert_false(span_eq(span_from(proof_of(c, &pass, a), strlen("Bearer ")), token)); // each is another one
    arena_free(a);
    channel_free(c);
}

/* -- mistakes -- */

static void mistakes_are_told_where_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *told;
    } rows[] = {
        {"send-auth bsaic $id $word\n", ":10:11: error E02: no such way to prove ourselves \"bsaic\""},
        {"send-auth basic $id\n", ":10:20: error E01: the password is missing here"},
        {"send-auth basic $id $word more\n", ":10:27: error E01: nothing may follow here"},
        {"send-auth basic {to} $word\n", "{to} may not stand here"},
        {"send-auth oauth2 https://h.example/t\n", "oauth2 needs the client's id and secret"},
        {"send-auth oauth2 http://h.example/t client $id $word\n", "messages are sent to https://"},
        {"send-auth oauth2 https://h.example/{to} client $id $word\n", "{to} may not stand here"},
        {"send-auth oauth2 https://h.example/t client $id $word clam a b\n", "oauth2 has no \"clam\""},
        {"send-auth oauth2 https://h.example/t client $id $word client $id $word\n", "\"client\" is said twice"},
        {"send-auth jwt-rs256 $word\n", "the secret \"$word\" is not an RSA private key"},
        {"send-auth jwt-rs256 $small\n", "the secret \"$small\" is not an RSA private key of at least 2048 bits"},
        {"send-auth jwt-rs256 $key life 0 minutes\n", "error E04"},
        {"send-auth jwt-rs256 $key scope a\n", "jwt-rs256 has no \"scope\""},
        {"send-auth basic $id $word\nsend-auth basic $id $word\n", "\"send-auth\" is said twice"},
        {"send-auth basic $id $word\nsend-header authorization x\n", "already says what stands in the header"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str told = STR_INIT(65536);
        struct channel *c;
        read_channel(rows[i].lines, &c, &told);
        if (c || !strstr(str_z(&told), rows[i].told))
            fail_msg("%s%s", rows[i].lines, str_z(&told));
        assert_null(strstr(str_z(&told), "s3 cret"));
        str_release(&told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(basic_is_user_and_password),
        cmocka_unit_test(without_its_secret_a_channel_does_not_send),
        cmocka_unit_test(a_token_is_asked_for_with_the_clients_credentials),
        cmocka_unit_test(a_token_is_read_or_refused),
        cmocka_unit_test(a_token_goes_with_the_message_and_nothing_goes_without),
        cmocka_unit_test(a_jwt_is_signed_with_our_key_and_says_who_and_when),
        cmocka_unit_test(mistakes_are_told_where_they_are),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* verify statements: what each mistake is told, what the settings must have for a channel in use, and which requests
 * are asked for which proof. */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "channel/channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Lines 1 to 6; a case's own lines come from line 7 on. */
static const char head[] =
    "title T\nmedium sms\nreceive POST form\nfield id from form i optional\nfield from from form "
    "p\nfield text from form t optional\n";

static const struct settings_secret secrets[] = {
    {SPAN("key"), SPAN("k1")},
    {SPAN("text"), SPAN("no hex!")},
    {SPAN("short"), SPAN("AAAA")},
    {SPAN("rsa1024"),
     SPAN(
         "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDdd2HhFHAKSsJ2iA8WL2uDBVxNcCP0uQGTBcjXsNAf6t3BZKBqlw0vVWhQKer7a8D3k5PZA"
         "7"
         "y4J+D0H72Y4mkrzksrgSA6m8SIyy32TZmOoySZ07ez/sFHWxGlf/kPmokj182pqjJ2/RA/PyzHXzRUZStrNT45vXWDVJrk0Bot9QIDAQAB")},
    {SPAN("encrypted"), SPAN("-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
                             "00000000000000000000000000000000\n\nAAAA\n-----END PUBLIC KEY-----")},
    {SPAN("path"), SPAN("p4th")},
};

static const struct settings with_url = {
    .secrets = secrets, .secret_count = sizeof secrets / sizeof secrets[0], .public_url = SPAN("https://h.example")};
static const struct settings without_url = {.secrets = secrets, .secret_count = sizeof secrets / sizeof secrets[0]};

static int read_lines(const char *lines, const struct settings *s, struct diags *d, struct channel **c)
{
    struct str text = STR_INIT(65536);
    str_addf(&text, "%s%s", head, lines);
    int rc = channel_read("x/test.channel", str_span(&text), s, d, c);
    str_release(&text);
    return rc;
}

static const struct mistake {
    const char *lines;
    const char *expected; // where, which and what, at the beginning of the report
    const char *hint;     // somewhere in the report; NULL: none is asked for
} mistakes[] = {
    {"verify\n", "x/test.channel:7:7: error E01: scheme is missing here", NULL},
    {"verify hmca key $key\n", "x/test.channel:7:8: error E02: no such scheme \"hmca\"", "\"hmac\""},
    {"verify none\n", "x/test.channel:7:8: error E02: no such scheme \"none\"", "jwt-hs256"},
    {"verify url-params-hmac\n", "x/test.channel:7:1: error E01: url-params-hmac needs \"key\"", NULL},
    {"verify url-params-hmac key\n", "x/test.channel:7:27: error E01: the name of a secret is missing", NULL},
    {"verify url-params-hmac key Bad!\n", "x/test.channel:7:28: error E01", "$name"},
    {"verify url-params-hmac key $kex\n", "x/test.channel:7:28: warning W60", "\"key\""},
    {"verify url-params-hmac key $key window 5 minutes\n",
     "x/test.channel:7:33: error E02: url-params-hmac has no \"window\"", "it takes key, with, header"},
    {"verify url-params-hmac key $key with md5\n", "x/test.channel:7:38: error E02: no such digest", "hmac-sha1"},
    {"verify url-params-hmac key $key key $key\n", "x/test.channel:7:33: error E03: \"key\" is said twice", NULL},
    {"verify url-params-hmac key $key haeder X\n", "x/test.channel:7:33: error E02", "\"header\""},
    {"verify url-params-hmac key $key header X:\n", "x/test.channel:7:40: error E01: \"X:\" is not a name",
     "without \":\""},
    {"verify sorted-params-digest key $key with md5\n",
     "x/test.channel:7:1: error E01: sorted-params-digest needs \"window\"", NULL},
    {"verify sorted-params-digest key $key with md5 window 0 minutes\n", "x/test.channel:7:54: error E04", NULL},
    {"verify sorted-params-digest key $key with md5 window 61 minutes\n", "x/test.channel:7:1: error E04", "an hour"},
    {"verify sorted-params-digest key $key with md5 window 5\n", "x/test.channel:7:55: error E01: unit of time", NULL},
    {"verify hmac key $key as base65 header X over body\n", "x/test.channel:7:25: error E02", "\"base64\""},
    {"verify hmac key $key as hex header X\n", "x/test.channel:7:1: error E01: hmac needs \"over\"", NULL},
    {"verify hmac key $key as hex header X over\n", "x/test.channel:7:42: error E01: piece of a request is missing",
     NULL},
    {"verify hmac key $key as hex header X over boddy\n", "x/test.channel:7:43: error E02", "\"body\""},
    {"verify hmac key $key as hex header X over body \"\n", "x/test.channel:7:48: error E02", NULL},
    {"verify hmac key $key as hex header X over body timestamp\n",
     "x/test.channel:7:1: error E01: the signature covers a timestamp", "timestamp HEADER"},
    {"verify hmac key $key as hex header X nonce Y over body\n",
     "x/test.channel:7:1: error E04: the signature does not cover the nonce", "over"},
    {"verify hmac key $key as hex header X timestamp Y over body timestamp\n",
     "x/test.channel:7:1: error E01: \"timestamp\" and \"window\" belong together", "window 5 minutes"},
    {"verify hmac key $key as hex header X window 5 minutes over body\n",
     "x/test.channel:7:1: error E01: \"timestamp\" and \"window\" belong together", NULL},
    {"verify hmac key $text key-as hex as hex header X over body\n",
     "x/test.channel:7:17: error E04: the secret \"$text\" is not hexadecimal", NULL},
    {"verify ed25519 key $text header X over body\n",
     "x/test.channel:7:20: error E04: the secret \"$text\" is not Base64", NULL},
    {"verify ed25519 key $short header X over body\n",
     "x/test.channel:7:20: error E04: the secret \"$short\" is not an Ed25519 public key of 32 bytes", NULL},
    {"verify rsa-sha256 key $rsa1024 header X over body\n",
     "x/test.channel:7:23: error E04: the secret \"$rsa1024\" is not an RSA public key of at least 2048", NULL},
    {"verify rsa-sha256 key $encrypted header X over body\n", "x/test.channel:7:23: error E04", NULL},
    {"verify jwt-hs256 key $key\n", "x/test.channel:7:1: error E01: jwt-hs256 needs \"window\"", NULL},
    {"verify jwt-hs256 key $key window 5 minutes alg HS512\n",
     "x/test.channel:7:44: error E02: jwt-hs256 has no \"alg\"", NULL},
    {"verify address\n", "x/test.channel:7:1: error E01: address needs \"from\"", NULL},
    {"verify address from\n", "x/test.channel:7:20: error E01: an address is missing", NULL},
    {"verify address from 10.0.0.1/8\n", "x/test.channel:7:21: error E04", "prefix"},
    {"verify address from 10.0.0.0/8 host\n", "x/test.channel:7:32: error E01", "for example"},
    {"or-verify url-params-hmac key $key\n", "x/test.channel:7:1: error E01: \"or-verify\" stands in place", NULL},
    {"unsigned\n", "x/test.channel:7:1: error E01: \"unsigned\" does not stand outside an event", NULL},
};

static void expect_told(const char *lines, const struct settings *s, const char *expected, const char *hint)
{
    struct diags *d = diags_new();
    struct str told = STR_INIT(65536);
    struct channel *c = NULL;
    int rc = read_lines(lines, s, d, &c);
    diags_text(d, &told);
    if (!strstr(str_z(&told), expected) || (hint && !strstr(str_z(&told), hint)))
        fail_msg("%s should give: %s (%s), not:\n%s", lines, expected, hint ? hint : "", str_z(&told));
    if (!strstr(expected, "warning") && (rc != ERR_REFUSED || diags_count(d) != 1))
        fail_msg("%s: one mistake, one message, not:\n%s", lines, str_z(&told));
    assert_null(strstr(str_z(&told), "k1"));
    channel_free(c);
    str_release(&told);
    diags_free(d);
}

static void each_mistake_is_told_where_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
        expect_told(mistakes[i].lines, &with_url, mistakes[i].expected, mistakes[i].hint);
}

/* A file that is only there is no mistake. */
static void expect_quiet(const char *lines, const struct settings *s)
{
    struct diags *d = diags_new();
    struct channel *c = NULL;
    assert_int_equal(read_lines(lines, s, d, &c), 0);
    assert_int_equal(diags_count(d), 0);
    channel_free(c);
    diags_free(d);
}

static void what_a_channel_in_use_lacks_is_told_at_the_start(void **state)
{
    (void)state;
    static const struct span uses[] = {SPAN("tes"), SPAN("test")};
    static const struct {
        const char *lines, *expected, *hint;
    } cases[] = {
        {"secret-path path\nverify url-params-hmac key $token\n",
         "x/test.channel:8:1: error E02: the channel is in use, but its secret \"token\" is not configured",
         "secret-file token PATH"},
        {"verify url-params-hmac key $key\n",
         "x/test.channel:7:1: error E02: the channel is in use, but the address that it signs is not configured",
         "public-url https://HOST"},
        {"verify jwt-hs256 key $key window 5 minutes audience url\n", "x/test.channel:7:1: error E02", "public-url"},
        {"verify jwt-hs256 key $key window 5 minutes url-hash u\n", "x/test.channel:7:1: error E02", "public-url"},
        {"verify hmac key $key as hex header X over url-plain\n", "x/test.channel:7:1: error E02", "public-url"},
        {"verify plivo-v3 key $key\n", "x/test.channel:7:1: error E02", "public-url"},
        {"secret-path path\nsecret-header X-Key $token\n", "x/test.channel:8:1: error E02", "secret-file token PATH"},
        {"basic $user $key\n", "x/test.channel:7:1: error E02", "secret-file user PATH"},
        {"send POST https://host/\nsend-header X $key\nevent a\nkind ignored\nverify plivo-v3 key $token\n",
         "x/test.channel:11:1: error E02", "secret-file token PATH"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool token = strstr(cases[i].lines, "$token") || strstr(cases[i].lines, "$user");
        struct settings used = token ? with_url : without_url;
        used.uses = uses;
        used.demonstration = true;
        used.use_count = 2;
        expect_told(cases[i].lines, &used, cases[i].expected, cases[i].hint);
        used.use_count = 1;
        expect_quiet(cases[i].lines, &used);
    }
}

/* Outside a demonstration somebody has to prove something. */
static void a_channel_in_use_that_is_open_to_all_is_told(void **state)
{
    (void)state;
    static const struct span uses[] = {SPAN("test")};
    static const struct {
        const char *lines, *expected, *hint;
    } cases[] = {
        {"", "x/test.channel:1:1: error E02: the channel is in use, and nothing proves who calls", "secret-path NAME"},
        {"secret-path token\n", "x/test.channel:7:1: error E02: the channel is in use, and nothing proves who calls",
         "secret-file token PATH"},
        {"event a\nkind ignored\nverify address from 10.0.0.0/8\n", "x/test.channel:1:1: error E02", NULL},
    };
    static const char *const fine[] = {"secret-path path\n", "secret-path token\nsecret-header X-Key $key\n",
                                       "verify address from 10.0.0.0/8\n"};
    struct settings used = without_url;
    used.uses = uses;
    used.use_count = 1;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        used.demonstration = false;
        expect_told(cases[i].lines, &used, cases[i].expected, cases[i].hint);
        used.demonstration = true;
        expect_quiet(cases[i].lines, &used);
    }
    used.demonstration = false;
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        expect_quiet(fine[i], &used);
}

/* -- who is asked for what -- */

static struct channel *channel_with(const char *lines, const struct settings *s)
{
    struct diags *d = diags_new();
    struct str told = STR_INIT(65536);
    struct channel *c = NULL;
    int rc = read_lines(lines, s, d, &c);
    diags_text(d, &told);
    if (rc < 0)
        fail_msg("%s", str_z(&told));
    str_release(&told);
    diags_free(d);
    return c;
}

static int ask(const struct channel *c, const char *tail, const char *name, const char *value)
{
    struct arena *a = arena_new(1 << 20);
    const struct wire_field headers[] = {{SPAN("Content-Type"), SPAN("application/x-www-form-urlencoded")},
                                         {span_of(name), span_of(value)}};
    struct wire_request request = {.method = SPAN("POST"),
                                   .url = SPAN("/hook/test"),
                                   .headers = headers,
                                   .header_count = name ? 2 : 1,
                                   .body = SPAN("p=%2B12025550101")};
    struct channel_call call;
    int rc = channel_decode(c, span_of(tail), &request, a, &call);
    arena_free(a);
    return rc;
}

static void a_channel_that_nobody_configured_refuses_all_calls(void **state)
{
    (void)state;
    struct settings none = {0};
    struct channel *c = channel_with("secret-path path\nverify hmac key $key as hex header X over body\n", &none);
    assert_int_equal(ask(c, "", NULL, NULL), ERR_AUTH);
    assert_int_equal(ask(c, "", "X", "00"), ERR_AUTH);
    channel_free(c);
}

static void every_line_must_hold(void **state)
{
    (void)state;
    struct channel *c = channel_with("secret-header X-Key $key\nverify address from 10.0.0.0/8\n", &with_url);
    assert_int_equal(ask(c, "", "X-Key", "k1"), ERR_AUTH); // no address
    channel_free(c);
    c = channel_with("verify address from 10.0.0.0/8\nor-verify address from 0.0.0.0/0 ::/0\n", &with_url);
    assert_int_equal(ask(c, "", NULL, NULL), ERR_AUTH);
    channel_free(c);
}

static void an_event_has_proofs_of_its_own_or_the_path_alone(void **state)
{
    (void)state;
    static const char lines[] = "secret-path path\nverify hmac key $key as hex header X over \"x\"\n"
                                "event same\nkind ignored\n"
                                "event own\nkind ignored\nverify hmac key $key as base64 header Y over \"x\"\n"
                                "event bare\nkind ignored\nunsigned\n";
    // openssl dgst -sha256 -hmac k1 of "x"
    static const char hex[] = "03f42411a891a534fc3714544b8b3f60a21a8ef65d72ee164643f12af19f4a0b",
                      base64[] = "A/QkEaiRpTT8NxRUS4s/YKIajvZdcu4WRkPxKvGfSgs=";
    struct channel *c = channel_with(lines, &with_url);
    assert_int_equal(ask(c, "p4th", "X", hex), 0);
    assert_int_equal(ask(c, "p4th", NULL, NULL), ERR_AUTH);
    assert_int_equal(ask(c, "p4th/same", "X", hex), 0);
    assert_int_equal(ask(c, "p4th/same", NULL, NULL), ERR_AUTH);
    assert_int_equal(ask(c, "p4th/own", "X", hex), ERR_AUTH);
    assert_int_equal(ask(c, "p4th/own", "Y", base64), 0);
    assert_int_equal(ask(c, "p4th/bare", NULL, NULL), 0);
    assert_int_equal(ask(c, "bare", NULL, NULL), ERR_AUTH);
    channel_free(c);
    c = channel_with("secret-path path\nverify hmac key $key as hex header X over \"x\"\n"
                     "event shared\nkind ignored\nwhen form q\nverify hmac key $key as base64 header Y over \"x\"\n",
                     &with_url);
    assert_int_equal(ask(c, "p4th", "X", hex), ERR_AUTH); // what it is shows only when it has proved to be either
    assert_int_equal(ask(c, "p4th", "Y", base64), ERR_AUTH);
    channel_free(c);
    const struct settings no_path = {.secrets = secrets, .secret_count = 1};
    c = channel_with(lines, &no_path);
    assert_int_equal(ask(c, "", "X", hex), 0);
    assert_int_equal(ask(c, "bare", NULL, NULL), ERR_AUTH); // nothing would protect it
    channel_free(c);
}

/* What config/channels/README.md shows as verify lines, joined. */
static void add_examples(struct str *out)
{
    struct str file = STR_INIT(1 << 20);
    bool fenced = false;
    assert_int_equal(file_read("config/channels/README.md", &file), 0);
    struct span rest = str_span(&file), line;
    while (span_split(&rest, '\n', &line)) {
        if (span_starts(line, SPAN("```")))
            fenced = !fenced;
        else if (fenced && (span_starts(line, SPAN("verify ")) || span_starts(line, SPAN("or-verify ")) ||
                            (out->len && span_starts(line, SPAN("| ")))))
            str_addf(out, "%.*s\n", SPAN_ARG(line));
    }
    str_release(&file);
}

static void the_examples_of_the_readme_are_read(void **state)
{
    (void)state;
    struct str lines = STR_INIT(65536);
    struct settings none = {0};
    add_examples(&lines);
    assert_true(lines.len > 1000);
    channel_free(channel_with(str_z(&lines), &none));
    str_release(&lines);
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    static const char lines[] =
        "verify hmac key $key as hex header X timestamp T window 5 minutes over body \".\" timestamp lf\n"
        "verify jwt-hs256 key $key window 5 minutes issuer i audience url url-hash u body-hash b "
        "require a require b\nverify address from 10.0.0.0/8 ::1\n";
    int rc = ERR_NOMEM;
    for (long nth = 0; rc == ERR_NOMEM; nth++) {
        assert_in_range(nth, 0, 200);
        struct diags *d = diags_new();
        struct channel *c = NULL;
        mem_fail_after(nth);
        rc = read_lines(lines, &with_url, d, &c);
        mem_fail_after(-1);
        if (rc == ERR_REFUSED) // the text itself could not be made
            rc = ERR_NOMEM;
        channel_free(c);
        diags_free(d);
    }
    assert_int_equal(rc, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_is_told_where_it_is),
        cmocka_unit_test(what_a_channel_in_use_lacks_is_told_at_the_start),
        cmocka_unit_test(a_channel_in_use_that_is_open_to_all_is_told),
        cmocka_unit_test(a_channel_that_nobody_configured_refuses_all_calls),
        cmocka_unit_test(every_line_must_hold),
        cmocka_unit_test(an_event_has_proofs_of_its_own_or_the_path_alone),
        cmocka_unit_test(the_examples_of_the_readme_are_read),
        cmocka_unit_test(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

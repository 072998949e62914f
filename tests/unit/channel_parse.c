// SPDX-License-Identifier: AGPL-3.0-or-later
/* Channel files: what each mistake is told, what the shipped files say, how a caller proves itself. */
#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "channel/set.h"
#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct settings_secret secrets[] = {{SPAN("key"), SPAN("k1")}, {SPAN("user"), SPAN("u1")}};
static const struct settings settings = {
    .parts_answer = 3, .ussd_session_s = 600, .sms_session_s = 7200, .secrets = secrets, .secret_count = 2};

/* Lines 1 to 8; a case's own lines come from line 9 on. */
static const char head[] =
    "title T\nmedium ussd\nreceive POST form\nfield session from form s\nfield from from form p\n"
    "field text from form t\nreply-more {text}\nreply-end {text}\n";

static int read_text(const char *first, const char *more, struct diags *d, struct channel **c)
{
    struct str text = STR_INIT(65536);
    str_addf(&text, "%s%s", first, more);
    int rc = channel_read("x/test.channel", str_span(&text), &settings, d, c);
    str_release(&text);
    return rc;
}

/* Decodes a request that has one item. */
static int decode(const struct channel *c, struct span tail, const struct wire_request *request, struct arena *a,
                  struct inbound *in, const char **why)
{
    struct channel_call call;
    int rc = channel_decode(c, tail, request, a, &call);
    *why = call.why;
    if (rc == 0)
        *in = call.items[0];
    assert_true(rc < 0 || call.count == 1);
    return rc;
}

static struct channel *channel_with(const char *more)
{
    struct diags *d = diags_new();
    struct str told = STR_INIT(65536);
    struct channel *c = NULL;
    int rc = read_text(head, more, d, &c);
    diags_text(d, &told);
    if (rc < 0)
        fail_msg("%s", str_z(&told));
    str_release(&told);
    diags_free(d);
    return c;
}

static const struct mistake {
    const char *lines;    // behind the head
    const char *expected; // where, which and what, at the beginning of the report
    const char *hint;     // somewhere in the report; NULL: none is asked for
} mistakes[] = {
    {"feild to from form x\n", "x/test.channel:9:1: error E01: a channel file has no statement \"feild\"", "\"field\""},
    {"zzz\n", "x/test.channel:9:1: error E01", NULL},
    {"field sesion from form x\n", "x/test.channel:9:7: error E02: no such field \"sesion\"", "\"session\""},
    {"field to from from x\n", "x/test.channel:9:15: error E02: no such place in a request \"from\"", "\"form\""},
    {"field to form x\n", "x/test.channel:9:10: error E01: \"from\" is missing here", "field session from form"},
    {"field to from form\n", "x/test.channel:9:19: error E01", NULL},
    {"field to from form a optionl\n", "x/test.channel:9:22: error E01: nothing may follow", "[optional]"},
    {"field text from form x\n", "x/test.channel:9:7: error E03: field \"text\" is said twice (first in line 6)", NULL},
    {"field to from json a.b\n", "x/test.channel:9:7: error E04: this comes from a json", "receive POST json"},
    {"field state from form x\n", "x/test.channel:9:7: error E04: field \"state\" has no meaning here", NULL},
    {"title Again\n", "x/test.channel:9:1: error E03: \"title\" is said twice", NULL},
    {"receive POST form\n", "x/test.channel:9:1: error E03", NULL},
    {"receive POST xlm\n", "x/test.channel:9:14: error E02: no such form of a request", "\"xml\""},
    {"at /start\n", "x/test.channel:9:4: error E01: write the path without", NULL},
    {"when json\n", "x/test.channel:9:10: error E01", NULL},
    {"when form a =\n", "x/test.channel:9:14: error E01", NULL},
    {"when form a missing b\n", "x/test.channel:9:21: error E01: nothing may follow", "missing"},
    {"each json items\n", "x/test.channel:9:11: error E04: the array comes in JSON", "receive POST json"},
    {"field to from item a\n", "x/test.channel:9:7: error E04: there are no items", "each json PATH"},
    {"field to from form a as hax\n", "x/test.channel:9:25: error E02: no such way to read a value", "\"hex\""},
    {"field to from form a as hex hex hex hex hex\n", "x/test.channel:9:1: error E04", "4 ways"},
    {"field to from path x\n", "x/test.channel:9:20: error E01", NULL},
    {"coding 8 =\n", "x/test.channel:9:11: error E01", NULL},
    {"coding = hex\n", "x/test.channel:9:8: error E01: no word before", NULL},
    {"coding 8 = utf16\n", "x/test.channel:9:12: error E02", NULL},
    {"keep A from form a\n", "x/test.channel:9:6: error E01: \"A\" is not a name", NULL},
    {"keep a from form a\nkeep a from form b\n", "x/test.channel:10:6: error E03", NULL},
    {"country 0\n", "x/test.channel:9:9: error E04: a calling code", NULL},
    {"empty-text ends\n", "x/test.channel:9:12: error E02", "begins"},
    {"hang-up\n", "x/test.channel:9:8: error E01", NULL},
    {"reply-echo\n", "x/test.channel:1:1: error E01: \"reply-echo\" needs", NULL},
    {"reply-header X: a\n", "x/test.channel:9:14: error E01", "without \":\""},
    {"reply-header X {text}\n", "x/test.channel:9:17: error E04: {text} may not stand here", NULL},
    {"reply-none a\nreply-none b\n", "x/test.channel:10:1: error E03", NULL},
    {"send-also https://a/\n", "x/test.channel:1:1: error E01: there are \"send-\"", NULL},
    {"send POST https://a/\nsend-also http://b/\n", "x/test.channel:10:11: error E04", NULL},
    {"send POST https://a{to}/\n", "x/test.channel:9:11: error E04", NULL},
    {"send-ok text\n", "x/test.channel:9:13: error E01", NULL},
    {"send-id status\n", "x/test.channel:9:9: error E02", NULL},
    {"receive PSOT form\n", "x/test.channel:9:9: error E02", "\"POST\""},
    {"path **\n", "x/test.channel:9:6: error E04", NULL},
    {"path *\nfirst drop 0\n", "x/test.channel:10:12: error E04: the number of segments lies between 1 and 16", NULL},
    {"path *\nfirst drop many\n", "x/test.channel:10:12: error E01", NULL},
    {"first answers\n", "x/test.channel:9:1: error E01: this means nothing without a \"path\"", "path *"},
    {"signal Initiation = begins\n", "x/test.channel:1:1: error E01: a \"field signal from ...\" is missing", NULL},
    {"repeat id\n", "x/test.channel:1:1: error E01: a \"field id from ...\" is missing", NULL},
    {"repeat path\n", "x/test.channel:1:1: error E01: \"repeat path\" needs a \"path\"", NULL},
    {"signal A = opts-outt\n", "x/test.channel:9:12: error E02", "opts-out"},
    {"field part from form n\n", "x/test.channel:1:1: error E01: a \"field part-ref from ...\" is missing", NULL},
    {"rate 0\n", "x/test.channel:9:6: error E04", NULL},
    {"session 10\n", "x/test.channel:9:11: error E01: unit of time is missing", NULL},
    {"session 10 seconds\n", "x/test.channel:9:1: error E04", NULL},
    {"page 2000 80\n", "x/test.channel:9:6: error E04", NULL},
    {"page 182\n", "x/test.channel:9:9: error E01", NULL},
    {"reply-none {txt}\n", "x/test.channel:9:13: error E02: no such placeholder {txt}", "{text}"},
    {"reply-none ab {text:jsn}\n", "x/test.channel:9:21: error E02", "json"},
    {"reply-none a\n| b {key}\n", "x/test.channel:10:6: error E04: {key} may not stand here", NULL},
    {"reply-none {$key}\n", "x/test.channel:9:13: error E04: a secret may not stand in a reply", NULL},
    {"kind ended\n", "x/test.channel:9:1: error E01: \"kind\" does not stand outside an event", NULL},
    {"event a\n", "x/test.channel:9:7: error E01: event \"a\" has no \"kind\"", NULL},
    {"event a\nkind ended\n", "x/test.channel:9:7: error E01: a \"field session from ...\" is missing", NULL},
    {"event a\nkind endde\n", "x/test.channel:10:6: error E02: no such kind of event", "\"ended\""},
    {"event a\nkind ignored\nevent a\nkind ignored\n", "x/test.channel:11:7: error E03: event \"a\" is there", NULL},
    {"event a\nkind ignored\npage 1 70\n", "x/test.channel:11:1: error E01: \"page\" does not stand under", "above"},
    {"event a\nkind delivery\nfield reference from form i\nfield state from form s\nstate X = delievered\n",
     "x/test.channel:13:11: error E02: no such meaning", "\"delivered\""},
    {"event a\nkind delivery\nfield reference from form i\nfield state from form s\nstate X X = sent\n",
     "x/test.channel:13:9: error E03", NULL},
    {"event a\nkind delivery\nfield reference from form i\nfield state from form s\nstate X\n",
     "x/test.channel:13:8: error E01", NULL},
    {"send POST http://host/x\n", "x/test.channel:9:11: error E04", "allow private"},
    {"send POST https://{to}/x\n", "x/test.channel:9:11: error E04", NULL},
    {"send POST https://$key@host/\n", "x/test.channel:9:11: error E04", NULL},
    {"send POST https://host/?a=b\n", "x/test.channel:9:11: error E01", "send-query"},
    {"send-form a b\n", "x/test.channel:1:1: error E01: there are \"send-\" statements", NULL},
    {"send POST https://host/\nsend-header X-A {text}\n", "x/test.channel:10:18: error E04", NULL},
    {"send POST https://host/\nsend-header X-A: b\n", "x/test.channel:10:13: error E01", NULL},
    {"send POST https://host/\nsend-form a b\nsend-body text/plain c\n", "x/test.channel:11:22: error E01", NULL},
    {"send POST https://host/\nsend-body application/json {\"t\":\"{text}\"}\n", "x/test.channel:10:28: error E04",
     "{text:json}"},
    {"send POST https://host/\nsend-error json a.b 1 = rety\n", "x/test.channel:10:25: error E02", "\"retry\""},
    {"send POST https://host/\nsend-error json a.b = retry\n", "x/test.channel:10:21: error E01", NULL},
    {"send POST https://host/\nsend-error others 1 = retry\n", "x/test.channel:10:21: error E01", NULL},
    {"send POST https://host/\nsend-ok json a.b 1\n", "x/test.channel:10:18: error E01: \"=\" is missing", NULL},
    {"send POST https://host/\nsend-header X-A b\n| c\n", "x/test.channel:10:17: error E01: the value is one", NULL},
    {"send POST https://host/\nsend-id json a[*].id\n", "x/test.channel:10:1: error E04", "[0] for the first"},
    {"send POST https://host/\nsend-form a {text:gsm-hex}\n", "x/test.channel:10:19: error E04", "when gsm"},
    {"send POST https://host/\nsend-form a {text:gsm-hex} when unicode\n", "x/test.channel:10:19: error E04", NULL},
    {"secret-path Bad!\n", "x/test.channel:9:13: error E01", "$name"},
    {"secret-header X-Key\n", "x/test.channel:9:20: error E01", NULL},
    {"secret-header X-Key $kex\n", "x/test.channel:9:21: warning W60: secret \"kex\" is not configured", "\"key\""},
    {"\xFF\n", "x/test.channel:9:1: error E01: byte 0xFF is not UTF-8", NULL},
};

static void each_mistake_is_told_where_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        const struct mistake *m = &mistakes[i];
        struct diags *d = diags_new();
        struct str told = STR_INIT(65536);
        struct channel *c = NULL;
        int rc = read_text(head, m->lines, d, &c);
        diags_sort(d);
        diags_text(d, &told);
        bool warning = strstr(m->expected, "warning") != NULL;
        if (strstr(str_z(&told), m->expected) == NULL || (m->hint && strstr(str_z(&told), m->hint) == NULL))
            fail_msg("%s should give: %s (%s), not:\n%s", m->lines, m->expected, m->hint ? m->hint : "", str_z(&told));
        assert_int_equal(rc, warning ? 0 : ERR_REFUSED);
        if (diags_count(d) != 1)
            fail_msg("one mistake, one message, not:\n%s", str_z(&told));
        channel_free(c);
        str_release(&told);
        diags_free(d);
    }
}

static void a_value_in_json_needs_its_quotes(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    struct channel *c = NULL;
    assert_int_equal(read_text(head, "reply application/json\n", d, &c), ERR_REFUSED);
    assert_int_equal(diags_count(d), 2); // reply-more and reply-end
    assert_string_equal(diags_at(d, 0)->code, "E04");
    assert_int_equal(diags_at(d, 0)->at.line, 7);
    assert_int_equal(diags_at(d, 0)->at.column, 12);
    diags_free(d);
}

static void what_is_missing_altogether_is_told(void **state)
{
    (void)state;
    static const char *const wanted[] = {"a \"title\" is missing", "a \"receive METHOD FORM\" is missing",
                                         "a \"field from from ...\" is missing", "a \"field text from ...\" is missing",
                                         "\"reply-more\" and \"reply-end\" are both needed"};
    struct diags *d = diags_new();
    struct str told = STR_INIT(65536);
    struct channel *c = NULL;
    assert_int_equal(read_text("", "", d, &c), ERR_REFUSED);
    diags_text(d, &told);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        assert_non_null(strstr(str_z(&told), wanted[i]));
    str_release(&told);
    diags_free(d);
}

static void the_shipped_files_are_free_of_mistakes(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    struct channel_set *set = NULL;
    assert_int_equal(channel_set_load("config/channels", &settings, d, &set), 0);
    assert_int_equal(diags_count(d), 0);
    const struct channel *ussd = channel_set_get(set, SPAN("africastalking"));
    const struct channel *sms = channel_set_get(set, SPAN("africastalking-sms"));
    const struct channel *phone = channel_set_get(set, SPAN("phone"));
    for (size_t i = 1; channel_set_at(set, i); i++)
        assert_true(span_cmp(channel_name(channel_set_at(set, i - 1)), channel_name(channel_set_at(set, i))) < 0);
    assert_null(channel_set_get(set, SPAN("nobody")));
    assert_null(channel_set_at(set, 1000));
    assert_int_equal(channel_medium(ussd), MEDIUM_USSD);
    assert_int_equal(channel_profile(ussd, MEDIUM_USSD).septets, 182);
    assert_int_equal(channel_profile(ussd, MEDIUM_USSD).units, 80);
    assert_int_equal(channel_profile(sms, MEDIUM_SMS).septets, 3 * 153);
    assert_int_equal(channel_profile(sms, MEDIUM_SMS).units, 3 * 67);
    assert_int_equal(channel_session_s(ussd), 600);
    assert_int_equal(channel_session_s(sms), 7200);
    assert_int_equal(channel_lost(ussd), LOST_END);
    assert_true(channel_answers_inline(phone) && !channel_answers_inline(sms));
    assert_true(channel_accepts(ussd, SPAN("POST")) && !channel_accepts(ussd, SPAN("GET")));
    assert_false(channel_can_send(sms)); // no at-key
    assert_false(channel_private_hosts(sms) || channel_experimental(sms));
    assert_true(span_is(channel_title(ussd), "Africa's Talking USSD"));
    assert_null(channel_secret(ussd).p);
    channel_set_free(set);
    diags_free(d);
}

static void a_folder_that_is_not_there_is_missing(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    struct channel_set *set = NULL;
    assert_int_equal(channel_set_load("config/no-such-folder", &settings, d, &set), ERR_MISSING);
    diags_free(d);
}

/* -- proving who calls -- */

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
#define BODY                     "s=1&p=%2B12025550101&t="

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

/* -- what is built -- */

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

/* What is not in use is gone; a name without a file, and an sms-channel that is not in use, are told. */
static void only_channels_in_use_are_kept(void **state)
{
    (void)state;
    static const struct span uses[] = {SPAN("phone"), SPAN("africastalking-sm"), SPAN("nobody")};
    static const char *const told[] = {
        "config/channels: error E02: there is no file africastalking-sm.channel, but waymark.conf says: use "
        "africastalking-sm\n  hint: did you mean \"africastalking-sms\"?",
        "config/channels: error E02: there is no file nobody.channel",
        "config/channels: error E02: the sms-channel \"africastalking-sms\" is not in use\n  hint: in waymark.conf: "
        "use "
        "africastalking-sms"};
    for (size_t count = 0; count <= 3; count++) {
        const struct settings used = {.demonstration = true,
                                      .uses = uses,
                                      .use_count = count,
                                      .sms_channel = count == 3 ? SPAN("africastalking-sms") : (struct span){0}};
        struct diags *d = diags_new();
        struct str text = STR_INIT(65536);
        struct channel_set *set = NULL;
        assert_int_equal(channel_set_load("config/channels", &used, d, &set), 0);
        assert_int_equal(channel_set_use(set, "config/channels", &used, d), count < 2 ? 0 : ERR_REFUSED);
        assert_int_equal(channel_set_get(set, SPAN("phone")) != NULL, count > 0);
        assert_null(channel_set_at(set, 1));
        assert_null(channel_set_get(set, SPAN("africastalking")));
        diags_text(d, &text);
        for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
            assert_int_equal(strstr(str_z(&text), told[i]) != NULL, count == 3 || (count == 2 && i == 0));
        str_release(&text);
        channel_set_free(set);
        diags_free(d);
    }
}

/* Every allocation fails once: reading gives ERR_NOMEM and loses nothing (ASan), or finds no need of it. */
static void reading_survives_every_failing_allocation(void **state)
{
    (void)state;
    for (long nth = 0; nth < 5000; nth++) {
        struct diags *d = diags_new();
        struct channel_set *set = NULL;
        mem_fail_after(nth);
        int rc = channel_set_load("config/channels", &settings, d, &set);
        mem_fail_after(-1);
        diags_free(d);
        assert_true(rc == ERR_NOMEM || rc == 0);
        if (rc == 0) {
            channel_set_free(set);
            return;
        }
    }
    fail_msg("it never succeeded");
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
    json_setup();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_is_told_where_it_is),
        cmocka_unit_test(a_value_in_json_needs_its_quotes),
        cmocka_unit_test(what_is_missing_altogether_is_told),
        cmocka_unit_test(the_shipped_files_are_free_of_mistakes),
        cmocka_unit_test(only_channels_in_use_are_kept),
        cmocka_unit_test(a_folder_that_is_not_there_is_missing),
        cmocka_unit_test(a_secret_in_a_header_is_asked_for),
        cmocka_unit_test(a_secret_in_the_query_is_asked_for),
        cmocka_unit_test(a_secret_in_the_form_is_asked_for),
        cmocka_unit_test(basic_asks_for_user_and_password),
        cmocka_unit_test(two_secrets_are_both_asked_for),
        cmocka_unit_test(a_secret_that_is_not_configured_refuses_all),
        cmocka_unit_test(a_message_can_be_json_or_a_query_and_go_to_the_own_network),
        cmocka_unit_test(a_channel_without_its_key_does_not_send),
        cmocka_unit_test(xml_and_forms_are_escaped),
        cmocka_unit_test(signals_say_what_begins_and_ends),
        cmocka_unit_test(parts_and_opt_outs_of_a_message_are_read),
        cmocka_unit_test(a_report_may_tell_our_own_id_back),
        cmocka_unit_test(the_first_place_that_holds_something_is_taken),
        cmocka_unit_test(a_request_past_the_cap_is_refused),
        cmocka_unit_test(reading_survives_every_failing_allocation),
        cmocka_unit_test(a_turn_survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

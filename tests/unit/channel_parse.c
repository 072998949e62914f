// SPDX-License-Identifier: AGPL-3.0-or-later
/* Channel files: what each mistake is told, and where. */
#include "channel_fixture.h"

/* An event that fetches in lines 10 to 13, behind a secret in line 9; and one that confirms, five lines. */
#define FETCHED   "secret-query a $key\nevent d\nkind fetch\nserve {items}\nserve-each {to} {text} {key}\n"
#define CONFIRMED "event c\nkind delivery\nfield key from form k\nfield state from form s\nstate 1 = sent\n"

static const struct mistake {
    const char *lines;    // behind the head
    const char *expected; // where, which and what, at the beginning of the report
    const char *hint;     // somewhere in the report; NULL: none is asked for
} mistakes[] = {
    {"feild to from form x\n", "x/test.channel:9:1: error E01: a channel file has no statement \"feild\"", "\"field\""},
    {"zzz\n", "x/test.channel:9:1: error E01", "waymark man channel"},
    {"page 182\n", "x/test.channel:9:9: error E01: the most UTF-16 units of a page is missing here",
     "the form is: page SEPTETS UNITS"},
    {"page one page\n", "x/test.channel:9:6: error E01: the most septets of a page is a whole number",
     "page SEPTETS UNITS"},
    {"send\n", "x/test.channel:9:5: error E01", "the form is: send GET|POST URL"},
    {"send POST https://x.example/\nsend-ok json a b\n", "x/test.channel:10:16: error E01: \"=\" is missing",
     "PATH = WORD..."},
    {"reply-first {message}\n", "x/test.channel:9:14: error E02: no such placeholder {message}",
     "here may stand: {text}"},
    {"field sesion from form x\n", "x/test.channel:9:7: error E02: no such field \"sesion\"", "\"session\""},
    {"field to from from x\n", "x/test.channel:9:15: error E02: no such place in a request \"from\"", "\"form\""},
    {"field to form x\n", "x/test.channel:9:10: error E01: \"from\" is missing here", "field session from form"},
    {"field to from form\n", "x/test.channel:9:19: error E01", "the form is: field"},
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
    {"event d\nkind ignored\nserve {items}\n", "x/test.channel:11:1: error E04: this kind of event serves nothing",
     "fetch"},
    {"serve {items}\n", "x/test.channel:9:1: error E01: \"serve\" does not stand outside an event", NULL},
    {"secret-query a $key\nevent d\nkind fetch\n" CONFIRMED,
     "x/test.channel:10:7: error E01: this event is answered, so \"serve\" and \"serve-each\"", "{items}"},
    {"secret-query a $key\nevent d\nkind fetch\nserve a\nserve-each {to} {text} {key}\n" CONFIRMED,
     "x/test.channel:12:7: error E01: the answer has no place for the items", "{items}"},
    {"secret-query a $key\nevent d\nkind fetch\nserve {items}\nserve-each {to} {text}\n" CONFIRMED,
     "x/test.channel:13:12: error E01: an item has no key", "{key}"},
    {"secret-query a $key\nevent d\nkind fetch\nserve {items}\nserve-each {key} {text}\n" CONFIRMED,
     "x/test.channel:13:12: error E01: a message goes to a number and has a text", "{to} and {text}"},
    {"secret-query a $key\nevent d\nkind fetch\nserve {items}\nserve-each {key} {text} {too}\n" CONFIRMED,
     "x/test.channel:13:26: error E02: no such placeholder {too}", "{to}"},
    {"secret-query a $key\nevent d\nkind fetch\nserve {item}\nserve-each {key} {text} {to}\n" CONFIRMED,
     "x/test.channel:12:8: error E02: no such placeholder {item}", "{items}"},
    {"secret-query a $key\nevent d\nkind fetch\nserve {items} {text}\nserve-each {key} {text} {to}\n" CONFIRMED,
     "x/test.channel:12:16: error E04: {text} may not stand here", NULL},
    {"secret-query a $key\nevent d\nkind fetch\nserve {items} {$key}\nserve-each {key} {text} {to}\n" CONFIRMED,
     "x/test.channel:12:16: error E04: a secret may not stand in a reply", NULL},
    {FETCHED "serve {items}\n" CONFIRMED, "x/test.channel:14:1: error E03: \"serve\" is said twice", NULL},
    {FETCHED "serve-each {key}\n" CONFIRMED, "x/test.channel:14:1: error E03: \"serve-each\" is said twice", NULL},
    {FETCHED "serve-most 31\n" CONFIRMED,
     "x/test.channel:14:12: error E04: the most messages of one fetch lies between 1 and 30", NULL},
    {FETCHED "serve-wait 10\n" CONFIRMED, "x/test.channel:14:14: error E01: unit of time is missing", NULL},
    {FETCHED "serve-wait 10 seconds\n" CONFIRMED, "x/test.channel:14:15: error E02: no such unit of time \"seconds\"",
     NULL},
    {FETCHED, "x/test.channel:10:7: error E01: what is fetched is never confirmed", "\"field key\""},
    {FETCHED "event e\nkind delivery\nfield reference from form r\nfield state from form s\n",
     "x/test.channel:14:7: error E01: messages that were fetched are known by our key alone", "field key"},
    {FETCHED CONFIRMED "event e\nkind fetch\nserve {items}\nserve-each {key} {text} {to}\n",
     "x/test.channel:19:7: error E03: messages are fetched by one kind of event", "\"receive\""},
    {FETCHED "event t\nkind taken\nserve {items}\nserve-each {key}\n",
     "x/test.channel:14:7: error E01: a \"field key from ...\" is missing under event t", NULL},
    {FETCHED "event t\nkind taken\nfield key from form k\nserve {items}\nserve-each {key} {to}\n",
     "x/test.channel:18:12: error E04: only the keys of messages are told here", "{key}"},
    {FETCHED CONFIRMED "event e\nkind awaited\nserve {items}\nserve-each {key}\nserve-most 3\n",
     "x/test.channel:23:1: error E04: \"serve-most\" and \"serve-wait\" stand under kind fetch", NULL},
    {"secret-query a $key\nevent e\nkind awaited\nserve {items}\nserve-each {key}\n",
     "x/test.channel:10:7: error E01: messages are never fetched here", "kind fetch"},
    {"event d\nkind fetch\nserve {items}\nserve-each {to} {text} {key}\n" CONFIRMED,
     "x/test.channel:9:7: error E01: nothing proves who fetches", "secret-query NAME $SECRET"},
    {"secret-query a $key\nevent d\nkind fetch\nunsigned\nserve {items}\nserve-each {to} {text} {key}\n" CONFIRMED,
     "x/test.channel:10:7: error E01: nothing proves who fetches", "secret-path"},
    {"send POST https://host/\n" FETCHED CONFIRMED,
     "x/test.channel:11:7: error E01: a channel's messages are sent (\"send\") or fetched", "delete one"},
    {"event d\nkind fecth\n", "x/test.channel:10:6: error E02: no such kind of event", "\"fetch\""},
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

static void a_reply_that_shows_no_screen_is_refused(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    struct str text = STR_INIT(4096);
    struct channel *c = NULL;
    const char *end = strstr(head, "reply-end {text}");
    assert_non_null(end);
    str_add(&text, span_first(span_of(head), (size_t)(end - head)));
    str_addf(&text, "reply-end Thank you%s", end + strlen("reply-end {text}"));
    assert_int_equal(read_text(str_z(&text), "", d, &c), ERR_REFUSED);
    assert_int_equal(diags_count(d), 1);
    assert_string_equal(diags_at(d, 0)->code, "E04");
    assert_int_equal(diags_at(d, 0)->at.column, 11);
    assert_true(span_starts(diags_at(d, 0)->hint, SPAN("write {text}")));
    str_release(&text);
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

static void what_is_fetched_stands_in_json_with_its_quotes(void **state)
{
    (void)state;
    static const char sms[] = "title T\nmedium sms\nreceive POST form\nfield from from form p\nfield text from form t\n"
                              "reply application/json\nsecret-query a $key\n";
    static const struct {
        const char *lines, *expected;
    } cases[] = {
        {"event d\nkind fetch\nserve {\"m\":[{items}]}\nserve-each "
         "{\"t\":\"+{to}\",\"m\":{text:json},\"k\":\"{key}\"}\n",
         NULL},
        {"event d\nkind fetch\nserve {\"m\":[{items}]}\nserve-each "
         "{\"t\":\"+{to}\",\"m\":\"{text}\",\"k\":\"{key}\"}\n",
         "x/test.channel:11:12: error E04: a value stands in JSON without quotes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct diags *d = diags_new();
        struct str told = STR_INIT(65536), lines = STR_INIT(4096);
        struct channel *c = NULL;
        str_addf(&lines, "%s%s", cases[i].lines, CONFIRMED);
        int rc = read_text(sms, str_z(&lines), d, &c);
        diags_text(d, &told);
        if (rc != (cases[i].expected ? ERR_REFUSED : 0) ||
            (cases[i].expected && strstr(str_z(&told), cases[i].expected) == NULL))
            fail_msg("%s", str_z(&told));
        channel_free(c);
        diags_free(d);
        str_release(&told);
        str_release(&lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_is_told_where_it_is),
        cmocka_unit_test(what_is_fetched_stands_in_json_with_its_quotes),
        cmocka_unit_test(a_value_in_json_needs_its_quotes),
        cmocka_unit_test(a_reply_that_shows_no_screen_is_refused),
        cmocka_unit_test(what_is_missing_altogether_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* Runs tests/channels/NAME.rows: what an aggregator sends and what must come of it, as data. No C for a new aggregator.
 *
 *     channel config/channels/africastalking.channel      above the first row, as what belongs to settings:
 *     secret at-key abc, private-key NAME, country 49, public-url https://example.org
 *     row a dial begins a session
 *     request POST /hook/africastalking?QUERY
 *     header NAME: VALUE
 *     body TEXT
 *     expect WORD TEXT                                    decodes the request when it is the first (see `views`)
 *     item 2                                              looks at the second of several messages in one request
 *     screen more TEXT | screen end TEXT | screen none    encodes; then: expect reply, expect type
 *     time 1767323045, peer 192.0.2.1                     when the request comes, and from where
 *     serve +12025550101 TEXT                             one more message that is due; then: expect reply, expect type
 *     message +12025550101 TEXT                           builds a send; then: expect send-url, send-header ...
 *     answer 201 BODY, with answer-header NAME: VALUE above it     then: expect outcome, reference, after
 */
#include "channel_views.h"

#include "base/file.h"
#include "script/script.h"
#include "text/phone.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void row_fails(struct run *r, struct token at, const char *what, struct span got)
{
    print_error("%s:%d: row \"%.*s\": %s; got: %.*s\n", at.at.file, at.at.line, SPAN_ARG(r->label), what,
                SPAN_ARG(got));
    r->failures++;
}

/* -- what may be done -- */

static void decode_once(struct run *r)
{
    if (r->decoded || !r->request.method.len)
        return;
    r->decoded = true;
    r->rc = channel_decode(r->channel, r->tail, &r->request, r->a, &r->call);
    if (r->rc == 0)
        r->in = r->call.items[0];
}

/* NAME: VALUE, where that header is there; "NAME:" alone where it is not. */
static void expect_header(struct run *r, struct token text, const struct wire_field *headers, size_t count)
{
    size_t colon = span_find(text.text, ':');
    char *name = arena_strdup(r->a, span_first(text.text, colon));
    struct span value = wire_header(headers, count, name);
    bool none = colon + 1 == text.text.len;
    if (none != !value.p || !span_eq(value, span_trim(span_from(text.text, colon + 1))))
        row_fails(r, text, "another header", value);
}

static void run_expect(struct run *r, struct script_cursor *cursor)
{
    struct token word;
    script_word(cursor, &word);
    struct token text = script_rest(cursor);
    decode_once(r);
    if (span_is(word.text, "send-header")) {
        expect_header(r, text, r->built.headers, r->built.header_count);
        return;
    }
    if (span_is(word.text, "reply-header")) {
        expect_header(r, text, r->reply.headers, r->reply.header_count);
        return;
    }
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
        if (span_is(word.text, views[i].word)) {
            struct span got = views[i].get(r);
            if (!span_eq(got, text.text))
                row_fails(r, word, "not as expected", got);
            return;
        }
    row_fails(r, word, "no such thing to expect", word.text);
}

static void run_channel(struct run *r, struct script_cursor *cursor)
{
    struct token path = script_rest(cursor);
    char *file = arena_strdup(r->keep, path.text);
    struct str bytes = STR_INIT(65536), out = STR_INIT(65536);
    struct diags *d = diags_new();
    r->settings.secrets = r->secrets;
    r->settings.parts_answer = 3;
    int rc = file_read(file, &bytes);
    if (rc == 0)
        rc = channel_read(file, str_span(&bytes), &r->settings, d, &r->channel);
    diags_text(d, &out);
    if (rc < 0)
        row_fails(r, path, err_text(rc), str_span(&out));
    diags_free(d);
    str_release(&bytes);
    str_release(&out);
}

static void add_secret(struct run *r, struct span name, struct span text)
{
    assert_true(r->settings.secret_count < SECRETS_MAX);
    r->secrets[r->settings.secret_count++] =
        (struct settings_secret){arena_copy(r->keep, name), arena_copy(r->keep, text)};
}

static void run_secret(struct run *r, struct script_cursor *cursor)
{
    struct token name;
    script_word(cursor, &name);
    add_secret(r, name.text, script_rest(cursor).text);
}

/* An RSA key in PEM form, made anew. */
static void run_private_key(struct run *r, struct script_cursor *cursor)
{
    struct token name;
    script_word(cursor, &name);
    EVP_PKEY *key = EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    assert_true(key && bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
    long len = BIO_get_mem_data(bio, &pem);
    add_secret(r, name.text, (struct span){pem, (size_t)len});
    BIO_free(bio);
    EVP_PKEY_free(key);
}

static void run_public_url(struct run *r, struct script_cursor *cursor)
{
    r->settings.public_url = arena_copy(r->keep, script_rest(cursor).text);
}

static void run_country(struct run *r, struct script_cursor *cursor)
{
    r->settings.default_country = arena_copy(r->keep, script_rest(cursor).text);
}

static void run_row(struct run *r, struct script_cursor *cursor)
{
    r->label = script_rest(cursor).text;
    r->rows++;
    arena_reset(r->a);
    r->request = r->built = (struct wire_request){0};
    r->reply = r->answer = (struct wire_response){0};
    r->tail = (struct span){0};
    r->decoded = r->answered = false;
    r->rc = 0;
    r->call = (struct channel_call){0};
    r->in = (struct inbound){0};
    r->result = (struct send_result){0};
    r->served_count = 0;
}

static void run_request(struct run *r, struct script_cursor *cursor)
{
    struct token method, target;
    script_word(cursor, &method);
    script_word(cursor, &target);
    size_t mark = span_find(target.text, '?');
    struct span path = span_first(target.text, mark);
    struct span prefix = arena_printf(r->a, "/hook/%.*s", SPAN_ARG(channel_name(r->channel)));
    if (!span_starts(path, prefix))
        row_fails(r, target, "a request goes to /hook/ and the channel's name", path);
    r->request = (struct wire_request){
        .method = method.text, .url = path, .query = span_from(target.text, mark + 1), .headers = r->headers};
    r->tail = span_from(path, prefix.len + 1);
}

static struct wire_field header_of(struct script_cursor *cursor)
{
    struct span text = script_rest(cursor).text;
    size_t colon = span_find(text, ':');
    return (struct wire_field){span_first(text, colon), span_trim(span_from(text, colon + 1))};
}

static void run_header(struct run *r, struct script_cursor *cursor)
{
    assert_true(r->request.header_count < HEADERS_MAX);
    r->headers[r->request.header_count++] = header_of(cursor);
}

static void run_time(struct run *r, struct script_cursor *cursor)
{
    assert_int_equal(span_int(script_rest(cursor).text, &r->request.at_s), 0);
}

static void run_peer(struct run *r, struct script_cursor *cursor)
{
    r->request.peer = script_rest(cursor).text;
}

static void run_body(struct run *r, struct script_cursor *cursor)
{
    r->request.body = script_rest(cursor).text;
}

/* A body whose lines end as those of HTTP do. */
static void run_crlf_body(struct run *r, struct script_cursor *cursor)
{
    struct span text = script_rest(cursor).text, line;
    struct str body = STR_INIT(1 << 16);
    while (span_split(&text, '\n', &line)) {
        str_add(&body, line);
        str_addz(&body, "\r\n");
    }
    r->request.body = arena_copy(r->a, str_span(&body));
    str_release(&body);
}

static void run_item(struct run *r, struct script_cursor *cursor)
{
    struct token word;
    int64_t index = 0;
    decode_once(r);
    script_word(cursor, &word);
    assert_int_equal(span_int(word.text, &index), 0);
    if (index < 1 || (size_t)index > r->call.count)
        row_fails(r, word, "no such item", number(r, (int64_t)r->call.count));
    else
        r->in = r->call.items[index - 1];
}

static void run_screen(struct run *r, struct script_cursor *cursor)
{
    struct token way;
    decode_once(r);
    script_word(cursor, &way);
    struct screen screen = {.text = script_rest(cursor).text, .more = span_is(way.text, "more")};
    bool none = span_is(way.text, "none");
    int rc = channel_encode(r->channel, &r->call, none ? NULL : &screen, r->a, &r->reply);
    if (rc < 0 || r->reply.status != 200)
        row_fails(r, way, "no reply", span_of(err_text(rc)));
}

/* Messages that are due, one more with each line; "serve" alone: none is. */
static void run_serve(struct run *r, struct script_cursor *cursor)
{
    struct token to;
    decode_once(r);
    if (script_word(cursor, &to)) {
        struct message *m = &r->served[r->served_count++];
        *m = (struct message){.text = script_rest(cursor).text};
        m->key = arena_printf(r->a, "00112233445566778899aabbccddee%02zx", r->served_count);
        assert_int_equal(phone_parse(to.text, (struct span){0}, &m->to), 0);
    }
    int rc = channel_encode_served(r->channel, &r->call, r->served, r->served_count, r->a, &r->reply);
    if (rc < 0 || r->reply.status != 200)
        row_fails(r, to, "no reply", span_of(err_text(rc)));
}

static void run_message(struct run *r, struct script_cursor *cursor)
{
    struct token to;
    struct message m = {.key = SPAN("00112233445566778899aabbccddeeff")};
    script_word(cursor, &to);
    m.text = script_rest(cursor).text;
    assert_int_equal(phone_parse(to.text, (struct span){0}, &m.to), 0);
    int rc = channel_build_send(r->channel, &m, r->a, &r->built);
    if (rc < 0)
        row_fails(r, to, "no request", span_of(err_text(rc)));
}

static void run_answer_header(struct run *r, struct script_cursor *cursor)
{
    assert_true(r->answer.header_count < HEADERS_MAX);
    r->answer.headers = r->headers;
    r->headers[r->answer.header_count++] = header_of(cursor);
}

static void run_answer(struct run *r, struct script_cursor *cursor)
{
    struct token status;
    int64_t code = 0;
    script_word(cursor, &status);
    assert_int_equal(span_int(status.text, &code), 0);
    r->answer.status = (int)code;
    r->answer.body = script_rest(cursor).text;
    r->answered = true;
    assert_int_equal(channel_read_send(r->channel, &r->answer, r->a, &r->result), 0);
}

static const struct {
    const char *word;
    void (*run)(struct run *r, struct script_cursor *cursor);
    bool first; // before there is a channel
} steps[] = {
    {"channel", run_channel, true},
    {"secret", run_secret, true},
    {"private-key", run_private_key, true},
    {"country", run_country, true},
    {"public-url", run_public_url, true},
    {"row", run_row, false},
    {"request", run_request, false},
    {"header", run_header, false},
    {"time", run_time, false},
    {"peer", run_peer, false},
    {"body", run_body, false},
    {"expect", run_expect, false},
    {"item", run_item, false},
    {"crlf-body", run_crlf_body, false},
    {"screen", run_screen, false},
    {"serve", run_serve, false},
    {"message", run_message, false},
    {"answer", run_answer, false},
    {"answer-header", run_answer_header, false},
};

static void run_step(struct run *r, const struct statement *st)
{
    struct script_cursor cursor = script_cursor(st);
    struct token word;
    script_word(&cursor, &word);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (span_is(word.text, steps[i].word)) {
            assert_true(steps[i].first || r->channel);
            steps[i].run(r, &cursor);
            return;
        }
    row_fails(r, word, "no such statement", word.text);
}

static int run_file(const char *file, int *failures)
{
    struct str bytes = STR_INIT(1 << 20);
    struct arena *script_arena = arena_new(16 << 20);
    struct diags *d = diags_new();
    struct script script;
    struct run r = {.a = arena_new(1 << 20), .keep = arena_new(1 << 20)};
    assert_int_equal(file_read(file, &bytes), 0);
    assert_int_equal(script_read(file, str_span(&bytes), script_arena, d, &script), 0);
    assert_int_equal(diags_errors(d), 0);
    for (size_t i = 0; i < script.count; i++)
        run_step(&r, &script.statements[i]);
    *failures += r.failures;
    channel_free(r.channel);
    diags_free(d);
    arena_free(r.a);
    arena_free(r.keep);
    arena_free(script_arena);
    str_release(&bytes);
    return r.rows;
}

static int is_rows(const struct dirent *entry)
{
    struct span name = span_of(entry->d_name);
    return name.len > 5 && span_is(span_from(name, name.len - 5), ".rows");
}

static void every_row_of_every_aggregator_holds(void **state)
{
    (void)state;
    struct dirent **entries;
    int count = scandir("tests/channels", &entries, is_rows, alphasort), failures = 0, rows = 0;
    for (int i = 0; i < count; i++) {
        char file[512];
        snprintf(file, sizeof file, "tests/channels/%s", entries[i]->d_name);
        int found = run_file(file, &failures);
        print_message("%s: %d rows\n", file, found);
        assert_true(found > 0);
        rows += found;
        free(entries[i]);
    }
    free(entries);
    assert_true(count >= 20 && rows >= 500);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_of_every_aggregator_holds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

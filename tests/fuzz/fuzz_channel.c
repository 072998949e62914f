// SPDX-License-Identifier: AGPL-3.0-or-later
/* Fuzzes what strangers send, and channel files. What is decoded must keep its promises; its path and its reply must be
 * made of it without harm. An input that begins with a digit is a request, see LLVMFuzzerTestOneInput; any other is a
 * channel file. Run it in the top folder: it reads config/channels, without the proofs that callers owe, since no input
 * would come past those; whoever fetches messages owes one all the same, and it is a secret that the seeds hold.
 * seeds.py makes requests of tests/channels. */
#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/utf8.h"
#include "channel/channel.h"
#include "wire/json.h"

#include <assert.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHANNELS_MAX = 256 };

static struct {
    struct channel *channels[CHANNELS_MAX]; // in order of names, as seeds.py counts them
    size_t count;
    struct arena *a;
    struct settings settings;
} fuzz;

/* Statements that ask for a proof, with the lines that go on with them. */
static bool asks_for_proof(struct span line, bool before)
{
    static const char *const words[] = {"secret-", "verify ", "or-verify ", "basic ", "unsigned"};
    line = span_trim(line);
    if (span_starts(line, SPAN("|")))
        return before;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (span_starts(line, span_of(words[i])))
            return true;
    return false;
}

static void load(const char *name)
{
    struct str bytes = STR_INIT(1 << 16), bare = STR_INIT(1 << 16);
    struct diags *d = diags_new();
    struct span path = arena_printf(fuzz.a, "config/channels/%s", name), text, line;
    bool dropped = false, event = false;
    assert(file_read(path.p, &bytes) == 0);
    bool fetched = strstr(str_z(&bytes), "kind fetch") != NULL;
    for (text = str_span(&bytes); span_split(&text, '\n', &line);) {
        dropped = asks_for_proof(line, dropped);
        event = event || span_starts(line, SPAN("event "));
        if (!dropped)
            str_addf(&bare, "%.*s\n", SPAN_ARG(line));
        else if (event && fetched)
            str_addz(&bare, "secret-query secret $fetch\n");
    }
    assert(channel_read(path.p, str_span(&bare), &fuzz.settings, d, &fuzz.channels[fuzz.count++]) == 0);
    diags_free(d);
    str_release(&bytes);
    str_release(&bare);
}

static int is_channel(const struct dirent *entry)
{
    struct span name = span_of(entry->d_name), end = SPAN(".channel");
    return name.len > end.len && span_eq(span_from(name, name.len - end.len), end);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct dirent **entries;
    (void)argc;
    (void)argv;
    static const struct settings_secret secret = {SPAN("fetch"), SPAN("s&3")}; // as in smssync.rows
    fuzz.settings = (struct settings){.parts_answer = 3, .secrets = &secret, .secret_count = 1};
    fuzz.a = arena_new(64 << 20);
    assert(fuzz.a);
    int count = scandir("config/channels", &entries, is_channel, alphasort);
    assert(count > 0 && count < CHANNELS_MAX);
    for (int i = 0; i < count; i++) {
        load(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return 0;
}

static void check_inbound(const struct channel *c, const struct channel_call *call, const struct inbound *in)
{
    struct span input, *answers, half = span_first(in->text, in->text.len / 2);
    struct wire_response reply;
    struct screen screen = {.text = in->text, .more = in->text.len % 2};
    struct trail before = {0};
    before.marks = trail_add(&before, half, fuzz.a);
    size_t count;
    assert(in->session.len <= CHANNEL_SESSION_MAX);
    assert(utf8_valid(in->text) == in->text.len && utf8_valid(in->session) == in->session.len);
    assert(in->kind != INBOUND_TURN || in->from.digits[0]);
    for (int known = 0; known < 2; known++)
        channel_path(c, in, known, &before, fuzz.a, &input, &answers, &count);
    assert(channel_encode(c, call, &screen, fuzz.a, &reply) != ERR_NOMEM);
    assert(channel_encode(c, call, NULL, fuzz.a, &reply) != ERR_NOMEM);
}

static void check_served(const struct channel *c, const struct channel_call *call)
{
    struct message list[2] = {{.text = call->body, .key = SPAN("00112233445566778899aabbccddeeff")}};
    struct wire_response reply;
    list[1] = list[0];
    enum serve_kind kind = channel_call_serves(c, call);
    for (size_t i = 0; i < 3 && kind != SERVE_NOTHING && kind != SERVE_REPORT; i++)
        assert(channel_encode_served(c, call, list, i, fuzz.a, &reply) != ERR_NOMEM);
}

static void decode(const struct channel *c, struct wire_request *request, struct span tail)
{
    struct channel_call call;
    int rc = channel_decode(c, tail, request, fuzz.a, &call);
    assert(rc == 0 || rc == ERR_SYNTAX || rc == ERR_MISSING || rc == ERR_AUTH);
    assert(rc == 0 ? call.count > 0 : call.why != NULL);
    for (size_t i = 0; rc == 0 && i < call.count; i++)
        check_inbound(c, &call, &call.items[i]);
    if (rc == 0)
        check_served(c, &call);
}

static void read_file(struct span text)
{
    struct diags *d = diags_new();
    struct channel *c = NULL;
    struct str told = STR_INIT(1 << 20);
    int rc = channel_read("x/fuzz.channel", text, &fuzz.settings, d, &c);
    assert(rc == 0 || diags_errors(d) > 0);
    diags_text(d, &told);
    if (rc == 0)
        channel_free(c);
    str_release(&told);
    diags_free(d);
}

static struct span next(struct span *rest)
{
    struct span word = {0};
    span_split(rest, ' ', &word);
    return word;
}

/* A request's first line is "CHANNEL GET TYPE TAIL": three numbers and the path behind /hook/NAME/. The rest is query
 * and body; a query of its own stands behind "?" in the first line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"application/x-www-form-urlencoded", "application/json", "text/xml",
                                        "multipart/form-data; boundary=b", "text/plain"};
    if (!size || size > 1 << 17)
        return 0;
    struct span body = {(const char *)data, size}, line;
    if (data[0] < '0' || data[0] > '9') {
        read_file(body);
        return 0;
    }
    span_split(&body, '\n', &line);
    int64_t which = 0, get = 0, type = 0;
    span_int(next(&line), &which);
    span_int(next(&line), &get);
    span_int(next(&line), &type);
    const struct channel *c = fuzz.channels[(size_t)which % fuzz.count];
    struct wire_field header = {SPAN("Content-Type"), span_of(types[(size_t)type % (sizeof types / sizeof types[0])])};
    struct wire_request request = {
        .method = get ? SPAN("GET") : SPAN("POST"), .headers = &header, .header_count = 1, .body = body};
    size_t mark = span_find(line, '?');
    request.query = mark < line.len ? span_from(line, mark + 1) : body;
    decode(c, &request, span_first(line, mark));

    struct wire_response answer = {.status = (int)(200 + size % 400), .body = body};
    struct send_result result = {0};
    assert(channel_read_send(c, &answer, fuzz.a, &result) == 0);
    arena_reset(fuzz.a);
    return 0;
}

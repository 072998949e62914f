// SPDX-License-Identifier: AGPL-3.0-or-later
/* Fuzzes what strangers send, and channel files. What is decoded must keep its promises; its path and its reply must be
 * made of it without harm. A file whose first line is "file" is a channel file; else see decode. Run it in the top
 * folder: it reads config/channels. */
#include "base/arena.h"
#include "base/err.h"
#include "channel/set.h"
#include "text/utf8.h"
#include "wire/json.h"

#include <assert.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    struct channel_set *set;
    struct arena *a;
    struct settings settings;
} fuzz;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    json_setup();
    fuzz.settings.parts_answer = 3;
    fuzz.a = arena_new(64 << 20);
    struct diags *d = diags_new();
    int rc = channel_set_load("config/channels", &fuzz.settings, d, &fuzz.set);
    assert(rc == 0 && fuzz.a);
    diags_free(d);
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

/* The first line of the input is "CHANNEL METHOD TYPE TAIL", each but the tail a number; the rest is query and body. */
static void decode(const struct channel *c, struct wire_request *request, struct span tail)
{
    struct channel_call call;
    int rc = channel_decode(c, tail, request, fuzz.a, &call);
    assert(rc == 0 || rc == ERR_SYNTAX || rc == ERR_MISSING || rc == ERR_AUTH);
    assert(rc == 0 ? call.count > 0 : call.why != NULL);
    for (size_t i = 0; rc == 0 && i < call.count; i++)
        check_inbound(c, &call, &call.items[i]);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"application/x-www-form-urlencoded", "application/json", "text/xml",
                                        "multipart/form-data; boundary=b", "text/plain"};
    if (!size || size > 1 << 17)
        return 0;
    struct span body = {(const char *)data, size}, line;
    span_split(&body, '\n', &line);
    if (span_is(line, "file")) {
        read_file(body);
        return 0;
    }
    int64_t which = 0, get = 0, type = 0;
    size_t channels = 0;
    span_int(next(&line), &which);
    span_int(next(&line), &get);
    span_int(next(&line), &type);
    while (channel_set_at(fuzz.set, channels))
        channels++;
    const struct channel *c = channel_set_at(fuzz.set, (size_t)which % channels);
    struct wire_field header = {SPAN("Content-Type"), span_of(types[(size_t)type % (sizeof types / sizeof types[0])])};
    struct wire_request request = {
        .method = get ? SPAN("GET") : SPAN("POST"), .headers = &header, .header_count = 1, .body = body};
    request.query = body;
    decode(c, &request, line);

    struct wire_response answer = {.status = (int)(200 + size % 400), .body = body};
    struct send_result result = {0};
    assert(channel_read_send(c, &answer, fuzz.a, &result) == 0);
    arena_reset(fuzz.a);
    return 0;
}

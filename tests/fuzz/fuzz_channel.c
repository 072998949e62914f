// SPDX-License-Identifier: AGPL-3.0-or-later
/* Fuzzes what strangers send: the first byte chooses channel, kind of request and content type; the rest is the body.
 * What is decoded must keep its promises; its path and its reply must be made of it without harm. Run it in the top
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

static void check_inbound(const struct channel *c, const struct inbound *in)
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
    assert(channel_encode(c, in, &screen, fuzz.a, &reply) != ERR_NOMEM);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"application/x-www-form-urlencoded", "application/json"};
    static const char *const tails[] = {"", "ended", "delivery", "optout"};
    if (!size || size > 1 << 17)
        return 0;
    size_t channels = 0;
    while (channel_set_at(fuzz.set, channels))
        channels++;
    const struct channel *c = channel_set_at(fuzz.set, (data[0] >> 3) % channels);
    struct wire_field header = {SPAN("Content-Type"), span_of(types[data[0] & 1])};
    struct wire_request request = {.method = SPAN("POST"), .headers = &header, .header_count = 1};
    request.body = (struct span){(const char *)data + 1, size - 1};
    struct inbound in;
    const char *why = NULL;
    int rc = channel_decode(c, span_of(tails[data[0] >> 1 & 3]), &request, fuzz.a, &in, &why);
    assert(rc == 0 || rc == ERR_SYNTAX || rc == ERR_MISSING);
    assert(rc == 0 || why);
    if (rc == 0)
        check_inbound(c, &in);

    struct wire_response answer = {.status = 200 + data[0], .body = request.body};
    struct send_result result = {0};
    assert(channel_read_send(c, &answer, fuzz.a, &result) == 0);
    arena_reset(fuzz.a);
    return 0;
}

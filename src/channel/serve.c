// SPDX-License-Identifier: AGPL-3.0-or-later
/* Answers to whoever fetches messages, or tells and asks about those it has fetched. */
#include "channel/channel_internal.h"

#include "base/err.h"

enum {
    SERVE_MOST = 10,
    SERVE_WAIT_S = 10 * 60,
    ITEMS_MAX = 256 * 1024, /* bytes of all items of an answer */
};

static const struct event *fetch_of(const struct channel *c)
{
    for (size_t i = 0; i < c->event_count; i++)
        if (c->events[i].serves == SERVE_FETCH)
            return &c->events[i];
    return NULL;
}

bool channel_serves(const struct channel *c)
{
    return fetch_of(c);
}

int channel_serve_most(const struct channel *c)
{
    const struct event *e = fetch_of(c);
    return e && e->serve->most ? e->serve->most : SERVE_MOST;
}

int64_t channel_serve_wait_ms(const struct channel *c)
{
    const struct event *e = fetch_of(c);
    return (e && e->serve->wait_s ? e->serve->wait_s : SERVE_WAIT_S) * INT64_C(1000);
}

enum serve_kind channel_call_serves(const struct channel *c, const struct channel_call *call)
{
    if (!call->event || !channel_serves(c))
        return SERVE_NOTHING;
    return call->event->kind == INBOUND_DELIVERY ? SERVE_REPORT : call->event->serves;
}

/* Items stand side by side: in JSON with a comma between, elsewhere each in its line. */
static int items_write(const struct channel *c, const struct serve *serve, const struct message *list, size_t count,
                       struct arena *a, struct str *out)
{
    char between = type_is_json(c->reply_type) ? ',' : '\n';
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        const struct span values[VALUE_COUNT] = {
            [VALUE_TEXT] = list[i].text, [VALUE_TO] = span_of(list[i].to.digits), [VALUE_KEY] = list[i].key};
        if (i)
            str_addc(out, between);
        rc = template_write(&serve->each, values, a, out);
    }
    return rc < 0 ? rc : str_err(out);
}

/* What is asked for by GET must not be kept on its way, from where it would be handed out again. */
static int headers_render(const struct channel *c, struct arena *a, struct wire_response *out)
{
    static const struct span none[VALUE_COUNT];
    struct wire_field *headers;
    int rc = reply_headers(c, NULL, none, a, &headers, &out->header_count);
    if (rc < 0)
        return rc;
    headers[out->header_count++] = (struct wire_field){SPAN("Cache-Control"), SPAN("no-store")};
    out->headers = headers;
    return 0;
}

static int whole_render(const struct channel *c, const struct channel_call *call, struct span items, struct arena *a,
                        struct wire_response *out)
{
    struct span values[VALUE_COUNT] = {[VALUE_ITEMS] = items};
    for (size_t i = 0; i < c->kept_count; i++)
        values[VALUE_KEPT + i] = call->kept[i];
    *out = (struct wire_response){.status = 200, .content_type = c->reply_type};
    return template_render(&call->event->serve->whole, values, a, &out->body);
}

int channel_encode_served(const struct channel *c, const struct channel_call *call, const struct message *list,
                          size_t count, struct arena *a, struct wire_response *out)
{
    struct str items = STR_INIT(ITEMS_MAX);
    int rc = items_write(c, call->event->serve, list, count, a, &items);
    if (rc == 0 && !count && call->event->none)
        rc = channel_encode(c, call, NULL, a, out);
    else if (rc == 0)
        rc = whole_render(c, call, str_span(&items), a, out);
    str_release(&items);
    return rc < 0 ? rc : headers_render(c, a, out);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* Replies, and the plain questions about a channel. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "text/paging.h"
#include "wire/json.h"

/* A request that nobody asked for, or that was never decoded, is acknowledged as a turn is. */
static const struct template *reply_of(const struct channel *c, const struct channel_call *call,
                                       const struct screen *screen)
{
    static const struct template empty = {0};
    if (screen && c->opening.count && call && call->count && call->items[0].begins)
        return &c->opening;
    if (screen)
        return screen->more ? &c->more : &c->end;
    if (call && call->event && call->event->none)
        return call->event->none;
    return c->events[0].none ? c->events[0].none : &empty;
}

static void reply_values(const struct channel *c, const struct channel_call *call, const struct screen *screen,
                         struct span values[VALUE_COUNT])
{
    const struct inbound *in = call && call->count ? call->items : NULL;
    values[VALUE_TEXT] = screen ? screen->text : (struct span){0};
    if (!in)
        return;
    values[VALUE_TO] = in->to;
    values[VALUE_FROM] = span_of(in->from.digits);
    values[VALUE_SESSION] = in->session;
    values[VALUE_EVENT] = in->event;
    for (size_t i = 0; i < c->kept_count; i++)
        values[VALUE_KEPT + i] = call->kept[i];
}

static bool header_goes(const struct reply_header *h, const struct screen *screen)
{
    return screen ? (screen->more ? h->more : h->end) : h->more && h->end;
}

int reply_headers(const struct channel *c, const struct screen *screen, const struct span *values, struct arena *a,
                  struct wire_field **list, size_t *count)
{
    *list = arena_array(a, c->reply_header_count + 1, sizeof **list);
    *count = 0;
    int rc = *list ? 0 : ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < c->reply_header_count; i++) {
        const struct reply_header *h = &c->reply_headers[i];
        if (!header_goes(h, screen))
            continue;
        struct wire_field *field = &(*list)[(*count)++];
        field->name = h->name;
        rc = template_render(&h->value, values, a, &field->value);
    }
    return rc;
}

int channel_encode(const struct channel *c, const struct channel_call *call, const struct screen *screen,
                   struct arena *a, struct wire_response *out)
{
    struct span values[VALUE_COUNT] = {{0}};
    reply_values(c, call, screen, values);
    *out = (struct wire_response){.status = 200, .content_type = c->reply_type};
    int rc = template_render(reply_of(c, call, screen), values, a, &out->body);
    struct wire_field *headers = NULL;
    if (rc == 0 && c->reply_header_count)
        rc = reply_headers(c, screen, values, a, &headers, &out->header_count);
    out->headers = headers;
    if (rc == 0 && c->echoes && screen && call)
        rc = json_merge(call->body, out->body, a, &out->body);
    return rc;
}

struct span channel_name(const struct channel *c)
{
    return c->name;
}

struct span channel_title(const struct channel *c)
{
    return c->title;
}

enum medium channel_medium(const struct channel *c)
{
    return c->medium;
}

struct profile channel_profile(const struct channel *c, enum medium medium)
{
    if (medium == MEDIUM_USSD)
        return (struct profile){.medium = medium, .septets = c->septets, .units = c->units};
    int parts = c->parts ? c->parts : c->settings->parts_answer;
    return (struct profile){.medium = medium,
                            .septets = paging_room((struct measure){.gsm = true}, parts),
                            .units = paging_room((struct measure){.gsm = false}, parts)};
}

bool channel_experimental(const struct channel *c)
{
    return c->experimental;
}

bool channel_private_hosts(const struct channel *c)
{
    return c->private_hosts;
}

/* Whether the turn or one of the events comes with it; channel_decode knows which. */
bool channel_accepts(const struct channel *c, struct span method)
{
    for (size_t i = 0; i < c->event_count; i++)
        for (size_t k = 0; k < c->events[i].receive_count; k++)
            if (span_eq(c->events[i].receives[k].method, method))
                return true;
    return false;
}

bool channel_answers_inline(const struct channel *c)
{
    return c->inline_answers;
}

enum lost_session channel_lost(const struct channel *c)
{
    return c->lost;
}

int channel_rate(const struct channel *c)
{
    return c->rate;
}

int64_t channel_session_s(const struct channel *c)
{
    if (c->session_s)
        return c->session_s;
    return c->medium == MEDIUM_USSD ? c->settings->ussd_session_s : c->settings->sms_session_s;
}

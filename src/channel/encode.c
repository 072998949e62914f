// SPDX-License-Identifier: AGPL-3.0-or-later
/* Replies, and the plain questions about a channel. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "text/paging.h"

static const struct template *reply_of(const struct channel *c, const struct screen *screen)
{
    if (!screen)
        return &c->none;
    return screen->more ? &c->more : &c->end;
}

int channel_encode(const struct channel *c, const struct inbound *in, const struct screen *screen, struct arena *a,
                   struct wire_response *out)
{
    struct span values[VALUE_COUNT] = {[VALUE_TEXT] = screen ? screen->text : (struct span){0}};
    if (in) {
        values[VALUE_TO] = in->to;
        values[VALUE_FROM] = span_of(in->from.digits);
        values[VALUE_SESSION] = in->session;
        values[VALUE_EVENT] = in->event;
    }
    *out = (struct wire_response){.status = 200, .content_type = c->reply_type};
    return template_render(reply_of(c, screen), values, a, &out->body);
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

struct span channel_secret(const struct channel *c)
{
    return c->secret;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* What a row of tests/channels may expect: a table of words, each with what it looks at after the request, the screen,
 * the message or the answer. To add one: a row in `views`. Used by channel_rows.c, which says what rows look like. */
#ifndef WAYMARK_TESTS_CHANNEL_VIEWS_H
#define WAYMARK_TESTS_CHANNEL_VIEWS_H

#include "base/arena.h"
#include "base/err.h"
#include "channel/channel.h"

enum { HEADERS_MAX = 16, SECRETS_MAX = 12 };

struct run {
    struct arena *a, *keep; // of a row; of the file
    struct channel *channel;
    struct settings settings;
    struct settings_secret secrets[SECRETS_MAX];
    struct span label;
    struct wire_field headers[HEADERS_MAX];
    struct wire_request request, built;
    struct wire_response reply, answer;
    struct span tail;
    bool decoded, answered;
    int rc;
    struct channel_call call;
    struct inbound in; // the item that is looked at
    struct send_result result;
    struct message served[CHANNEL_FETCH_MAX];
    size_t served_count;
    int rows, failures;
};

static struct span number(struct run *r, int64_t n)
{
    return arena_printf(r->a, "%lld", (long long)n);
}

static struct span word_of(const char *const *words, size_t index)
{
    return span_of(words[index]);
}

static struct span view_status(struct run *r)
{
    static const struct {
        int rc, status;
    } statuses[] = {{0, 200}, {ERR_SYNTAX, 400}, {ERR_AUTH, 403}, {ERR_MISSING, 404}};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (statuses[i].rc == r->rc)
            return number(r, statuses[i].status);
    return SPAN("another failure");
}

static struct span view_why(struct run *r)
{
    return span_of(r->call.why);
}

static struct span view_session(struct run *r)
{
    return r->in.session;
}

static struct span view_from(struct run *r)
{
    return span_of(r->in.from.digits);
}

static struct span view_to(struct run *r)
{
    return r->in.to;
}

static struct span view_text(struct run *r)
{
    return r->in.text;
}

static struct span view_event(struct run *r)
{
    return r->in.event;
}

static struct span view_kind(struct run *r)
{
    static const char *const words[] = {"turn", "ended", "delivery", "optout", "ignored"};
    static const char *const served[] = {NULL, "fetch", "taken", "awaited", "delivery"};
    enum serve_kind serves = channel_call_serves(r->channel, &r->call);
    return serves ? word_of(served, serves) : word_of(words, r->in.kind);
}

static struct span view_medium(struct run *r)
{
    static const char *const words[] = {"ussd", "sms"};
    return word_of(words, r->in.medium);
}

static struct span view_repeat(struct run *r)
{
    static const char *const words[] = {"none", "id", "sequence", "path"};
    return word_of(words, r->in.repeat);
}

static struct span view_delivery(struct run *r)
{
    static const char *const words[] = {"unknown", "queued",  "sent",     "delivered",
                                        "failed",  "expired", "rejected", "opted-out"};
    return word_of(words, r->in.delivery);
}

static struct span view_begins(struct run *r)
{
    return r->in.begins ? SPAN("yes") : SPAN("no");
}

static struct span view_page(struct run *r)
{
    struct profile page = channel_profile(r->channel, MEDIUM_USSD);
    return arena_printf(r->a, "%d %d", page.septets, page.units);
}

static struct span view_experimental(struct run *r)
{
    return channel_experimental(r->channel) ? SPAN("yes") : SPAN("no");
}

static struct span view_items(struct run *r)
{
    return number(r, (int64_t)r->call.count);
}

static struct span view_key(struct run *r)
{
    return r->in.key;
}

static struct span view_opted_out(struct run *r)
{
    return r->in.opted_out ? SPAN("yes") : SPAN("no");
}

/* "2 of 3 REFERENCE"; nothing where the message is whole. */
static struct span view_part(struct run *r)
{
    const struct inbound_part *part = &r->in.part;
    if (!part->total)
        return (struct span){0};
    return arena_printf(r->a, "%d of %d %.*s", part->number, part->total, SPAN_ARG(part->reference));
}

static struct span view_reference(struct run *r)
{
    return r->answered ? r->result.reference : r->in.reference;
}

static struct span view_reply(struct run *r)
{
    return r->reply.body;
}

static struct span view_type(struct run *r)
{
    return r->reply.content_type;
}

static struct span view_can_send(struct run *r)
{
    return channel_can_send(r->channel) ? SPAN("yes") : SPAN("no");
}

static struct span view_serves(struct run *r)
{
    if (!channel_serves(r->channel))
        return SPAN("no");
    return arena_printf(r->a, "%d, %lld minutes", channel_serve_most(r->channel),
                        (long long)channel_serve_wait_ms(r->channel) / 60000);
}

static struct span view_send_url(struct run *r)
{
    return r->built.url;
}

static struct span view_send_method(struct run *r)
{
    return r->built.method;
}

static struct span view_send_query(struct run *r)
{
    return r->built.query;
}

static struct span view_send_body(struct run *r)
{
    return r->built.body;
}

static struct span view_outcome(struct run *r)
{
    static const char *const words[] = {"accepted", "retry", "permanent", "opted-out", "throttled", "unknown"};
    return word_of(words, r->result.outcome);
}

static struct span view_after(struct run *r)
{
    return number(r, r->result.after_s);
}

static const struct view {
    const char *word;
    struct span (*get)(struct run *r);
} views[] = {
    {"status", view_status},
    {"why", view_why},
    {"session", view_session},
    {"from", view_from},
    {"to", view_to},
    {"text", view_text},
    {"event", view_event},
    {"kind", view_kind},
    {"medium", view_medium},
    {"repeat", view_repeat},
    {"delivery", view_delivery},
    {"reference", view_reference},
    {"items", view_items},
    {"key", view_key},
    {"opted-out", view_opted_out},
    {"part", view_part},
    {"begins", view_begins},
    {"page", view_page},
    {"experimental", view_experimental},
    {"reply", view_reply},
    {"type", view_type},
    {"can-send", view_can_send},
    {"serves", view_serves},
    {"send-url", view_send_url},
    {"send-method", view_send_method},
    {"outcome", view_outcome},
    {"after", view_after},
    {"send-query", view_send_query},
    {"send-body", view_send_body},
};

#endif

// SPDX-License-Identifier: AGPL-3.0-or-later
/* The request that sends a message; answer.c reads what comes back. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "text/gsm7.h"

static bool list_complete(const struct send_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].value.missing && !list->items[i].optional)
            return false;
    return true;
}

static bool urls_complete(const struct send *s)
{
    for (size_t i = 0; i < s->url_count; i++)
        if (s->urls[i].missing)
            return false;
    return s->present;
}

bool channel_sends(const struct channel *c)
{
    return c->send.present || channel_serves(c);
}

bool channel_can_send(const struct channel *c)
{
    const struct send *s = &c->send;
    return urls_complete(s) && !s->body.missing && list_complete(&s->headers) && list_complete(&s->query) &&
           list_complete(&s->form) && auth_complete(&s->auth);
}

size_t channel_send_hosts(const struct channel *c)
{
    return c->send.url_count;
}

/* -- building -- */

/* A message while its request is built. */
struct builder {
    const struct channel *c;
    struct span values[VALUE_COUNT];
    enum alphabet alphabet; // of the text
    int attempts;
    struct arena *a;
};

static bool goes_along(const struct builder *b, const struct send_value *item)
{
    return !item->value.missing && (item->alphabet == ALPHABET_ANY || item->alphabet == b->alphabet);
}

/* Renders a list into fields, with room for `spare` more. */
static int build_fields(const struct builder *b, const struct send_list *list, size_t spare, struct wire_field **fields,
                        size_t *count)
{
    struct wire_field *out = arena_array(b->a, list->count + spare, sizeof *out);
    if (!out)
        return ERR_NOMEM;
    *count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct send_value *item = &list->items[i];
        if (!goes_along(b, item))
            continue;
        struct wire_field *field = &out[(*count)++];
        field->name = item->name;
        int rc = template_render(&item->value, b->values, b->a, &field->value);
        if (rc < 0)
            return rc;
    }
    *fields = out;
    return 0;
}

/* name=value pairs; empty where the list is. */
static int build_encoded(const struct builder *b, const struct send_list *list, struct span *out)
{
    struct wire_field *fields;
    size_t count;
    *out = (struct span){0};
    if (!list->count)
        return 0;
    int rc = build_fields(b, list, 0, &fields, &count);
    if (rc < 0)
        return rc;
    *out = wire_form_encode(fields, count, b->a);
    return out->p ? 0 : ERR_NOMEM;
}

static int build_body(const struct builder *b, struct span *body, struct span *type)
{
    const struct send *s = &b->c->send;
    *type = s->has_body ? s->body_type : s->form.count ? SPAN("application/x-www-form-urlencoded") : (struct span){0};
    if (s->has_body)
        return template_render(&s->body, b->values, b->a, body);
    return build_encoded(b, &s->form, body);
}

static int build_request(const struct builder *b, struct wire_request *out)
{
    const struct send *s = &b->c->send;
    struct wire_field *headers = NULL;
    struct span type = {0};
    *out = (struct wire_request){.method = s->method};
    const struct template *url = &s->urls[(size_t)b->attempts % s->url_count];
    int rc = template_render(url, b->values, b->a, &out->url);
    if (rc == 0)
        rc = build_encoded(b, &s->query, &out->query);
    if (rc == 0)
        rc = build_body(b, &out->body, &type);
    if (rc == 0)
        rc = build_fields(b, &s->headers, 1, &headers, &out->header_count);
    if (rc != 0)
        return rc;
    if (type.len)
        headers[out->header_count++] = (struct wire_field){SPAN("Content-Type"), type};
    out->headers = headers;
    return auth_basic(&s->auth, b->a, out);
}

/* Where the aggregator reaches this channel: events come behind it. */
static struct span callback(const struct channel *c, struct arena *a)
{
    struct span url = c->settings->public_url;
    const char *slash = c->secret.len ? "/" : "";
    struct span secret = wire_percent_encode(c->secret, a);
    return arena_printf(a, "%.*s/hook/%.*s%s%.*s", SPAN_ARG(url), SPAN_ARG(c->name), slash, SPAN_ARG(secret));
}

/* A text too long for a template's ceiling cannot come out of the outbox; were it so, memory would not hold it. */
int channel_build_send(const struct channel *c, const struct message *m, struct arena *a, struct wire_request *out)
{
    if (!channel_can_send(c))
        return ERR_NOT_NOW;
    struct builder b = {
        .c = c,
        .a = a,
        .alphabet = gsm7_count(m->text) < 0 ? ALPHABET_UNICODE : ALPHABET_GSM,
        .attempts = m->attempts,
        .values = {[VALUE_TEXT] = m->text,
                   [VALUE_TO] = span_of(m->to.digits),
                   [VALUE_KEY] = m->key,
                   [VALUE_CALLBACK] = callback(c, a)},
    };
    return !b.values[VALUE_CALLBACK].p || build_request(&b, out) < 0 ? ERR_NOMEM : 0;
}

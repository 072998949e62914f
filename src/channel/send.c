// SPDX-License-Identifier: AGPL-3.0-or-later
/* The request that sends a message, and the aggregator's answer to it. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "wire/json.h"

enum { RETRY_AFTER_MAX = 86400 }; // seconds

static bool list_complete(const struct send_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].value.missing && !list->items[i].optional)
            return false;
    return true;
}

bool channel_can_send(const struct channel *c)
{
    const struct send *s = &c->send;
    return s->present && !s->url.missing && !s->body.missing && list_complete(&s->headers) &&
           list_complete(&s->query) && list_complete(&s->form);
}

/* -- building -- */

/* A message while its request is built. */
struct builder {
    const struct channel *c;
    struct span values[VALUE_COUNT];
    struct arena *a;
};

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
        if (item->value.missing)
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
    int rc = template_render(&s->url, b->values, b->a, &out->url);
    if (rc == 0)
        rc = build_encoded(b, &s->query, &out->query);
    if (rc == 0)
        rc = build_body(b, &out->body, &type);
    if (rc == 0)
        rc = build_fields(b, &s->headers, 1, &headers, &out->header_count);
    if (rc < 0)
        return rc;
    if (type.len)
        headers[out->header_count++] = (struct wire_field){SPAN("Content-Type"), type};
    out->headers = headers;
    return 0;
}

/* A text too long for a template's ceiling cannot come out of the outbox; were it so, memory would not hold it. */
int channel_build_send(const struct channel *c, const struct message *m, struct arena *a, struct wire_request *out)
{
    if (!channel_can_send(c))
        return ERR_NOT_NOW;
    struct builder b = {
        .c = c,
        .a = a,
        .values = {[VALUE_TEXT] = m->text, [VALUE_TO] = span_of(m->to.digits), [VALUE_KEY] = m->key},
    };
    return build_request(&b, out) < 0 ? ERR_NOMEM : 0;
}

/* -- reading -- */

/* An answer while it is read. */
struct answer {
    const struct send *send;
    const struct wire_response *response;
    struct arena *a;
    struct json *json; // NULL: it is none
    bool nomem;        // not all of it could be read
};

static int status_word(struct arena *a, int status, struct span *word)
{
    *word = arena_printf(a, "%d", status);
    return word->p ? 0 : ERR_NOMEM;
}

static bool rule_holds(struct answer *n, const struct rule *rule)
{
    struct span value;
    if (rule->source == SOURCE_OTHERS)
        return true;
    if (rule->source == SOURCE_JSON && !n->json)
        return false;
    int rc = rule->source == SOURCE_JSON ? json_get(n->json, rule->path, n->a, &value)
                                         : status_word(n->a, n->response->status, &value);
    n->nomem = n->nomem || rc == ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < rule->word_count; i++)
        if (span_eq(value, rule->words[i]))
            return true;
    return false;
}

static bool accepted(struct answer *n)
{
    for (size_t i = 0; i < n->send->ok_count; i++)
        if (!rule_holds(n, &n->send->oks[i]))
            return false;
    return true;
}

/* RFC 9110, section 10.2.3; a date is left to our own backoff. */
static int retry_after(const struct wire_response *response)
{
    int64_t seconds;
    struct span value = wire_header(response->headers, response->header_count, "retry-after");
    if (span_int(span_trim(value), &seconds) < 0 || seconds < 0)
        return 0;
    return (int)(seconds < RETRY_AFTER_MAX ? seconds : RETRY_AFTER_MAX);
}

static enum send_outcome error_outcome(struct answer *n, enum source source, enum send_outcome otherwise)
{
    for (size_t i = 0; i < n->send->error_count; i++)
        if (n->send->errors[i].source == source && rule_holds(n, &n->send->errors[i]))
            return n->send->errors[i].outcome;
    return otherwise;
}

/* RFC 9110, section 15: 429 and 5xx say "later" for every aggregator that says nothing else; for all other statuses the
 * file's word on the body comes first. */
static enum send_outcome refused(struct answer *n)
{
    int status = n->response->status;
    enum send_outcome by_status = error_outcome(n, SOURCE_STATUS, SEND_ACCEPTED);
    if (by_status != SEND_ACCEPTED)
        return by_status;
    if (status == 429)
        return SEND_THROTTLED;
    if (status >= 500 || status == 408)
        return SEND_RETRY;
    return error_outcome(n, SOURCE_JSON, error_outcome(n, SOURCE_OTHERS, SEND_PERMANENT));
}

static bool wants_json(const struct send *s)
{
    for (size_t i = 0; i < s->ok_count; i++)
        if (s->oks[i].source == SOURCE_JSON)
            return true;
    return false;
}

/* A good status with a body that cannot be read: the message may be on its way. */
static enum send_outcome outcome_of(struct answer *n)
{
    bool good = n->response->status >= 200 && n->response->status < 300;
    if (n->response->status < 200 || (good && wants_json(n->send) && !n->json))
        return SEND_UNKNOWN;
    return good && accepted(n) ? SEND_ACCEPTED : refused(n);
}

/* Out of memory: what the aggregator said is as good as lost. */
int channel_read_send(const struct channel *c, const struct wire_response *answer, struct arena *a,
                      struct send_result *out)
{
    struct answer n = {.send = &c->send, .response = answer, .a = a};
    n.nomem = json_read(answer->body, &n.json) == ERR_NOMEM;
    enum send_outcome outcome = outcome_of(&n);
    out->outcome = n.nomem ? SEND_UNKNOWN : outcome;
    out->reference = (struct span){0};
    out->after_s = outcome == SEND_THROTTLED || outcome == SEND_RETRY ? retry_after(answer) : 0;
    if (out->outcome == SEND_ACCEPTED && n.json && c->send.id_path.len &&
        json_get(n.json, c->send.id_path, a, &out->reference) < 0)
        out->reference = (struct span){0};
    json_free(n.json);
    return 0;
}

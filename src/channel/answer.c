// SPDX-License-Identifier: AGPL-3.0-or-later
/* What the aggregator says to a message that was sent. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "wire/json.h"

enum { RETRY_AFTER_MAX = 86400 }; // seconds

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

/* The value that a rule looks at; ERR_MISSING. */
static int rule_value(struct answer *n, const struct rule *rule, struct span *value)
{
    const struct wire_response *w = n->response;
    switch (rule->source) {
    case SOURCE_STATUS:
        return status_word(n->a, w->status, value);
    case SOURCE_JSON:
        return n->json ? json_get(n->json, rule->path, n->a, value) : ERR_MISSING;
    case SOURCE_HEADER:
        *value = wire_header(w->headers, w->header_count, rule->path.p);
        return value->p ? 0 : ERR_MISSING;
    default:
        *value = span_trim(w->body);
        return 0;
    }
}

static bool names(struct answer *n, const struct rule *rule, int rc, struct span value)
{
    n->nomem = n->nomem || rc == ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < rule->word_count; i++)
        if (match_text(rule->words[i], value, false, NULL))
            return true;
    return false;
}

bool path_of_all(struct span path, struct span *array, struct span *rest)
{
    size_t at = 0;
    while (at < path.len && !span_starts(span_from(path, at), SPAN("[*]")))
        at++;
    *array = span_first(path, at);
    *rest = span_from(path, at + sizeof "[*]" - 1);
    *rest = span_from(*rest, span_starts(*rest, SPAN(".")));
    return at < path.len;
}

static bool element_holds(struct answer *n, const struct rule *rule, const struct json *element, struct span rest)
{
    struct span value = {0};
    const struct json *node = json_find(element, rest, false);
    return names(n, rule, node ? json_text(node, n->a, &value) : ERR_MISSING, value);
}

/* A message that was cut into parts is accepted when each of them is, and refused as the first that is not. */
static bool elements_hold(struct answer *n, const struct rule *rule, struct span array, struct span rest)
{
    const struct json *list = n->json ? json_find(n->json, array, false) : NULL;
    size_t count = list ? json_length(list) : 0;
    bool all = rule->outcome == SEND_ACCEPTED;
    for (size_t i = 0; i < count; i++)
        if (element_holds(n, rule, json_item(list, i), rest) != all)
            return !all;
    return all && count;
}

static bool rule_holds(struct answer *n, const struct rule *rule)
{
    struct span value = {0}, array, rest;
    if (rule->source == SOURCE_OTHERS)
        return true;
    if (rule->source == SOURCE_JSON && path_of_all(rule->path, &array, &rest))
        return elements_hold(n, rule, array, rest);
    int rc = rule_value(n, rule, &value);
    return names(n, rule, rc, value);
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

/* What the file's first rule on this part of the answer says; else `outcome` stays. */
static bool error_says(struct answer *n, enum source source, enum send_outcome *outcome)
{
    for (size_t i = 0; i < n->send->error_count; i++)
        if (n->send->errors[i].source == source && rule_holds(n, &n->send->errors[i])) {
            *outcome = n->send->errors[i].outcome;
            return true;
        }
    return false;
}

/* RFC 9110, section 15: 429 and 5xx say "later" for every aggregator that says nothing else; for all other statuses the
 * file's word on the body comes first. */
static enum send_outcome refused(struct answer *n)
{
    int status = n->response->status;
    enum send_outcome outcome = SEND_PERMANENT;
    if (error_says(n, SOURCE_STATUS, &outcome))
        return outcome;
    if (status == 429)
        return SEND_THROTTLED;
    if (status >= 500 || status == 408)
        return SEND_RETRY;
    static const enum source later_wins[] = {SOURCE_OTHERS, SOURCE_HEADER, SOURCE_TEXT, SOURCE_JSON};
    for (size_t i = 0; i < sizeof later_wins / sizeof later_wins[0]; i++)
        error_says(n, later_wins[i], &outcome);
    return outcome;
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

static struct span id_of(struct answer *n)
{
    const struct rule *id = &n->send->id;
    struct span value = {0};
    if (!n->send->has_id || rule_value(n, id, &value) < 0)
        return (struct span){0};
    struct span found = {0};
    if (id->source == SOURCE_TEXT)
        match_text(id->words[0], value, false, &found);
    return id->source == SOURCE_TEXT ? found : value;
}

/* Out of memory: what the aggregator said is as good as lost. */
int channel_read_send(const struct channel *c, const struct wire_response *answer, struct arena *a,
                      struct send_result *out)
{
    struct answer n = {.send = &c->send, .response = answer, .a = a};
    n.nomem = json_read(answer->body, &n.json) == ERR_NOMEM;
    enum send_outcome outcome = outcome_of(&n);
    out->outcome = n.nomem ? SEND_UNKNOWN : outcome;
    out->after_s = outcome == SEND_THROTTLED || outcome == SEND_RETRY ? retry_after(answer) : 0;
    out->reference = out->outcome == SEND_ACCEPTED ? id_of(&n) : (struct span){0};
    json_free(n.json);
    return 0;
}

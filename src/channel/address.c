// SPDX-License-Identifier: AGPL-3.0-or-later
/* Which kind of request this is: by the path behind /hook/NAME, by method and content type, and, once the caller has
 * proved itself, by what the request holds. */
#include "channel/channel_internal.h"

#include "base/err.h"

/* In "session/?/start", written with a star for "?", that is one segment, whatever it says. */
static bool path_fits(struct span pattern, struct span path)
{
    struct span want, have;
    if (span_is(pattern, "."))
        return !path.len;
    while (span_split(&pattern, '/', &want))
        if (!span_split(&path, '/', &have) || !have.len || !(span_is(want, "*") || span_eq(want, have)))
            return false;
    return !path.len;
}

/* An event with a `when` and no `at` comes to the turn's own address. */
static bool comes_to(const struct channel *c, const struct event *e, struct span path)
{
    if (!e->path_count && e->when_count && e->name.len)
        e = &c->events[0];
    if (!e->path_count)
        return span_eq(e->name, path);
    for (size_t i = 0; i < e->path_count; i++)
        if (path_fits(e->paths[i], path))
            return true;
    return false;
}

const struct event *event_receiver(const struct channel *c, const struct event *e)
{
    return e->receive_count ? e : &c->events[0];
}

/* Whether a content type is `wanted`, or a kind of it, as application/cloudevents+json is of JSON (RFC 6838, section
 * 4.2.8). RFC 9110, section 8.3.1: without its parameters, in any case. */
static bool type_is(struct span type, const char *wanted, const char *suffix)
{
    type = span_trim(span_first(type, span_find(type, ';')));
    struct span end = span_of(suffix);
    bool kind = end.len && type.len > end.len && span_eq_nocase(span_from(type, type.len - end.len), end);
    return kind || span_eq_nocase(type, span_of(wanted));
}

static bool type_fits(const struct wire_request *request, enum body body)
{
    static const struct {
        enum body body;
        const char *type, *suffix;
    } types[] = {
        {BODY_FORM, "application/x-www-form-urlencoded", ""},
        {BODY_MULTIPART, "multipart/form-data", ""},
        {BODY_JSON, "application/json", "+json"},
        {BODY_XML, "text/xml", "+xml"},
        {BODY_XML, "application/xml", "+xml"},
    };
    struct span type = wire_header(request->headers, request->header_count, "content-type");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].body == body && type_is(type, types[i].type, types[i].suffix))
            return true;
    return body == BODY_NONE;
}

/* The `receive` of an event that this request fits; NULL: none. */
static const struct receive *receive_of(const struct reader *r, const struct event *e)
{
    const struct event *from = event_receiver(r->c, e);
    for (size_t i = 0; i < from->receive_count; i++) {
        const struct receive *receive = &from->receives[i];
        if (span_eq(receive->method, r->request->method) && (receive->any_type || type_fits(r->request, receive->body)))
            return receive;
    }
    return NULL;
}

static bool takes_method(const struct reader *r, const struct event *e)
{
    const struct event *from = event_receiver(r->c, e);
    for (size_t i = 0; i < from->receive_count; i++)
        if (span_eq(from->receives[i].method, r->request->method))
            return true;
    return false;
}

int address_find(struct reader *r)
{
    bool address = false, method = false;
    for (size_t i = 0; i < r->c->event_count; i++) {
        const struct event *e = &r->c->events[i];
        if (!comes_to(r->c, e, r->tail))
            continue;
        const struct receive *receive = receive_of(r, e);
        if (receive) {
            r->body = receive->body;
            return 0;
        }
        address = true;
        method = method || takes_method(r, e);
    }
    if (!address)
        return reader_refuse(r, ERR_MISSING, "no such event");
    return reader_refuse(r, ERR_SYNTAX,
                         method ? "the content type is not the one this channel takes"
                                : "this is not called with that method");
}

/* 1: it holds, 0: it does not. */
static int when_holds(struct reader *r, const struct when *w)
{
    struct span value;
    int rc = reader_get(r, &w->origin, &value);
    if (rc < 0)
        return rc;
    if (w->missing || !w->word_count)
        return w->missing == !value.p;
    for (size_t i = 0; value.p && i < w->word_count; i++)
        if (match_text(w->words[i], value, r->c->any_case, NULL))
            return 1;
    return 0;
}

static int all_hold(struct reader *r, const struct event *e)
{
    int holds = 1;
    for (size_t i = 0; holds == 1 && i < e->when_count; i++)
        holds = when_holds(r, &e->whens[i]);
    return holds;
}

int address_allows(struct reader *r, const struct event *e)
{
    int holds = 1;
    for (size_t i = 0; holds == 1 && i < e->when_count; i++) {
        enum location at = e->whens[i].origin.location;
        if (at == LOCATION_QUERY || at == LOCATION_HEADER || at == LOCATION_PATH)
            holds = when_holds(r, &e->whens[i]);
    }
    return holds;
}

bool address_fits(const struct reader *r, const struct event *e)
{
    const struct receive *receive = comes_to(r->c, e, r->tail) ? receive_of(r, e) : NULL;
    return receive && receive->body == r->body;
}

/* Those with a `when` are asked first, whatever their order. */
int address_choose(struct reader *r, const struct event **out)
{
    *out = NULL;
    for (int asked = 1; asked >= 0 && !*out; asked--)
        for (size_t i = 0; i < r->c->event_count && !*out; i++) {
            const struct event *e = &r->c->events[i];
            if (!address_fits(r, e) || (e->when_count > 0) != asked)
                continue;
            int holds = all_hold(r, e);
            if (holds < 0)
                return holds;
            *out = holds ? e : NULL;
        }
    return 0;
}

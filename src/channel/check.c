// SPDX-License-Identifier: AGPL-3.0-or-later
/* What only the whole file shows. */
#include "channel/channel_internal.h"

#include "base/err.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void error_at_start(struct parser *p, const char *message)
{
    struct place at = {.file = p->file, .line = 1, .column = 1};
    diag_error(p->diags, "E01", at, (struct span){0}, "%s", message);
}

static const struct field *field_of(const struct event *e, enum slot slot)
{
    for (size_t i = 0; i < e->field_count; i++)
        if (e->fields[i].slot == slot)
            return &e->fields[i];
    return NULL;
}

#define PART_SLOTS (1u << SLOT_PART_REF | 1u << SLOT_PART_TOTAL | 1u << SLOT_PART)

/* Which fields a kind of request cannot do without, and which it knows at all. */
static const struct need {
    unsigned needed, known;
} needs[] = {
    [INBOUND_TURN] = {1u << SLOT_FROM | 1u << SLOT_TEXT,
                      1u << SLOT_SESSION | 1u << SLOT_FROM | 1u << SLOT_TO | 1u << SLOT_TEXT | 1u << SLOT_ID |
                          1u << SLOT_SEQUENCE | 1u << SLOT_MEDIUM | 1u << SLOT_SIGNAL | 1u << SLOT_CODING | PART_SLOTS},
    [INBOUND_ENDED] = {1u << SLOT_SESSION, 1u << SLOT_SESSION | 1u << SLOT_FROM | 1u << SLOT_TO | 1u << SLOT_ID},
    [INBOUND_DELIVERY] = {1u << SLOT_REFERENCE | 1u << SLOT_STATE, 1u << SLOT_REFERENCE | 1u << SLOT_STATE |
                                                                       1u << SLOT_REASON | 1u << SLOT_FROM |
                                                                       1u << SLOT_TO | 1u << SLOT_ID | 1u << SLOT_KEY},
    [INBOUND_OPTOUT] = {1u << SLOT_FROM, 1u << SLOT_FROM | 1u << SLOT_TO | 1u << SLOT_ID},
    [INBOUND_IGNORED] = {0, 0},
};

static const struct need *need_of(const struct event *e)
{
    static const struct need taken = {1u << SLOT_KEY, 1u << SLOT_KEY};
    return e->serves == SERVE_TAKEN ? &taken : &needs[e->kind];
}

static void need_field(struct parser *p, const struct event *e, enum slot slot)
{
    if (field_of(e, slot) || (slot == SLOT_REFERENCE && field_of(e, SLOT_KEY))) // either tells which message is meant
        return;
    struct token at = e->token;
    diag_error(p->diags, "E01", at.at, at.source,
               "a \"field %s from ...\" is missing%s%.*s\nfor example: field %s from form %s", slot_words[slot].word,
               e->name.len ? " under event " : "", SPAN_ARG(e->name), slot_words[slot].word, slot_words[slot].word);
}

static bool receives(const struct channel *c, const struct event *e, enum body body)
{
    const struct event *from = e->receive_count ? e : &c->events[0];
    for (size_t i = 0; i < from->receive_count; i++)
        if (from->receives[i].body == body)
            return true;
    return false;
}

static const struct origin *origin_at(const struct field *f, enum location location)
{
    for (size_t i = 0; i < f->origin_count; i++)
        if (f->origins[i].location == location)
            return &f->origins[i];
    return NULL;
}

/* A field in a form needs a request that carries a form. */
static void check_origins(struct parser *p, const struct event *e, const struct field *f)
{
    static const struct {
        enum location location;
        enum body body, other;
    } carried[] = {{LOCATION_FORM, BODY_FORM, BODY_MULTIPART},
                   {LOCATION_JSON, BODY_JSON, BODY_JSON},
                   {LOCATION_XML, BODY_XML, BODY_XML}};
    for (size_t k = 0; k < COUNT(carried); k++)
        if (origin_at(f, carried[k].location) && !receives(p->c, e, carried[k].body) &&
            !receives(p->c, e, carried[k].other))
            diag_error(p->diags, "E04", f->token.at, f->token.source,
                       "this comes from a %s, but no such request is received\nsay: receive POST %s",
                       location_words[carried[k].location].word, location_words[carried[k].location].word);
    if (origin_at(f, LOCATION_ITEM) && !e->each.p)
        diag_error(p->diags, "E04", f->token.at, f->token.source,
                   "there are no items\nsay which array they are in: each json PATH");
}

/* Words that are given a meaning come from a field. */
static void check_mappings(struct parser *p, const struct event *e)
{
    for (size_t i = 0; i < e->mapping_count; i++)
        if (!field_of(e, e->mappings[i].slot) && !(need_of(e)->needed & 1u << e->mappings[i].slot)) {
            need_field(p, e, e->mappings[i].slot);
            return;
        }
}

/* Parts are put together by all three or not at all. */
static void check_parts(struct parser *p, const struct event *e)
{
    static const enum slot slots[] = {SLOT_PART_REF, SLOT_PART_TOTAL, SLOT_PART};
    bool any = false;
    for (size_t i = 0; i < COUNT(slots); i++)
        any |= field_of(e, slots[i]) != NULL;
    size_t i = 0;
    while (i < COUNT(slots) && field_of(e, slots[i]))
        i++;
    if (any && i < COUNT(slots))
        need_field(p, e, slots[i]);
}

static void check_event(struct parser *p, const struct event *e)
{
    const struct need *need = need_of(e);
    if (e->name.len && !e->kind_known) {
        diag_error(p->diags, "E01", e->token.at, e->token.source, "event \"%.*s\" has no \"kind\"", SPAN_ARG(e->name));
        return;
    }
    for (int slot = 0; slot < SLOT_COUNT; slot++)
        if (need->needed & 1u << slot)
            need_field(p, e, (enum slot)slot);
    check_mappings(p, e);
    check_parts(p, e);
    if (e->each.p && !receives(p->c, e, BODY_JSON))
        diag_error(p->diags, "E04", e->each_token.at, e->each_token.source,
                   "the array comes in JSON, but no such request is received\nsay: receive POST json");
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = &e->fields[i];
        if (!(need->known & 1u << f->slot))
            diag_error(p->diags, "E04", f->token.at, f->token.source, "field \"%s\" has no meaning here",
                       slot_words[f->slot].word);
        check_origins(p, e, f);
    }
}

/* A repeat is known by something that the request carries. */
static void check_repeat(struct parser *p)
{
    static const struct {
        enum repeat repeat;
        enum slot slot;
    } carried[] = {{REPEAT_ID, SLOT_ID}, {REPEAT_SEQUENCE, SLOT_SEQUENCE}};
    for (size_t i = 0; i < COUNT(carried); i++)
        if (p->c->repeat == carried[i].repeat)
            need_field(p, &p->c->events[0], carried[i].slot);
    if (p->c->repeat == REPEAT_PATH && !p->c->accumulates)
        error_at_start(p, "\"repeat path\" needs a \"path\"");
    if (p->needs_path && !p->c->accumulates)
        diag_error(p->diags, "E01", p->needs_path->at, p->needs_path->source,
                   "this means nothing without a \"path\"\nsay: path *");
}

bool type_is_json(struct span type)
{
    for (size_t i = 0; i + 4 <= type.len; i++)
        if (span_eq_nocase(span_first(span_from(type, i), 4), SPAN("json")))
            return true;
    return false;
}

/* A value that is put into JSON as it stands would break it, or let whoever typed it say more than a text. Numbers of
 * people are digits, and our own ids and address hold nothing that JSON could take for its own. */
static bool breaks_json(const struct piece *piece, bool sent)
{
    bool safe = piece->value == VALUE_LITERAL || piece->value == VALUE_FROM || piece->value == VALUE_KEY ||
                piece->value == VALUE_CALLBACK || piece->value == VALUE_ITEMS || (piece->value == VALUE_TO && sent);
    return piece->escape == ESCAPE_RAW && !safe;
}

void check_json(struct parser *p, struct span type, const struct template *t, bool sent)
{
    for (size_t i = 0; i < t->count && type_is_json(type); i++)
        if (breaks_json(&t->pieces[i], sent)) {
            diag_error(p->diags, "E04", t->token.at, t->token.source,
                       "a value stands in JSON without quotes\nwrite {text:json}, which brings its own quotes");
            return;
        }
}

/* A reply without the screen's text would show nothing to whoever dialled. */
static void check_shows(struct parser *p, const struct template *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->pieces[i].value == VALUE_TEXT)
            return;
    if (t->count)
        diag_error(p->diags, "E04", t->token.at, t->token.source,
                   "this reply shows no screen\nwrite {text} where the screen's text is to stand");
}

static void check_replies(struct parser *p)
{
    const struct channel *c = p->c;
    bool shows = c->medium == MEDIUM_USSD || c->inline_answers || field_of(&c->events[0], SLOT_MEDIUM);
    if (shows && (!c->more.count || !c->end.count))
        error_at_start(
            p, "\"reply-more\" and \"reply-end\" are both needed to show a screen\nfor example: reply-more CON {text}");
    check_shows(p, &c->more);
    check_shows(p, &c->end);
    check_json(p, c->reply_type, &c->more, false);
    check_json(p, c->reply_type, &c->end, false);
    check_json(p, c->reply_type, &c->opening, false);
    for (size_t i = 0; i < c->event_count; i++)
        if (c->events[i].none)
            check_json(p, c->reply_type, c->events[i].none, false);
    if (c->echoes && !receives(c, &c->events[0], BODY_JSON))
        error_at_start(p, "\"reply-echo\" needs a \"receive POST json\"");
}

static bool host_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == ':' || c == '[' || c == ']' || c == '_' || c == '$';
}

/* https://host/, or http:// where private hosts are allowed. `$` stands in what is written only, not in what it means.
 */
static bool url_fair(const struct channel *c, struct span url, bool written)
{
    struct span host = span_first(url, url_host_end(url));
    bool https = span_starts(host, SPAN("https://"));
    if (!https && !(c->private_hosts && span_starts(host, SPAN("http://"))))
        return false;
    host = span_from(host, https ? strlen("https://") : strlen("http://"));
    for (size_t i = 0; i < host.len; i++)
        if (!host_letter(host.p[i]) || (host.p[i] == '$' && !written))
            return false;
    return host.len;
}

/* The host is the operator's word alone: in the file, or as a secret of waymark.conf. */
static void check_url(struct parser *p, const struct template *url)
{
    static const struct span none[VALUE_COUNT];
    struct span means;
    if (!url_fair(p->c, url->token.text, true)) {
        diag_error(p->diags, "E04", url->token.at, url->token.source,
                   "messages are sent to https:// and a host without placeholders\n"
                   "\"allow private\" allows http:// too, for a device on your own network");
        return;
    }
    if (url->missing)
        return;
    if (template_render(url, none, p->c->arena, &means) < 0)
        p->err = ERR_NOMEM;
    else if (!url_fair(p->c, means, false))
        diag_error(p->diags, "E04", url->token.at, url->token.source,
                   "what waymark.conf says for the host is not the name of one");
}

/* One proof: two Authorization headers would be for the aggregator to choose from. */
static void check_auth(struct parser *p)
{
    const struct send *send = &p->c->send;
    if (!send->auth.kind)
        return;
    if (send->auth.kind == AUTH_OAUTH2)
        check_url(p, &send->auth.url);
    for (size_t i = 0; i < send->headers.count; i++)
        if (span_eq_nocase(send->headers.items[i].name, SPAN("authorization")))
            diag_error(p->diags, "E03", send->headers.items[i].value.token.at,
                       send->headers.items[i].value.token.source,
                       "\"send-auth\" already says what stands in the header Authorization");
}

static void check_send(struct parser *p)
{
    const struct send *send = &p->c->send;
    bool parts = send->headers.count || send->query.count || send->form.count || send->has_body || send->ok_count ||
                 send->error_count || send->has_id || send->url_count || send->auth.kind;
    if (parts && !send->present)
        error_at_start(p, "there are \"send-\" statements but no \"send METHOD URL\"");
    if (!send->present)
        return;
    for (size_t i = 0; i < send->url_count; i++)
        check_url(p, &send->urls[i]);
    check_auth(p);
    if (send->form.count && send->has_body)
        diag_error(p->diags, "E01", send->body.token.at, send->body.token.source,
                   "a message has either \"send-form\" lines or a \"send-body\"");
    check_json(p, send->body_type, &send->body, true);
}

void check_channel(struct parser *p)
{
    struct channel *c = p->c;
    if (!c->title.len)
        error_at_start(p, "a \"title\" is missing\nfor example: title Our aggregator, USSD");
    if (!c->events[0].receive_count)
        error_at_start(p, "a \"receive METHOD FORM\" is missing\nfor example: receive POST form");
    for (size_t i = 0; i < c->event_count; i++)
        check_event(p, &c->events[i]);
    check_repeat(p);
    check_replies(p);
    check_send(p);
    check_serve(p);
    check_guards(p);
}

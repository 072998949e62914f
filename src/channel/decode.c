// SPDX-License-Identifier: AGPL-3.0-or-later
/* From a request to an inbound record: tables of places and of fields. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "text/phone.h"
#include "text/utf8.h"
#include "wire/json.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static int refuse(struct reader *r, int code, const char *why)
{
    r->why = why;
    return code;
}

/* -- places -- */

static int cut_fields(struct reader *r, struct span text, bool *done, struct wire_field **fields, size_t *count)
{
    if (*done)
        return 0;
    int rc = wire_form_decode(text, r->a, fields, count);
    *done = rc == 0;
    if (rc == ERR_LIMIT)
        return refuse(r, ERR_SYNTAX, "too many fields");
    return rc == ERR_SYNTAX ? refuse(r, rc, "a field is not UTF-8 text") : rc;
}

/* A field that is given twice could mean either: neither is taken. */
static int pick(struct reader *r, const struct wire_field *fields, size_t count, struct span key, struct span *value)
{
    for (size_t i = 0; i < count; i++) {
        if (!span_eq(fields[i].name, key))
            continue;
        if (value->p)
            return refuse(r, ERR_SYNTAX, "a field is given twice");
        *value = fields[i].value;
    }
    return 0;
}

static int get_query(struct reader *r, const struct origin *origin, struct span *value)
{
    int rc = cut_fields(r, r->request->query, &r->query_read, &r->query, &r->query_count);
    return rc < 0 ? rc : pick(r, r->query, r->query_count, origin->key, value);
}

static int get_form(struct reader *r, const struct origin *origin, struct span *value)
{
    if (r->body != BODY_FORM)
        return 0;
    int rc = cut_fields(r, r->request->body, &r->form_read, &r->form, &r->form_count);
    return rc < 0 ? rc : pick(r, r->form, r->form_count, origin->key, value);
}

static int get_json(struct reader *r, const struct origin *origin, struct span *value)
{
    if (r->body != BODY_JSON)
        return 0;
    int rc = r->json ? 0 : json_read(r->request->body, &r->json);
    if (rc == ERR_SYNTAX || rc == ERR_LIMIT)
        return refuse(r, ERR_SYNTAX, rc == ERR_LIMIT ? "the JSON is too deep" : "the body is not JSON");
    if (rc == 0)
        rc = json_get(r->json, origin->key, r->a, value);
    if (rc == ERR_SYNTAX)
        return refuse(r, rc, "a field is not a plain value");
    return rc == ERR_MISSING ? 0 : rc;
}

static int get_header(struct reader *r, const struct origin *origin, struct span *value)
{
    const struct wire_request *q = r->request;
    for (size_t i = 0; i < q->header_count; i++) {
        if (!span_eq_nocase(q->headers[i].name, origin->key))
            continue;
        if (value->p)
            return refuse(r, ERR_SYNTAX, "a header is given twice");
        *value = q->headers[i].value;
    }
    bool fair = utf8_valid(*value) == value->len;
    return fair ? 0 : refuse(r, ERR_SYNTAX, "a header is not UTF-8 text");
}

const struct keyword location_words[LOCATION_COUNT] = {
    [LOCATION_QUERY] = {"query", LOCATION_QUERY},
    [LOCATION_FORM] = {"form", LOCATION_FORM},
    [LOCATION_JSON] = {"json", LOCATION_JSON},
    [LOCATION_HEADER] = {"header", LOCATION_HEADER},
};

static int (*const getters[LOCATION_COUNT])(struct reader *, const struct origin *, struct span *) = {
    [LOCATION_QUERY] = get_query,
    [LOCATION_FORM] = get_form,
    [LOCATION_JSON] = get_json,
    [LOCATION_HEADER] = get_header,
};

int reader_get(struct reader *r, const struct origin *origin, struct span *value)
{
    *value = (struct span){0};
    return getters[origin->location](r, origin, value);
}

/* -- fields -- */

static int take_session(struct reader *r, struct span value, struct inbound *in)
{
    in->session = value;
    return value.len <= CHANNEL_SESSION_MAX ? 0 : refuse(r, ERR_SYNTAX, "the session id is too long");
}

/* An SMS may come from a short code or a name, which must never be answered (sheet section 8); a USSD session cannot.
 */
static int take_from(struct reader *r, struct span value, struct inbound *in)
{
    int rc = phone_parse(value, r->c->settings->default_country, &in->from);
    if (rc == 0)
        return 0;
    in->from = (struct msisdn){0};
    if (in->kind != INBOUND_TURN || in->medium != MEDIUM_SMS || !phone_is_service(value))
        return refuse(r, ERR_SYNTAX, "the phone number is not one");
    in->kind = INBOUND_IGNORED;
    return 0;
}

static int take_to(struct reader *r, struct span value, struct inbound *in)
{
    in->to = value;
    return value.len <= CHANNEL_ID_MAX ? 0 : refuse(r, ERR_SYNTAX, "the service code is too long");
}

static int take_text(struct reader *r, struct span value, struct inbound *in)
{
    (void)r;
    in->text = value;
    return 0;
}

static int take_id(struct reader *r, struct span value, struct inbound *in)
{
    in->event = value;
    return value.len <= CHANNEL_ID_MAX ? 0 : refuse(r, ERR_SYNTAX, "the message id is too long");
}

static int take_sequence(struct reader *r, struct span value, struct inbound *in)
{
    int64_t number;
    in->event = value;
    bool fair = span_int(value, &number) == 0 && number >= 0;
    return fair ? 0 : refuse(r, ERR_SYNTAX, "the sequence is not a number");
}

static int take_medium(struct reader *r, struct span value, struct inbound *in)
{
    in->medium = span_is(value, "sms") ? MEDIUM_SMS : MEDIUM_USSD;
    bool known = span_is(value, "sms") || span_is(value, "ussd");
    return known ? 0 : refuse(r, ERR_SYNTAX, "the medium is neither ussd nor sms");
}

static int take_reference(struct reader *r, struct span value, struct inbound *in)
{
    in->reference = value;
    return value.len <= CHANNEL_ID_MAX ? 0 : refuse(r, ERR_SYNTAX, "the message id is too long");
}

/* Our own ids are MESSAGE_KEY_LEN hexadecimal digits; anything else that is told back is not one of ours. */
static int take_key(struct reader *r, struct span value, struct inbound *in)
{
    (void)r;
    if (value.len == MESSAGE_KEY_LEN)
        in->key = value;
    return 0;
}

static int take_part_ref(struct reader *r, struct span value, struct inbound *in)
{
    in->part.reference = value;
    return value.len <= CHANNEL_ID_MAX ? 0 : refuse(r, ERR_SYNTAX, "the reference of the parts is too long");
}

static int part_number(struct reader *r, struct span value, int *out)
{
    int64_t number;
    if (span_int(value, &number) < 0 || number < 1 || number > INBOUND_PARTS_MAX)
        return refuse(r, ERR_SYNTAX, "the number of a part is not 1 to 255");
    *out = (int)number;
    return 0;
}

static int take_part_total(struct reader *r, struct span value, struct inbound *in)
{
    return part_number(r, value, &in->part.total);
}

static int take_part(struct reader *r, struct span value, struct inbound *in)
{
    int rc = part_number(r, value, &in->part.number);
    return rc == 0 && in->part.number > in->part.total ? refuse(r, ERR_SYNTAX, "there are fewer parts than that") : rc;
}

/* Slots in the order in which they are taken: the medium decides how a sender is read. */
static const struct slot_row {
    enum slot slot;
    int (*take)(struct reader *r, struct span value, struct inbound *in);
} slot_rows[] = {
    {SLOT_MEDIUM, take_medium},
    {SLOT_SESSION, take_session},
    {SLOT_FROM, take_from},
    {SLOT_TO, take_to},
    {SLOT_TEXT, take_text},
    {SLOT_ID, take_id},
    {SLOT_SEQUENCE, take_sequence},
    {SLOT_REFERENCE, take_reference},
    {SLOT_KEY, take_key},
    {SLOT_PART_REF, take_part_ref},
    {SLOT_PART_TOTAL, take_part_total},
    {SLOT_PART, take_part},
};

const struct keyword slot_words[SLOT_COUNT] = {
    [SLOT_SESSION] = {"session", SLOT_SESSION},
    [SLOT_FROM] = {"from", SLOT_FROM},
    [SLOT_TO] = {"to", SLOT_TO},
    [SLOT_TEXT] = {"text", SLOT_TEXT},
    [SLOT_ID] = {"id", SLOT_ID},
    [SLOT_SEQUENCE] = {"sequence", SLOT_SEQUENCE},
    [SLOT_MEDIUM] = {"medium", SLOT_MEDIUM},
    [SLOT_SIGNAL] = {"signal", SLOT_SIGNAL},
    [SLOT_REFERENCE] = {"reference", SLOT_REFERENCE},
    [SLOT_STATE] = {"state", SLOT_STATE},
    [SLOT_REASON] = {"reason", SLOT_REASON},
    [SLOT_KEY] = {"key", SLOT_KEY},
    [SLOT_PART_REF] = {"part-ref", SLOT_PART_REF},
    [SLOT_PART_TOTAL] = {"part-total", SLOT_PART_TOTAL},
    [SLOT_PART] = {"part", SLOT_PART},
};

/* The first origin that holds something. A text may be empty; anything else that is empty is not there. */
static int get_field(struct reader *r, const struct field *f, struct span *value)
{
    struct span found = {0};
    for (size_t i = 0; i < f->origin_count && !found.len; i++) {
        struct span next;
        int rc = reader_get(r, &f->origins[i], &next);
        if (rc < 0)
            return rc;
        found = next.p ? next : found;
    }
    bool there = found.p && (found.len || f->slot == SLOT_TEXT);
    if (!there && !f->optional)
        return refuse(r, ERR_SYNTAX, f->missing);
    *value = there ? found : (struct span){0};
    return 0;
}

static int get_fields(struct reader *r, const struct event *e, struct span values[SLOT_COUNT])
{
    for (size_t i = 0; i < e->field_count; i++) {
        int rc = get_field(r, &e->fields[i], &values[e->fields[i].slot]);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static const struct mapping *mapping_of(const struct event *e, enum slot slot, struct span value)
{
    for (size_t i = 0; value.p && i < e->mapping_count; i++)
        if (e->mappings[i].slot == slot && span_eq(e->mappings[i].value, value))
            return &e->mappings[i];
    return NULL;
}

/* Words that only the file gives a meaning. One that it does not know means nothing; a reason says more than a state.
 */
static void take_mapped(const struct event *e, const struct span values[SLOT_COUNT], struct inbound *in)
{
    const struct mapping *signal = mapping_of(e, SLOT_SIGNAL, values[SLOT_SIGNAL]);
    const struct mapping *state = mapping_of(e, SLOT_STATE, values[SLOT_STATE]);
    const struct mapping *reason = mapping_of(e, SLOT_REASON, values[SLOT_REASON]);
    in->begins = signal && signal->meaning == SIGNAL_BEGINS;
    if (signal && signal->meaning == SIGNAL_ENDS)
        in->kind = INBOUND_ENDED;
    in->opted_out = signal && signal->meaning == SIGNAL_OPTS_OUT && in->kind == INBOUND_TURN;
    if (state || reason)
        in->delivery = (enum delivery_state)(reason ? reason : state)->meaning;
}

/* What is optional and was not sent cannot tell a repeat. */
static void set_repeat(const struct channel *c, struct inbound *in)
{
    bool by_event = c->repeat == REPEAT_ID || c->repeat == REPEAT_SEQUENCE;
    in->repeat = by_event && !in->event.len ? REPEAT_NONE : c->repeat;
}

static int decode_event(struct reader *r, const struct event *e, struct inbound *in)
{
    struct span values[SLOT_COUNT] = {0};
    *in = (struct inbound){.kind = e->kind, .medium = r->c->medium};
    int rc = get_fields(r, e, values);
    for (size_t i = 0; rc == 0 && i < COUNT(slot_rows); i++)
        if (values[slot_rows[i].slot].p)
            rc = slot_rows[i].take(r, values[slot_rows[i].slot], in);
    if (rc < 0)
        return rc;
    take_mapped(e, values, in);
    if (!in->part.reference.len || !in->part.number || in->part.total < 2 || in->medium != MEDIUM_SMS)
        in->part = (struct inbound_part){0}; // "1 of 1", or not all of it told: nothing to wait for
    set_repeat(r->c, in);
    return 0;
}

/* -- the request -- */

static const struct event *event_of(const struct channel *c, struct span name)
{
    for (size_t i = 0; i < c->event_count; i++)
        if (span_eq(c->events[i].name, name))
            return &c->events[i];
    return NULL;
}

/* RFC 9110, section 8.3.1: the type without its parameters, in any case. */
static bool type_is(const struct wire_request *request, const char *wanted)
{
    struct span type = wire_header(request->headers, request->header_count, "content-type");
    return span_eq_nocase(span_trim(span_first(type, span_find(type, ';'))), span_of(wanted));
}

static const char *const body_types[] = {
    [BODY_NONE] = NULL, [BODY_FORM] = "application/x-www-form-urlencoded", [BODY_JSON] = "application/json"};

static int choose_body(struct reader *r, const struct event *e)
{
    const struct event *from = e->receive_count ? e : &r->c->events[0];
    for (size_t i = 0; i < from->receive_count; i++) {
        if (!span_eq(from->receives[i].method, r->request->method))
            continue;
        const char *type = body_types[from->receives[i].body];
        if (type && !type_is(r->request, type))
            return refuse(r, ERR_SYNTAX, "the content type is not the one this channel takes");
        r->body = from->receives[i].body;
        return 0;
    }
    return refuse(r, ERR_SYNTAX, "this is not called with that method");
}

static int decode_request(struct reader *r, struct span tail, struct inbound *in)
{
    if (r->request->body.len > CHANNEL_BODY_MAX || r->request->query.len > CHANNEL_BODY_MAX)
        return refuse(r, ERR_SYNTAX, "the request is too long");
    int rc = verify_path(r, &tail);
    if (rc < 0)
        return rc;
    const struct event *e = event_of(r->c, tail);
    if (!e)
        return refuse(r, ERR_MISSING, "no such event");
    rc = choose_body(r, e);
    if (rc == 0)
        rc = verify_request(r);
    return rc < 0 ? rc : decode_event(r, e, in);
}

int channel_decode(const struct channel *c, struct span tail, const struct wire_request *request, struct arena *a,
                   struct inbound *in, const char **why)
{
    struct reader r = {.c = c, .request = request, .a = a};
    int rc = decode_request(&r, tail, in);
    json_free(r.json);
    if (rc < 0)
        *why = r.why ? r.why : err_text(rc);
    return rc;
}

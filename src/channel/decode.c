// SPDX-License-Identifier: AGPL-3.0-or-later
/* From a request to its items: the caller is asked for its proof before anything in the body is believed. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "wire/json.h"

/* -- an item -- */

/* The text's bytes are read as the field `coding` says. */
static int decode_text(struct reader *r, struct span values[SLOT_COUNT])
{
    struct span coding = values[SLOT_CODING], *text = &values[SLOT_TEXT];
    for (size_t i = 0; coding.len && text->p && i < r->c->coding_count; i++) {
        if (!match_text(r->c->codings[i].value, coding, true, NULL))
            continue;
        int rc = changes_run(&r->c->codings[i].changes, *text, r->a, text);
        return rc == ERR_SYNTAX ? reader_refuse(r, rc, "the text is not in the charset that it names") : rc;
    }
    return 0;
}

static int get_values(struct reader *r, const struct event *e, struct span values[SLOT_COUNT])
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < e->field_count; i++)
        rc = reader_field(r, &e->fields[i], &values[e->fields[i].slot]);
    if (rc == 0)
        rc = decode_text(r, values);
    for (size_t i = 0; rc == 0 && i < SLOT_COUNT; i++)
        rc = reader_is_text(r, values[i]);
    return rc;
}

static int decode_item(struct reader *r, const struct event *e, struct inbound *in)
{
    struct span values[SLOT_COUNT] = {0};
    int rc = get_values(r, e, values);
    return rc < 0 ? rc : slots_take(r, e, values, in);
}

/* -- several -- */

static bool id_is_items(const struct event *e)
{
    for (size_t i = 0; i < e->field_count; i++)
        if (e->fields[i].slot == SLOT_ID && e->fields[i].origins[0].location == LOCATION_ITEM)
            return true;
    return false;
}

/* Where all items of a request have one id, each gets its own from its place. */
static int number_item(struct reader *r, const struct event *e, size_t index, struct inbound *in)
{
    if (!index || !in->event.len || id_is_items(e))
        return 0;
    in->event = arena_printf(r->a, "%.*s/%zu", SPAN_ARG(in->event), index);
    return in->event.p ? 0 : ERR_NOMEM;
}

/* What is out of order does not hold up what is in order. */
static int decode_items(struct reader *r, const struct event *e, const struct json *array, struct channel_call *out)
{
    size_t count = json_length(array);
    int worst = 0;
    if (count > CHANNEL_ITEMS_MAX)
        return reader_refuse(r, ERR_SYNTAX, "too many messages in one request");
    out->items = arena_array(r->a, count, sizeof *out->items);
    if (!out->items)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        r->item = json_item(array, i);
        int rc = decode_item(r, e, &out->items[out->count]);
        if (rc == 0)
            rc = number_item(r, e, i, &out->items[out->count]);
        if (rc == ERR_NOMEM)
            return rc;
        out->count += rc == 0;
        worst = rc < 0 ? rc : worst;
    }
    return out->count ? 0 : worst;
}

/* The array may stand there as a text that is JSON itself, as SMSSync has it. */
static int decode_each(struct reader *r, const struct event *e, struct channel_call *out)
{
    struct span text;
    struct json *inner = NULL;
    int rc = reader_json(r);
    if (rc < 0)
        return rc;
    const struct json *array = json_find(r->json, e->each, r->c->any_case);
    if (array && json_text(array, r->a, &text) == 0 && json_read(text, &inner) == 0)
        array = inner;
    rc = decode_items(r, e, array, out);
    json_free(inner);
    return rc;
}

static int decode_one(struct reader *r, const struct event *e, struct channel_call *out)
{
    out->items = arena_alloc(r->a, sizeof *out->items);
    if (!out->items)
        return ERR_NOMEM;
    out->count = 1;
    return e ? decode_item(r, e, out->items) : 0;
}

/* Nothing in it that anybody asked for: acknowledged only. */
static int decode_nothing(struct reader *r, struct channel_call *out)
{
    int rc = decode_one(r, NULL, out);
    if (rc == 0)
        *out->items = (struct inbound){.kind = INBOUND_IGNORED, .medium = r->c->medium};
    return rc;
}

/* -- the request -- */

static int keep_values(struct reader *r, struct channel_call *out)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->c->kept_count; i++) {
        rc = reader_field(r, &r->c->kept[i].field, &out->kept[i]);
        if (rc == 0)
            rc = reader_is_text(r, out->kept[i]);
    }
    return rc;
}

static int decode_event(struct reader *r, const struct event *e, struct channel_call *out)
{
    int rc = e->each.p ? decode_each(r, e, out) : decode_one(r, e, out);
    if (rc == 0 && (e == &r->c->events[0] || e->serves))
        rc = keep_values(r, out);
    return rc == 0 && !out->count ? decode_nothing(r, out) : rc;
}

static int decode_request(struct reader *r, struct channel_call *out)
{
    if (r->request->body.len > CHANNEL_BODY_MAX || r->request->query.len > CHANNEL_BODY_MAX)
        return reader_refuse(r, ERR_SYNTAX, "the request is too long");
    int rc = verify_path(r, &r->tail);
    if (rc == 0)
        rc = address_find(r);
    if (rc == 0)
        rc = verify_request(r);
    if (rc == 0)
        rc = address_choose(r, &out->event);
    if (rc < 0)
        return rc;
    return out->event ? decode_event(r, out->event, out) : decode_nothing(r, out);
}

int channel_decode(const struct channel *c, struct span tail, const struct wire_request *request, struct arena *a,
                   struct channel_call *out)
{
    struct reader r = {.c = c, .request = request, .a = a, .tail = tail};
    *out = (struct channel_call){.body = request->body};
    int rc = decode_request(&r, out);
    json_free(r.json);
    if (rc < 0)
        out->why = r.why ? r.why : err_text(rc);
    return rc;
}

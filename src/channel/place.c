// SPDX-License-Identifier: AGPL-3.0-or-later
/* Where in a request a value lies: a table of places. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "base/utf8.h"
#include "wire/json.h"
#include "wire/multipart.h"
#include "wire/xml.h"

#include <string.h>

int reader_refuse(struct reader *r, int code, const char *why)
{
    r->why = why;
    return code;
}

/* -- what a body is cut into -- */

static int cut_failed(struct reader *r, int rc, const char *syntax)
{
    if (rc == ERR_LIMIT)
        return reader_refuse(r, ERR_SYNTAX, "too many fields");
    return rc == ERR_SYNTAX ? reader_refuse(r, rc, syntax) : rc;
}

static int cut_query(struct reader *r)
{
    if (r->query.done)
        return 0;
    int rc = wire_form_bytes(r->request->query, r->a, &r->query.list, &r->query.count);
    r->query.done = rc == 0;
    return cut_failed(r, rc, "the query is not one");
}

static int cut_form(struct reader *r)
{
    if (r->form.done)
        return 0;
    struct span type = wire_header(r->request->headers, r->request->header_count, "content-type");
    int rc = r->body == BODY_FORM ? wire_form_bytes(r->request->body, r->a, &r->form.list, &r->form.count)
                                  : multipart_read(type, r->request->body, r->a, &r->form.list, &r->form.count);
    r->form.done = rc == 0;
    return cut_failed(r, rc, "the form is not whole");
}

static int cut_xml(struct reader *r)
{
    if (r->xml.done)
        return 0;
    int rc = xml_read(r->request->body, r->a, &r->xml.list, &r->xml.count);
    r->xml.done = rc == 0;
    if (rc == ERR_LIMIT)
        return reader_refuse(r, ERR_SYNTAX, "the XML is too deep or too long");
    return cut_failed(r, rc, "the body is not XML without a document type");
}

int reader_json(struct reader *r)
{
    int rc = r->json ? 0 : json_read(r->request->body, &r->json);
    if (rc == ERR_SYNTAX || rc == ERR_LIMIT)
        return reader_refuse(r, ERR_SYNTAX, rc == ERR_LIMIT ? "the JSON is too deep" : "the body is not JSON");
    return rc;
}

/* -- places -- */

/* A field that is given twice could mean either: neither is taken. */
static int pick(struct reader *r, const struct cut *cut, struct span key, struct span *value)
{
    for (size_t i = 0; i < cut->count; i++) {
        struct span name = cut->list[i].name;
        if (!(r->c->any_case ? span_eq_nocase(name, key) : span_eq(name, key)))
            continue;
        if (value->p)
            return reader_refuse(r, ERR_SYNTAX, "a field is given twice");
        *value = cut->list[i].value.p ? cut->list[i].value : SPAN("");
    }
    return 0;
}

static int get_query(struct reader *r, const struct origin *origin, struct span *value)
{
    int rc = cut_query(r);
    return rc < 0 ? rc : pick(r, &r->query, origin->key, value);
}

static int get_form(struct reader *r, const struct origin *origin, struct span *value)
{
    if (r->body != BODY_FORM && r->body != BODY_MULTIPART)
        return 0;
    int rc = cut_form(r);
    return rc < 0 ? rc : pick(r, &r->form, origin->key, value);
}

static int get_xml(struct reader *r, const struct origin *origin, struct span *value)
{
    if (r->body != BODY_XML)
        return 0;
    int rc = cut_xml(r);
    return rc < 0 ? rc : pick(r, &r->xml, origin->key, value);
}

static int get_node(struct reader *r, const struct json *from, struct span path, struct span *value)
{
    const struct json *node = json_find(from, path, r->c->any_case);
    int rc = node ? json_text(node, r->a, value) : 0;
    return rc == ERR_SYNTAX ? reader_refuse(r, rc, "a field is not a plain value") : rc;
}

static int get_json(struct reader *r, const struct origin *origin, struct span *value)
{
    if (r->body != BODY_JSON)
        return 0;
    int rc = reader_json(r);
    return rc < 0 ? rc : get_node(r, r->json, origin->key, value);
}

static int get_item(struct reader *r, const struct origin *origin, struct span *value)
{
    return r->item ? get_node(r, r->item, origin->key, value) : 0;
}

static int get_header(struct reader *r, const struct origin *origin, struct span *value)
{
    const struct wire_request *q = r->request;
    for (size_t i = 0; i < q->header_count; i++) {
        if (!span_eq_nocase(q->headers[i].name, origin->key))
            continue;
        if (value->p)
            return reader_refuse(r, ERR_SYNTAX, "a header is given twice");
        *value = q->headers[i].value;
    }
    return 0;
}

static int get_any(struct reader *r, const struct origin *origin, struct span *value)
{
    static int (*const by_body[BODY_COUNT])(struct reader *, const struct origin *, struct span *) = {
        [BODY_NONE] = get_query, [BODY_FORM] = get_form, [BODY_MULTIPART] = get_form,
        [BODY_JSON] = get_json,  [BODY_XML] = get_xml,
    };
    return by_body[r->body](r, origin, value);
}

static int get_path(struct reader *r, const struct origin *origin, struct span *value)
{
    struct span rest = r->tail, part;
    for (int i = 1; span_split(&rest, '/', &part); i++)
        if (i == origin->number)
            *value = part;
    return 0;
}

static int get_constant(struct reader *r, const struct origin *origin, struct span *value)
{
    (void)r;
    *value = origin->key;
    return 0;
}

const struct keyword location_words[LOCATION_COUNT] = {
    [LOCATION_QUERY] = {"query", LOCATION_QUERY},
    [LOCATION_FORM] = {"form", LOCATION_FORM},
    [LOCATION_JSON] = {"json", LOCATION_JSON},
    [LOCATION_XML] = {"xml", LOCATION_XML},
    [LOCATION_HEADER] = {"header", LOCATION_HEADER},
    [LOCATION_ITEM] = {"item", LOCATION_ITEM},
    [LOCATION_ANY] = {"any", LOCATION_ANY},
    [LOCATION_PATH] = {"path", LOCATION_PATH},
    [LOCATION_CONSTANT] = {"constant", LOCATION_CONSTANT},
};

static int (*const getters[LOCATION_COUNT])(struct reader *, const struct origin *, struct span *) = {
    [LOCATION_QUERY] = get_query, [LOCATION_FORM] = get_form,     [LOCATION_JSON] = get_json,
    [LOCATION_XML] = get_xml,     [LOCATION_HEADER] = get_header, [LOCATION_ITEM] = get_item,
    [LOCATION_ANY] = get_any,     [LOCATION_PATH] = get_path,     [LOCATION_CONSTANT] = get_constant,
};

int reader_bytes(struct reader *r, const struct origin *origin, struct span *value)
{
    *value = (struct span){0};
    int rc = getters[origin->location](r, origin, value);
    if (rc < 0 || !value->p || !origin->changes.count)
        return rc;
    rc = changes_run(&origin->changes, *value, r->a, value);
    return rc == ERR_SYNTAX ? reader_refuse(r, rc, "a field is not written as this channel says") : rc;
}

int reader_is_text(struct reader *r, struct span value)
{
    bool fair = utf8_valid(value) == value.len && span_find(value, '\0') == value.len;
    return fair ? 0 : reader_refuse(r, ERR_SYNTAX, "a field is not UTF-8 text");
}

int reader_get(struct reader *r, const struct origin *origin, struct span *value)
{
    int rc = reader_bytes(r, origin, value);
    return rc < 0 ? rc : reader_is_text(r, *value);
}

/* The origin at *i and those that are joined to it, as one value with blanks between; empty where one of them is. */
static int joined(struct reader *r, const struct field *f, size_t *i, struct span *value)
{
    int rc = reader_bytes(r, &f->origins[(*i)++], value);
    for (; rc == 0 && *i < f->origin_count && f->origins[*i].joined; (*i)++) {
        struct span more;
        rc = reader_bytes(r, &f->origins[*i], &more);
        if (rc == 0)
            rc = reader_is_text(r, *value);
        if (rc == 0)
            rc = reader_is_text(r, more);
        if (rc < 0)
            return rc;
        bool both = value->len && more.len;
        *value = both ? arena_printf(r->a, "%.*s %.*s", SPAN_ARG(*value), SPAN_ARG(more)) : (struct span){0};
        if (both && !value->p)
            return ERR_NOMEM;
    }
    return rc;
}

int reader_field(struct reader *r, const struct field *f, struct span *value)
{
    struct span found = {0};
    for (size_t i = 0; i < f->origin_count && !found.len;) {
        struct span next;
        int rc = joined(r, f, &i, &next);
        if (rc < 0)
            return rc;
        found = next.p ? next : found;
    }
    bool there = found.p && (found.len || f->slot == SLOT_TEXT); // a text may be empty
    if (!there && !f->optional)
        return reader_refuse(r, ERR_SYNTAX, f->missing);
    *value = there ? found : (struct span){0};
    return 0;
}

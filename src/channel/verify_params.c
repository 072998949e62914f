// SPDX-License-Identifier: AGPL-3.0-or-later
/* Signatures over the parameters of a request, in an order of their own: Twilio, Vonage, Plivo V3. */
#include "channel/guard.h"

#include "base/err.h"
#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

/* -- parameters -- */

struct params {
    struct wire_field *list;
    size_t count;
};

static int by_name_and_value(const void *a, const void *b)
{
    const struct wire_field *x = a, *y = b;
    int order = span_cmp(x->name, y->name);
    return order ? order : span_cmp(x->value, y->value);
}

static int read_params(struct reader *r, struct span text, struct params *out)
{
    int rc = wire_form_decode(text, r->a, &out->list, &out->count);
    if (rc == 0 && out->count)
        qsort(out->list, out->count, sizeof *out->list, by_name_and_value);
    return rc == 0 || rc == ERR_NOMEM ? rc : ERR_AUTH;
}

static int read_members(struct reader *r, struct params *out)
{
    int rc = r->json ? 0 : json_read(r->request->body, &r->json);
    if (rc == 0)
        rc = json_members(r->json, r->a, &out->list, &out->count);
    if (rc == 0 && out->count)
        qsort(out->list, out->count, sizeof *out->list, by_name_and_value);
    return rc == 0 || rc == ERR_NOMEM ? rc : ERR_AUTH;
}

/* The value called `name` where there is exactly one, else p NULL. */
static struct span only(const struct params *params, const char *name)
{
    struct span found = {0};
    for (size_t i = 0; i < params->count; i++) {
        if (!span_is(params->list[i].name, name))
            continue;
        if (found.p)
            return (struct span){0};
        found = params->list[i].value;
    }
    return found;
}

static void add_names_and_values(struct str *out, const struct params *params, bool once)
{
    for (size_t i = 0; i < params->count; i++) {
        if (once && i && by_name_and_value(&params->list[i], &params->list[i - 1]) == 0)
            continue;
        str_add(out, params->list[i].name);
        str_add(out, params->list[i].value);
    }
}

static int checked(const struct reader *r, const struct guard *g, struct str *data, struct span given)
{
    int rc = str_err(data) ? ERR_NOMEM : verify_keyed_any(r, g, str_span(data), given);
    str_release(data);
    return rc;
}

/* -- Twilio: the URL, then each parameter's name and value (sheet 3.2) -- */

/* A body that is no form is covered by its hash in the URL, or by nothing. */
static int cover_body(struct reader *r, struct params *form)
{
    struct params query;
    int rc = read_params(r, r->request->query, &query);
    if (rc < 0)
        return rc;
    struct span hash = only(&query, "bodySHA256");
    if (hash.p)
        return verify_sha256(r, r->request->body, hash);
    if (r->body == BODY_FORM)
        return read_params(r, r->request->body, form);
    return r->body == BODY_NONE ? 0 : ERR_AUTH;
}

/* Where the port stands in "https://host:port/path", and how long it is with its colon. */
static size_t find_port(struct span url, size_t *len)
{
    size_t host = strlen("https://"), end = host;
    while (end < url.len && url.p[end] != '/')
        end++;
    size_t at = end;
    while (at > host && url.p[at - 1] >= '0' && url.p[at - 1] <= '9')
        at--;
    bool has = at > host && at < end && url.p[at - 1] == ':';
    *len = has ? end - at + 1 : 0;
    return has ? at - 1 : end;
}

static int check_url(struct reader *r, const struct guard *g, struct span url, bool with_port,
                     const struct params *form, struct span given)
{
    struct str data = STR_INIT(VERIFY_BYTES_MAX);
    size_t len, at = find_port(url, &len);
    str_add(&data, span_first(url, at));
    if (with_port)
        str_add(&data, len ? span_first(span_from(url, at), len) : SPAN(":443"));
    str_add(&data, span_from(url, at + len));
    add_names_and_values(&data, form, true);
    return checked(r, g, &data, given);
}

/* Twilio may sign the URL with its port or without; its own verifier takes both. */
int verify_url_params(struct reader *r, const struct guard *g)
{
    struct params form = {0};
    struct span given, url = verify_url(r, true);
    int rc = url.p ? verify_header(r, g->header, &given) : ERR_NOMEM;
    if (rc == 0)
        rc = cover_body(r, &form);
    if (rc < 0)
        return rc;
    rc = check_url(r, g, url, false, &form, given);
    return rc == ERR_AUTH ? check_url(r, g, url, true, &form, given) : rc;
}

/* -- Vonage: the parameter `sig` over all others (sheet 3.3) -- */

static void add_value(struct str *out, struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        str_addc(out, value.p[i] == '&' || value.p[i] == '=' ? '_' : value.p[i]);
}

static bool splits(struct span name)
{
    return span_find(name, '&') < name.len || span_find(name, '=') < name.len;
}

/* Values lose what separates, names do not: one that holds it could stand for several parameters. */
static int add_params(struct str *out, const struct params *params, const char *except)
{
    for (size_t i = 0; i < params->count; i++) {
        const struct wire_field *f = &params->list[i];
        if (splits(f->name))
            return ERR_AUTH;
        if (span_is(f->name, except))
            continue;
        str_addc(out, '&');
        str_add(out, f->name);
        str_addc(out, '=');
        add_value(out, f->value);
    }
    return 0;
}

static int signed_params(struct reader *r, struct params *out)
{
    if (r->body == BODY_JSON)
        return read_members(r, out);
    if (r->body == BODY_FORM)
        return read_params(r, r->request->body, out);
    return r->body == BODY_NONE ? read_params(r, r->request->query, out) : ERR_AUTH;
}

int verify_sorted_params(struct reader *r, const struct guard *g)
{
    struct params params = {0};
    struct str data = STR_INIT(VERIFY_BYTES_MAX);
    int rc = signed_params(r, &params);
    struct span given = only(&params, g->field);
    if (rc == 0 && (!given.p || !verify_fresh(r, only(&params, g->timestamp), g->window_s)))
        rc = ERR_AUTH;
    if (rc == 0)
        rc = add_params(&data, &params, g->field);
    if (rc == 0)
        rc = str_err(&data) ? ERR_NOMEM : verify_keyed(r, g, str_span(&data), given);
    str_release(&data);
    return rc;
}

/* -- Plivo V3 (sheet 3.6) -- */

static void add_pairs(struct str *out, const struct params *params)
{
    for (size_t i = 0; i < params->count; i++) {
        if (i)
            str_addc(out, '&');
        str_add(out, params->list[i].name);
        str_addc(out, '=');
        str_add(out, params->list[i].value);
    }
}

static void add_plivo(struct str *out, struct span url, const struct params *query, const struct params *form)
{
    str_add(out, url);
    if (query->count || form->count)
        str_addc(out, '?');
    add_pairs(out, query);
    if (query->count && form->count)
        str_addc(out, '.');
    add_names_and_values(out, form, false);
}

int verify_plivo_v3(struct reader *r, const struct guard *g)
{
    struct params query = {0}, form = {0};
    struct str data = STR_INIT(VERIFY_BYTES_MAX);
    struct span given, nonce, url = verify_url(r, false);
    int rc = url.p ? verify_header(r, g->header, &given) : ERR_NOMEM;
    if (rc == 0)
        rc = verify_header(r, g->nonce, &nonce);
    if (rc == 0)
        rc = read_params(r, r->request->query, &query);
    if (rc == 0 && r->body != BODY_NONE)
        rc = r->body == BODY_FORM ? read_params(r, r->request->body, &form) : ERR_AUTH;
    if (rc != 0)
        return rc;
    add_plivo(&data, url, &query, &form);
    str_addc(&data, '.');
    str_add(&data, nonce);
    return checked(r, g, &data, given);
}

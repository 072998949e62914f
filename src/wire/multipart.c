// SPDX-License-Identifier: AGPL-3.0-or-later
#include "wire/multipart.h"

#include "base/err.h"

#include <string.h>

enum { PARTS_MAX = 256 };

static size_t find(struct span text, struct span what)
{
    const char *at = text.len ? memmem(text.p, text.len, what.p, what.len) : NULL;
    return at ? (size_t)(at - text.p) : text.len;
}

/* The parameter `name` of a header's value: name=token or name="text" (RFC 9110, section 5.6.6). Neither boundaries nor
 * field names of aggregators hold quotes. */
static bool parameter(struct span value, const char *name, struct span *out)
{
    struct span part;
    while (span_split(&value, ';', &part)) {
        part = span_trim(part);
        size_t equals = span_find(part, '=');
        if (equals == part.len || !span_eq_nocase(span_first(part, equals), span_of(name)))
            continue;
        *out = span_from(part, equals + 1);
        if (out->len >= 2 && out->p[0] == '"' && out->p[out->len - 1] == '"')
            *out = span_first(span_from(*out, 1), out->len - 2);
        return true;
    }
    return false;
}

/* The value of Content-Disposition in a part's headers. */
static struct span disposition(struct span headers)
{
    struct span line;
    while (span_split(&headers, '\n', &line)) {
        size_t colon = span_find(line, ':');
        if (span_eq_nocase(span_first(line, colon), SPAN("content-disposition")))
            return span_trim(span_from(line, colon + 1));
    }
    return (struct span){0};
}

/* Takes a part up to the next delimiter off *rest. */
static int take_part(struct span *rest, struct span delimiter, struct span *part)
{
    size_t end = find(*rest, delimiter);
    if (end == rest->len)
        return ERR_SYNTAX;
    *part = span_first(*rest, end);
    *rest = span_from(*rest, end + delimiter.len);
    return 0;
}

static int add_part(struct span part, struct arena *a, struct wire_field **fields, size_t *count)
{
    struct span name, file, value;
    size_t head = find(part, SPAN("\r\n\r\n"));
    struct span form = disposition(span_first(part, head));
    if (head == part.len || !parameter(form, "name", &name))
        return ERR_SYNTAX;
    if (parameter(form, "filename", &file))
        return 0;
    if (*count == PARTS_MAX)
        return ERR_LIMIT;
    value = span_from(part, head + 4);
    struct wire_field *list = arena_grow(a, *fields, *count, sizeof *list);
    if (!list)
        return ERR_NOMEM;
    list[(*count)++] = (struct wire_field){name, value};
    *fields = list;
    return 0;
}

/* RFC 2046, section 5.1.1: a delimiter is CRLF, "--" and the boundary; the last one has "--" behind it. */
int multipart_read(struct span type, struct span body, struct arena *a, struct wire_field **fields, size_t *count)
{
    struct span boundary, part, rest = body;
    if (!parameter(type, "boundary", &boundary) || !boundary.len)
        return ERR_SYNTAX;
    struct span delimiter = arena_printf(a, "\r\n--%.*s", SPAN_ARG(boundary));
    if (!delimiter.p)
        return ERR_NOMEM;
    struct span first = span_from(delimiter, 2); // nothing need stand before the first
    int rc = take_part(&rest, first, &part);
    while (rc == 0 && !span_starts(rest, SPAN("--"))) {
        rc = take_part(&rest, delimiter, &part);
        if (rc == 0)
            rc = add_part(part, a, fields, count);
    }
    return rc;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "wire/wire.h"

#include "base/err.h"
#include "base/utf8.h"

#include <string.h>

enum { WIRE_FIELDS_MAX = 256 };

struct span wire_header(const struct wire_field *headers, size_t count, const char *name)
{
    const struct span wanted = span_of(name);
    for (size_t i = 0; i < count; i++)
        if (span_eq_nocase(headers[i].name, wanted))
            return headers[i].value;
    return (struct span){0};
}

struct span wire_field_get(const struct wire_field *fields, size_t count, struct span name)
{
    for (size_t i = 0; i < count; i++)
        if (span_eq(fields[i].name, name))
            return fields[i].value;
    return (struct span){0};
}

/* The digit's value, or -1. */
static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte at the head of `text`, escaped or not, and how many bytes it took. */
static size_t form_byte(struct span text, char *byte)
{
    *byte = text.p[0] == '+' ? ' ' : text.p[0];
    if (text.p[0] != '%' || text.len < 3)
        return 1;
    int high = hex_value(text.p[1]), low = hex_value(text.p[2]);
    if (high < 0 || low < 0)
        return 1;
    *byte = (char)(high << 4 | low);
    return 3;
}

/* Without "+" and "%" the bytes stand for themselves and are not copied. */
static bool form_plain(struct span text)
{
    size_t i = 0;
    while (i < text.len && text.p[i] != '+' && text.p[i] != '%')
        i++;
    return i == text.len;
}

/* NUL-terminated in the arena. */
struct span wire_percent_decode(struct span text, struct arena *a)
{
    char *to = arena_alloc(a, text.len + 1);
    size_t len = 0;
    while (to && text.len)
        text = span_from(text, form_byte(text, &to[len++]));
    return (struct span){.p = to, .len = len};
}

static int form_piece(struct span text, struct arena *a, struct span *piece)
{
    *piece = !text.p || form_plain(text) ? text : wire_percent_decode(text, a);
    return text.p && !piece->p ? ERR_NOMEM : 0;
}

static int form_field(struct span text, struct arena *a, struct wire_field *field)
{
    size_t equals = span_find(text, '=');
    int rc = form_piece(span_first(text, equals), a, &field->name);
    return rc < 0 ? rc : form_piece(span_from(text, equals + 1), a, &field->value);
}

/* WHATWG URL, section 5.1, step 3.1: empty sequences between "&" are no fields. */
static size_t form_count(struct span text)
{
    size_t count = 0;
    struct span part;
    while (span_split(&text, '&', &part))
        count += part.len > 0;
    return count;
}

int wire_form_bytes(struct span text, struct arena *a, struct wire_field **fields, size_t *count)
{
    size_t total = form_count(text), done = 0;
    if (total > WIRE_FIELDS_MAX)
        return ERR_LIMIT;
    struct wire_field *list = arena_array(a, total, sizeof *list);
    if (!list)
        return ERR_NOMEM;
    struct span part;
    while (span_split(&text, '&', &part)) {
        int rc = part.len ? form_field(part, a, &list[done]) : 0;
        if (rc < 0)
            return rc;
        done += part.len > 0;
    }
    *fields = list;
    *count = total;
    return 0;
}

static bool is_text(struct span s)
{
    return span_find(s, '\0') == s.len && utf8_valid(s) == s.len;
}

int wire_form_decode(struct span text, struct arena *a, struct wire_field **fields, size_t *count)
{
    int rc = wire_form_bytes(text, a, fields, count);
    for (size_t i = 0; rc == 0 && i < *count; i++)
        rc = is_text((*fields)[i].name) && is_text((*fields)[i].value) ? 0 : ERR_SYNTAX;
    return rc;
}

/* RFC 3986, section 2.3. Not isalnum: that would follow the locale. */
static bool unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

static size_t percent_len(struct span text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        len += unreserved(text.p[i]) ? 1 : 3;
    return len;
}

/* Writes percent_len(text) bytes and returns where the next byte goes. */
static char *percent_put(char *to, struct span text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.p[i];
        if (unreserved(text.p[i])) {
            *to++ = text.p[i];
            continue;
        }
        *to++ = '%';
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 15];
    }
    return to;
}

struct span wire_percent_encode(struct span text, struct arena *a)
{
    size_t len = percent_len(text);
    char *p = arena_alloc(a, len + 1);
    if (!p)
        return (struct span){0};
    percent_put(p, text);
    return (struct span){.p = p, .len = len};
}

struct span wire_form_encode(const struct wire_field *fields, size_t count, struct arena *a)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += percent_len(fields[i].name) + 1 + percent_len(fields[i].value) + (i > 0);
    char *p = arena_alloc(a, len + 1), *to = p;
    if (!p)
        return (struct span){0};
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *to++ = '&';
        to = percent_put(to, fields[i].name);
        *to++ = '=';
        to = percent_put(to, fields[i].value);
    }
    return (struct span){.p = p, .len = len};
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* A `struct json` is jansson's root value under another name, so that jansson.h stays in this file. */
#include "wire/json.h"

#include "base/err.h"
#include "base/mem.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_NUMBER_MAX = 40 }; // bytes; "-1.2345678901234567e-308" and every int64_t are shorter

/* Whether an allocation of this thread failed since json_read cleared it: jansson reports many of those as bad syntax,
 * and its allocator has no argument to tell us by. */
static _Thread_local bool starved;

static pthread_once_t ready = PTHREAD_ONCE_INIT;

static void *starving_alloc(size_t size)
{
    void *p = mem_alloc(size);
    starved |= !p;
    return p;
}

static void setup(void)
{
    json_set_alloc_funcs(starving_alloc, mem_free);
}

/* The index of the quote that ends the string which opens at `i`, or text.len. */
static size_t string_end(struct span text, size_t i)
{
    for (i++; i < text.len && text.p[i] != '"'; i++)
        if (text.p[i] == '\\')
            i++;
    return i;
}

/* jansson recurses, and its own limit (2048) is set when it is compiled: so deep texts do not get that far. */
static bool too_deep(struct span text)
{
    int depth = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];
        if (c == '"')
            i = string_end(text, i);
        else if (c == '[' || c == '{')
            depth++;
        else if (c == ']' || c == '}')
            depth--;
        if (depth > JSON_DEPTH_MAX)
            return true;
    }
    return false;
}

int json_read(struct span text, struct json **doc)
{
    if (too_deep(text))
        return ERR_LIMIT;
    pthread_once(&ready, setup); // every document begins here
    starved = false;
    json_t *root = json_loadb(text.p ? text.p : "", text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    if (!root)
        return starved ? ERR_NOMEM : ERR_SYNTAX;
    *doc = (struct json *)root;
    return 0;
}

void json_free(struct json *doc)
{
    json_decref((json_t *)doc);
}

/* Takes a "[12]" off the front of *path; false when what stands there is none. */
static bool take_index(struct span *path, size_t *index)
{
    int64_t value;
    size_t end = span_find(*path, ']');
    if (end == path->len || span_int(span_from(span_first(*path, end), 1), &value) < 0 || value < 0)
        return false;
    *index = (size_t)value;
    *path = span_from(*path, end + 1);
    return true;
}

/* Takes a name off the front of *path, up to "." or "[". */
static struct span take_name(struct span *path)
{
    size_t len = 0;
    while (len < path->len && path->p[len] != '.' && path->p[len] != '[')
        len++;
    struct span name = span_first(*path, len);
    *path = span_from(*path, len);
    return name;
}

/* NULL also where two keys differ in case only. */
static const json_t *member_any_case(const json_t *node, struct span name)
{
    const json_t *found = NULL;
    for (void *i = json_object_iter((json_t *)node); i; i = json_object_iter_next((json_t *)node, i)) {
        if (!span_eq_nocase(span_of(json_object_iter_key(i)), name))
            continue;
        if (found)
            return NULL;
        found = json_object_iter_value(i);
    }
    return found;
}

static const json_t *member(const json_t *node, struct span name, bool any_case)
{
    if (!name.len)
        return NULL;
    return any_case ? member_any_case(node, name) : json_object_getn(node, name.p, name.len);
}

/* One step from `node`: "[0]" into an array, "name" or ".name" into an object. NULL: it leads nowhere. */
static const json_t *step(const json_t *node, struct span *path, bool first, bool any_case)
{
    size_t index;
    if (path->p[0] == '[')
        return take_index(path, &index) ? json_array_get(node, index) : NULL;
    if (!first && path->p[0] != '.')
        return NULL;
    if (!first)
        *path = span_from(*path, 1);
    return member(node, take_name(path), any_case);
}

/* Fewest digits that read back as the same number: 0.1 and not 0.10000000000000001. */
static size_t real_digits(double value)
{
    char text[JSON_NUMBER_MAX];
    for (int digits = 15; digits < 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            return (size_t)digits;
    }
    return 17;
}

static struct span scalar(const json_t *node, struct arena *a)
{
    if (json_is_string(node))
        return arena_copy(a, (struct span){.p = json_string_value(node), .len = json_string_length(node)});
    char text[JSON_NUMBER_MAX];
    size_t digits = json_is_real(node) ? real_digits(json_real_value(node)) : 0;
    size_t len = json_dumpb(node, text, sizeof text, JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
    return len && len <= sizeof text ? arena_copy(a, (struct span){.p = text, .len = len}) : (struct span){0};
}

const struct json *json_find(const struct json *from, struct span path, bool any_case)
{
    const json_t *node = (const json_t *)from;
    if (span_is(path, "."))
        return from;
    for (bool first = true; node && path.len; first = false)
        node = step(node, &path, first, any_case);
    return json_is_null(node) ? NULL : (const struct json *)node;
}

int json_text(const struct json *from, struct arena *a, struct span *value)
{
    const json_t *node = (const json_t *)from;
    if (json_is_object(node) || json_is_array(node))
        return ERR_SYNTAX;
    *value = scalar(node, a);
    return value->p ? 0 : ERR_NOMEM;
}

int json_get(const struct json *doc, struct span path, struct arena *a, struct span *value)
{
    const struct json *node = json_find(doc, path, false);
    return node ? json_text(node, a, value) : ERR_MISSING;
}

size_t json_length(const struct json *node)
{
    return json_array_size((const json_t *)node);
}

const struct json *json_item(const struct json *node, size_t index)
{
    return (const struct json *)json_array_get((const json_t *)node, index);
}

/* The written object in `a`, and jansson's copy freed. */
static int dumped(json_t *object, struct arena *a, struct span *out)
{
    char *text = json_dumps(object, JSON_COMPACT);
    *out = text ? arena_copy(a, span_of(text)) : (struct span){0};
    mem_free(text);
    return out->p ? 0 : ERR_NOMEM;
}

int json_merge(struct span text, struct span set, struct arena *a, struct span *out)
{
    struct json *base = NULL, *members = NULL;
    int rc = json_read(text, &base);
    if (rc == 0)
        rc = json_read(set, &members);
    if (rc == 0 && (!json_is_object((json_t *)base) || !json_is_object((json_t *)members)))
        rc = ERR_SYNTAX;
    if (rc == 0)
        rc = json_object_update((json_t *)base, (json_t *)members) ? ERR_NOMEM : dumped((json_t *)base, a, out);
    json_free(base);
    json_free(members);
    return rc;
}

int json_members(const struct json *doc, struct arena *a, struct wire_field **fields, size_t *count)
{
    json_t *object = (json_t *)(uintptr_t)doc;
    if (!json_is_object(object))
        return ERR_SYNTAX;
    struct wire_field *list = arena_array(a, json_object_size(object), sizeof *list);
    if (!list)
        return ERR_NOMEM;
    size_t done = 0;
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const json_t *node = json_object_iter_value(at);
        if (json_is_object(node) || json_is_array(node))
            return ERR_SYNTAX;
        struct span name = {json_object_iter_key(at), json_object_iter_key_len(at)};
        struct wire_field *field = &list[done++];
        field->name = arena_copy(a, name);
        field->value = json_is_null(node) ? SPAN("") : scalar(node, a);
        if (!field->name.p || !field->value.p)
            return ERR_NOMEM;
    }
    *fields = list;
    *count = done;
    return 0;
}

/* How many bytes at the head of `text` must be escaped as one character, and that character; 0: none must.
 * U+2028 and U+2029 (E2 80 A8, E2 80 A9) end a line in older JavaScript. */
static size_t special(struct span text, unsigned *character)
{
    *character = (unsigned char)text.p[0];
    if (*character < 0x20 || *character == 0x7F || *character == '"' || *character == '\\')
        return 1;
    if (text.len < 3 || memcmp(text.p, "\xE2\x80", 2) != 0 || (text.p[2] & 0xFE) != 0xA8)
        return 0;
    *character = text.p[2] & 1 ? 0x2029 : 0x2028;
    return 3;
}

static void escape(struct str *out, unsigned character)
{
    if (character == '"' || character == '\\')
        str_addf(out, "\\%c", (int)character);
    else
        str_addf(out, "\\u%04x", character);
}

void json_quote(struct str *out, struct span text)
{
    str_addc(out, '"');
    while (text.len) {
        unsigned character;
        size_t plain = 0, len = 0;
        while (plain < text.len && (len = special(span_from(text, plain), &character)) == 0)
            plain++;
        str_add(out, span_first(text, plain));
        if (len)
            escape(out, character);
        text = span_from(text, plain + len);
    }
    str_addc(out, '"');
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "wire/xml.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#include <expat.h>

enum { XML_PATH_MAX = 4096, XML_TEXT_MAX = 64 * 1024 }; // bytes

/* A document while it is read. */
struct reading {
    XML_Parser parser;
    struct arena *a;
    struct str path;
    struct str texts[XML_DEPTH_MAX]; // of the elements that are open
    int depth;
    struct wire_field *fields;
    size_t count;
    int rc;
};

static void stop(struct reading *r, int rc)
{
    r->rc = r->rc ? r->rc : rc;
    XML_StopParser(r->parser, XML_FALSE);
}

/* Keeps `value` under the path and, for an attribute, its name. */
static void add_field(struct reading *r, const char *attribute, struct span value)
{
    if (r->count == XML_FIELDS_MAX) {
        stop(r, ERR_LIMIT);
        return;
    }
    struct wire_field *list = arena_grow(r->a, r->fields, r->count, sizeof *list);
    struct span path = str_span(&r->path);
    struct span name = attribute ? arena_printf(r->a, "%.*s/@%s", SPAN_ARG(path), attribute) : arena_copy(r->a, path);
    struct span text = arena_copy(r->a, span_trim(value));
    if (!list || !name.p || !text.p) {
        stop(r, ERR_NOMEM);
        return;
    }
    list[r->count++] = (struct wire_field){name, text};
    r->fields = list;
}

static void XMLCALL on_start(void *reading, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *r = reading;
    if (r->depth == XML_DEPTH_MAX) {
        stop(r, ERR_LIMIT);
        return;
    }
    if (r->depth)
        str_addc(&r->path, '/');
    str_addz(&r->path, name);
    str_clear(&r->texts[r->depth++]);
    if (str_err(&r->path))
        stop(r, str_err(&r->path));
    for (; !r->rc && attributes[0]; attributes += 2)
        add_field(r, attributes[0], span_of(attributes[1]));
}

static void XMLCALL on_text(void *reading, const XML_Char *text, int len)
{
    struct reading *r = reading;
    if (r->rc || !r->depth)
        return;
    struct str *to = &r->texts[r->depth - 1];
    str_add(to, (struct span){text, (size_t)len});
    if (str_err(to))
        stop(r, str_err(to));
}

/* An element's name holds no "/", so the last one in the path is where its own name begins. */
static void XMLCALL on_end(void *reading, const XML_Char *name)
{
    (void)name;
    struct reading *r = reading;
    if (r->rc)
        return;
    r->depth--;
    add_field(r, NULL, str_span(&r->texts[r->depth]));
    size_t len = r->path.len;
    while (len && r->path.p[len - 1] != '/')
        len--;
    str_cut(&r->path, len ? len - 1 : 0);
}

static void XMLCALL on_doctype(void *reading, const XML_Char *name, const XML_Char *where, const XML_Char *who,
                               int internal)
{
    (void)name, (void)where, (void)who, (void)internal;
    stop(reading, ERR_SYNTAX);
}

static int parse(struct reading *r, struct span text)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    if (XML_Parse(r->parser, text.p ? text.p : "", (int)text.len, XML_TRUE) == XML_STATUS_OK || r->rc)
        return r->rc;
    return XML_GetErrorCode(r->parser) == XML_ERROR_NO_MEMORY ? ERR_NOMEM : ERR_SYNTAX;
}

int xml_read(struct span text, struct arena *a, struct wire_field **fields, size_t *count)
{
    static const XML_Memory_Handling_Suite memory = {mem_alloc, mem_realloc, mem_free};
    struct reading r = {.a = a, .path = STR_INIT(XML_PATH_MAX)};
    for (size_t i = 0; i < XML_DEPTH_MAX; i++)
        str_init(&r.texts[i], XML_TEXT_MAX);
    r.parser = text.len <= INT32_MAX ? XML_ParserCreate_MM(NULL, &memory, NULL) : NULL;
    int rc = r.parser ? parse(&r, text) : ERR_NOMEM;
    if (r.parser)
        XML_ParserFree(r.parser);
    for (size_t i = 0; i < XML_DEPTH_MAX; i++)
        str_release(&r.texts[i]);
    str_release(&r.path);
    if (rc == 0) {
        *fields = r.fields;
        *count = r.count;
    }
    return rc;
}

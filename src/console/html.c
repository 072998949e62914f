// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/html.h"

#include "base/err.h"

struct item {
    const char *name;
    struct span value;
    struct view *first, *last; // rows, where it is a list
    struct item *next;
};

struct view {
    struct arena *arena;
    const struct view *outer;
    struct view *next; // in its list
    struct item *items;
    bool *broken;
    struct view *spare; // what view_add gives when there is no memory
};

static struct view *view_make(struct arena *a, const struct view *outer)
{
    struct view *v = arena_alloc(a, sizeof *v);
    if (!v)
        return NULL;
    *v = (struct view){.arena = a, .outer = outer};
    if (outer) {
        v->broken = outer->broken;
        v->spare = outer->spare;
    }
    return v;
}

struct view *view_new(struct arena *a)
{
    struct view *v = view_make(a, NULL), *spare = view_make(a, NULL);
    bool *broken = arena_alloc(a, sizeof *broken);
    if (!v || !spare || !broken)
        return NULL;
    v->broken = spare->broken = broken;
    v->spare = spare->spare = spare;
    return v;
}

struct arena *view_arena(const struct view *v)
{
    return v->arena;
}

static struct item *item_find(const struct view *v, struct span name)
{
    for (struct item *i = v->items; i; i = i->next)
        if (span_is(name, i->name))
            return i;
    return NULL;
}

static struct item *item_need(struct view *v, const char *name)
{
    struct item *i = item_find(v, span_of(name));
    if (i)
        return i;
    i = arena_alloc(v->arena, sizeof *i);
    if (!i) {
        *v->broken = true;
        return NULL;
    }
    *i = (struct item){.name = name, .next = v->items};
    v->items = i;
    return i;
}

void view_set(struct view *v, const char *name, struct span value)
{
    struct item *i = item_need(v, name);
    if (i)
        i->value = value;
}

void view_setz(struct view *v, const char *name, const char *value)
{
    view_set(v, name, span_of(value));
}

void view_setn(struct view *v, const char *name, int64_t number)
{
    view_setf(v, name, "%lld", (long long)number);
}

void view_setf(struct view *v, const char *name, const char *format, ...)
{
    struct str text = STR_INIT(64 * 1024);
    va_list args;
    va_start(args, format);
    str_vaddf(&text, format, args);
    va_end(args);
    struct span kept = str_err(&text) ? (struct span){0} : arena_copy(v->arena, str_span(&text));
    str_release(&text);
    if (!kept.p)
        *v->broken = true;
    view_set(v, name, kept);
}

void view_flag(struct view *v, const char *name, bool on)
{
    view_setz(v, name, on ? "1" : "");
}

struct view *view_add(struct view *v, const char *list)
{
    struct item *i = item_need(v, list);
    struct view *row = i ? view_make(v->arena, v) : NULL;
    if (!row) {
        *v->broken = true;
        return v->spare;
    }
    if (i->last)
        i->last->next = row;
    else
        i->first = row;
    i->last = row;
    return row;
}

static const struct item *item_look(const struct view *v, struct span name)
{
    for (; v; v = v->outer) {
        const struct item *i = item_find(v, name);
        if (i)
            return i;
    }
    return NULL;
}

struct span view_get(const struct view *v, struct span name)
{
    const struct item *i = item_look(v, name);
    return i ? i->value : (struct span){0};
}

/* ---- escaping ---- */

void escape_text(struct str *out, struct span text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *as = text.p[i] == '&'    ? "&amp;"
                         : text.p[i] == '<'  ? "&lt;"
                         : text.p[i] == '>'  ? "&gt;"
                         : text.p[i] == '"'  ? "&quot;"
                         : text.p[i] == '\'' ? "&#39;"
                                             : NULL;
        if (!as)
            continue;
        str_add(out, (struct span){text.p + from, i - from});
        str_addz(out, as);
        from = i + 1;
    }
    str_add(out, span_from(text, from));
}

/* RFC 3986, section 2.3: all but unreserved characters. */
static void escape_part(struct str *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     (c && strchr("-._~", c) != NULL);
        if (plain)
            str_addc(out, (char)c);
        else
            str_addf(out, "%%%02X", c);
    }
}

/* "/" and a letter or nothing: "//host" and "/\host" lead away. */
static bool address_ours(struct span text)
{
    bool path = text.len && text.p[0] == '/' && (text.len == 1 || (text.p[1] != '/' && text.p[1] != '\\'));
    return path || (text.len && text.p[0] == '#');
}

static void value_write(struct str *out, enum html_escape how, struct span value)
{
    if (how == ESCAPE_PART)
        escape_part(out, value);
    else if (how == ESCAPE_ADDRESS && !address_ours(value))
        str_addc(out, '#');
    else
        escape_text(out, value);
}

/* ---- walking ---- */

static bool holds(const struct view *v, struct span name)
{
    const struct item *i = item_look(v, name);
    return i && (i->value.len || i->first);
}

static void walk(const struct html_op *ops, size_t from, size_t to, const struct view *v, struct str *out)
{
    for (size_t at = from; at < to; at++) {
        const struct html_op *op = &ops[at];
        if (op->op == OP_LITERAL) {
            str_add(out, op->text);
        } else if (op->op == OP_VALUE) {
            value_write(out, op->escape, view_get(v, op->text));
        } else if (op->op == OP_EACH) {
            const struct item *list = item_look(v, op->text);
            for (const struct view *row = list ? list->first : NULL; row; row = row->next)
                walk(ops, at + 1, op->to - 1, row, out);
            at = op->to - 1;
        } else if (op->op != OP_END && holds(v, op->text) != (op->op == OP_IF)) {
            at = op->to - 1;
        }
    }
}

int html_render(const char *page, const struct view *v, struct str *out)
{
    const struct html_page *p = html_pages;
    while (p->name && strcmp(p->name, page) != 0)
        p++;
    if (!p->name)
        return ERR_MISSING;
    walk(p->ops, 0, p->count, v, out);
    return *v->broken ? ERR_NOMEM : str_err(out);
}

const struct html_asset *html_asset(struct span name)
{
    for (const struct html_asset *a = html_assets; a->name; a++)
        if (span_is(name, a->name))
            return a;
    return NULL;
}

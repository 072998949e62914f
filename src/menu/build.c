// SPDX-License-Identifier: AGPL-3.0-or-later
#include "menu/build.h"

#include "base/err.h"
#include "script/suggest.h"

#include <string.h>

bool build_got(struct build *b, const void *p)
{
    if (!p)
        b->err = ERR_NOMEM;
    return p;
}

void *list_add(struct build *b, struct list *l, size_t size)
{
    void *items = arena_grow(b->a, l->items, l->count, size);
    if (!build_got(b, items))
        return NULL;
    l->items = items;
    l->size = size;
    return (char *)items + size * l->count++;
}

void *list_at(const struct list *l, size_t index)
{
    return (char *)l->items + l->size * index;
}

void build_error(struct build *b, const char *code, struct token at, const char *format, ...)
{
    struct str text = STR_INIT(4 * SCRIPT_LINE_MAX);
    va_list args;
    va_start(args, format);
    str_vaddf(&text, format, args);
    va_end(args);
    if (str_err(&text) == ERR_NOMEM)
        b->err = ERR_NOMEM;
    diag_error(b->d, code, at.at, at.source, "%s", str_z(&text));
    str_release(&text);
}

/* What helps where no name is near. */
static const char *other_hint(const char *what)
{
    static const struct {
        const char *what, *hint;
    } rows[] = {
        {"screen", "look at its spelling, or begin a section with \"screen NAME\""},
        {"case", "look at its spelling, or begin a section with \"case NAME\""},
        {"consent", "look at its spelling, or begin a section with \"consent NAME\""},
        {"part", "look at its spelling, or begin a section with \"part NAME\""},
        {"answer", "look at its spelling, or ask for it somewhere: into NAME"},
        {"flag", "look at its spelling, or add it to \"flags\" in the configuration"},
        {"hours", "look at its spelling, or add \"hours NAME\" to the configuration"},
        {"answer, setting or fact", "look at its spelling; settings are \"value\" lines of the configuration"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].what, what) == 0)
            return rows[i].hint;
    return "look at its spelling";
}

void build_unknown(struct build *b, struct token name, const char *what, struct span near)
{
    if (near.len)
        build_error(b, "E02", name, "no such %s \"%.*s\"\ndid you mean \"%.*s\"?", what, SPAN_ARG(name.text),
                    SPAN_ARG(near));
    else
        build_error(b, "E02", name, "no such %s \"%.*s\"\n%s", what, SPAN_ARG(name.text), other_hint(what));
}

uint16_t build_look(const struct build *b, enum name_space space, struct span name)
{
    const struct name *found = map_get(b->names[space], name);
    return found ? found->index : PROGRAM_NONE;
}

uint16_t build_find(struct build *b, enum name_space space, struct token name, const char *what)
{
    uint16_t index = build_look(b, space, name.text);
    if (index != PROGRAM_NONE)
        return index;
    struct suggest near = suggest_start(name.text);
    struct span known;
    for (size_t i = 0; map_at(b->names[space], i, &known); i++)
        suggest_try(&near, known);
    const char *elsewhere = space == NAME_SCREEN && !near.best.len ? source_elsewhere(b, name.text) : NULL;
    if (space == NAME_SCREEN && build_look(b, NAME_FACT, name.text) != PROGRAM_NONE)
        build_error(b, "E02", name, "\"%.*s\" is a fact, not a %s\nsay it on a screen: say {%.*s}", SPAN_ARG(name.text),
                    what, SPAN_ARG(name.text));
    else if (elsewhere)
        build_error(b, "E02", name, "no such %s \"%.*s\"\n%s has one, but no line \"include\" names that file", what,
                    SPAN_ARG(name.text), elsewhere);
    else
        build_unknown(b, name, what, suggest_best(&near));
    return PROGRAM_NONE;
}

uint16_t build_consent(struct build *b, struct token name)
{
    struct suggest near = suggest_start(name.text);
    for (size_t i = 0; i < b->consents.count; i++) {
        const struct consent *c = list_at(&b->consents, i);
        if (span_eq(c->name, name.text))
            return (uint16_t)i;
        suggest_try(&near, c->name);
    }
    if (build_look(b, NAME_SCREEN, name.text) != PROGRAM_NONE)
        build_error(b, "E02", name, "\"%.*s\" is a screen, not a consent\nbegin its section with \"consent %.*s\"",
                    SPAN_ARG(name.text), SPAN_ARG(name.text));
    else
        build_unknown(b, name, "consent", suggest_best(&near));
    return PROGRAM_NONE;
}

struct span build_part(const struct menu_screen *s)
{
    size_t slash = span_find(s->name, '/');
    if (slash < s->name.len)
        return span_first(s->name, slash);
    return s->kind == SCREEN_PART ? s->name : (struct span){0};
}

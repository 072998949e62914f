// SPDX-License-Identifier: AGPL-3.0-or-later
/* Statements about fields: where a value lies, and how its bytes are read. */
#include "channel/channel_internal.h"

#include "base/err.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

bool parse_place(struct parser *p, struct script_cursor *cursor, struct origin *out)
{
    struct token key;
    int location;
    if (!parse_keyword(p, cursor, location_words, LOCATION_COUNT, "place in a request", &location))
        return false;
    *out = (struct origin){.location = (enum location)location};
    if (location == LOCATION_PATH && !parse_number(p, cursor, "the number of a path's segment", 1, 16, &out->number))
        return false;
    if (location != LOCATION_PATH && !take_word(p, cursor, "the aggregator's name of the field", &key))
        return false;
    out->name = location == LOCATION_PATH ? "in the path" : arena_strdup(p->c->arena, key.text);
    if (!out->name) {
        p->err = ERR_NOMEM;
        return false;
    }
    out->key = span_of(out->name);
    return true;
}

/* CHANGE { CHANGE }, up to the next word that is none. */
bool parse_changes(struct parser *p, struct script_cursor *cursor, struct changes *out)
{
    int change;
    if (!parse_keyword(p, cursor, change_words, CHANGE_COUNT, "way to read a value", &change))
        return false;
    do {
        if (out->count == CHANGES_MAX) {
            diag_error(p->diags, "E04", p->statement->at, p->statement->source, "a value is read in at most %d ways",
                       CHANGES_MAX);
            return false;
        }
        out->list[out->count++] = (unsigned char)change;
    } while (parse_maybe(cursor, change_words, CHANGE_COUNT, &change));
    return true;
}

/* PLACE KEY [ as CHANGE { CHANGE } ] */
static bool parse_origin(struct parser *p, struct script_cursor *cursor, struct field *f, bool joined)
{
    if (f->origin_count == ORIGINS_MAX) {
        diag_error(p->diags, "E04", p->statement->at, p->statement->source, "a field has at most %d places",
                   ORIGINS_MAX);
        return false;
    }
    struct origin *origin = &f->origins[f->origin_count];
    if (!parse_place(p, cursor, origin))
        return false;
    origin->joined = joined;
    f->origin_count++;
    return !script_accept(cursor, "as") || parse_changes(p, cursor, &origin->changes);
}

/* from PLACE KEY { with PLACE KEY } { or PLACE KEY { with PLACE KEY } } [ optional ] */
static bool parse_origins(struct parser *p, struct script_cursor *cursor, struct field *f)
{
    bool joined = false, more;
    if (!script_accept(cursor, "from")) {
        struct token word;
        script_word(cursor, &word);
        diag_error(p->diags, "E01", word.at, word.source, "\"from\" is missing here\nfor example: %s",
                   "field session from form sessionId");
        return false;
    }
    do {
        if (!parse_origin(p, cursor, f, joined))
            return false;
        joined = script_accept(cursor, "with");
        more = joined || script_accept(cursor, "or");
    } while (more);
    f->optional = script_accept(cursor, "optional");
    f->missing = arena_printf(p->c->arena, "no field \"%s\"", f->origins[0].name).p;
    p->err = f->missing ? p->err : ERR_NOMEM;
    return f->missing;
}

static void add_field(struct parser *p, struct field f)
{
    struct event *e = parse_current(p);
    for (size_t i = 0; i < e->field_count; i++)
        if (e->fields[i].slot == f.slot)
            diag_error(p->diags, "E03", f.token.at, f.token.source, "field \"%s\" is said twice (first in line %d)",
                       slot_words[f.slot].word, e->fields[i].token.at.line);
    struct field *list = parse_grow(p, e->fields, e->field_count, sizeof *list);
    if (!list)
        return;
    list[e->field_count++] = f;
    e->fields = list;
}

void parse_field(struct parser *p, struct script_cursor *cursor)
{
    struct field f = {0};
    struct script_cursor before = *cursor;
    int slot;
    if (!parse_keyword(p, cursor, slot_words, SLOT_COUNT, "field", &slot))
        return;
    script_word(&before, &f.token);
    f.slot = (enum slot)slot;
    if (parse_origins(p, cursor, &f))
        add_field(p, f);
}

static bool kept_name(struct parser *p, struct token name)
{
    struct channel *c = p->c;
    bool fair = script_is_name(name.text) && span_find(name.text, '/') == name.text.len;
    if (!fair)
        diag_error(p->diags, "E01", name.at, name.source, "\"%.*s\" is not a name: a-z first, then a-z, 0-9, - and _",
                   SPAN_ARG(name.text));
    for (size_t i = 0; i < c->kept_count; i++)
        if (span_eq(c->kept[i].name, name.text))
            diag_error(p->diags, "E03", name.at, name.source, "\"%.*s\" is kept twice", SPAN_ARG(name.text));
    if (c->kept_count == CHANNEL_KEPT_MAX)
        diag_error(p->diags, "E04", name.at, name.source, "at most %d values are kept", CHANNEL_KEPT_MAX);
    return fair && c->kept_count < CHANNEL_KEPT_MAX;
}

/* keep NAME from ... : as {NAME} in replies. What was not sent is empty there. */
void parse_keep(struct parser *p, struct script_cursor *cursor)
{
    struct token name;
    struct field f = {.slot = SLOT_TEXT};
    if (!take_word(p, cursor, "the name", &name) || !kept_name(p, name) || !parse_origins(p, cursor, &f))
        return;
    f.optional = true;
    f.token = name;
    p->c->kept[p->c->kept_count++] = (struct kept){.name = name.text, .field = f};
}

/* coding WORD { WORD } = CHANGE { CHANGE } */
void parse_coding(struct parser *p, struct script_cursor *cursor)
{
    struct channel *c = p->c;
    struct changes changes = {0};
    struct span *words = NULL;
    size_t count = 0;
    if (!parse_words(p, cursor, &words, &count) || !parse_changes(p, cursor, &changes))
        return;
    for (size_t i = 0; i < count; i++) {
        struct coding *list = parse_grow(p, c->codings, c->coding_count, sizeof *list);
        if (!list)
            return;
        list[c->coding_count++] = (struct coding){.value = words[i], .changes = changes};
        c->codings = list;
    }
}

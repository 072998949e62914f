// SPDX-License-Identifier: AGPL-3.0-or-later
/* Statements about a kind of request: the turn, or an event. */
#include "channel/channel_internal.h"

#include "base/err.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static struct event *current(struct parser *p)
{
    return &p->c->events[p->c->event_count - 1];
}

void parse_receive(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword methods[] = {{"GET", 0}, {"POST", 1}};
    static const struct keyword bodies[] = {{"query", BODY_NONE}, {"form", BODY_FORM}, {"json", BODY_JSON}};
    struct event *e = current(p);
    int method, body;
    if (!parse_keyword(p, cursor, methods, COUNT(methods), "method", &method) ||
        !parse_keyword(p, cursor, bodies, COUNT(bodies), "form of a request", &body))
        return;
    for (size_t i = 0; i < e->receive_count; i++)
        if (span_is(e->receives[i].method, methods[method].word))
            diag_error(p->diags, "E03", p->statement->at, p->statement->source, "%s is received twice",
                       methods[method].word);
    struct receive *list = parse_grow(p, e->receives, e->receive_count, sizeof *list);
    if (!list)
        return;
    list[e->receive_count++] = (struct receive){.method = span_of(methods[method].word), .body = (enum body)body};
    e->receives = list;
}

static bool parse_origin(struct parser *p, struct script_cursor *cursor, struct field *f)
{
    struct token key;
    int location;
    if (!parse_keyword(p, cursor, location_words, LOCATION_COUNT, "place in a request", &location) ||
        !take_word(p, cursor, "the aggregator's name of the field", &key))
        return false;
    if (f->origin_count == ORIGINS_MAX) {
        diag_error(p->diags, "E04", key.at, key.source, "a field has at most %d places", ORIGINS_MAX);
        return false;
    }
    const char *name = arena_strdup(p->c->arena, key.text);
    if (!name) {
        p->err = ERR_NOMEM;
        return false;
    }
    f->origins[f->origin_count++] =
        (struct origin){.location = (enum location)location, .name = name, .key = span_of(name)};
    return true;
}

/* field NAME from LOCATION KEY { or LOCATION KEY } [ optional ] */
static bool parse_origins(struct parser *p, struct script_cursor *cursor, struct field *f)
{
    if (!script_accept(cursor, "from")) {
        struct token word;
        script_word(cursor, &word);
        diag_error(p->diags, "E01", word.at, word.source, "\"from\" is missing here\nfor example: %s",
                   "field session from form sessionId");
        return false;
    }
    do
        if (!parse_origin(p, cursor, f))
            return false;
    while (script_accept(cursor, "or"));
    f->optional = script_accept(cursor, "optional");
    return true;
}

static void add_field(struct parser *p, struct field f)
{
    struct event *e = current(p);
    for (size_t i = 0; i < e->field_count; i++)
        if (e->fields[i].slot == f.slot)
            diag_error(p->diags, "E03", f.token.at, f.token.source, "field \"%s\" is said twice (first in line %d)",
                       slot_words[f.slot].word, e->fields[i].token.at.line);
    struct field *list = parse_grow(p, e->fields, e->field_count, sizeof *list);
    f.missing = arena_printf(p->c->arena, "no field \"%s\"", f.origins[0].name).p;
    if (!list || !f.missing) {
        p->err = ERR_NOMEM;
        return;
    }
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

/* state VALUE { VALUE } = MEANING */
static void parse_mappings(struct parser *p, struct script_cursor *cursor, enum slot slot,
                           const struct keyword *meanings, size_t count)
{
    struct event *e = current(p);
    struct token word;
    size_t first = e->mapping_count;
    while (take_word(p, cursor, "\" = \"", &word) && !span_is(word.text, "=")) {
        for (size_t i = 0; i < e->mapping_count; i++)
            if (e->mappings[i].slot == slot && span_eq(e->mappings[i].value, word.text))
                diag_error(p->diags, "E03", word.at, word.source, "\"%.*s\" is said twice", SPAN_ARG(word.text));
        struct mapping *list = parse_grow(p, e->mappings, e->mapping_count, sizeof *list);
        if (!list)
            return;
        list[e->mapping_count++] = (struct mapping){.slot = slot, .value = word.text};
        e->mappings = list;
    }
    if (!word.text.len)
        return;
    if (e->mapping_count == first)
        diag_error(p->diags, "E01", word.at, word.source, "no word before \"=\"");
    int meaning = 0;
    parse_keyword(p, cursor, meanings, count, "meaning", &meaning);
    for (size_t i = first; i < e->mapping_count; i++)
        e->mappings[i].meaning = meaning;
}

static const struct keyword deliveries[] = {
    {"queued", DELIVERY_QUEUED},       {"sent", DELIVERY_SENT},       {"delivered", DELIVERY_DELIVERED},
    {"failed", DELIVERY_FAILED},       {"expired", DELIVERY_EXPIRED}, {"rejected", DELIVERY_REJECTED},
    {"opted-out", DELIVERY_OPTED_OUT},
};

void parse_state(struct parser *p, struct script_cursor *cursor)
{
    parse_mappings(p, cursor, SLOT_STATE, deliveries, COUNT(deliveries));
}

void parse_reason(struct parser *p, struct script_cursor *cursor)
{
    parse_mappings(p, cursor, SLOT_REASON, deliveries, COUNT(deliveries));
}

void parse_signal(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword signals[] = {
        {"begins", SIGNAL_BEGINS}, {"ends", SIGNAL_ENDS}, {"opts-out", SIGNAL_OPTS_OUT}};
    parse_mappings(p, cursor, SLOT_SIGNAL, signals, COUNT(signals));
}

struct event *parse_add_event(struct parser *p, struct token name)
{
    struct channel *c = p->c;
    struct event *list = parse_grow(p, c->events, c->event_count, sizeof *list);
    if (!list)
        return NULL;
    list[c->event_count] = (struct event){.name = name.text, .token = name, .kind = INBOUND_TURN};
    c->events = list;
    return &list[c->event_count++];
}

void parse_event(struct parser *p, struct script_cursor *cursor)
{
    struct token name;
    if (!take_word(p, cursor, "the event's name", &name))
        return;
    if (!script_is_name(name.text))
        diag_error(p->diags, "E01", name.at, name.source, "\"%.*s\" is not a name: a-z first, then a-z, 0-9, - and _",
                   SPAN_ARG(name.text));
    for (size_t i = 1; i < p->c->event_count; i++)
        if (span_eq(p->c->events[i].name, name.text))
            diag_error(p->diags, "E03", name.at, name.source, "event \"%.*s\" is there already, in line %d",
                       SPAN_ARG(name.text), p->c->events[i].token.at.line);
    parse_add_event(p, name);
}

void parse_kind(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword kinds[] = {{"ended", INBOUND_ENDED},
                                           {"delivery", INBOUND_DELIVERY},
                                           {"optout", INBOUND_OPTOUT},
                                           {"ignored", INBOUND_IGNORED}};
    struct event *e = current(p);
    int kind;
    if (e->kind_known)
        diag_error(p->diags, "E03", p->statement->at, p->statement->source, "the event has a kind already");
    if (!parse_keyword(p, cursor, kinds, COUNT(kinds), "kind of event", &kind))
        return;
    e->kind = (enum inbound_kind)kind;
    e->kind_known = true;
}

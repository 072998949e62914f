// SPDX-License-Identifier: AGPL-3.0-or-later
/* Statements about a kind of request: the turn, or an event; its fields are read in parse_field.c. */
#include "channel/channel_internal.h"

#include "base/err.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct event *parse_current(struct parser *p)
{
    return &p->c->events[p->c->event_count - 1];
}

static void check_receive(struct parser *p, const struct event *e, const struct receive *receive)
{
    for (size_t i = 0; i < e->receive_count; i++)
        if (span_eq(e->receives[i].method, receive->method) && e->receives[i].body == receive->body)
            diag_error(p->diags, "E03", p->statement->at, p->statement->source, "this is received twice");
}

/* receive METHOD FORM [any-type] */
void parse_receive(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword methods[] = {{"GET", 0}, {"POST", 1}};
    static const struct keyword bodies[] = {{"query", BODY_NONE},
                                            {"form", BODY_FORM},
                                            {"multipart", BODY_MULTIPART},
                                            {"json", BODY_JSON},
                                            {"xml", BODY_XML}};
    struct event *e = parse_current(p);
    int method, body;
    if (!parse_keyword(p, cursor, methods, COUNT(methods), "method", &method) ||
        !parse_keyword(p, cursor, bodies, COUNT(bodies), "form of a request", &body))
        return;
    struct receive receive = {.method = span_of(methods[method].word), .body = (enum body)body};
    receive.any_type = script_accept(cursor, "any-type");
    check_receive(p, e, &receive);
    struct receive *list = parse_grow(p, e->receives, e->receive_count, sizeof *list);
    if (!list)
        return;
    list[e->receive_count++] = receive;
    e->receives = list;
}

/* at PATH: "." is the bare address. */
void parse_at(struct parser *p, struct script_cursor *cursor)
{
    struct event *e = parse_current(p);
    struct token path;
    if (!take_word(p, cursor, "the path behind the channel's address", &path))
        return;
    if (path.text.p[0] == '/')
        diag_error(p->diags, "E01", path.at, path.source, "write the path without \"/\" in front");
    parse_add_span(p, &e->paths, &e->path_count, path.text);
}

/* when PLACE KEY [ = WORD { WORD } ] | when PLACE KEY missing */
void parse_when_request(struct parser *p, struct script_cursor *cursor)
{
    struct event *e = parse_current(p);
    struct when when = {0};
    struct token word;
    if (!parse_place(p, cursor, &when.origin))
        return;
    when.missing = script_accept(cursor, "missing");
    if (!when.missing && script_accept(cursor, "=")) {
        if (!take_word(p, cursor, "a word to compare with", &word))
            return;
        do
            if (!parse_add_span(p, &when.words, &when.word_count, word.text))
                return;
        while (script_word(cursor, &word));
    }
    struct when *list = parse_grow(p, e->whens, e->when_count, sizeof *list);
    if (!list)
        return;
    list[e->when_count++] = when;
    e->whens = list;
}

/* each json PATH */
void parse_each(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword places[] = {{"json", LOCATION_JSON}};
    struct event *e = parse_current(p);
    int place;
    if (!parse_keyword(p, cursor, places, COUNT(places), "place of an array", &place) ||
        !take_word(p, cursor, "the path to the array, or \".\"", &e->each_token))
        return;
    if (e->each.p)
        diag_error(p->diags, "E03", p->statement->at, p->statement->source, "\"each\" is said twice");
    e->each = e->each_token.text;
}

static bool add_mapping(struct parser *p, struct event *e, enum slot slot, struct token word)
{
    for (size_t i = 0; i < e->mapping_count; i++)
        if (e->mappings[i].slot == slot && span_eq(e->mappings[i].value, word.text))
            diag_error(p->diags, "E03", word.at, word.source, "\"%.*s\" is said twice", SPAN_ARG(word.text));
    struct mapping *list = parse_grow(p, e->mappings, e->mapping_count, sizeof *list);
    if (!list)
        return false;
    list[e->mapping_count++] =
        (struct mapping){.slot = slot, .value = word.text, .others = span_is(word.text, "others")};
    e->mappings = list;
    return true;
}

/* state VALUE { VALUE } = MEANING */
static void parse_mappings(struct parser *p, struct script_cursor *cursor, enum slot slot,
                           const struct keyword *meanings, size_t count)
{
    struct event *e = parse_current(p);
    struct token word;
    size_t first = e->mapping_count;
    while (take_word(p, cursor, "\" = \"", &word) && !span_is(word.text, "="))
        if (!add_mapping(p, e, slot, word))
            return;
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
        {"begins", SIGNAL_BEGINS}, {"ends", SIGNAL_ENDS}, {"opts-out", SIGNAL_OPTS_OUT}, {"ignored", SIGNAL_IGNORED}};
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
    enum { ENDED, DELIVERY, OPTOUT, IGNORED, FETCH, TAKEN, AWAITED };
    static const struct keyword words[] = {{"ended", ENDED},     {"delivery", DELIVERY}, {"optout", OPTOUT},
                                           {"ignored", IGNORED}, {"fetch", FETCH},       {"taken", TAKEN},
                                           {"awaited", AWAITED}};
    static const struct {
        enum inbound_kind kind;
        enum serve_kind serves;
    } kinds[] = {
        [ENDED] = {INBOUND_ENDED, SERVE_NOTHING},     [DELIVERY] = {INBOUND_DELIVERY, SERVE_NOTHING},
        [OPTOUT] = {INBOUND_OPTOUT, SERVE_NOTHING},   [IGNORED] = {INBOUND_IGNORED, SERVE_NOTHING},
        [FETCH] = {INBOUND_IGNORED, SERVE_FETCH},     [TAKEN] = {INBOUND_IGNORED, SERVE_TAKEN},
        [AWAITED] = {INBOUND_IGNORED, SERVE_AWAITED},
    };
    struct event *e = parse_current(p);
    int kind;
    if (e->kind_known)
        diag_error(p->diags, "E03", p->statement->at, p->statement->source, "the event has a kind already");
    if (!parse_keyword(p, cursor, words, COUNT(words), "kind of event", &kind))
        return;
    e->kind = kinds[kind].kind;
    e->serves = kinds[kind].serves;
    e->kind_known = true;
}

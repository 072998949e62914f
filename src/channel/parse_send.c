// SPDX-License-Identifier: AGPL-3.0-or-later
/* Statements about sending a message and reading what the aggregator says to it. */
#include "channel/channel_internal.h"

#include "base/err.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct keyword outcomes[] = {
    {"retry", SEND_RETRY},         {"permanent", SEND_PERMANENT}, {"opted-out", SEND_OPTED_OUT},
    {"throttled", SEND_THROTTLED}, {"unknown", SEND_UNKNOWN},     {"accepted", SEND_ACCEPTED},
};

size_t url_host_end(struct span url)
{
    size_t scheme = span_find(url, ':') + sizeof "://" - 1;
    return scheme < url.len ? scheme + span_find(span_from(url, scheme), '/') : url.len;
}

static void add_url(struct parser *p, struct script_cursor *cursor)
{
    struct send *send = &p->c->send;
    struct token url;
    if (!take_word(p, cursor, "the address", &url))
        return;
    if (span_find(url.text, '?') < url.text.len)
        diag_error(p->diags, "E01", url.at, url.source, "the address holds a \"?\"\nuse send-query NAME TEXT");
    struct template *list = parse_grow(p, send->urls, send->url_count, sizeof *list);
    if (!list)
        return;
    send->urls = list;
    template_read_url(p, url, IN_SEND, url_host_end(url.text), &list[send->url_count++]);
}

/* send METHOD URL */
void parse_send(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword methods[] = {{"GET", 0}, {"POST", 1}, {"PUT", 2}};
    struct send *send = &p->c->send;
    int method;
    if (!parse_keyword(p, cursor, methods, COUNT(methods), "method", &method))
        return;
    if (send->url_count)
        diag_error(p->diags, "E01", p->statement->at, p->statement->source, "\"send-also\" comes behind \"send\"");
    send->present = true;
    send->method = span_of(methods[method].word);
    add_url(p, cursor);
}

/* send-also URL */
void parse_send_also(struct parser *p, struct script_cursor *cursor)
{
    add_url(p, cursor);
}

/* Takes a trailing " ?" off the text. */
static bool take_optional(struct span *text)
{
    if (text->len < 2 || text->p[text->len - 1] != '?' || text->p[text->len - 2] != ' ')
        return false;
    *text = span_trim(span_first(*text, text->len - 2));
    return true;
}

/* Takes a trailing " when gsm" or " when unicode" off the text. */
static enum alphabet take_alphabet(struct span *text)
{
    static const struct {
        struct span words;
        enum alphabet alphabet;
    } endings[] = {{SPAN(" when gsm"), ALPHABET_GSM}, {SPAN(" when unicode"), ALPHABET_UNICODE}};
    for (size_t i = 0; i < COUNT(endings); i++) {
        struct span words = endings[i].words;
        if (text->len <= words.len || !span_eq(span_from(*text, text->len - words.len), words))
            continue;
        *text = span_trim(span_first(*text, text->len - words.len));
        return endings[i].alphabet;
    }
    return ALPHABET_ANY;
}

/* NAME TEXT [when gsm|unicode] [?] */
static void add_value(struct parser *p, struct script_cursor *cursor, unsigned where, struct send_list *list)
{
    struct token name, text;
    if (!take_word(p, cursor, "the name", &name) || !parse_line(p, cursor, "the value", &text))
        return;
    struct send_value *items = parse_grow(p, list->items, list->count, sizeof *items);
    if (!items)
        return;
    struct send_value *value = &items[list->count++];
    list->items = items;
    *value = (struct send_value){.name = name.text, .optional = take_optional(&text.text)};
    value->alphabet = take_alphabet(&text.text);
    template_read(p, text, where | (value->alphabet == ALPHABET_GSM ? IN_GSM : 0), ESCAPE_RAW, &value->value);
}

/* Neither a name nor a value that could end a header's line: what a person typed is not allowed here. */
void parse_send_header(struct parser *p, struct script_cursor *cursor)
{
    struct script_cursor ahead = *cursor;
    struct token name;
    script_word(&ahead, &name);
    if (name.text.len && !script_is_word(name.text))
        diag_error(p->diags, "E01", name.at, name.source,
                   "\"%.*s\" is not the name of a header\nwrite it without \":\"", SPAN_ARG(name.text));
    add_value(p, cursor, IN_SEND_HEADER, &p->c->send.headers);
}

void parse_send_query(struct parser *p, struct script_cursor *cursor)
{
    add_value(p, cursor, IN_SEND, &p->c->send.query);
}

void parse_send_form(struct parser *p, struct script_cursor *cursor)
{
    add_value(p, cursor, IN_SEND, &p->c->send.form);
}

void parse_send_body(struct parser *p, struct script_cursor *cursor)
{
    struct send *send = &p->c->send;
    struct token type, text;
    if (!take_word(p, cursor, "the content type", &type) || !parse_rest(p, cursor, "the body", &text))
        return;
    send->has_body = true;
    send->body_type = type.text;
    template_read(p, text, IN_SEND, ESCAPE_RAW, &send->body);
}

static const struct keyword sources[] = {{"json", SOURCE_JSON},
                                         {"text", SOURCE_TEXT},
                                         {"header", SOURCE_HEADER},
                                         {"status", SOURCE_STATUS},
                                         {"others", SOURCE_OTHERS}};
enum { ID_SOURCES = 3, OK_SOURCES = 4 }; // without status, and without others

/* Where in the answer: json PATH, header NAME, status, text. */
static bool parse_source(struct parser *p, struct script_cursor *cursor, size_t count, struct rule *rule)
{
    struct token path;
    int source;
    if (!parse_keyword(p, cursor, sources, count, "place in the answer", &source))
        return false;
    rule->source = (enum source)source;
    if (source != SOURCE_JSON && source != SOURCE_HEADER)
        return true;
    if (!take_word(p, cursor, source == SOURCE_JSON ? "the path in the JSON" : "the header's name", &path))
        return false;
    const char *name = arena_strdup(p->c->arena, path.text);
    p->err = name ? p->err : ERR_NOMEM;
    rule->path = name ? span_of(name) : (struct span){0};
    return name;
}

static bool add_word(struct parser *p, struct rule *rule, struct span word)
{
    struct span *words = parse_grow(p, rule->words, rule->word_count, sizeof *words);
    if (!words)
        return false;
    words[rule->word_count++] = word;
    rule->words = words;
    return true;
}

static bool no_words(struct parser *p, const struct rule *rule, struct token at)
{
    if (rule->word_count)
        return false;
    diag_error(p->diags, "E01", at.at, at.source, "a word to compare with is missing here\nthe form is: %s", p->form);
    return true;
}

static void add_rule(struct parser *p, struct rule **rules, size_t *count, const struct rule *rule)
{
    struct rule *list = parse_grow(p, *rules, *count, sizeof *list);
    if (!list)
        return;
    list[(*count)++] = *rule;
    *rules = list;
}

/* send-ok text PATTERN: all of the line. */
static bool parse_pattern(struct parser *p, struct script_cursor *cursor, struct rule *rule)
{
    struct token text;
    return parse_line(p, cursor, "the text that the answer is like", &text) && add_word(p, rule, text.text);
}

static bool parse_ok_words(struct parser *p, struct script_cursor *cursor, struct rule *rule)
{
    struct token word;
    if (!script_accept(cursor, "=")) {
        script_word(cursor, &word);
        diag_error(p->diags, "E01", word.at, word.source, "\"=\" is missing here\nthe form is: %s", p->form);
        return false;
    }
    while (script_word(cursor, &word))
        if (!add_word(p, rule, word.text))
            return false;
    return !no_words(p, rule, word);
}

/* send-ok json PATH = WORD { WORD } */
void parse_send_ok(struct parser *p, struct script_cursor *cursor)
{
    struct rule rule = {.outcome = SEND_ACCEPTED};
    if (!parse_source(p, cursor, OK_SOURCES, &rule))
        return;
    bool fine = rule.source == SOURCE_TEXT ? parse_pattern(p, cursor, &rule) : parse_ok_words(p, cursor, &rule);
    if (fine)
        add_rule(p, &p->c->send.oks, &p->c->send.ok_count, &rule);
}

/* send-id json PATH | send-id header NAME | send-id text PATTERN, with {id} where it stands. */
void parse_send_id(struct parser *p, struct script_cursor *cursor)
{
    struct rule rule = {0};
    if (!parse_source(p, cursor, ID_SOURCES, &rule) || (rule.source == SOURCE_TEXT && !parse_pattern(p, cursor, &rule)))
        return;
    struct span array, rest;
    if (rule.source == SOURCE_JSON && path_of_all(rule.path, &array, &rest))
        diag_error(p->diags, "E04", p->statement->at, p->statement->source,
                   "a message has one id, not as many as there are elements\nwrite [0] for the first");
    p->c->send.has_id = true;
    p->c->send.id = rule;
}

/* The words of a text are one pattern: they lie side by side in the statement. */
static void join_words(struct rule *rule)
{
    if (rule->word_count < 2)
        return;
    const struct span *last = &rule->words[rule->word_count - 1];
    rule->words[0].len = (size_t)(last->p + last->len - rule->words[0].p);
    rule->word_count = 1;
}

/* send-error json PATH WORD { WORD } = OUTCOME | send-error status NUMBER { NUMBER } = OUTCOME | send-error others =
 * OUTCOME */
void parse_send_error(struct parser *p, struct script_cursor *cursor)
{
    struct rule rule = {0};
    struct token word;
    int outcome;
    if (!parse_source(p, cursor, COUNT(sources), &rule))
        return;
    while (take_word(p, cursor, "\" = \"", &word) && !span_is(word.text, "="))
        if (!add_word(p, &rule, word.text))
            return;
    if (!word.text.len)
        return;
    if (rule.source == SOURCE_TEXT)
        join_words(&rule);
    if (rule.source == SOURCE_OTHERS && rule.word_count) {
        diag_error(p->diags, "E01", word.at, word.source,
                   "\"others\" takes no words\nwrite: send-error others = OUTCOME");
        return;
    }
    if (rule.source != SOURCE_OTHERS && no_words(p, &rule, word))
        return;
    if (!parse_keyword(p, cursor, outcomes, COUNT(outcomes), "outcome", &outcome))
        return;
    rule.outcome = (enum send_outcome)outcome;
    add_rule(p, &p->c->send.errors, &p->c->send.error_count, &rule);
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* channel_internal - what a channel file becomes; known to this room only.
 *
 * parse.c reads statements into a struct channel (with parse_event.c for requests, parse_send.c for sending,
 * parse_word.c for words, template.c for texts with placeholders, check.c for what only the whole file shows);
 * verify.c, decode.c, path.c, encode.c and send.c read it. Everything in it lives in its own arena, or in the settings
 * (secrets), and never changes after reading.
 */
#ifndef WAYMARK_CHANNEL_CHANNEL_INTERNAL_H
#define WAYMARK_CHANNEL_CHANNEL_INTERNAL_H

#include "channel/channel.h"
#include "script/script.h"

enum {
    ORIGINS_MAX = 4,          /* alternatives of one field */
    CHANNEL_ID_MAX = 128,     /* bytes of an id of a message or a delivery report, and of a service code */
    CHANNEL_FILE_MAX = 65536, /* bytes of a channel file */
};

/* What a field of the aggregator's is to us; rows in decode.c. */
enum slot {
    SLOT_SESSION,
    SLOT_FROM,
    SLOT_TO,
    SLOT_TEXT,
    SLOT_ID,
    SLOT_SEQUENCE,
    SLOT_MEDIUM,
    SLOT_SIGNAL,
    SLOT_REFERENCE,
    SLOT_STATE,
    SLOT_REASON,
    SLOT_KEY,
    SLOT_PART_REF,
    SLOT_PART_TOTAL,
    SLOT_PART,
    SLOT_COUNT
};

/* Where in a request a field is found; rows in decode.c. */
enum location { LOCATION_QUERY, LOCATION_FORM, LOCATION_JSON, LOCATION_HEADER, LOCATION_COUNT };

struct origin {
    enum location location;
    const char *name; /* NUL-terminated */
    struct span key;  /* the same as a span; a path where the location is JSON */
};

struct field {
    enum slot slot;
    bool optional;
    struct origin origins[ORIGINS_MAX]; /* the first that is not empty is taken */
    size_t origin_count;
    const char *missing; /* the reason to give when it is not there */
    struct token token;  /* for check.c */
};

/* One word of the aggregator's and what it means to us: enum delivery_state, or enum signal. */
struct mapping {
    enum slot slot; /* STATE, REASON or SIGNAL */
    struct span value;
    int meaning;
};

enum signal { SIGNAL_BEGINS, SIGNAL_ENDS, SIGNAL_OPTS_OUT };

enum body { BODY_NONE, BODY_FORM, BODY_JSON };

struct receive {
    struct span method;
    enum body body;
};

/* A kind of request. The first of a channel is the turn, with an empty name; the others are `event` sections. */
struct event {
    struct span name;
    struct token token;
    bool kind_known;
    enum inbound_kind kind;
    struct receive *receives; /* none: those of the turn */
    size_t receive_count;
    struct field *fields;
    size_t field_count;
    struct mapping *mappings;
    size_t mapping_count;
};

enum escape { ESCAPE_RAW, ESCAPE_JSON, ESCAPE_XML, ESCAPE_FORM };

/* What may be put into a template; rows in template.c. */
enum value { VALUE_LITERAL, VALUE_TEXT, VALUE_TO, VALUE_FROM, VALUE_SESSION, VALUE_EVENT, VALUE_KEY, VALUE_COUNT };

/* Which values a template may name. */
enum { IN_REPLY = 1, IN_SEND = 2, IN_SEND_HEADER = 4 };

struct piece {
    enum value value;
    enum escape escape;
    struct span literal; /* VALUE_LITERAL: the text, or a secret of the settings */
};

struct template
{
    struct piece *pieces;
    size_t count;
    bool missing; /* names a secret that is not configured */
    struct token token;
};

struct scheme; /* verify.c */

struct guard {
    const struct scheme *scheme;
    const char *name;  /* of the header or field; NULL: none */
    struct span key;   /* the same as a span */
    struct span user;  /* basic */
    struct span value; /* the secret; p NULL: not configured */
};

struct send_value {
    struct span name;
    struct template value;
    bool optional; /* left out where a secret in it is not configured */
};

struct send_list {
    struct send_value *items;
    size_t count;
};

enum source { SOURCE_STATUS, SOURCE_JSON, SOURCE_OTHERS };

/* `send-ok` (outcome SEND_ACCEPTED) and `send-error`: the value at the source is one of these words. */
struct rule {
    enum source source;
    struct span path;
    struct span *words;
    size_t word_count;
    enum send_outcome outcome;
};

struct send {
    bool present;
    struct token token;
    struct span method;
    struct template url;
    struct send_list headers, query, form;
    bool has_body;
    struct span body_type;
    struct template body;
    struct rule *oks, *errors;
    size_t ok_count, error_count;
    struct span id_path; /* empty: no id is told */
};

struct channel {
    struct arena *arena;
    const struct settings *settings;
    struct span name, title;
    enum medium medium;
    bool experimental, private_hosts, inline_answers, accumulates;
    char separator;
    enum first_text first;
    int drop; /* FIRST_DROP: segments */
    enum lost_session lost;
    enum repeat repeat;
    int64_t session_s; /* 0: the settings' */
    int septets, units, parts;
    int rate; /* messages a second at most, 0: no limit */
    struct span reply_type;
    struct template more, end, none;
    struct guard *guards;
    size_t guard_count;
    struct span secret; /* of the path; p NULL: none */
    struct event *events;
    size_t event_count;
    struct send send;
};

/* -- parsing -- */

struct parser {
    struct channel *c;
    struct diags *diags;
    const char *file;
    const struct statement *statement;
    uint64_t seen;                      /* statements that may stand once, by row */
    const struct statement *needs_path; /* `first` or `lost`, NULL: neither was said */
    int err;                            /* ERR_NOMEM */
};

struct keyword {
    const char *word;
    int value;
};

/* Takes the next word and finds it in the table: E01 when none is left, E02 with "did you mean" when it is unknown.
 * `what` names such a thing in messages. */
bool parse_keyword(struct parser *p, struct script_cursor *cursor, const struct keyword *table, size_t count,
                   const char *what, int *value);

/* Takes the next word: E01 when none is left. */
bool take_word(struct parser *p, struct script_cursor *cursor, const char *what, struct token *word);

/* Takes a whole number within limits: E01, E04. */
bool parse_number(struct parser *p, struct script_cursor *cursor, const char *what, int least, int most, int *value);

/* All that is left, which may not be empty (E01). */
bool parse_rest(struct parser *p, struct script_cursor *cursor, const char *what, struct token *text);

/* The same on a single line, without "|". */
bool parse_line(struct parser *p, struct script_cursor *cursor, const char *what, struct token *text);

/* Room for one more element at the end of a list in the channel's arena; NULL with p->err set. */
void *parse_grow(struct parser *p, void *list, size_t count, size_t size);

/* The secret called `name` (with or without "$"), p NULL where it is not configured; E01 where it is no name. */
struct span parse_secret(struct parser *p, struct token name);

/* Reads `text` into a template; E02 for an unknown placeholder, E04 for one that may not stand here. `fallback` is the
 * escape of placeholders that name none. */
bool template_read(struct parser *p, struct token text, unsigned where, enum escape fallback, struct template *out);

/* Adds the template's text; values[VALUE_COUNT] are what its placeholders stand for. */
int template_write(const struct template *t, const struct span *values, struct arena *a, struct str *out);

/* The template's text in `a`; ERR_NOMEM, ERR_LIMIT. */
int template_render(const struct template *t, const struct span *values, struct arena *a, struct span *out);

/* Statements about a kind of request; rows of the table in parse.c. */
void parse_receive(struct parser *p, struct script_cursor *cursor);
void parse_field(struct parser *p, struct script_cursor *cursor);
void parse_state(struct parser *p, struct script_cursor *cursor);
void parse_reason(struct parser *p, struct script_cursor *cursor);
void parse_signal(struct parser *p, struct script_cursor *cursor);
void parse_event(struct parser *p, struct script_cursor *cursor);
void parse_kind(struct parser *p, struct script_cursor *cursor);

/* Begins a new kind of request; NULL with p->err set. */
struct event *parse_add_event(struct parser *p, struct token name);

/* Statements that begin with "send"; rows of the table in parse.c. */
void parse_send(struct parser *p, struct script_cursor *cursor);
void parse_send_header(struct parser *p, struct script_cursor *cursor);
void parse_send_query(struct parser *p, struct script_cursor *cursor);
void parse_send_form(struct parser *p, struct script_cursor *cursor);
void parse_send_body(struct parser *p, struct script_cursor *cursor);
void parse_send_ok(struct parser *p, struct script_cursor *cursor);
void parse_send_id(struct parser *p, struct script_cursor *cursor);
void parse_send_error(struct parser *p, struct script_cursor *cursor);

/* Statements that say how a caller proves itself; the scheme's word is the statement's first. */
void parse_guard(struct parser *p, struct script_cursor *cursor);

/* What only the whole file shows: missing statements, fields that no request carries. */
void check_channel(struct parser *p);

/* -- reading requests -- */

/* A request while it is decoded: its body and query are cut up when first asked for. */
struct reader {
    const struct channel *c;
    const struct wire_request *request;
    struct arena *a;
    const char *why;
    enum body body;
    bool form_read, query_read;
    struct wire_field *form, *query;
    size_t form_count, query_count;
    struct json *json;
};

/* The value at a place, p NULL where there is none. ERR_SYNTAX (with r->why) where it is given twice or is no text. */
int reader_get(struct reader *r, const struct origin *origin, struct span *value);

/* Takes the secret segment, where one is configured, off the front of *tail; ERR_AUTH. */
int verify_path(struct reader *r, struct span *tail);

/* Asks every other guard. ERR_AUTH, or reader_get's errors. */
int verify_request(struct reader *r);

/* Equal, in a time that tells the length at most; never where the secret is empty (not configured). */
bool secret_same(struct span secret, struct span given);
void secret_wipe(char *bytes, size_t len);

/* Words of the tables in decode.c, for parse.c. */
extern const struct keyword slot_words[SLOT_COUNT];
extern const struct keyword location_words[LOCATION_COUNT];

#endif

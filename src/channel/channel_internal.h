// SPDX-License-Identifier: AGPL-3.0-or-later
/* channel_internal - what a channel file becomes; known to this room only.
 *
 * parse.c reads statements into a struct channel (with parse_event.c for requests, parse_field.c for their fields,
 * parse_reply.c, parse_send.c, parse_serve.c, parse_auth.c, parse_word.c for words, template.c for texts with
 * placeholders, check.c and check_serve.c for what only the whole file shows). A request goes through address.c (which
 * kind it is), verify.c, decode.c (its items), place.c (where a value lies), change.c (what its bytes say) and slot.c
 * (what it is to us); path.c and encode.c follow. send.c, auth.c and answer.c are for messages that leave, serve.c for
 * those that are fetched. Everything in it lives in its own arena, or in the settings (secrets), and never changes
 * after reading.
 */
#ifndef WAYMARK_CHANNEL_CHANNEL_INTERNAL_H
#define WAYMARK_CHANNEL_CHANNEL_INTERNAL_H

#include "channel/channel.h"
#include "script/script.h"

enum {
    ORIGINS_MAX = 6,          /* places of one field */
    CHANGES_MAX = 4,          /* changes of one value */
    CHANNEL_ID_MAX = 128,     /* bytes of an id of a message or a delivery report, and of a service code */
    CHANNEL_FILE_MAX = 65536, /* bytes of a channel file */
};

/* What a field of the aggregator's is to us; rows in slot.c. */
enum slot {
    SLOT_SESSION,
    SLOT_FROM,
    SLOT_TO,
    SLOT_TEXT,
    SLOT_ID,
    SLOT_SEQUENCE,
    SLOT_MEDIUM,
    SLOT_SIGNAL,
    SLOT_CODING,
    SLOT_REFERENCE,
    SLOT_STATE,
    SLOT_REASON,
    SLOT_KEY,
    SLOT_PART_REF,
    SLOT_PART_TOTAL,
    SLOT_PART,
    SLOT_COUNT
};

/* Where in a request a value is found; rows in place.c. */
enum location {
    LOCATION_QUERY,
    LOCATION_FORM,
    LOCATION_JSON,
    LOCATION_XML,
    LOCATION_HEADER,
    LOCATION_ITEM,
    LOCATION_ANY,
    LOCATION_PATH,
    LOCATION_CONSTANT,
    LOCATION_COUNT
};

/* What is done to the bytes of a value, one after another; rows in change.c. */
struct changes {
    unsigned char list[CHANGES_MAX]; /* indexes of change_words */
    size_t count;
};

struct origin {
    enum location location;
    bool joined;      /* belongs to the origin before it: both together are the value */
    int number;       /* of a path segment, from 1 */
    const char *name; /* NUL-terminated */
    struct span key;  /* the same as a span; a path where the location is JSON or XML */
    struct changes changes;
};

struct field {
    enum slot slot;
    bool optional;
    struct origin origins[ORIGINS_MAX]; /* the first that is not empty is taken */
    size_t origin_count;
    const char *missing; /* the reason to give when it is not there */
    struct token token;  /* for check.c */
};

/* keep NAME: a value of the turn that its reply gives back. */
struct kept {
    struct span name;
    struct field field;
};

/* when PLACE KEY [= WORD ...]: what a request of this kind holds. */
struct when {
    struct origin origin;
    bool missing; /* it is not there */
    struct span *words;
    size_t word_count; /* 0: anything */
};

/* One word of the aggregator's and what it means to us: enum delivery_state, or enum signal. */
struct mapping {
    enum slot slot;    /* STATE, REASON or SIGNAL */
    struct span value; /* may hold "*" */
    bool others;       /* every word that no other line names */
    int meaning;
};

/* coding WORD... = CHANGE...: how the bytes of the text are read where the field `coding` says this word. */
struct coding {
    struct span value;
    struct changes changes;
};

enum signal { SIGNAL_BEGINS, SIGNAL_ENDS, SIGNAL_OPTS_OUT, SIGNAL_IGNORED };

/* What holds the fields of a request. */
enum body { BODY_NONE, BODY_FORM, BODY_MULTIPART, BODY_JSON, BODY_XML, BODY_COUNT };

struct receive {
    struct span method;
    enum body body;
    bool any_type; /* whatever its Content-Type says */
};

/* A kind of request. The first of a channel is the turn, with an empty name; the others are `event` sections. */
struct event {
    struct span name;
    struct token token;
    bool kind_known;
    enum inbound_kind kind;
    enum serve_kind serves; /* what it asks of an outbox that is fetched */
    struct serve *serve;    /* NULL: it is answered as events are */
    struct span *paths;     /* none: the name; with `when`s the turn's */
    size_t path_count;
    struct when *whens;
    size_t when_count;
    struct span each; /* the way to the array of its items in JSON; p NULL: it is one */
    struct token each_token;
    struct receive *receives; /* none: those of the turn */
    size_t receive_count;
    struct field *fields;
    size_t field_count;
    struct mapping *mappings;
    size_t mapping_count;
    struct template *none; /* an acknowledgement of its own, NULL: the turn's */
    bool is_unsigned;      /* `unsigned` */
    struct guard *secrets; /* shared ones; none: those of the turn */
    size_t secret_count;
    struct guard *guards; /* `verify`; none: those of the turn */
    size_t guard_count;
};

enum escape {
    ESCAPE_RAW,
    ESCAPE_JSON,
    ESCAPE_NUMBER,
    ESCAPE_XML,
    ESCAPE_XML_LINES,
    ESCAPE_FORM,
    ESCAPE_UTF16_HEX,
    ESCAPE_GSM_HEX
};

/* What may be put into a template; rows in template.c. */
enum value {
    VALUE_LITERAL,
    VALUE_TEXT,
    VALUE_TO,
    VALUE_FROM,
    VALUE_SESSION,
    VALUE_EVENT,
    VALUE_KEY,
    VALUE_CALLBACK,
    VALUE_ITEMS, /* of an answer to whoever fetches, joined */
    VALUE_KEPT,  /* the first of the channel's `keep` lines */
    VALUE_COUNT = VALUE_KEPT + CHANNEL_KEPT_MAX
};

/* Which values a template may name. */
enum {
    IN_REPLY = 1,
    IN_SEND = 2,
    IN_SEND_HEADER = 4,
    IN_REPLY_HEADER = 8,
    IN_GSM = 16,    /* texts in GSM-7 only */
    IN_SERVE = 32,  /* the answer to whoever fetches */
    IN_SERVED = 64, /* one item of it */
    IN_ANSWER = IN_REPLY | IN_REPLY_HEADER | IN_SERVE | IN_SERVED
};

struct piece {
    int value; /* enum value, or VALUE_KEPT and which */
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

/* `serve` and its sisters: what goes back to whoever fetches messages, or tells and asks about those it has fetched. */
struct serve {
    struct template whole, each; /* the reply, and one item of it */
    int most;                    /* messages in one fetch, 0: SERVE_MOST */
    int wait_s;                  /* how long what was fetched may go unconfirmed, 0: SERVE_WAIT_S */
    struct token token, limit;   /* the first such statement, and the first with a number */
};

struct guard; /* guard.h */

/* Which texts a part of a message is for. */
enum alphabet { ALPHABET_ANY, ALPHABET_GSM, ALPHABET_UNICODE };

struct send_value {
    struct span name;
    struct template value;
    bool optional; /* left out where a secret in it is not configured */
    enum alphabet alphabet;
};

struct send_list {
    struct send_value *items;
    size_t count;
};

/* send-auth: how we prove ourselves to the aggregator; rows in parse_auth.c. */
enum auth_kind { AUTH_NONE, AUTH_BASIC, AUTH_OAUTH2, AUTH_JWT };

struct evp_pkey_st;

struct auth {
    enum auth_kind kind;
    struct template user, password; /* basic; oauth2: the client's id and secret */
    struct template url;            /* oauth2: where tokens are asked for */
    bool in_form;                   /* oauth2: id and secret stand in the form */
    struct send_list fields;        /* oauth2: of the form; jwt-rs256: claims */
    struct evp_pkey_st *key;        /* jwt-rs256: owned; NULL: not configured */
    int life_s;                     /* jwt-rs256: of a token */
};

enum source { SOURCE_STATUS, SOURCE_JSON, SOURCE_TEXT, SOURCE_HEADER, SOURCE_OTHERS };

/* `send-ok` (outcome SEND_ACCEPTED) and `send-error`: the value at the source is one of these words. A path with "[*]"
 * means each element of an array: all of them for `send-ok`, any of them for `send-error`. */
struct rule {
    enum source source;
    struct span path; /* in the JSON, or a header's name */
    struct span *words;
    size_t word_count;
    enum send_outcome outcome;
};

struct send {
    bool present;
    struct span method;
    struct template *urls; /* the first is tried first, the others in turn when it did not answer */
    size_t url_count;
    struct send_list headers, query, form;
    bool has_body;
    struct span body_type;
    struct template body;
    struct rule *oks, *errors;
    size_t ok_count, error_count;
    bool has_id;
    struct rule id; /* where the aggregator's id of the message is */
    struct auth auth;
};

/* `reply-header NAME TEXT` and its two sisters. */
struct reply_header {
    struct span name;
    struct template value;
    bool more, end; /* on which screens; both also on acknowledgements */
};

struct channel {
    struct arena *arena;
    const struct settings *settings;
    struct span name, title;
    enum medium medium;
    bool experimental, private_hosts, inline_answers, accumulates;
    bool any_case;     /* names and words of the aggregator are the same in any case */
    bool empty_begins; /* a turn without a text is a new session */
    bool echoes;       /* replies are the request's JSON object with members set */
    struct span country;
    struct span *hang_ups; /* texts that say that the session is over; may hold "*" */
    size_t hang_up_count;
    struct kept kept[CHANNEL_KEPT_MAX];
    size_t kept_count;
    struct coding *codings;
    size_t coding_count;
    struct reply_header *reply_headers;
    size_t reply_header_count;
    char separator;
    enum first_text first;
    int drop; /* FIRST_DROP: segments */
    enum lost_session lost;
    enum repeat repeat;
    int64_t session_s; /* 0: the settings' */
    int septets, units, parts;
    int rate; /* messages a second at most, 0: no limit */
    struct span reply_type;
    struct template more, end, opening; /* opening: of a session's first screen, where it has a form of its own */
    struct span secret;                 /* of the path; p NULL: none is configured */
    struct token secret_asked;          /* where `secret-path` stands */
    struct span secret_name;            /* what it is called; empty: there is no such line */
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
    const char *form;                   /* of the statement, as the operator should write it */
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

/* An address: what stands in its path for a placeholder is percent-encoded, so that no value can change the path; in
 * the host, its first `host_end` bytes, only secrets stand, as they are. `where` 0: no placeholder but secrets. */
bool template_read_url(struct parser *p, struct token url, unsigned where, size_t host_end, struct template *out);

/* Bytes of an address up to the end of its host. */
size_t url_host_end(struct span url);

/* Renders the headers of a reply (screen NULL: those of every reply), with room for one more. */
int reply_headers(const struct channel *c, const struct screen *screen, const struct span *values, struct arena *a,
                  struct wire_field **list, size_t *count);

/* Adds the template's text; values[VALUE_COUNT] are what its placeholders stand for. */
int template_write(const struct template *t, const struct span *values, struct arena *a, struct str *out);

/* The template's text in `a`; ERR_NOMEM, ERR_LIMIT. */
int template_render(const struct template *t, const struct span *values, struct arena *a, struct span *out);

/* The kind of request that statements are about. */
struct event *parse_current(struct parser *p);

/* Whether the next word is `word` of the table; takes it where it is. */
bool parse_maybe(struct script_cursor *cursor, const struct keyword *table, size_t count, int *value);

/* Adds a word to a list of spans in the channel's arena. */
bool parse_add_span(struct parser *p, struct span **list, size_t *count, struct span word);

/* WORD { WORD } = : takes words up to "=", at least one. */
bool parse_words(struct parser *p, struct script_cursor *cursor, struct span **list, size_t *count);

/* PLACE KEY, and CHANGE { CHANGE }. */
bool parse_place(struct parser *p, struct script_cursor *cursor, struct origin *out);
bool parse_changes(struct parser *p, struct script_cursor *cursor, struct changes *out);

/* Statements about a kind of request; rows of the table in parse.c. */
void parse_at(struct parser *p, struct script_cursor *cursor);
void parse_when_request(struct parser *p, struct script_cursor *cursor);
void parse_each(struct parser *p, struct script_cursor *cursor);
void parse_keep(struct parser *p, struct script_cursor *cursor);
void parse_coding(struct parser *p, struct script_cursor *cursor);
void parse_receive(struct parser *p, struct script_cursor *cursor);
void parse_field(struct parser *p, struct script_cursor *cursor);
void parse_state(struct parser *p, struct script_cursor *cursor);
void parse_reason(struct parser *p, struct script_cursor *cursor);
void parse_signal(struct parser *p, struct script_cursor *cursor);
void parse_event(struct parser *p, struct script_cursor *cursor);
void parse_kind(struct parser *p, struct script_cursor *cursor);

/* Begins a new kind of request; NULL with p->err set. */
struct event *parse_add_event(struct parser *p, struct token name);

/* Statements about replies; rows of the table in parse.c. */
void parse_reply(struct parser *p, struct script_cursor *cursor);
void parse_reply_more(struct parser *p, struct script_cursor *cursor);
void parse_reply_end(struct parser *p, struct script_cursor *cursor);
void parse_reply_first(struct parser *p, struct script_cursor *cursor);
void parse_reply_none(struct parser *p, struct script_cursor *cursor);
void parse_reply_header(struct parser *p, struct script_cursor *cursor);
void parse_reply_more_header(struct parser *p, struct script_cursor *cursor);
void parse_reply_end_header(struct parser *p, struct script_cursor *cursor);
void parse_reply_echo(struct parser *p, struct script_cursor *cursor);

/* Statements that begin with "send"; rows of the table in parse.c. */
void parse_send(struct parser *p, struct script_cursor *cursor);
void parse_send_also(struct parser *p, struct script_cursor *cursor);
void parse_send_auth(struct parser *p, struct script_cursor *cursor);
void parse_send_header(struct parser *p, struct script_cursor *cursor);
void parse_send_query(struct parser *p, struct script_cursor *cursor);
void parse_send_form(struct parser *p, struct script_cursor *cursor);
void parse_send_body(struct parser *p, struct script_cursor *cursor);
void parse_send_ok(struct parser *p, struct script_cursor *cursor);
void parse_send_id(struct parser *p, struct script_cursor *cursor);
void parse_send_error(struct parser *p, struct script_cursor *cursor);

/* Statements about an outbox that is fetched; rows of the table in parse.c. */
void parse_serve(struct parser *p, struct script_cursor *cursor);
void parse_serve_each(struct parser *p, struct script_cursor *cursor);
void parse_serve_most(struct parser *p, struct script_cursor *cursor);
void parse_serve_wait(struct parser *p, struct script_cursor *cursor);

/* Statements that say how a caller proves itself; the scheme's word is the statement's first. */
void parse_guard(struct parser *p, struct script_cursor *cursor);
void parse_verify(struct parser *p, struct script_cursor *cursor);
void parse_or_verify(struct parser *p, struct script_cursor *cursor);
void parse_unsigned(struct parser *p, struct script_cursor *cursor);

/* What only the whole file shows: missing statements, fields that no request carries. */
void check_channel(struct parser *p);

/* The same for an outbox that is fetched. */
void check_serve(struct parser *p);

/* A value of a JSON text that would break it, in a template of this content type (E04). `sent`: {to} is digits. */
void check_json(struct parser *p, struct span type, const struct template *t, bool sent);

/* Whether a content type is JSON's. */
bool type_is_json(struct span type);

/* Whether the settings `use` it. */
bool channel_in_use(const struct settings *settings, struct span name);

/* What the settings lack for a channel that is in use. */
void check_guards(struct parser *p);

/* Frees the keys of all guards. */
void guards_free(struct channel *c);

/* Frees the key that we sign with. */
void auth_free(struct channel *c);

/* -- sending -- */

/* Whether all secrets that `send-auth` names are configured. */
bool auth_complete(const struct auth *auth);

/* Adds the header of `send-auth basic`, where the file says so. ERR_NOMEM. */
int auth_basic(const struct auth *auth, struct arena *a, struct wire_request *request);

/* -- reading requests -- */

/* Fields of a request that were cut up when first asked for. */
struct cut {
    bool done;
    struct wire_field *list;
    size_t count;
};

/* A request while it is decoded. */
struct reader {
    const struct channel *c;
    const struct wire_request *request;
    struct arena *a;
    const char *why;
    struct span tail; /* the path behind /hook/NAME and the secret */
    enum body body;
    struct cut query, form, xml;
    struct json *json;
    const struct json *item; /* of an array, while its items are read; borrowed from json */
};

/* Says why; returns `code`. */
int reader_refuse(struct reader *r, int code, const char *why);

/* The value at a place as its bytes, p NULL where there is none. ERR_SYNTAX (with r->why) where it is given twice or is
 * no plain value. */
int reader_bytes(struct reader *r, const struct origin *origin, struct span *value);

/* The same, changed as the origin says and looked at: text in UTF-8. */
int reader_get(struct reader *r, const struct origin *origin, struct span *value);

/* The body's JSON, read when first asked for. */
int reader_json(struct reader *r);

/* The first of a field's places that holds something, as bytes; p NULL where an optional one is not there. */
int reader_field(struct reader *r, const struct field *f, struct span *value);

/* ERR_SYNTAX with r->why where the bytes are not UTF-8 or hold a NUL. */
int reader_is_text(struct reader *r, struct span value);

/* Bytes into bytes, one change after another; ERR_SYNTAX, ERR_NOMEM. */
int changes_run(const struct changes *changes, struct span value, struct arena *a, struct span *out);

/* Gives every field of an item its meaning. */
int slots_take(struct reader *r, const struct event *e, const struct span values[SLOT_COUNT], struct inbound *in);

/* Finds what kinds of request may come to r->tail with this method and content type, and sets r->body. ERR_MISSING:
 * none to this address; ERR_SYNTAX. */
int address_find(struct reader *r);

/* Whether a request may be of this kind: it comes to this address, with this method and body. After address_find. */
bool address_fits(const struct reader *r, const struct event *e);

/* Whether those of its `when`s hold that look at the address and the headers alone, not at the body; they all have to.
 * 1: they do, 0: they do not, or an error. */
int address_allows(struct reader *r, const struct event *e);

/* Which of them this is, by its `when`s; NULL: one that nobody asked for. */
int address_choose(struct reader *r, const struct event **out);

/* The statements `receive` that count for an event. */
const struct event *event_receiver(const struct channel *c, const struct event *e);

/* Whether `text` is like `pattern`: "*" stands for anything, and so does "{id}", which is then *id (may be NULL). */
bool match_text(struct span pattern, struct span text, bool any_case, struct span *id);

/* Takes the secret segment, where one is configured, off the front of *tail; ERR_AUTH. */
int verify_path(struct reader *r, struct span *tail);

/* Asks the guards of every kind of request that comes to this address like this. ERR_AUTH, or reader_get's errors. */
int verify_request(struct reader *r);

/* Cuts "messages[*].status" into *array, the way to the array, and *rest, the way from an element; false where the path
 * holds no "[*]". */
bool path_of_all(struct span path, struct span *array, struct span *rest);

/* Equal, in a time that tells the length at most; never where the secret is empty (not configured). */
bool secret_same(struct span secret, struct span given);
void secret_wipe(char *bytes, size_t len);

/* Words of tables, for parsing. */
extern const struct keyword slot_words[SLOT_COUNT];
extern const struct keyword location_words[LOCATION_COUNT];
enum { CHANGE_COUNT = 15 };
extern const struct keyword change_words[CHANGE_COUNT];

#endif

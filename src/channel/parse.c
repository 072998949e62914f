// SPDX-License-Identifier: AGPL-3.0-or-later
/* Reading a channel file: a table of statements, one function each. Events come last in a file, so that what stands
 * under an `event` can only mean the event. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "script/suggest.h"

#include <string.h>

enum { CHANNEL_BYTES_MAX = 1024 * 1024 }; // of a channel in memory

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool in_turn(struct parser *p)
{
    return p->c->event_count == 1;
}

/* -- statements about the channel -- */

static void parse_title(struct parser *p, struct script_cursor *cursor)
{
    struct token text;
    if (parse_line(p, cursor, "the title", &text))
        p->c->title = text.text;
}

static const struct keyword media[] = {{"ussd", MEDIUM_USSD}, {"sms", MEDIUM_SMS}};

static void parse_medium(struct parser *p, struct script_cursor *cursor)
{
    int medium;
    if (parse_keyword(p, cursor, media, COUNT(media), "medium", &medium))
        p->c->medium = (enum medium)medium;
}

static void parse_experimental(struct parser *p, struct script_cursor *cursor)
{
    (void)cursor;
    p->c->experimental = true;
    if (channel_in_use(p->c->settings, p->c->name))
        diag_warning(p->diags, "W61", p->statement->at, p->statement->source,
                     "the channel \"%.*s\" is in use and not proved against the real aggregator\n"
                     "its file says what nobody could verify: try it with them before people rely on it",
                     SPAN_ARG(p->c->name));
}

static void parse_allow(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword things[] = {{"private", 1}};
    int value;
    if (parse_keyword(p, cursor, things, COUNT(things), "thing to allow", &value))
        p->c->private_hosts = true;
}

static void parse_inline(struct parser *p, struct script_cursor *cursor)
{
    (void)cursor;
    p->c->inline_answers = true;
}

static void parse_path(struct parser *p, struct script_cursor *cursor)
{
    struct token word;
    if (!take_word(p, cursor, "the separator", &word))
        return;
    if (word.text.len != 1)
        diag_error(p->diags, "E04", word.at, word.source, "the separator is one character, like *");
    p->c->accumulates = true;
    p->c->separator = word.text.p[0];
}

static void parse_first(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword ways[] = {
        {"answers", FIRST_ANSWERS}, {"suffix", FIRST_SUFFIX}, {"drop", FIRST_DROP}, {"none", FIRST_NONE}};
    int way;
    if (!parse_keyword(p, cursor, ways, COUNT(ways), "way to read the first text", &way))
        return;
    p->needs_path = p->statement;
    p->c->first = (enum first_text)way;
    if (way == FIRST_DROP)
        parse_number(p, cursor, "the number of segments", 1, 16, &p->c->drop);
}

static void parse_lost(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword ways[] = {{"end", LOST_END}, {"replay", LOST_REPLAY}};
    int way;
    p->needs_path = p->statement;
    if (parse_keyword(p, cursor, ways, COUNT(ways), "way to treat a lost session", &way))
        p->c->lost = (enum lost_session)way;
}

static void parse_session(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword units[] = {
        {"seconds", 1}, {"minute", 60}, {"minutes", 60}, {"hour", 3600}, {"hours", 3600}};
    struct token word = {.text = span_trim(script_peek(cursor)), .at = p->statement->at};
    int count, seconds;
    if (!parse_number(p, cursor, "the life of a session", 1, 604800, &count) ||
        !parse_keyword(p, cursor, units, COUNT(units), "unit of time", &seconds))
        return;
    p->c->session_s = (int64_t)count * seconds;
    if (p->c->session_s < 60 || p->c->session_s > 604800)
        diag_error(p->diags, "E04", word.at, p->statement->source, "a session lives 1 minute to 168 hours");
}

static void parse_repeat(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword ways[] = {
        {"none", REPEAT_NONE}, {"id", REPEAT_ID}, {"sequence", REPEAT_SEQUENCE}, {"path", REPEAT_PATH}};
    int way;
    if (parse_keyword(p, cursor, ways, COUNT(ways), "way to know a repeat", &way))
        p->c->repeat = (enum repeat)way;
}

/* 3GPP TS 23.038, section 6.1.2.3: 160 octets carry 182 septets or 80 UTF-16 units. A gateway may allow less, an
 * operator's own link more; 0 septets: no GSM-7 at all. */
static void parse_page(struct parser *p, struct script_cursor *cursor)
{
    if (parse_number(p, cursor, "the most septets of a page", 0, 1024, &p->c->septets))
        parse_number(p, cursor, "the most UTF-16 units of a page", 20, 1024, &p->c->units);
}

static void parse_parts(struct parser *p, struct script_cursor *cursor)
{
    parse_number(p, cursor, "the most parts of an answer", 1, 10, &p->c->parts);
}

static void parse_rate(struct parser *p, struct script_cursor *cursor)
{
    parse_number(p, cursor, "the most messages a second", 1, 10000, &p->c->rate);
}

static void parse_any_case(struct parser *p, struct script_cursor *cursor)
{
    (void)cursor;
    p->c->any_case = true;
}

/* The calling code of numbers that come without one. */
static void parse_country(struct parser *p, struct script_cursor *cursor)
{
    struct token word;
    int64_t code;
    if (!take_word(p, cursor, "the calling code", &word))
        return;
    if (span_int(word.text, &code) < 0 || code < 1 || code > 999)
        diag_error(p->diags, "E04", word.at, word.source, "a calling code is 1 to 999, like 254");
    p->c->country = word.text;
}

static void parse_empty_text(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword meanings[] = {{"begins", 1}};
    int meaning;
    if (parse_keyword(p, cursor, meanings, COUNT(meanings), "meaning", &meaning))
        p->c->empty_begins = true;
}

static void parse_hang_up(struct parser *p, struct script_cursor *cursor)
{
    struct token text;
    if (parse_line(p, cursor, "the text", &text))
        parse_add_span(p, &p->c->hang_ups, &p->c->hang_up_count, text.text);
}

/* -- the table -- */

enum { IN_TURN = 1, IN_EVENT = 2, ONCE = 4 };

/* `form` is what an operator writes; messages show it. */
static const struct row {
    const char *word, *form;
    unsigned flags;
    void (*parse)(struct parser *p, struct script_cursor *cursor);
} rows[] = {
    {"title", "title TEXT", IN_TURN | ONCE, parse_title},
    {"medium", "medium ussd|sms", IN_TURN | ONCE, parse_medium},
    {"experimental", "experimental", IN_TURN | ONCE, parse_experimental},
    {"any-case", "any-case", IN_TURN | ONCE, parse_any_case},
    {"country", "country CODE", IN_TURN | ONCE, parse_country},
    {"receive", "receive GET|POST query|form|multipart|json|xml [any-type]", IN_TURN | IN_EVENT, parse_receive},
    {"at", "at PATH", IN_TURN | IN_EVENT, parse_at},
    {"when", "when PLACE KEY [= WORD...|missing]", IN_TURN | IN_EVENT, parse_when_request},
    {"each", "each json PATH", IN_TURN | IN_EVENT, parse_each},
    {"field", "field NAME from PLACE KEY [as CHANGE...] [or PLACE KEY...] [optional]", IN_TURN | IN_EVENT, parse_field},
    {"coding", "coding WORD... = CHANGE...", IN_TURN, parse_coding},
    {"keep", "keep NAME from PLACE KEY", IN_TURN, parse_keep},
    {"signal", "signal WORD... = begins|ends|opts-out|ignored", IN_TURN, parse_signal},
    {"empty-text", "empty-text begins", IN_TURN | ONCE, parse_empty_text},
    {"hang-up", "hang-up TEXT", IN_TURN, parse_hang_up},
    {"path", "path SEPARATOR", IN_TURN | ONCE, parse_path},
    {"first", "first answers|suffix|drop N|none", IN_TURN | ONCE, parse_first},
    {"lost", "lost end|replay", IN_TURN | ONCE, parse_lost},
    {"session", "session N minutes", IN_TURN | ONCE, parse_session},
    {"repeat", "repeat none|id|sequence|path", IN_TURN | ONCE, parse_repeat},
    {"page", "page SEPTETS UNITS", IN_TURN | ONCE, parse_page},
    {"parts", "parts N", IN_TURN | ONCE, parse_parts},
    {"reply", "reply CONTENT-TYPE", IN_TURN | ONCE, parse_reply},
    {"reply-more", "reply-more TEMPLATE", IN_TURN | ONCE, parse_reply_more},
    {"reply-end", "reply-end TEMPLATE", IN_TURN | ONCE, parse_reply_end},
    {"reply-first", "reply-first TEMPLATE", IN_TURN | ONCE, parse_reply_first},
    {"reply-none", "reply-none TEMPLATE", IN_TURN | IN_EVENT, parse_reply_none},
    {"reply-header", "reply-header NAME TEXT", IN_TURN, parse_reply_header},
    {"reply-more-header", "reply-more-header NAME TEXT", IN_TURN, parse_reply_more_header},
    {"reply-end-header", "reply-end-header NAME TEXT", IN_TURN, parse_reply_end_header},
    {"reply-echo", "reply-echo", IN_TURN | ONCE, parse_reply_echo},
    {"inline", "inline", IN_TURN | ONCE, parse_inline},
    {"secret-path", "secret-path SECRET", IN_TURN | ONCE, parse_guard},
    {"secret-header", "secret-header NAME $SECRET", IN_TURN | IN_EVENT, parse_guard},
    {"secret-query", "secret-query NAME $SECRET", IN_TURN | IN_EVENT, parse_guard},
    {"secret-form", "secret-form NAME $SECRET", IN_TURN | IN_EVENT, parse_guard},
    {"basic", "basic $USER $PASSWORD", IN_TURN | ONCE, parse_guard},
    {"verify", "verify SCHEME NAME VALUE...", IN_TURN | IN_EVENT, parse_verify},
    {"or-verify", "or-verify SCHEME NAME VALUE...", IN_TURN | IN_EVENT, parse_or_verify},
    {"unsigned", "unsigned", IN_EVENT, parse_unsigned},
    {"allow", "allow private", IN_TURN | ONCE, parse_allow},
    {"send", "send GET|POST URL", IN_TURN | ONCE, parse_send},
    {"send-also", "send-also URL", IN_TURN, parse_send_also},
    {"send-auth", "send-auth basic|oauth2|jwt-rs256 VALUE...", IN_TURN | ONCE, parse_send_auth},
    {"rate", "rate N", IN_TURN | ONCE, parse_rate},
    {"send-header", "send-header NAME TEXT [when gsm|unicode] [?]", IN_TURN, parse_send_header},
    {"send-query", "send-query NAME TEXT [when gsm|unicode] [?]", IN_TURN, parse_send_query},
    {"send-form", "send-form NAME TEXT [when gsm|unicode] [?]", IN_TURN, parse_send_form},
    {"send-body", "send-body CONTENT-TYPE TEMPLATE", IN_TURN | ONCE, parse_send_body},
    {"send-ok", "send-ok json PATH = WORD...", IN_TURN, parse_send_ok},
    {"send-id", "send-id json PATH", IN_TURN | ONCE, parse_send_id},
    {"send-error", "send-error json PATH WORD... = OUTCOME", IN_TURN, parse_send_error},
    {"event", "event NAME", IN_TURN | IN_EVENT, parse_event},
    {"kind", "kind ended|delivery|optout|ignored|fetch|taken|awaited", IN_EVENT, parse_kind},
    {"serve", "serve TEMPLATE", IN_EVENT, parse_serve},
    {"serve-each", "serve-each TEMPLATE", IN_EVENT, parse_serve_each},
    {"serve-most", "serve-most N", IN_EVENT, parse_serve_most},
    {"serve-wait", "serve-wait N minutes", IN_EVENT, parse_serve_wait},
    {"state", "state WORD... = MEANING", IN_EVENT, parse_state},
    {"reason", "reason WORD... = MEANING", IN_EVENT, parse_reason},
};
_Static_assert(COUNT(rows) <= 64, "parser.seen has a bit for each");

bool channel_statement(size_t index, struct channel_statement *out)
{
    if (index >= COUNT(rows))
        return false;
    const struct row *row = &rows[index];
    *out = (struct channel_statement){row->word, row->form, row->flags & IN_TURN, row->flags & IN_EVENT};
    return true;
}

static void unknown_statement(struct parser *p, struct token word)
{
    struct suggest s = suggest_start(word.text);
    for (size_t i = 0; i < COUNT(rows); i++)
        suggest_try(&s, span_of(rows[i].word));
    struct span best = suggest_best(&s);
    if (best.len)
        diag_error(p->diags, "E01", word.at, word.source,
                   "a channel file has no statement \"%.*s\"\ndid you mean \"%.*s\"?", SPAN_ARG(word.text),
                   SPAN_ARG(best));
    else
        diag_error(p->diags, "E01", word.at, word.source,
                   "a channel file has no statement \"%.*s\"\n\"waymark man channel\" lists them all",
                   SPAN_ARG(word.text));
}

static bool row_allowed(struct parser *p, const struct row *row, struct token word)
{
    if (!(row->flags & (in_turn(p) ? IN_TURN : IN_EVENT))) {
        diag_error(p->diags, "E01", word.at, word.source, "\"%s\" does not stand %s an event\n%s", row->word,
                   in_turn(p) ? "outside" : "under",
                   in_turn(p) ? "write it under an \"event NAME\"" : "events come last: write it above the first one");
        return false;
    }
    uint64_t bit = UINT64_C(1) << (row - rows);
    if ((row->flags & ONCE) && (p->seen & bit)) {
        diag_error(p->diags, "E03", word.at, word.source, "\"%s\" is said twice\ntake one of the two lines out",
                   row->word);
        return false;
    }
    p->seen |= bit;
    return true;
}

static void run_row(struct parser *p, const struct row *row, struct script_cursor *cursor)
{
    size_t before = diags_errors(p->diags);
    struct token extra;
    p->form = row->form;
    row->parse(p, cursor);
    if (diags_errors(p->diags) == before && script_word(cursor, &extra))
        diag_error(p->diags, "E01", extra.at, extra.source, "nothing may follow here\nthe form is: %s", row->form);
}

static void parse_statement(struct parser *p, const struct statement *st)
{
    struct script_cursor cursor = script_cursor(st);
    struct token word;
    p->statement = st;
    if (!script_word(&cursor, &word))
        return;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (span_is(word.text, rows[i].word)) {
            if (row_allowed(p, &rows[i], word))
                run_row(p, &rows[i], &cursor);
            return;
        }
    unknown_statement(p, word);
}

/* -- the file -- */

static struct span name_of_file(const char *file)
{
    const char *slash = strrchr(file, '/');
    struct span name = span_of(slash ? slash + 1 : file), suffix = SPAN(".channel");
    bool has = name.len > suffix.len && span_eq(span_from(name, name.len - suffix.len), suffix);
    return has ? span_first(name, name.len - suffix.len) : name;
}

/* `before`: how many errors were told before this file. */
static void parse_all(struct parser *p, const struct script *script, size_t before)
{
    struct token start = {.at = {.file = p->file, .line = 1, .column = 1}};
    if (!parse_add_event(p, start))
        return;
    if (!script_is_name(p->c->name))
        diag_error(p->diags, "E01", start.at, start.source,
                   "\"%.*s\" is not a channel's name: a-z first, then a-z, 0-9, - and _\nrename the file",
                   SPAN_ARG(p->c->name));
    for (size_t i = 0; i < script->count && p->err == 0; i++)
        parse_statement(p, &script->statements[i]);
    if (p->err == 0 && diags_errors(p->diags) == before) // a statement with a mistake would be missed a second time
        check_channel(p);
}

static int parse_channel(struct channel *c, const char *file, struct span bytes, struct diags *d)
{
    struct parser p = {.c = c, .diags = d, .file = arena_strdup(c->arena, span_of(file))};
    struct script script;
    size_t before = diags_errors(d);
    if (!p.file)
        return ERR_NOMEM;
    c->name = name_of_file(p.file);
    int rc = script_read(p.file, bytes, c->arena, d, &script);
    if (rc < 0)
        return rc;
    parse_all(&p, &script, before);
    if (p.err < 0)
        return p.err;
    return diags_errors(d) > before ? ERR_REFUSED : 0;
}

int channel_read(const char *file, struct span bytes, const struct settings *settings, struct diags *d,
                 struct channel **out)
{
    struct arena *arena = arena_new(CHANNEL_BYTES_MAX);
    struct channel *c = arena ? arena_alloc(arena, sizeof *c) : NULL;
    if (!c) {
        arena_free(arena);
        return ERR_NOMEM;
    }
    // Sheet section 6: what no gateway cuts, where a file does not say better.
    *c = (struct channel){
        .arena = arena, .settings = settings, .reply_type = SPAN("text/plain"), .septets = 160, .units = 70};
    int rc = parse_channel(c, file, bytes, d);
    if (rc < 0) {
        channel_free(c);
        return rc;
    }
    *out = c;
    return 0;
}

void channel_free(struct channel *c)
{
    if (!c)
        return;
    guards_free(c);
    auth_free(c);
    arena_free(c->arena);
}

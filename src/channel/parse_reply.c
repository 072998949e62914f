// SPDX-License-Identifier: AGPL-3.0-or-later
/* Statements about replies. */
#include "channel/channel_internal.h"

#include "base/err.h"

void parse_reply(struct parser *p, struct script_cursor *cursor)
{
    struct token text;
    if (parse_line(p, cursor, "the content type", &text))
        p->c->reply_type = text.text;
}

static void reply_template(struct parser *p, struct script_cursor *cursor, struct template *out)
{
    struct token text;
    if (parse_rest(p, cursor, "the text of the reply", &text))
        template_read(p, text, IN_REPLY, ESCAPE_RAW, out);
}

void parse_reply_more(struct parser *p, struct script_cursor *cursor)
{
    reply_template(p, cursor, &p->c->more);
}

void parse_reply_end(struct parser *p, struct script_cursor *cursor)
{
    reply_template(p, cursor, &p->c->end);
}

void parse_reply_first(struct parser *p, struct script_cursor *cursor)
{
    reply_template(p, cursor, &p->c->opening);
}

/* Of the turn, and so of all events; or of one event alone. */
void parse_reply_none(struct parser *p, struct script_cursor *cursor)
{
    struct event *e = parse_current(p);
    if (e->none)
        diag_error(p->diags, "E03", p->statement->at, p->statement->source, "\"reply-none\" is said twice");
    e->none = arena_alloc(p->c->arena, sizeof *e->none);
    p->err = e->none ? p->err : ERR_NOMEM;
    if (e->none)
        reply_template(p, cursor, e->none);
}

/* Nothing that a person typed can stand in a header, where it could end the line. */
static void add_header(struct parser *p, struct script_cursor *cursor, bool more, bool end)
{
    struct channel *c = p->c;
    struct token name, text;
    if (!take_word(p, cursor, "the header's name", &name) || !parse_line(p, cursor, "the value", &text))
        return;
    if (!script_is_word(name.text))
        diag_error(p->diags, "E01", name.at, name.source,
                   "\"%.*s\" is not the name of a header\nwrite it without \":\"", SPAN_ARG(name.text));
    struct reply_header *list = parse_grow(p, c->reply_headers, c->reply_header_count, sizeof *list);
    if (!list)
        return;
    struct reply_header *header = &list[c->reply_header_count++];
    c->reply_headers = list;
    *header = (struct reply_header){.name = name.text, .more = more, .end = end};
    template_read(p, text, IN_REPLY_HEADER, ESCAPE_RAW, &header->value);
}

void parse_reply_header(struct parser *p, struct script_cursor *cursor)
{
    add_header(p, cursor, true, true);
}

void parse_reply_more_header(struct parser *p, struct script_cursor *cursor)
{
    add_header(p, cursor, true, false);
}

void parse_reply_end_header(struct parser *p, struct script_cursor *cursor)
{
    add_header(p, cursor, false, true);
}

void parse_reply_echo(struct parser *p, struct script_cursor *cursor)
{
    (void)cursor;
    p->c->echoes = true;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* Statements about an outbox that is fetched. */
#include "channel/channel_internal.h"

#include "base/err.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { WAIT_MOST_MINUTES = 24 * 60 };

/* What the event serves; NULL with p->err set. */
static struct serve *current(struct parser *p)
{
    struct event *e = parse_current(p);
    if (e->serve)
        return e->serve;
    e->serve = arena_alloc(p->c->arena, sizeof *e->serve);
    if (e->serve)
        e->serve->token = (struct token){.at = p->statement->at, .source = p->statement->source};
    else
        p->err = ERR_NOMEM;
    return e->serve;
}

static void twice(struct parser *p, const char *word)
{
    diag_error(p->diags, "E03", p->statement->at, p->statement->source, "\"%s\" is said twice", word);
}

/* serve TEMPLATE: the whole answer, with {items} where they stand. */
void parse_serve(struct parser *p, struct script_cursor *cursor)
{
    struct serve *serve = current(p);
    struct token text;
    if (serve && serve->whole.count)
        twice(p, "serve");
    if (serve && parse_rest(p, cursor, "the text of the answer", &text))
        template_read(p, text, IN_SERVE, ESCAPE_RAW, &serve->whole);
}

/* serve-each TEMPLATE: one message, or the key of one. */
void parse_serve_each(struct parser *p, struct script_cursor *cursor)
{
    struct serve *serve = current(p);
    struct token text;
    if (serve && serve->each.count)
        twice(p, "serve-each");
    if (serve && parse_rest(p, cursor, "the text of one item", &text))
        template_read(p, text, IN_SERVED, ESCAPE_RAW, &serve->each);
}

static void note_limit(struct parser *p, struct serve *serve)
{
    if (!serve->limit.at.line)
        serve->limit = (struct token){.at = p->statement->at, .source = p->statement->source};
}

void parse_serve_most(struct parser *p, struct script_cursor *cursor)
{
    struct serve *serve = current(p);
    if (!serve)
        return;
    note_limit(p, serve);
    if (serve->most)
        twice(p, "serve-most");
    parse_number(p, cursor, "the most messages of one fetch", 1, CHANNEL_FETCH_MAX, &serve->most);
}

void parse_serve_wait(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword units[] = {{"minute", 60}, {"minutes", 60}};
    struct serve *serve = current(p);
    int count, seconds;
    if (!serve)
        return;
    note_limit(p, serve);
    if (serve->wait_s)
        twice(p, "serve-wait");
    if (parse_number(p, cursor, "the wait for word of what was fetched", 1, WAIT_MOST_MINUTES, &count) &&
        parse_keyword(p, cursor, units, COUNT(units), "unit of time", &seconds))
        serve->wait_s = count * seconds;
}

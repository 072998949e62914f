// SPDX-License-Identifier: AGPL-3.0-or-later
/* What only the whole file shows of an outbox that is fetched. */
#include "channel/guard.h"

static void error_at(struct parser *p, struct token token, const char *code, const char *message)
{
    diag_error(p->diags, code, token.at, token.source, "%s", message);
}

static bool names(const struct template *t, enum value value)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->pieces[i].value == (int)value)
            return true;
    return false;
}

/* The answer, and where its items stand in it. */
static bool check_whole(struct parser *p, const struct event *e)
{
    const struct serve *serve = e->serve;
    if (!serve || !serve->whole.count || !serve->each.count) {
        error_at(p, e->token, "E01",
                 "this event is answered, so \"serve\" and \"serve-each\" are both needed\n"
                 "for example: serve {\"messages\":[{items}]}");
        return false;
    }
    if (!names(&serve->whole, VALUE_ITEMS))
        error_at(p, serve->whole.token, "E01", "the answer has no place for the items\nwrite {items}");
    check_json(p, p->c->reply_type, &serve->whole, true);
    check_json(p, p->c->reply_type, &serve->each, true);
    return true;
}

/* A message without its key could never be confirmed. */
static void check_item(struct parser *p, const struct event *e)
{
    const struct template *each = &e->serve->each;
    bool fetch = e->serves == SERVE_FETCH;
    if (!names(each, VALUE_KEY))
        error_at(p, each->token, "E01", "an item has no key, by which it is known when it is told about\nwrite {key}");
    if (fetch && (!names(each, VALUE_TO) || !names(each, VALUE_TEXT)))
        error_at(p, each->token, "E01", "a message goes to a number and has a text\nwrite {to} and {text}");
    if (!fetch && (names(each, VALUE_TO) || names(each, VALUE_TEXT)))
        error_at(p, each->token, "E04", "only the keys of messages are told here\nwrite {key}");
}

/* Whoever fetches reads what is written to people, and their numbers. */
static void check_proof(struct parser *p, const struct event *e)
{
    const struct event *turn = &p->c->events[0];
    bool proved = e->secret_count || e->guard_count || p->c->secret_name.len ||
                  (!e->is_unsigned && (turn->secret_count || turn->guard_count));
    if (!proved)
        error_at(p, e->token, "E01",
                 "nothing proves who fetches, and what is fetched holds numbers and texts\n"
                 "say secret-query NAME $SECRET, secret-header NAME $SECRET, or secret-path NAME");
}

static bool has_key(const struct event *e)
{
    for (size_t i = 0; i < e->field_count; i++)
        if (e->fields[i].slot == SLOT_KEY)
            return true;
    return false;
}

/* Nobody who fetches gives a message an id of their own. */
static void check_confirmed(struct parser *p, const struct event *fetch)
{
    const struct channel *c = p->c;
    bool confirmed = false;
    for (size_t i = 0; i < c->event_count; i++) {
        const struct event *e = &c->events[i];
        confirmed = confirmed || e->serves == SERVE_TAKEN || e->kind == INBOUND_DELIVERY;
        if (e->kind == INBOUND_DELIVERY && !has_key(e))
            error_at(p, e->token, "E01",
                     "messages that were fetched are known by our key alone\nsay: field key from PLACE KEY");
    }
    if (!confirmed)
        error_at(p, fetch->token, "E01",
                 "what is fetched is never confirmed, so nobody would know whether it left\n"
                 "add an event of kind taken, or of kind delivery, with a \"field key\"");
}

static void check_event(struct parser *p, const struct event *e, const struct event *fetch)
{
    if (e->kind_known && !e->serves && e->serve)
        error_at(p, e->serve->token, "E04",
                 "this kind of event serves nothing\nit stands under kind fetch, taken or awaited");
    if (!e->serves)
        return;
    if (!fetch)
        error_at(p, e->token, "E01", "messages are never fetched here\nadd an event of kind fetch");
    if (e->serves != SERVE_FETCH && e->serve && (e->serve->most || e->serve->wait_s))
        error_at(p, e->serve->limit, "E04", "\"serve-most\" and \"serve-wait\" stand under kind fetch");
    if (check_whole(p, e))
        check_item(p, e);
    check_proof(p, e);
}

/* What is told back would be refused, and every message would be unknown. */
static void check_path(struct parser *p, const struct event *e)
{
    const struct channel *c = p->c;
    if (e->is_unsigned && e->serves && c->secret_name.len && !c->secret.len && channel_in_use(c->settings, c->name) &&
        span_eq(c->settings->sms_channel, c->name))
        diag_error(p->diags, "E02", e->token.at, e->token.source,
                   "messages leave by this channel, and only the secret \"%.*s\" proves this event; it is not "
                   "configured\nin waymark.conf: secret-file %.*s PATH",
                   SPAN_ARG(c->secret_name), SPAN_ARG(c->secret_name));
}

void check_serve(struct parser *p)
{
    const struct channel *c = p->c;
    const struct event *fetch = NULL;
    for (size_t i = 0; i < c->event_count; i++)
        if (c->events[i].serves == SERVE_FETCH && fetch)
            error_at(p, c->events[i].token, "E03",
                     "messages are fetched by one kind of event\n"
                     "give it a \"receive\" and an \"at\" more");
        else if (c->events[i].serves == SERVE_FETCH)
            fetch = &c->events[i];
    for (size_t i = 0; i < c->event_count; i++) {
        check_event(p, &c->events[i], fetch);
        check_path(p, &c->events[i]);
    }
    if (!fetch)
        return;
    check_confirmed(p, fetch);
    if (c->send.present)
        error_at(p, fetch->token, "E01",
                 "a channel's messages are sent (\"send\") or fetched (this event), not both\ndelete one");
}

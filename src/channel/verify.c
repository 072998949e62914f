// SPDX-License-Identifier: AGPL-3.0-or-later
/* Asking a request's guards, and what schemes share. The secret path is asked for only where its secret is configured,
 * so that the shipped files work on a loopback address; every guard refuses all while its secret is missing. */
#include "channel/guard.h"

#include "base/err.h"

#include <openssl/crypto.h>

enum { SIGNATURES_MAX = 8, TIME_DIGITS_MAX = 11 };

int verify_path(struct reader *r, struct span *tail)
{
    struct span secret = r->c->secret;
    if (!secret.p)
        return 0;
    size_t end = span_find(*tail, '/');
    bool same = secret_same(secret, span_first(*tail, end));
    *tail = span_from(*tail, end + 1);
    return same ? 0 : ERR_AUTH;
}

/* Every guard must hold, or one that may stand in its place. */
static int ask(struct reader *r, const struct guard *list, size_t count)
{
    int rc = 0;
    for (size_t i = 0; i < count; i++) {
        const struct guard *g = &list[i];
        if (g->instead ? rc == ERR_AUTH : rc == 0)
            rc = g->check(r, g);
        else if (rc < 0)
            break;
    }
    return rc;
}

/* Shared secrets and signatures of an event stand each in the place of the turn's; `unsigned` in that of both. */
static int ask_event(struct reader *r, const struct event *e)
{
    const struct event *turn = &r->c->events[0];
    const struct event *secrets = e->secret_count || e->is_unsigned ? e : turn;
    const struct event *guards = e->guard_count || e->is_unsigned ? e : turn;
    // what nothing proves is for a demonstration, but neither people's numbers nor what an aggregator leaves unsigned
    if ((e->is_unsigned || e->serves) && !secrets->secret_count && !guards->guard_count && !r->c->secret.len)
        return ERR_AUTH;
    int rc = ask(r, secrets->secrets, secrets->secret_count);
    return rc == 0 ? ask(r, guards->guards, guards->guard_count) : rc;
}

static bool asks_of_its_own(const struct event *e)
{
    return e->secret_count || e->guard_count || e->is_unsigned || e->serves;
}

/* Asks for all kinds that the request may be; `narrowed`: by its address and headers. */
static int ask_kinds(struct reader *r, bool narrowed, bool *asked)
{
    bool turn_asked = false;
    int rc = 0;
    for (size_t i = 0; i < r->c->event_count && rc == 0; i++) {
        const struct event *e = &r->c->events[i];
        int may = !address_fits(r, e) ? 0 : narrowed ? address_allows(r, e) : 1;
        bool again = turn_asked && !asks_of_its_own(e); // the same proof
        rc = may < 0 ? may : may && !again ? ask_event(r, e) : 0;
        turn_asked = turn_asked || (may > 0 && !asks_of_its_own(e));
        *asked = *asked || may > 0;
    }
    return rc;
}

/* What a request's body says it is shows only when it has proved itself: all kinds that it may turn out to be are asked
 * for. One that can be none of them is asked for everything. */
int verify_request(struct reader *r)
{
    bool asked = false;
    int rc = ask_kinds(r, true, &asked);
    return rc == 0 && !asked ? ask_kinds(r, false, &asked) : rc;
}

int verify_header(const struct reader *r, const char *name, struct span *value)
{
    const struct wire_request *q = r->request;
    *value = (struct span){0};
    for (size_t i = 0; i < q->header_count; i++) {
        if (!span_eq_nocase(q->headers[i].name, span_of(name)))
            continue;
        if (value->p) // two could be read as either by a proxy and by us
            return ERR_AUTH;
        *value = q->headers[i].value;
    }
    return value->len ? 0 : ERR_AUTH;
}

bool verify_fresh(const struct reader *r, struct span text, int window_s)
{
    int64_t then;
    bool digits = text.len && text.len <= TIME_DIGITS_MAX && text.p[0] != '-' && span_int(text, &then) == 0;
    return digits && r->request->at_s - then <= window_s && then - r->request->at_s <= window_s;
}

struct span verify_url(const struct reader *r, bool with_query)
{
    const struct wire_request *q = r->request;
    struct span base = r->c->settings->public_url;
    if (!with_query || !q->query.len)
        return arena_printf(r->a, "%.*s%.*s", SPAN_ARG(base), SPAN_ARG(q->url));
    return arena_printf(r->a, "%.*s%.*s?%.*s", SPAN_ARG(base), SPAN_ARG(q->url), SPAN_ARG(q->query));
}

/* The letters we expect are compared with those given, so nothing of what came is decoded. */
static int same_letters(const struct reader *r, enum armor armor, struct span bytes, struct span given)
{
    struct span wanted = armor_write(armor, bytes, r->a);
    char *low = arena_strdup(r->a, span_first(given, DIGEST_LETTERS));
    if (!wanted.p || !low)
        return ERR_NOMEM;
    for (char *c = low; armor == ARMOR_HEX && *c; c++)
        *c = *c >= 'A' && *c <= 'F' ? (char)(*c + ('a' - 'A')) : *c;
    bool same = given.len <= DIGEST_LETTERS && secret_same(wanted, (struct span){low, given.len});
    secret_wipe((char *)(uintptr_t)wanted.p, wanted.len);
    return same ? 0 : ERR_AUTH;
}

/* MD5 of data and secret is what Vonage calls "MD5 hash"; everything else is an HMAC. */
static struct digest_value keyed_digest(const struct reader *r, const struct guard *g, struct span data)
{
    if (!g->bare)
        return digest_hmac(g->digest, g->key, data);
    struct digest_value none = {0};
    struct span both = arena_printf(r->a, "%.*s%.*s", SPAN_ARG(data), SPAN_ARG(g->key));
    if (!both.p)
        return none;
    struct digest_value v = digest_hash(g->digest, both);
    secret_wipe((char *)(uintptr_t)both.p, both.len);
    return v;
}

int verify_keyed(const struct reader *r, const struct guard *g, struct span data, struct span given)
{
    if (!g->key.len)
        return ERR_AUTH;
    struct digest_value v = keyed_digest(r, g, data);
    int rc = v.len ? same_letters(r, g->armor, digest_span(&v), given) : ERR_NOMEM;
    OPENSSL_cleanse(&v, sizeof v);
    return rc;
}

int verify_keyed_any(const struct reader *r, const struct guard *g, struct span data, struct span given)
{
    struct span one;
    int rc = ERR_AUTH;
    for (int i = 0; i < SIGNATURES_MAX && rc == ERR_AUTH && span_split(&given, ',', &one); i++)
        rc = verify_keyed(r, g, data, span_trim(one));
    return rc;
}

int verify_sha256(const struct reader *r, struct span data, struct span given)
{
    struct digest_value v = digest_hash(DIGEST_SHA256, data);
    return v.len ? same_letters(r, ARMOR_HEX, digest_span(&v), given) : ERR_NOMEM;
}

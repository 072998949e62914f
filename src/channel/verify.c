// SPDX-License-Identifier: AGPL-3.0-or-later
/* How a caller proves itself: a table of schemes. A scheme reads its statement and later checks a request; it sees the
 * raw bytes before anything is decoded. The secret path is asked for only where its secret is configured, so that the
 * shipped files work on a loopback address; every other scheme refuses all while its secret is missing. */
#include "channel/channel_internal.h"

#include "base/err.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct scheme {
    const char *word;
    enum location location; // of a shared secret
    bool named;             // the statement says the name of a header or field
    bool pair;              // two secrets
    int (*check)(struct reader *r, const struct guard *g);
};

static int check_shared(struct reader *r, const struct guard *g)
{
    struct origin origin = {.location = g->scheme->location, .name = g->name, .key = g->key};
    struct span given;
    int rc = reader_get(r, &origin, &given);
    if (rc < 0)
        return rc;
    return secret_same(g->value, given) ? 0 : ERR_AUTH;
}

/* RFC 4648, section 4: writes Base64 of `bytes`, 4 letters for 3 bytes, and returns its length. */
static size_t base64(struct span bytes, char *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *to = out;
    for (size_t i = 0; i < bytes.len; i += 3) {
        uint32_t group = 0;
        size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < have ? (unsigned char)bytes.p[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            *to++ = k <= have ? letters[group >> (18 - 6 * k) & 63] : '=';
    }
    return (size_t)(to - out);
}

/* RFC 7617, section 2: Basic and the Base64 of USER:PASSWORD. */
static int check_basic(struct reader *r, const struct guard *g)
{
    struct span header = wire_header(r->request->headers, r->request->header_count, "authorization");
    if (!span_eq_nocase(span_first(header, 6), SPAN("Basic ")) || !g->user.len || !g->value.len)
        return ERR_AUTH;
    size_t len = g->user.len + 1 + g->value.len;
    char *pair = arena_alloc(r->a, len), *expected = arena_alloc(r->a, len / 3 * 4 + 4);
    if (!pair || !expected)
        return ERR_NOMEM;
    memcpy(pair, g->user.p, g->user.len);
    pair[g->user.len] = ':';
    memcpy(pair + g->user.len + 1, g->value.p, g->value.len);
    size_t expected_len = base64((struct span){pair, len}, expected);
    bool same = secret_same((struct span){expected, expected_len}, span_trim(span_from(header, 6)));
    secret_wipe(pair, len);
    secret_wipe(expected, expected_len);
    return same ? 0 : ERR_AUTH;
}

static const struct scheme schemes[] = {
    {.word = "secret-path"}, // verify_path
    {.word = "secret-header", .location = LOCATION_HEADER, .named = true, .check = check_shared},
    {.word = "secret-query", .location = LOCATION_QUERY, .named = true, .check = check_shared},
    {.word = "secret-form", .location = LOCATION_FORM, .named = true, .check = check_shared},
    {.word = "basic", .pair = true, .check = check_basic},
};

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

int verify_request(struct reader *r)
{
    for (size_t i = 0; i < r->c->guard_count; i++) {
        int rc = r->c->guards[i].scheme->check(r, &r->c->guards[i]);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* -- reading -- */

static bool read_secret(struct parser *p, struct script_cursor *cursor, struct span *secret)
{
    struct token name;
    size_t before = diags_errors(p->diags);
    if (!take_word(p, cursor, "the name of a secret", &name))
        return false;
    *secret = parse_secret(p, name);
    return diags_errors(p->diags) == before;
}

static bool read_guard(struct parser *p, struct script_cursor *cursor, struct guard *g)
{
    struct token name;
    if (g->scheme->named) {
        if (!take_word(p, cursor, "the name of the header or field", &name))
            return false;
        g->name = arena_strdup(p->c->arena, name.text);
        g->key = name.text;
        p->err = g->name ? p->err : ERR_NOMEM;
    }
    if (g->scheme->pair && !read_secret(p, cursor, &g->user))
        return false;
    return read_secret(p, cursor, &g->value);
}

void parse_guard(struct parser *p, struct script_cursor *cursor)
{
    struct guard g = {0};
    struct script_cursor start = script_cursor(p->statement);
    struct token word;
    script_word(&start, &word);
    for (size_t i = 0; i < COUNT(schemes); i++)
        if (span_is(word.text, schemes[i].word))
            g.scheme = &schemes[i];
    if (!read_guard(p, cursor, &g))
        return;
    if (!g.scheme->check) {
        p->c->secret = g.value;
        return;
    }
    struct guard *list = parse_grow(p, p->c->guards, p->c->guard_count, sizeof *list);
    if (!list)
        return;
    list[p->c->guard_count++] = g;
    p->c->guards = list;
}

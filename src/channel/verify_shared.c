// SPDX-License-Identifier: AGPL-3.0-or-later
/* Secrets that the caller tells: in the path, a header, the query, the form, or as RFC 7617 has it. */
#include "channel/guard.h"

#include "base/err.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static int check_shared(struct reader *r, const struct guard *g)
{
    struct span given;
    int rc = reader_get(r, &g->origin, &given);
    if (rc < 0)
        return rc;
    return secret_same(g->value, given) ? 0 : ERR_AUTH;
}

/* RFC 7617, section 2: Basic and the Base64 of USER:PASSWORD. */
static int check_basic(struct reader *r, const struct guard *g)
{
    struct span header;
    int rc = verify_header(r, "authorization", &header);
    if (rc < 0 || !span_eq_nocase(span_first(header, 6), SPAN("Basic ")) || !g->user.len || !g->value.len)
        return ERR_AUTH;
    size_t len = g->user.len + 1 + g->value.len;
    char *pair = arena_alloc(r->a, len);
    if (!pair)
        return ERR_NOMEM;
    memcpy(pair, g->user.p, g->user.len);
    pair[g->user.len] = ':';
    memcpy(pair + g->user.len + 1, g->value.p, g->value.len);
    struct span expected = armor_write(ARMOR_BASE64, (struct span){pair, len}, r->a);
    secret_wipe(pair, len);
    if (!expected.p)
        return ERR_NOMEM;
    bool same = secret_same(expected, span_trim(span_from(header, 6)));
    secret_wipe((char *)(uintptr_t)expected.p, expected.len);
    return same ? 0 : ERR_AUTH;
}

static const struct row {
    const char *word;
    enum location location; // of a shared secret
    bool named;             // the statement says the name of a header or field
    bool pair;              // two secrets
    int (*check)(struct reader *r, const struct guard *g);
} rows[] = {
    {.word = "secret-path"}, // verify_path
    {.word = "secret-header", .location = LOCATION_HEADER, .named = true, .check = check_shared},
    {.word = "secret-query", .location = LOCATION_QUERY, .named = true, .check = check_shared},
    {.word = "secret-form", .location = LOCATION_FORM, .named = true, .check = check_shared},
    {.word = "basic", .pair = true, .check = check_basic},
};

static bool read_secret(struct parser *p, struct script_cursor *cursor, struct span *name, struct span *secret)
{
    struct token word;
    size_t before = diags_errors(p->diags);
    if (!take_word(p, cursor, "the name of a secret", &word))
        return false;
    *name = word.text;
    *secret = parse_secret(p, word);
    return diags_errors(p->diags) == before;
}

static bool read_guard(struct parser *p, struct script_cursor *cursor, const struct row *row, struct guard *g)
{
    struct token name;
    if (row->named) {
        if (!take_word(p, cursor, "the name of the header or field", &name))
            return false;
        const char *z = arena_strdup(p->c->arena, name.text);
        p->err = z ? p->err : ERR_NOMEM;
        g->origin = (struct origin){.location = row->location, .name = z, .key = span_of(z)};
    }
    if (row->pair && !read_secret(p, cursor, &g->user_name, &g->user))
        return false;
    return read_secret(p, cursor, &g->secret, &g->value);
}

void parse_guard(struct parser *p, struct script_cursor *cursor)
{
    struct script_cursor start = script_cursor(p->statement);
    struct guard g = {0};
    const struct row *row = rows;
    script_word(&start, &g.token);
    while (!span_is(g.token.text, row->word))
        row++;
    g.check = row->check;
    if (!read_guard(p, cursor, row, &g))
        return;
    if (!row->check) {
        p->c->secret = g.value;
        p->c->secret_name = g.secret;
        p->c->secret_asked = g.token;
        return;
    }
    struct event *e = parse_current(p);
    struct guard *list = parse_grow(p, e->secrets, e->secret_count, sizeof *list);
    if (!list)
        return;
    list[e->secret_count++] = g;
    e->secrets = list;
}

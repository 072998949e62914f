// SPDX-License-Identifier: AGPL-3.0-or-later
/* JSON Web Tokens with HS256 (RFC 7519, RFC 7515). What a token says of itself chooses nothing: the HMAC is computed
 * first and always with SHA-256, and the header must then say the same (RFC 8725, sections 3.1 and 3.2). */
#include "channel/guard.h"

#include "base/err.h"
#include "wire/json.h"

enum { CLAIM_NAME_MAX = 64, AUDIENCES_MAX = 8 };

struct claims {
    struct reader *r;
    struct json *json;
};

/* -- the token -- */

/* "Authorization: Bearer TOKEN" or a header of its own. */
static int find_token(const struct reader *r, const struct guard *g, struct span *token)
{
    int rc = verify_header(r, g->header, token);
    if (rc < 0 || !span_eq_nocase(span_of(g->header), SPAN("authorization")))
        return rc;
    if (!span_eq_nocase(span_first(*token, 7), SPAN("Bearer ")))
        return ERR_AUTH;
    *token = span_trim(span_from(*token, 7));
    return 0;
}

static int read_part(struct reader *r, struct span part, struct json **out)
{
    struct span text;
    int rc = armor_read(ARMOR_BASE64URL, part, r->a, &text);
    if (rc == 0)
        rc = json_read(text, out);
    return rc == 0 || rc == ERR_NOMEM ? rc : ERR_AUTH;
}

/* A claim as text; p NULL where it is not there or no plain value. Names hold no path: "a.b" is not looked into. */
static int claim(const struct claims *c, struct span name, struct span *value)
{
    *value = (struct span){0};
    int rc = json_get(c->json, name, c->r->a, value);
    return rc == ERR_NOMEM ? rc : 0;
}

/* RFC 7515, section 4.1.11: what a header calls critical and is not understood makes the token invalid. */
static int check_header(struct reader *r, struct span part)
{
    struct span alg, ignored;
    struct json *json = NULL;
    int rc = read_part(r, part, &json);
    if (rc == 0 && (json_get(json, SPAN("alg"), r->a, &alg) < 0 || !span_is(alg, "HS256") ||
                    json_get(json, SPAN("crit"), r->a, &ignored) != ERR_MISSING))
        rc = ERR_AUTH;
    json_free(json);
    return rc;
}

/* The signature over "HEADER.CLAIMS", then the header, then the claims. */
static int open_token(struct reader *r, const struct guard *g, struct span token, struct json **out)
{
    struct span rest = token, header, body, signature;
    if (!span_split(&rest, '.', &header) || !span_split(&rest, '.', &body) || !span_split(&rest, '.', &signature) ||
        rest.p)
        return ERR_AUTH;
    struct span covered = span_first(token, header.len + 1 + body.len);
    int rc = verify_keyed(r, g, covered, signature);
    if (rc == 0)
        rc = check_header(r, header);
    return rc < 0 ? rc : read_part(r, body, out);
}

/* -- claims -- */

/* RFC 7519, section 2: seconds, perhaps with a fraction, which is left off. */
static bool seconds(struct span text, int64_t *value)
{
    return text.len && text.p[0] != '-' && span_int(span_first(text, span_find(text, '.')), value) == 0;
}

/* Within its own time (sections 4.1.4 and 4.1.5), give or take the window. A token that has no end of its own must be
 * as young as the window. */
static int check_times(const struct claims *c, const struct guard *g)
{
    struct span exp, nbf, iat;
    int64_t now = c->r->request->at_s, from, to, made;
    int rc = claim(c, SPAN("exp"), &exp);
    if (rc == 0)
        rc = claim(c, SPAN("nbf"), &nbf);
    if (rc == 0)
        rc = claim(c, SPAN("iat"), &iat);
    if (rc < 0)
        return rc;
    if (exp.p && (!seconds(exp, &to) || now - g->window_s >= to))
        return ERR_AUTH;
    if (nbf.p && (!seconds(nbf, &from) || now + g->window_s < from))
        return ERR_AUTH;
    if (iat.p && (!seconds(iat, &made) || now + g->window_s < made))
        return ERR_AUTH;
    bool young = iat.p && now - made <= g->window_s;
    return exp.p || young ? 0 : ERR_AUTH;
}

static int check_is(const struct claims *c, struct span name, struct span wanted)
{
    struct span value;
    if (!wanted.len)
        return 0;
    int rc = claim(c, name, &value);
    return rc < 0 || span_eq(value, wanted) ? rc : ERR_AUTH;
}

/* RFC 7519, section 4.1.3: one audience, or several of which one is us. */
static int check_audience(const struct claims *c, const struct guard *g)
{
    bool is_url = span_is(g->audience, "url");
    struct span wanted = is_url ? verify_url(c->r, true) : g->audience;
    if (is_url && !wanted.p)
        return ERR_NOMEM;
    int rc = check_is(c, SPAN("aud"), wanted);
    for (int i = 0; i < AUDIENCES_MAX && rc == ERR_AUTH; i++) {
        struct span name = arena_printf(c->r->a, "aud[%d]", i);
        rc = name.p ? check_is(c, name, wanted) : ERR_NOMEM;
    }
    return rc;
}

/* A hash that is there must be right; a body that is there must have one. */
static int check_hash(const struct claims *c, struct span name, struct span data)
{
    struct span value;
    if (!name.len)
        return 0;
    int rc = claim(c, name, &value);
    if (rc < 0 || (!value.p && !data.len))
        return rc;
    return value.p ? verify_sha256(c->r, data, value) : ERR_AUTH;
}

static int check_required(const struct claims *c, const struct guard *g)
{
    struct span value;
    int rc = 0;
    for (size_t i = 0; i < g->required_count && rc == 0; i++) {
        rc = claim(c, g->required[i], &value);
        rc = rc == 0 && !value.len ? ERR_AUTH : rc;
    }
    return rc;
}

static int check_claims(const struct claims *c, const struct guard *g)
{
    struct span url = g->url_hash.len ? verify_url(c->r, true) : (struct span){0};
    int rc = g->url_hash.len && !url.p ? ERR_NOMEM : check_times(c, g);
    if (rc == 0)
        rc = check_is(c, SPAN("iss"), g->issuer);
    if (rc == 0)
        rc = check_audience(c, g);
    if (rc == 0)
        rc = check_hash(c, g->body_hash, c->r->request->body);
    if (rc == 0)
        rc = check_hash(c, g->url_hash, url);
    return rc < 0 ? rc : check_required(c, g);
}

int verify_jwt(struct reader *r, const struct guard *g)
{
    struct claims c = {.r = r};
    struct span token;
    int rc = find_token(r, g, &token);
    if (rc == 0)
        rc = open_token(r, g, token, &c.json);
    if (rc == 0)
        rc = check_claims(&c, g);
    json_free(c.json);
    return rc;
}

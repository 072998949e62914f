// SPDX-License-Identifier: AGPL-3.0-or-later
/* What proves to an aggregator that a message is ours: `send-auth`. Keys and tokens are never logged. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "channel/digest.h"
#include "wire/json.h"

#include <openssl/evp.h>

enum {
    PROOF_MAX = 16 * 1024, /* bytes of a header's value */
    LIFE_UNSAID_S = 300,   /* RFC 6749, section 5.1: expires_in is only recommended */
    LIFE_MAX_S = 86400,
    JTI_BYTES = 16,
};

static bool list_complete(const struct send_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].value.missing)
            return false;
    return true;
}

bool auth_complete(const struct auth *auth)
{
    bool said = !auth->user.missing && !auth->password.missing && !auth->url.missing && list_complete(&auth->fields);
    return said && (auth->kind != AUTH_JWT || auth->key);
}

bool channel_needs_token(const struct channel *c)
{
    return c->send.auth.kind == AUTH_OAUTH2;
}

/* -- headers -- */

static int add_header(struct wire_request *request, struct span name, struct span value, struct arena *a)
{
    struct wire_field *list = arena_array(a, request->header_count + 1, sizeof *list);
    if (!list)
        return ERR_NOMEM;
    for (size_t i = 0; i < request->header_count; i++)
        list[i] = request->headers[i];
    list[request->header_count++] = (struct wire_field){name, value};
    request->headers = list;
    return 0;
}

/* "Authorization: SCHEME VALUE" */
static int add_proof(struct wire_request *request, const char *scheme, struct span value, struct arena *a)
{
    struct span text = value.p ? arena_printf(a, "%s %.*s", scheme, SPAN_ARG(value)) : (struct span){0};
    return text.p ? add_header(request, SPAN("Authorization"), text, a) : ERR_NOMEM;
}

static int render(const struct template *t, struct arena *a, struct span *out)
{
    static const struct span none[VALUE_COUNT];
    return template_render(t, none, a, out);
}

/* RFC 7617. */
static int add_basic(struct wire_request *request, struct span user, struct span password, struct arena *a)
{
    struct span pair = arena_printf(a, "%.*s:%.*s", SPAN_ARG(user), SPAN_ARG(password));
    return pair.p ? add_proof(request, "Basic", armor_write(ARMOR_BASE64, pair, a), a) : ERR_NOMEM;
}

static int credentials(const struct auth *auth, struct arena *a, struct span *user, struct span *password)
{
    int rc = render(&auth->user, a, user);
    return rc < 0 ? rc : render(&auth->password, a, password);
}

int auth_basic(const struct auth *auth, struct arena *a, struct wire_request *request)
{
    struct span user, password;
    if (auth->kind != AUTH_BASIC)
        return 0;
    int rc = credentials(auth, a, &user, &password);
    return rc < 0 ? rc : add_basic(request, user, password, a);
}

/* -- asking for a token -- */

static bool says(const struct send_list *list, struct span name)
{
    for (size_t i = 0; i < list->count; i++)
        if (span_eq(list->items[i].name, name))
            return true;
    return false;
}

/* RFC 6749, section 4.4.2; a field `grant_type password` of the file makes it section 4.3.2. */
static int token_form(const struct auth *auth, struct span user, struct span password, struct arena *a,
                      struct span *body)
{
    struct wire_field *fields = arena_array(a, auth->fields.count + 3, sizeof *fields);
    size_t count = 0;
    int rc = fields ? 0 : ERR_NOMEM;
    if (rc == 0 && !says(&auth->fields, SPAN("grant_type")))
        fields[count++] = (struct wire_field){SPAN("grant_type"), SPAN("client_credentials")};
    for (size_t i = 0; i < auth->fields.count && rc == 0; i++) {
        fields[count].name = auth->fields.items[i].name;
        rc = render(&auth->fields.items[i].value, a, &fields[count++].value);
    }
    if (rc == 0 && auth->in_form) {
        fields[count++] = (struct wire_field){SPAN("client_id"), user};
        fields[count++] = (struct wire_field){SPAN("client_secret"), password};
    }
    if (rc == 0)
        *body = wire_form_encode(fields, count, a);
    return rc < 0 || body->p ? rc : ERR_NOMEM;
}

/* Section 2.3.1: id and secret are encoded as in a form before they become user and password. */
static int token_proof(struct span user, struct span password, struct arena *a, struct wire_request *request)
{
    struct span id = wire_percent_encode(user, a), secret = wire_percent_encode(password, a);
    return id.p && secret.p ? add_basic(request, id, secret, a) : ERR_NOMEM;
}

int channel_build_token(const struct channel *c, struct arena *a, struct wire_request *out)
{
    const struct auth *auth = &c->send.auth;
    struct span user, password;
    if (!channel_needs_token(c) || !channel_can_send(c))
        return ERR_NOT_NOW;
    *out = (struct wire_request){.method = SPAN("POST")};
    int rc = render(&auth->url, a, &out->url);
    if (rc == 0)
        rc = credentials(auth, a, &user, &password);
    if (rc == 0)
        rc = token_form(auth, user, password, a, &out->body);
    if (rc == 0)
        rc = add_header(out, SPAN("Content-Type"), SPAN("application/x-www-form-urlencoded"), a);
    if (rc == 0)
        rc = add_header(out, SPAN("Accept"), SPAN("application/json"), a);
    return rc != 0 || auth->in_form ? rc : token_proof(user, password, a, out);
}

/* -- what comes back -- */

static int clamp(int64_t value, int least, int most)
{
    return value < least ? least : value > most ? most : (int)value;
}

/* A number of seconds in a member or header; `otherwise` where there is none. Some say it in quotes. */
static int seconds(struct span text, int otherwise, int least)
{
    int64_t value;
    text = span_first(text, span_find(text, '.'));
    return text.len && span_int(span_trim(text), &value) == 0 ? clamp(value, least, LIFE_MAX_S) : otherwise;
}

/* It will stand in a header: RFC 6750, section 2.1, has fewer characters still. */
static bool fit_for_header(struct span token)
{
    for (size_t i = 0; i < token.len; i++)
        if (token.p[i] <= ' ' || token.p[i] > '~')
            return false;
    return token.len && token.len <= CHANNEL_TOKEN_MAX;
}

/* A member of the answer; p NULL where it is not there or no plain value. */
static int member(const struct json *json, struct span name, struct arena *a, struct span *value)
{
    *value = (struct span){0};
    return json_get(json, name, a, value) == ERR_NOMEM ? ERR_NOMEM : 0;
}

/* RFC 6749, section 5.1. The type may say more than "bearer" (Apigee says BearerToken), but not something else. */
static int token_of(const struct json *json, struct arena *a, struct channel_token *out)
{
    struct span type, life;
    int rc = member(json, SPAN("access_token"), a, &out->token);
    if (rc == 0)
        rc = member(json, SPAN("token_type"), a, &type);
    if (rc == 0)
        rc = member(json, SPAN("expires_in"), a, &life);
    if (rc < 0)
        return rc;
    if (!fit_for_header(out->token) || (type.p && !span_eq_nocase(span_first(type, 6), SPAN("bearer"))))
        return ERR_SYNTAX;
    out->life_s = seconds(life, LIFE_UNSAID_S, 1);
    return 0;
}

int channel_read_token(const struct channel *c, const struct wire_response *answer, struct arena *a,
                       struct channel_token *out)
{
    struct json *json = NULL;
    (void)c;
    *out = (struct channel_token){0};
    if (answer->status < 200 || answer->status > 299) {
        out->after_s = seconds(wire_header(answer->headers, answer->header_count, "retry-after"), 0, 0);
        return answer->status == 429 || answer->status >= 500 ? ERR_NOT_NOW : ERR_AUTH;
    }
    int rc = json_read(answer->body, &json);
    if (rc == 0)
        rc = token_of(json, a, out);
    json_free(json);
    return rc == 0 || rc == ERR_NOMEM ? rc : ERR_SYNTAX;
}

/* -- a token of our own -- */

/* RFC 9562, section 5.4: what makes each token another one. */
static void add_jti(struct str *out, struct entropy entropy)
{
    unsigned char b[JTI_BYTES];
    entropy.fill(entropy.ctx, b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    for (size_t i = 0; i < sizeof b; i++)
        str_addf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
}

static int add_claims(const struct auth *auth, const struct channel_pass *pass, struct arena *a, struct str *out)
{
    int rc = 0;
    str_addf(out, "{\"iat\":%lld,\"exp\":%lld,\"jti\":\"", (long long)pass->now_s,
             (long long)pass->now_s + auth->life_s);
    add_jti(out, pass->entropy);
    str_addc(out, '"');
    for (size_t i = 0; i < auth->fields.count && rc == 0; i++) {
        struct span value;
        rc = render(&auth->fields.items[i].value, a, &value);
        str_addc(out, ',');
        json_quote(out, auth->fields.items[i].name);
        str_addc(out, ':');
        if (rc == 0)
            json_quote(out, value);
    }
    str_addc(out, '}');
    return rc;
}

/* RFC 7518, section 3.3: RSASSA-PKCS1-v1_5 with SHA-256. */
static int sign(const struct auth *auth, struct span covered, struct arena *a, struct span *signature)
{
    size_t len = (size_t)EVP_PKEY_get_size(auth->key);
    unsigned char *bytes = arena_alloc(a, len);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = bytes && ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, auth->key) == 1 &&
                EVP_DigestSign(ctx, bytes, &len, (const unsigned char *)covered.p, covered.len) == 1;
    EVP_MD_CTX_free(ctx);
    if (!good)
        return bytes && ctx ? ERR_CRYPTO : ERR_NOMEM;
    *signature = armor_write(ARMOR_BASE64URL, (struct span){(const char *)bytes, len}, a);
    return signature->p ? 0 : ERR_NOMEM;
}

static int add_jwt(const struct auth *auth, const struct channel_pass *pass, struct arena *a,
                   struct wire_request *request)
{
    struct str claims = STR_INIT(PROOF_MAX);
    struct span header = armor_write(ARMOR_BASE64URL, SPAN("{\"alg\":\"RS256\",\"typ\":\"JWT\"}"), a), body = {0},
                signature = {0};
    int rc = add_claims(auth, pass, a, &claims);
    if (rc == 0)
        rc = str_err(&claims);
    if (rc == 0)
        body = armor_write(ARMOR_BASE64URL, str_span(&claims), a);
    str_release(&claims);
    struct span covered =
        header.p && body.p ? arena_printf(a, "%.*s.%.*s", SPAN_ARG(header), SPAN_ARG(body)) : (struct span){0};
    if (rc == 0)
        rc = covered.p ? sign(auth, covered, a, &signature) : ERR_NOMEM;
    if (rc < 0)
        return rc;
    return add_proof(request, "Bearer", arena_printf(a, "%.*s.%.*s", SPAN_ARG(covered), SPAN_ARG(signature)), a);
}

int channel_authorize(const struct channel *c, const struct channel_pass *pass, struct arena *a,
                      struct wire_request *request)
{
    const struct auth *auth = &c->send.auth;
    if (auth->kind == AUTH_JWT)
        return add_jwt(auth, pass, a, request);
    if (auth->kind != AUTH_OAUTH2)
        return 0;
    return pass->token.len ? add_proof(request, "Bearer", pass->token, a) : ERR_NOT_NOW;
}

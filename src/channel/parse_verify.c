// SPDX-License-Identifier: AGPL-3.0-or-later
/* verify SCHEME NAME VALUE... : a table of schemes and a table of their parameters. */
#include "channel/guard.h"

#include "base/err.h"
#include "script/suggest.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum {
    KEY = 1 << 0,
    KEY_AS = 1 << 1,
    WITH = 1 << 2,
    AS = 1 << 3,
    HEADER = 1 << 4,
    TIMESTAMP = 1 << 5,
    NONCE = 1 << 6,
    FIELD = 1 << 7,
    WINDOW = 1 << 8,
    OVER = 1 << 9,
    ISSUER = 1 << 10,
    AUDIENCE = 1 << 11,
    BODY_HASH = 1 << 12,
    URL_HASH = 1 << 13,
    REQUIRE = 1 << 14,
    FROM = 1 << 15,
};

enum { PIECES = HEADER | TIMESTAMP | NONCE | WINDOW | OVER, WINDOW_MAX_S = 3600, BARE = 0x10 };

static const struct scheme {
    const char *word;
    int (*check)(struct reader *r, const struct guard *g);
    unsigned takes, needs;
    bool needs_url;
    enum digest digest;
    enum armor armor, key_armor;
    const char *header, *nonce, *field, *timestamp; // where the file does not say
    struct evp_pkey_st *(*public_key)(struct span key, struct arena *a);
    const char *key_is; // what the secret has to be, for messages
} schemes[] = {
    {.word = "url-params-hmac",
     .check = verify_url_params,
     .takes = KEY | HEADER | WITH,
     .needs = KEY,
     .needs_url = true,
     .digest = DIGEST_SHA1,
     .armor = ARMOR_BASE64,
     .header = "X-Twilio-Signature"},
    {.word = "sorted-params-digest",
     .check = verify_sorted_params,
     .takes = KEY | WITH | FIELD | TIMESTAMP | WINDOW,
     .needs = KEY | WITH | WINDOW,
     .armor = ARMOR_HEX,
     .field = "sig",
     .timestamp = "timestamp"},
    {.word = "hmac",
     .check = verify_hmac,
     .takes = KEY | KEY_AS | WITH | AS | PIECES,
     .needs = KEY | AS | HEADER | OVER,
     .digest = DIGEST_SHA256},
    {.word = "plivo-v3",
     .check = verify_plivo_v3,
     .takes = KEY | HEADER | NONCE,
     .needs = KEY,
     .needs_url = true,
     .digest = DIGEST_SHA256,
     .armor = ARMOR_BASE64,
     .header = "X-Plivo-Signature-V3",
     .nonce = "X-Plivo-Signature-V3-Nonce"},
    {.word = "jwt-hs256",
     .check = verify_jwt,
     .takes = KEY | KEY_AS | HEADER | ISSUER | AUDIENCE | BODY_HASH | URL_HASH | REQUIRE | WINDOW,
     .needs = KEY | WINDOW,
     .digest = DIGEST_SHA256,
     .armor = ARMOR_BASE64URL,
     .header = "Authorization"},
    {.word = "ed25519",
     .check = verify_public_key,
     .takes = KEY | KEY_AS | PIECES,
     .needs = KEY | HEADER | OVER,
     .key_armor = ARMOR_BASE64,
     .public_key = verify_ed25519_key,
     .key_is = "an Ed25519 public key of 32 bytes"},
    {.word = "rsa-sha256",
     .check = verify_public_key,
     .takes = KEY | PIECES,
     .needs = KEY | HEADER | OVER,
     .public_key = verify_rsa_key,
     .key_is = "an RSA public key of at least 2048 bits, in PEM form or as its Base64"},
    {.word = "address", .check = verify_address, .takes = FROM, .needs = FROM},
};

/* A statement while it is read. */
struct reading {
    struct parser *p;
    struct script_cursor *cursor;
    const struct scheme *scheme;
    struct guard g;
    unsigned said;
    struct token key; // the secret's name
};

/* -- parameters -- */

static void read_key(struct reading *v)
{
    if (!take_word(v->p, v->cursor, "the name of a secret", &v->key))
        return;
    v->g.secret = v->key.text;
    v->g.value = parse_secret(v->p, v->key);
}

static void read_key_as(struct reading *v)
{
    static const struct keyword ways[] = {{"text", ARMOR_TEXT}, {"hex", ARMOR_HEX}, {"base64", ARMOR_BASE64}};
    int way;
    if (parse_keyword(v->p, v->cursor, ways, COUNT(ways), "way to write a key", &way))
        v->g.key_armor = (enum armor)way;
}

static void read_with(struct reading *v)
{
    static const struct keyword ways[] = {{"hmac-sha256", DIGEST_SHA256}, {"hmac-sha1", DIGEST_SHA1},
                                          {"hmac-sha384", DIGEST_SHA384}, {"hmac-sha512", DIGEST_SHA512},
                                          {"hmac-md5", DIGEST_MD5},       {"md5", DIGEST_MD5 | BARE}};
    size_t count = COUNT(ways) - !(v->scheme->takes & FIELD); // a bare hash is Vonage's alone
    int way;
    if (!parse_keyword(v->p, v->cursor, ways, count, "digest", &way))
        return;
    v->g.bare = way & BARE;
    v->g.digest = (enum digest)(way & ~BARE);
}

static void read_as(struct reading *v)
{
    static const struct keyword ways[] = {{"hex", ARMOR_HEX}, {"base64", ARMOR_BASE64}};
    int way;
    if (parse_keyword(v->p, v->cursor, ways, COUNT(ways), "way to write a signature", &way))
        v->g.armor = (enum armor)way;
}

static const char *read_name(struct reading *v, const char *what)
{
    struct token word;
    if (!take_word(v->p, v->cursor, what, &word))
        return NULL;
    if (!script_is_word(word.text))
        diag_error(v->p->diags, "E01", word.at, word.source, "\"%.*s\" is not a name\nwrite it without \":\"",
                   SPAN_ARG(word.text));
    const char *name = arena_strdup(v->p->c->arena, word.text);
    v->p->err = name ? v->p->err : ERR_NOMEM;
    return name;
}

static void read_header(struct reading *v)
{
    v->g.header = read_name(v, "the header that holds the signature");
}

static void read_timestamp(struct reading *v)
{
    v->g.timestamp = read_name(v, "the name of what holds the time");
}

static void read_nonce(struct reading *v)
{
    v->g.nonce = read_name(v, "the header that holds the nonce");
}

static void read_field(struct reading *v)
{
    v->g.field = read_name(v, "the parameter that holds the signature");
}

static void read_window(struct reading *v)
{
    static const struct keyword units[] = {{"seconds", 1}, {"second", 1}, {"minutes", 60}, {"minute", 60}};
    struct token at = {.at = v->p->statement->at, .source = v->p->statement->source};
    int count, unit;
    if (!parse_number(v->p, v->cursor, "the window", 1, WINDOW_MAX_S, &count) ||
        !parse_keyword(v->p, v->cursor, units, COUNT(units), "unit of time", &unit))
        return;
    v->g.window_s = count * unit;
    if (v->g.window_s > WINDOW_MAX_S)
        diag_error(v->p->diags, "E04", at.at, at.source, "a window is at most an hour");
}

static bool add_piece(struct reading *v, struct cover_piece piece)
{
    struct cover_piece *list = parse_grow(v->p, v->g.covers, v->g.cover_count, sizeof *list);
    if (!list)
        return false;
    list[v->g.cover_count++] = piece;
    v->g.covers = list;
    return true;
}

static const struct keyword covers[] = {
    {"body", COVER_BODY},
    {"body-sha256", COVER_BODY_SHA256},
    {"timestamp", COVER_TIMESTAMP},
    {"nonce", COVER_NONCE},
    {"url", COVER_URL},
    {"url-plain", COVER_URL_PLAIN},
    {"query-sorted", COVER_QUERY_SORTED},
};

/* over PIECE... : the rest of the statement. A text stands between quotes, `lf` is a line feed. */
static void read_over(struct reading *v)
{
    size_t before = diags_errors(v->p->diags);
    do {
        struct script_cursor ahead = *v->cursor;
        struct token word;
        struct cover_piece piece = {0};
        int cover;
        bool more = script_word(&ahead, &word);
        size_t len = word.text.len;
        if (more && len > 2 && word.text.p[0] == '"' && word.text.p[len - 1] == '"') {
            piece.literal = span_first(span_from(word.text, 1), len - 2);
            *v->cursor = ahead;
        } else if (more && span_is(word.text, "lf")) {
            piece.literal = SPAN("\n");
            *v->cursor = ahead;
        } else if (parse_keyword(v->p, v->cursor, covers, COUNT(covers), "piece of a request", &cover)) {
            piece.cover = (enum cover)cover;
        }
        if (diags_errors(v->p->diags) > before || !add_piece(v, piece))
            return;
    } while (span_trim(script_peek(v->cursor)).len);
}

static struct span read_text(struct reading *v, const char *what)
{
    struct token word = {0};
    take_word(v->p, v->cursor, what, &word);
    return word.text;
}

static void read_issuer(struct reading *v)
{
    v->g.issuer = read_text(v, "the issuer");
}

static void read_audience(struct reading *v)
{
    v->g.audience = read_text(v, "the audience, or \"url\" for the address that is called,");
}

static void read_body_hash(struct reading *v)
{
    v->g.body_hash = read_text(v, "the claim that holds the body's hash");
}

static void read_url_hash(struct reading *v)
{
    v->g.url_hash = read_text(v, "the claim that holds the address's hash");
}

static void read_require(struct reading *v)
{
    struct span *list = parse_grow(v->p, v->g.required, v->g.required_count, sizeof *list);
    if (!list)
        return;
    v->g.required = list;
    list[v->g.required_count++] = read_text(v, "the name of a claim");
}

/* from ADDRESS... : the rest of the statement. */
static void read_from(struct reading *v)
{
    struct token word;
    for (bool more = take_word(v->p, v->cursor, "an address", &word); more; more = script_word(v->cursor, &word)) {
        struct ip_range *list = parse_grow(v->p, v->g.ranges, v->g.range_count, sizeof *list);
        if (!list)
            return;
        v->g.ranges = list;
        int rc = ip_range_read(word.text, &list[v->g.range_count++]);
        if (rc < 0)
            diag_error(v->p->diags, rc == ERR_RANGE ? "E04" : "E01", word.at, word.source,
                       "\"%.*s\" is no range of addresses\n%s", SPAN_ARG(word.text),
                       rc == ERR_RANGE ? "it has bits beyond its prefix"
                                       : "for example 45.233.20.0/24 or 2001:db8::/32");
    }
}

static const struct parameter {
    const char *word;
    unsigned bit;
    void (*read)(struct reading *v);
} parameters[] = {
    {"key", KEY, read_key},
    {"key-as", KEY_AS, read_key_as},
    {"with", WITH, read_with},
    {"as", AS, read_as},
    {"header", HEADER, read_header},
    {"timestamp", TIMESTAMP, read_timestamp},
    {"nonce", NONCE, read_nonce},
    {"field", FIELD, read_field},
    {"window", WINDOW, read_window},
    {"over", OVER, read_over},
    {"issuer", ISSUER, read_issuer},
    {"audience", AUDIENCE, read_audience},
    {"body-hash", BODY_HASH, read_body_hash},
    {"url-hash", URL_HASH, read_url_hash},
    {"require", REQUIRE, read_require},
    {"from", FROM, read_from},
};

static const struct parameter *find_parameter(struct reading *v, struct token word)
{
    struct suggest s = suggest_start(word.text);
    for (size_t i = 0; i < COUNT(parameters); i++) {
        if (!(parameters[i].bit & v->scheme->takes))
            continue;
        if (span_is(word.text, parameters[i].word))
            return &parameters[i];
        suggest_try(&s, span_of(parameters[i].word));
    }
    struct span best = suggest_best(&s);
    struct str all = STR_INIT(1024);
    for (size_t i = 0; i < COUNT(parameters); i++)
        if (parameters[i].bit & v->scheme->takes)
            str_addf(&all, "%s%s", all.len ? ", " : "", parameters[i].word);
    diag_error(v->p->diags, "E02", word.at, word.source, "%s has no \"%.*s\"\n%s%s%.*s%s", v->scheme->word,
               SPAN_ARG(word.text), best.len ? "did you mean \"" : "it takes ", best.len ? "" : str_z(&all),
               SPAN_ARG(best), best.len ? "\"?" : "");
    str_release(&all);
    return NULL;
}

static void read_parameters(struct reading *v)
{
    size_t before = diags_errors(v->p->diags);
    struct token word;
    while (diags_errors(v->p->diags) == before && v->p->err == 0 && script_word(v->cursor, &word)) {
        const struct parameter *parameter = find_parameter(v, word);
        if (!parameter)
            return;
        if (v->said & parameter->bit && parameter->bit != REQUIRE)
            diag_error(v->p->diags, "E03", word.at, word.source, "\"%s\" is said twice", parameter->word);
        v->said |= parameter->bit;
        parameter->read(v);
    }
}

/* -- what belongs together -- */

static bool covered(const struct guard *g, enum cover cover)
{
    for (size_t i = 0; i < g->cover_count; i++)
        if (g->covers[i].cover == cover)
            return true;
    return false;
}

/* A time or a nonce that the signature does not cover proves nothing, and a time that nobody looks at even less. */
static void check_pieces(struct reading *v)
{
    static const struct {
        enum cover cover;
        unsigned bit;
        const char *word;
    } pairs[] = {{COVER_TIMESTAMP, TIMESTAMP, "timestamp"}, {COVER_NONCE, NONCE, "nonce"}};
    const struct token at = v->g.token;
    if (!(v->said & OVER))
        return;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        bool is_covered = covered(&v->g, pairs[i].cover), said = v->said & pairs[i].bit;
        if (is_covered && !said)
            diag_error(v->p->diags, "E01", at.at, at.source, "the signature covers a %s\nsay where it is: %s HEADER",
                       pairs[i].word, pairs[i].word);
        if (said && !is_covered)
            diag_error(v->p->diags, "E04", at.at, at.source,
                       "the signature does not cover the %s, so anybody could change it\nname it in \"over\"",
                       pairs[i].word);
    }
    if (!(v->said & TIMESTAMP) != !(v->said & WINDOW))
        diag_error(v->p->diags, "E01", at.at, at.source,
                   "\"timestamp\" and \"window\" belong together\nfor example: window 5 minutes");
}

static void check_needs(struct reading *v)
{
    for (size_t i = 0; i < COUNT(parameters); i++)
        if (v->scheme->needs & parameters[i].bit & ~v->said)
            diag_error(v->p->diags, "E01", v->g.token.at, v->g.token.source, "%s needs \"%s\"", v->scheme->word,
                       parameters[i].word);
    check_pieces(v);
}

/* -- keys -- */

static void refuse_key(struct reading *v, const char *what)
{
    diag_error(v->p->diags, "E04", v->key.at, v->key.source, "the secret \"%.*s\" is not %s", SPAN_ARG(v->key.text),
               what);
}

static void prepare_key(struct reading *v)
{
    struct guard *g = &v->g;
    const struct scheme *scheme = v->scheme;
    if (!g->value.p)
        return;
    int rc = armor_read(g->key_armor, g->value, v->p->c->arena, &g->key);
    if (rc == ERR_NOMEM)
        v->p->err = rc;
    else if (rc < 0 || !g->key.len)
        refuse_key(v, g->key_armor == ARMOR_HEX ? "hexadecimal" : "Base64");
    else if (scheme->public_key && !(g->public_key = scheme->public_key(g->key, v->p->c->arena)))
        refuse_key(v, scheme->key_is);
}

/* -- statements -- */

static struct event *current(struct parser *p)
{
    return &p->c->events[p->c->event_count - 1];
}

static void add_guard(struct parser *p, struct guard *g)
{
    struct event *e = current(p);
    struct guard *list = parse_grow(p, e->guards, e->guard_count, sizeof *list);
    if (!list) {
        verify_free_key(g->public_key);
        return;
    }
    list[e->guard_count++] = *g;
    e->guards = list;
}

static struct guard start_guard(const struct scheme *s)
{
    return (struct guard){.check = s->check,
                          .needs_url = s->needs_url,
                          .digest = s->digest,
                          .armor = s->armor,
                          .key_armor = s->key_armor,
                          .header = s->header,
                          .nonce = s->nonce,
                          .field = s->field,
                          .timestamp = s->timestamp};
}

static const struct scheme *read_scheme(struct parser *p, struct script_cursor *cursor)
{
    struct keyword words[COUNT(schemes)];
    int index;
    for (size_t i = 0; i < COUNT(schemes); i++)
        words[i] = (struct keyword){schemes[i].word, (int)i};
    return parse_keyword(p, cursor, words, COUNT(schemes), "scheme", &index) ? &schemes[index] : NULL;
}

static bool wants_url(const struct guard *g)
{
    return g->needs_url || covered(g, COVER_URL) || covered(g, COVER_URL_PLAIN) || g->url_hash.len ||
           span_is(g->audience, "url");
}

static void read_guard(struct parser *p, struct script_cursor *cursor, bool instead)
{
    size_t before = diags_errors(p->diags);
    struct reading v = {.p = p, .cursor = cursor, .scheme = read_scheme(p, cursor)};
    if (!v.scheme)
        return;
    v.g = start_guard(v.scheme);
    v.g.token = (struct token){.at = p->statement->at, .source = p->statement->source};
    v.g.instead = instead;
    read_parameters(&v);
    if (diags_errors(p->diags) == before)
        check_needs(&v);
    if (diags_errors(p->diags) == before)
        prepare_key(&v);
    v.g.needs_url = wants_url(&v.g);
    add_guard(p, &v.g);
}

void parse_verify(struct parser *p, struct script_cursor *cursor)
{
    read_guard(p, cursor, false);
}

void parse_or_verify(struct parser *p, struct script_cursor *cursor)
{
    if (current(p)->guard_count)
        read_guard(p, cursor, true);
    else
        diag_error(p->diags, "E01", p->statement->at, p->statement->source,
                   "\"or-verify\" stands in place of a \"verify\", and there is none above");
}

void parse_unsigned(struct parser *p, struct script_cursor *cursor)
{
    (void)cursor;
    current(p)->is_unsigned = true;
}

void guards_free(struct channel *c)
{
    for (size_t i = 0; i < c->event_count; i++)
        for (size_t k = 0; k < c->events[i].guard_count; k++)
            verify_free_key(c->events[i].guards[k].public_key);
}

/* -- the settings -- */

static void need_secret(struct parser *p, const struct guard *g, struct span name, struct span value)
{
    if (name.len && name.p[0] == '$')
        name = span_from(name, 1);
    if (name.len && !value.p)
        diag_error(p->diags, "E02", g->token.at, g->token.source,
                   "the channel is in use, but its secret \"%.*s\" is not configured\n"
                   "in waymark.conf: secret-file %.*s PATH",
                   SPAN_ARG(name), SPAN_ARG(name));
}

static void check_guard(struct parser *p, const struct guard *g)
{
    need_secret(p, g, g->user_name, g->user);
    need_secret(p, g, g->secret, g->value);
    if (g->needs_url && !p->c->settings->public_url.len)
        diag_error(p->diags, "E02", g->token.at, g->token.source,
                   "the channel is in use, but the address that it signs is not configured\n"
                   "in waymark.conf: public-url https://HOST");
}

/* Whoever finds the address of a channel without any proof can write in people's names, and take back their consent. */
static void check_open(struct parser *p)
{
    const struct channel *c = p->c;
    struct token at =
        c->secret_name.len ? c->secret_asked : (struct token){.at = {.file = p->file, .line = 1, .column = 1}};
    struct span name = c->secret_name.len ? c->secret_name : SPAN("NAME");
    if (c->settings->demonstration || c->secret.len || c->events[0].secret_count || c->events[0].guard_count)
        return;
    diag_error(p->diags, "E02", at.at, at.source,
               "the channel is in use, and nothing proves who calls\n"
               "in waymark.conf: secret-file %.*s PATH; only a demonstration goes without%s",
               SPAN_ARG(name), c->secret_name.len ? "" : ". Here: secret-path NAME");
}

/* Without its secret a channel refuses all calls. One that is in use would do so and nobody would know why. */
void check_guards(struct parser *p)
{
    const struct channel *c = p->c;
    if (!channel_in_use(c->settings, c->name))
        return;
    check_open(p);
    for (size_t i = 0; i < c->event_count; i++) {
        const struct event *e = &c->events[i];
        for (size_t k = 0; k < e->secret_count; k++)
            check_guard(p, &e->secrets[k]);
        for (size_t k = 0; k < e->guard_count; k++)
            check_guard(p, &e->guards[k]);
    }
}

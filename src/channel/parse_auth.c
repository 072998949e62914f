// SPDX-License-Identifier: AGPL-3.0-or-later
/* send-auth KIND ...: how we prove ourselves to the aggregator.
 *
 *     send-auth basic $USER $PASSWORD
 *     send-auth oauth2 URL client $ID $SECRET [in-form] [field NAME VALUE]... [scope TEXT]
 *     send-auth jwt-rs256 $KEY [claim NAME VALUE]... [life N minutes]
 *
 * To add a kind: a row in `kinds`, and what it adds to a request in auth.c.
 */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "channel/guard.h"
#include "script/suggest.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { RSA_BITS_MIN = 2048, LIFE_DEFAULT_S = 15 * 60, LIFE_MAX_MINUTES = 24 * 60 };

/* -- words -- */

/* A word, in which secrets stand and no other placeholder. */
static bool read_value(struct parser *p, struct script_cursor *cursor, const char *what, struct template *out)
{
    struct token word;
    return take_word(p, cursor, what, &word) && template_read(p, word, 0, ESCAPE_RAW, out);
}

static void add_field(struct parser *p, struct span name, const struct template *value)
{
    struct send_list *list = &p->c->send.auth.fields;
    struct send_value *items = parse_grow(p, list->items, list->count, sizeof *items);
    if (!items)
        return;
    items[list->count++] = (struct send_value){.name = name, .value = *value};
    list->items = items;
}

/* NAME VALUE */
static void read_field(struct parser *p, struct script_cursor *cursor)
{
    struct token name;
    struct template value = {0};
    if (take_word(p, cursor, "the name", &name) && read_value(p, cursor, "the value", &value))
        add_field(p, name.text, &value);
}

/* -- oauth2 -- */

static void read_client(struct parser *p, struct script_cursor *cursor)
{
    struct auth *auth = &p->c->send.auth;
    if (read_value(p, cursor, "the client's id", &auth->user))
        read_value(p, cursor, "the client's secret", &auth->password);
}

static void read_in_form(struct parser *p, struct script_cursor *cursor)
{
    (void)cursor;
    p->c->send.auth.in_form = true;
}

/* RFC 6749, section 3.3: words with blanks between them, so all that is left. */
static void read_scope(struct parser *p, struct script_cursor *cursor)
{
    struct token text;
    struct template value = {0};
    if (parse_line(p, cursor, "the scope", &text) && template_read(p, text, 0, ESCAPE_RAW, &value))
        add_field(p, SPAN("scope"), &value);
}

/* -- jwt-rs256 -- */

static void read_life(struct parser *p, struct script_cursor *cursor)
{
    static const struct keyword units[] = {{"minute", 60}, {"minutes", 60}};
    int count, unit;
    if (parse_number(p, cursor, "the life of a token", 1, LIFE_MAX_MINUTES, &count) &&
        parse_keyword(p, cursor, units, COUNT(units), "unit of time", &unit))
        p->c->send.auth.life_s = count * unit;
}

/* Without it OpenSSL would ask at the terminal for the passphrase of an encrypted key. */
static int no_passphrase(char *to, int size, int writing, void *ctx)
{
    (void)to, (void)size, (void)writing, (void)ctx;
    return -1;
}

/* RFC 7518, section 3.3: 2048 bits or more. NULL: it is no such key. */
static EVP_PKEY *private_key(struct span pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.len);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    BIO_free(bio);
    if (key && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= RSA_BITS_MIN)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

static void read_key(struct parser *p, struct script_cursor *cursor)
{
    struct token word;
    if (!take_word(p, cursor, "the name of a secret", &word))
        return;
    struct span pem = parse_secret(p, word);
    if (pem.p && !(p->c->send.auth.key = private_key(pem)))
        diag_error(
            p->diags, "E04", word.at, word.source,
            "the secret \"%.*s\" is not an RSA private key of at least 2048 bits, in PEM form without a passphrase",
            SPAN_ARG(word.text));
}

/* -- the tables -- */

enum { CLIENT = 1, IN_FORM = 2, FIELD = 4, SCOPE = 8, CLAIM = 16, LIFE = 32 };

static const struct parameter {
    const char *word;
    unsigned bit;
    void (*read)(struct parser *p, struct script_cursor *cursor);
} parameters[] = {
    {"client", CLIENT, read_client}, {"in-form", IN_FORM, read_in_form}, {"field", FIELD, read_field},
    {"scope", SCOPE, read_scope},    {"claim", CLAIM, read_field},       {"life", LIFE, read_life},
};
enum { REPEATED = FIELD | CLAIM };

static void begin_basic(struct parser *p, struct script_cursor *cursor)
{
    struct auth *auth = &p->c->send.auth;
    if (read_value(p, cursor, "the user", &auth->user))
        read_value(p, cursor, "the password", &auth->password);
}

static void begin_oauth2(struct parser *p, struct script_cursor *cursor)
{
    struct token url;
    if (take_word(p, cursor, "the address where tokens are asked for", &url))
        template_read_url(p, url, 0, url_host_end(url.text), &p->c->send.auth.url);
}

static void begin_jwt(struct parser *p, struct script_cursor *cursor)
{
    p->c->send.auth.life_s = LIFE_DEFAULT_S;
    read_key(p, cursor);
}

static const struct kind {
    const char *word;
    enum auth_kind kind;
    unsigned takes, needs;
    void (*begin)(struct parser *p, struct script_cursor *cursor);
} kinds[] = {
    {"basic", AUTH_BASIC, 0, 0, begin_basic},
    {"oauth2", AUTH_OAUTH2, CLIENT | IN_FORM | FIELD | SCOPE, CLIENT, begin_oauth2},
    {"jwt-rs256", AUTH_JWT, CLAIM | LIFE, 0, begin_jwt},
};

static void unknown_parameter(struct parser *p, const struct kind *kind, struct token word)
{
    struct suggest s = suggest_start(word.text);
    for (size_t i = 0; i < COUNT(parameters); i++)
        if (parameters[i].bit & kind->takes)
            suggest_try(&s, span_of(parameters[i].word));
    struct span best = suggest_best(&s);
    diag_error(p->diags, "E02", word.at, word.source, "%s has no \"%.*s\"%s%.*s%s", kind->word, SPAN_ARG(word.text),
               best.len ? "\ndid you mean \"" : "", SPAN_ARG(best), best.len ? "\"?" : "");
}

static const struct parameter *find_parameter(struct parser *p, const struct kind *kind, struct token word)
{
    for (size_t i = 0; i < COUNT(parameters); i++)
        if (parameters[i].bit & kind->takes && span_is(word.text, parameters[i].word))
            return &parameters[i];
    unknown_parameter(p, kind, word);
    return NULL;
}

static void read_parameters(struct parser *p, struct script_cursor *cursor, const struct kind *kind)
{
    size_t before = diags_errors(p->diags);
    unsigned said = 0;
    struct token word;
    while (diags_errors(p->diags) == before && p->err == 0 && script_word(cursor, &word)) {
        const struct parameter *parameter = find_parameter(p, kind, word);
        if (!parameter)
            return;
        if (said & parameter->bit & ~(unsigned)REPEATED)
            diag_error(p->diags, "E03", word.at, word.source, "\"%s\" is said twice", parameter->word);
        said |= parameter->bit;
        parameter->read(p, cursor);
    }
    if (diags_errors(p->diags) == before && kind->needs & ~said)
        diag_error(p->diags, "E01", p->statement->at, p->statement->source,
                   "%s needs the client's id and secret\nsay: client $ID $SECRET", kind->word);
}

void parse_send_auth(struct parser *p, struct script_cursor *cursor)
{
    struct keyword words[COUNT(kinds)];
    size_t before = diags_errors(p->diags);
    int index;
    for (size_t i = 0; i < COUNT(kinds); i++)
        words[i] = (struct keyword){kinds[i].word, (int)i};
    if (!parse_keyword(p, cursor, words, COUNT(kinds), "way to prove ourselves", &index))
        return;
    p->c->send.auth.kind = kinds[index].kind;
    kinds[index].begin(p, cursor);
    if (diags_errors(p->diags) == before && kinds[index].takes)
        read_parameters(p, cursor, &kinds[index]);
}

void auth_free(struct channel *c)
{
    EVP_PKEY_free(c->send.auth.key);
}

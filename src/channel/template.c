// SPDX-License-Identifier: AGPL-3.0-or-later
/* Texts with placeholders: {text}, {text:json}, {text:xml}, {text:form}, $secret and {$secret:json}.
 *
 * They are cut up once, when the file is read, and written in a single pass, so that a "{to}" in what a person typed
 * stays what it is. A "{" that begins no placeholder stands for itself, so that JSON can be written plainly. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "base/utf8.h"
#include "script/suggest.h"
#include "text/gsm7.h"
#include "wire/json.h"

enum { TEMPLATE_MAX = 256 * 1024 }; // bytes written

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct value_row {
    const char *word;
    enum value value;
    unsigned where;
} value_rows[] = {
    {"text", VALUE_TEXT, IN_REPLY | IN_SEND | IN_SERVED},
    {"to", VALUE_TO, IN_REPLY | IN_SEND | IN_SEND_HEADER | IN_SERVED},
    {"from", VALUE_FROM, IN_REPLY | IN_REPLY_HEADER},
    {"session", VALUE_SESSION, IN_REPLY},
    {"event", VALUE_EVENT, IN_REPLY},
    {"key", VALUE_KEY, IN_SEND | IN_SEND_HEADER | IN_SERVED},
    {"callback", VALUE_CALLBACK, IN_SEND},
    {"items", VALUE_ITEMS, IN_SERVE},
};

static const struct escape_row {
    const char *word;
    enum escape escape;
} escape_rows[] = {{"json", ESCAPE_JSON},           {"number", ESCAPE_NUMBER}, {"xml", ESCAPE_XML},
                   {"xml-lines", ESCAPE_XML_LINES}, {"form", ESCAPE_FORM},     {"utf-16be-hex", ESCAPE_UTF16_HEX},
                   {"gsm-hex", ESCAPE_GSM_HEX}};

/* -- reading -- */

/* A template while it is read. */
struct cutter {
    struct parser *p;
    struct token text;
    size_t at; // bytes read
    unsigned where;
    enum escape fallback;
    size_t raw; // bytes at the front in which placeholders are not escaped: the host of an address
    struct template *out;
};

static bool add_piece(struct cutter *t, struct piece piece)
{
    struct piece *list = parse_grow(t->p, t->out->pieces, t->out->count, sizeof *list);
    if (!list)
        return false;
    list[t->out->count++] = piece;
    t->out->pieces = list;
    return true;
}

/* A token for a part of the template, for messages. */
static struct token part_of(const struct cutter *t, size_t at, size_t len)
{
    const struct statement *st = t->p->statement;
    struct token part = {.text = span_first(span_from(t->text.text, at), len)};
    part.at = script_place(st, (size_t)(part.text.p - st->text.p), &part.source);
    return part;
}

static bool small_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static size_t word_len(struct span s)
{
    size_t n = 0;
    while (n < s.len &&
           (small_letter(s.p[n]) || (n && (s.p[n] == '-' || s.p[n] == '_' || (s.p[n] >= '0' && s.p[n] <= '9')))))
        n++;
    return n;
}

/* Bytes of "{name}", "{name:escape}" or "{$secret:escape}" at the front of `s`, 0 where it is none. */
static size_t placeholder_len(struct span s, struct span *name, struct span *escape)
{
    size_t dollar = s.len > 1 && s.p[1] == '$';
    size_t len = word_len(span_from(s, 1 + dollar));
    if (!len)
        return 0;
    *name = span_first(span_from(s, 1), dollar + len);
    *escape = (struct span){0};
    size_t end = 1 + dollar + len;
    if (end < s.len && s.p[end] == ':') {
        *escape = span_first(span_from(s, end + 1), word_len(span_from(s, end + 1)));
        end += 1 + escape->len;
    }
    return end < s.len && s.p[end] == '}' ? end + 1 : 0;
}

/* What is not in that alphabet could only be written as something else. */
static bool escape_fits(struct cutter *t, enum escape escape, struct span word)
{
    if (escape != ESCAPE_GSM_HEX || t->where & IN_GSM)
        return true;
    struct token at = part_of(t, (size_t)(word.p - t->text.text.p), word.len);
    diag_error(t->p->diags, "E04", at.at, at.source,
               "this writes texts in GSM-7 alone\nsay so behind the value: {text:gsm-hex} when gsm");
    return false;
}

static bool find_escape(struct cutter *t, struct span name, struct span word, enum escape *escape)
{
    bool raw = (size_t)(name.p - t->text.text.p) < t->raw;
    *escape = raw ? ESCAPE_RAW : t->fallback;
    if (!word.p)
        return true;
    struct suggest s = suggest_start(word);
    for (size_t i = 0; i < COUNT(escape_rows); i++) {
        suggest_try(&s, span_of(escape_rows[i].word));
        if (span_is(word, escape_rows[i].word)) {
            *escape = escape_rows[i].escape;
            return escape_fits(t, *escape, word);
        }
    }
    struct token at = part_of(t, (size_t)(word.p - t->text.text.p), word.len);
    struct span best = suggest_best(&s);
    diag_error(t->p->diags, "E02", at.at, at.source, "no such way to write a value: \"%.*s\"\n%s%.*s", SPAN_ARG(word),
               best.len ? "did you mean " : "one of: json, number, xml, xml-lines, form, utf-16be-hex, gsm-hex",
               SPAN_ARG(best));
    return false;
}

static bool add_secret(struct cutter *t, struct span name, enum escape escape)
{
    struct token at = part_of(t, (size_t)(name.p - t->text.text.p), name.len);
    struct span secret = parse_secret(t->p, at);
    t->out->missing = t->out->missing || !secret.p;
    return add_piece(t, (struct piece){.value = VALUE_LITERAL, .escape = escape, .literal = secret});
}

/* The value that a `keep` above gave this name; 0: none. */
static int kept_value(const struct cutter *t, struct span name)
{
    const struct channel *c = t->p->c;
    for (size_t i = 0; i < c->kept_count && (t->where & (IN_REPLY | IN_SERVE)); i++)
        if (span_eq(c->kept[i].name, name))
            return VALUE_KEPT + (int)i;
    return 0;
}

/* {callback} needs the address that the aggregator reaches us at. */
static bool value_missing(const struct cutter *t, enum value value)
{
    return value == VALUE_CALLBACK && !t->p->c->settings->public_url.len;
}

static void unknown_value(const struct cutter *t, struct span name, struct token at)
{
    struct str all = STR_INIT(1024);
    for (size_t i = 0; i < COUNT(value_rows); i++)
        if (value_rows[i].where & t->where)
            str_addf(&all, "%s{%s}", all.len ? ", " : "", value_rows[i].word);
    diag_error(t->p->diags, "E02", at.at, at.source, "no such placeholder {%.*s}\nhere may stand: %s", SPAN_ARG(name),
               all.len ? str_z(&all) : "none, but $NAME for a secret");
    str_release(&all);
}

static bool add_value(struct cutter *t, struct span name, enum escape escape)
{
    int kept = kept_value(t, name);
    if (kept)
        return add_piece(t, (struct piece){.value = kept, .escape = escape});
    struct token at = part_of(t, (size_t)(name.p - t->text.text.p), name.len);
    struct suggest s = suggest_start(name);
    for (size_t i = 0; i < COUNT(value_rows); i++) {
        const struct value_row *row = &value_rows[i];
        bool allowed = row->where & t->where;
        if (allowed && span_is(name, row->word)) {
            t->out->missing = t->out->missing || value_missing(t, row->value);
            return add_piece(t, (struct piece){.value = (int)row->value, .escape = escape});
        }
        if (allowed)
            suggest_try(&s, span_of(row->word));
        else if (span_is(name, row->word)) {
            diag_error(t->p->diags, "E04", at.at, at.source, "{%s} may not stand here", row->word);
            return false;
        }
    }
    struct span best = suggest_best(&s);
    if (best.len)
        diag_error(t->p->diags, "E02", at.at, at.source, "no such placeholder {%.*s}\ndid you mean {%.*s}?",
                   SPAN_ARG(name), SPAN_ARG(best));
    else
        unknown_value(t, name, at);
    return false;
}

/* A secret in a reply would go to whoever asks. */
static bool add_placeholder(struct cutter *t, struct span name, struct span escape_word)
{
    enum escape escape;
    if (!find_escape(t, name, escape_word, &escape))
        return false;
    if (name.p[0] != '$')
        return add_value(t, name, escape);
    if (!(t->where & IN_ANSWER))
        return add_secret(t, name, escape);
    struct token at = part_of(t, (size_t)(name.p - t->text.text.p), name.len);
    diag_error(t->p->diags, "E04", at.at, at.source, "a secret may not stand in a reply");
    return false;
}

/* Bytes of a placeholder or secret at t->at, 0 where there is none. */
static size_t special_len(const struct cutter *t, struct span *name, struct span *escape)
{
    struct span left = span_from(t->text.text, t->at);
    *escape = (struct span){0};
    if (left.p[0] == '{')
        return placeholder_len(left, name, escape);
    size_t len = left.p[0] == '$' && !(t->where & IN_ANSWER) ? word_len(span_from(left, 1)) : 0;
    *name = span_first(left, len + 1);
    return len ? len + 1 : 0;
}

/* What stands up to the next placeholder. */
static bool cut_literal(struct cutter *t)
{
    struct span name, escape;
    size_t from = t->at;
    do
        t->at++;
    while (t->at < t->text.text.len && !special_len(t, &name, &escape));
    struct span literal = span_first(span_from(t->text.text, from), t->at - from);
    return add_piece(t, (struct piece){.value = VALUE_LITERAL, .literal = literal});
}

static bool cut(struct cutter *t)
{
    bool fine = true;
    *t->out = (struct template){.token = t->text};
    while (t->at < t->text.text.len && t->p->err == 0) {
        struct span name, escape;
        size_t len = special_len(t, &name, &escape);
        t->at += len;
        fine = (len ? add_placeholder(t, name, escape) : cut_literal(t)) && fine;
    }
    return fine && t->p->err == 0;
}

bool template_read(struct parser *p, struct token text, unsigned where, enum escape fallback, struct template *out)
{
    return cut(&(struct cutter){.p = p, .text = text, .where = where, .fallback = fallback, .out = out});
}

bool template_read_url(struct parser *p, struct token url, unsigned where, size_t host_end, struct template *out)
{
    return cut(
        &(struct cutter){.p = p, .text = url, .where = where, .fallback = ESCAPE_FORM, .raw = host_end, .out = out});
}

/* -- writing -- */

/* XML 1.0, section 2.2: control characters other than tab and line ends cannot be said at all. */
static void add_xml(struct str *out, struct span text)
{
    static const char *const names[128] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&apos;"};
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 128 && names[c])
            str_addz(out, names[c]);
        else
            str_addc(out, c < ' ' && c != '\n' && c != '\t' ? ' ' : text.p[i]);
    }
}

/* Line ends as elements, for menus that are pages. */
static void add_xml_lines(struct str *out, struct span text)
{
    struct span line;
    for (bool first = true; span_split(&text, '\n', &line); first = false) {
        if (!first)
            str_addz(out, "<br/>");
        add_xml(out, line);
    }
}

static int add_form(struct str *out, struct span text, struct arena *a)
{
    struct span encoded = wire_percent_encode(text, a);
    str_add(out, encoded);
    return encoded.p ? 0 : ERR_NOMEM;
}

/* RFC 8259, section 6: a whole number without zeros in front. */
static bool is_json_number(struct span text)
{
    int64_t number;
    struct span digits = span_from(text, span_starts(text, SPAN("-")));
    bool zeros = digits.len > 1 && digits.p[0] == '0';
    return !zeros && digits.len && digits.p[0] >= '0' && digits.p[0] <= '9' && span_int(text, &number) == 0;
}

/* A number, true or false as they stand; whatever else was sent goes back as a text, and nothing as null. */
static void add_number(struct str *out, struct span text)
{
    if (!text.len)
        str_addz(out, "null");
    else if (span_is(text, "true") || span_is(text, "false") || is_json_number(text))
        str_add(out, text);
    else
        json_quote(out, text);
}

/* Big-endian UTF-16 in hexadecimal, as SMPP's UCS-2 goes over HTTP. */
static void add_utf16_hex(struct str *out, struct span text)
{
    while (text.len) {
        uint32_t cp = (uint32_t)utf8_next(&text);
        if (cp > 0x10FFFF)
            cp = 0xFFFD;
        if (cp > 0xFFFF)
            str_addf(out, "%04X%04X", 0xD800 + ((cp - 0x10000) >> 10), 0xDC00 + ((cp - 0x10000) & 0x3FF));
        else
            str_addf(out, "%04X", cp);
    }
}

/* The septets, one a byte, as SMPP's default alphabet goes over HTTP: written as bytes, and spread from the end. */
static void add_gsm_hex(struct str *out, struct span text)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t start = out->len;
    gsm7_encode(text, out);
    size_t count = out->len - start;
    char *end = str_extend(out, count), *bytes = end - (end ? count : 0);
    for (size_t i = end ? count : 0; i-- > 0;) {
        unsigned char septet = (unsigned char)bytes[i];
        bytes[2 * i] = digits[septet >> 4];
        bytes[2 * i + 1] = digits[septet & 15];
    }
}

static int add_escaped(struct str *out, enum escape escape, struct span text, struct arena *a)
{
    static void (*const adders[])(struct str *, struct span) = {[ESCAPE_RAW] = str_add,
                                                                [ESCAPE_JSON] = json_quote,
                                                                [ESCAPE_NUMBER] = add_number,
                                                                [ESCAPE_XML] = add_xml,
                                                                [ESCAPE_XML_LINES] = add_xml_lines,
                                                                [ESCAPE_FORM] = NULL,
                                                                [ESCAPE_UTF16_HEX] = add_utf16_hex,
                                                                [ESCAPE_GSM_HEX] = add_gsm_hex};
    if (!adders[escape])
        return add_form(out, text, a);
    adders[escape](out, text);
    return 0;
}

int template_write(const struct template *t, const struct span *values, struct arena *a, struct str *out)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct piece *piece = &t->pieces[i];
        struct span text = piece->value == VALUE_LITERAL ? piece->literal : values[piece->value];
        int rc = add_escaped(out, piece->escape, text, a);
        if (rc < 0)
            return rc;
    }
    return str_err(out);
}

int template_render(const struct template *t, const struct span *values, struct arena *a, struct span *out)
{
    struct str text = STR_INIT(TEMPLATE_MAX);
    int rc = template_write(t, values, a, &text);
    if (rc == 0)
        *out = arena_copy(a, str_span(&text));
    str_release(&text);
    return rc < 0 || out->p ? rc : ERR_NOMEM;
}

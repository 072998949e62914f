// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/guard.h"

#include "server/server.h"

static size_t named(const struct wire_field *headers, size_t count, struct span name)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += span_eq_nocase(headers[i].name, name);
    return n;
}

static bool too_many(const struct wire_field *headers, size_t count)
{
    (void)headers;
    return count > SERVER_HEADERS_MAX;
}

/* RFC 9110, section 5.6.2: tchar. */
static bool is_token(struct span s)
{
    static const char others[] = "!#$%&'*+.^_`|~";
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        if (!letter && (c == '\0' || !strchr(others, c)))
            return false;
    }
    return s.len > 0;
}

/* RFC 9112, section 5.1: no white space between a name and its colon. */
static bool name_no_token(const struct wire_field *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_token(headers[i].name))
            return true;
    return false;
}

/* No aggregator sends chunks; a body's length is known or there is none. */
static bool encoded(const struct wire_field *headers, size_t count)
{
    return named(headers, count, SPAN("transfer-encoding")) > 0;
}

static bool lengths(const struct wire_field *headers, size_t count)
{
    return named(headers, count, SPAN("content-length")) > 1;
}

/* RFC 9110, section 8.6: digits alone. */
static bool length_no_number(const struct wire_field *headers, size_t count)
{
    struct span s = wire_header(headers, count, "content-length");
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return true;
    return s.p && !s.len;
}

static bool too_long(const struct wire_field *headers, size_t count)
{
    struct span s = wire_header(headers, count, "content-length");
    int64_t n = 0;
    return s.len && (span_int(s, &n) || n > SERVER_BODY_MAX);
}

static const struct check {
    bool (*refuses)(const struct wire_field *headers, size_t count);
    struct refusal refusal;
} CHECKS[] = {
    {too_many, {431, "too many headers"}},
    {name_no_token, {400, "a header's name is malformed"}},
    {encoded, {400, "transfer encodings are not taken here"}},
    {lengths, {400, "more than one content-length"}},
    {length_no_number, {400, "content-length is not a number"}},
    {too_long, {413, "the body is too large"}},
};

const struct refusal *guard_head(const struct wire_field *headers, size_t count)
{
    for (size_t i = 0; i < sizeof CHECKS / sizeof *CHECKS; i++)
        if (CHECKS[i].refuses(headers, count))
            return &CHECKS[i].refusal;
    return NULL;
}

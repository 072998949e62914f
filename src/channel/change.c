// SPDX-License-Identifier: AGPL-3.0-or-later
/* What is done to the bytes of a value before they are read: a closed table. A row takes bytes and gives bytes. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "base/utf8.h"
#include "text/gsm7.h"

#include <string.h>

enum { CHANGED_MAX = 4 * CHANNEL_BODY_MAX }; // bytes of a value once it is UTF-8

/* -- letters -- */

static int change_trim(struct span in, struct str *out)
{
    str_add(out, span_trim(in));
    return 0;
}

/* ASCII only: words of protocols, not people's text. */
static void add_cased(struct str *out, struct span in, char first, char last, int distance)
{
    for (size_t i = 0; i < in.len; i++)
        str_addc(out, in.p[i] >= first && in.p[i] <= last ? (char)(in.p[i] + distance) : in.p[i]);
}

static int change_lower(struct span in, struct str *out)
{
    add_cased(out, in, 'A', 'Z', 'a' - 'A');
    return 0;
}

static int change_upper(struct span in, struct str *out)
{
    add_cased(out, in, 'a', 'z', 'A' - 'a');
    return 0;
}

static int change_plus(struct span in, struct str *out)
{
    if (in.len && in.p[0] != '+')
        str_addc(out, '+');
    str_add(out, in);
    return 0;
}

static int change_no_plus(struct span in, struct str *out)
{
    str_add(out, span_from(in, span_starts(in, SPAN("+"))));
    return 0;
}

/* The international prefix of most countries. */
static int change_zeros(struct span in, struct str *out)
{
    bool zeros = span_starts(in, SPAN("00"));
    if (zeros)
        str_addc(out, '+');
    str_add(out, span_from(in, zeros ? 2 : 0));
    return 0;
}

/* "*384*1#" is "384*1". */
static int change_code(struct span in, struct str *out)
{
    in = span_from(in, span_starts(in, SPAN("*")));
    str_add(out, span_first(in, in.len && in.p[in.len - 1] == '#' ? in.len - 1 : in.len));
    return 0;
}

/* -- bytes written as letters -- */

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static int change_percent(struct span in, struct str *out)
{
    while (in.len) {
        bool escaped = in.p[0] == '%' && in.len > 2 && hex_digit(in.p[1]) >= 0 && hex_digit(in.p[2]) >= 0;
        str_addc(out, escaped ? (char)(hex_digit(in.p[1]) << 4 | hex_digit(in.p[2])) : in.p[0] == '+' ? ' ' : in.p[0]);
        in = span_from(in, escaped ? 3 : 1);
    }
    return 0;
}

static int change_hex(struct span in, struct str *out)
{
    for (size_t i = 0; i + 1 < in.len; i += 2) {
        int high = hex_digit(in.p[i]), low = hex_digit(in.p[i + 1]);
        if (high < 0 || low < 0)
            return ERR_SYNTAX;
        str_addc(out, (char)(high << 4 | low));
    }
    return in.len % 2 ? ERR_SYNTAX : 0;
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* RFC 4648, section 4; padding may be left out. */
static int change_base64(struct span in, struct str *out)
{
    unsigned bits = 0, value = 0;
    while (in.len && in.p[in.len - 1] == '=')
        in.len--;
    for (size_t i = 0; i < in.len; i++) {
        int digit = base64_digit(in.p[i]);
        if (digit < 0)
            return ERR_SYNTAX;
        value = value << 6 | (unsigned)digit;
        bits += 6;
        if (bits >= 8)
            str_addc(out, (char)(value >> (bits -= 8) & 0xFF));
    }
    return in.len % 4 == 1 ? ERR_SYNTAX : 0;
}

/* -- charsets -- */

/* Each letter up to U+00FF is the byte of its number. */
static int change_letters(struct span in, struct str *out)
{
    while (in.len) {
        int32_t cp = utf8_next(&in);
        if (cp < 0 || cp > 0xFF)
            return ERR_SYNTAX;
        str_addc(out, (char)cp);
    }
    return 0;
}

static unsigned unit_at(struct span in, size_t i)
{
    return (unsigned)(unsigned char)in.p[i] << 8 | (unsigned char)in.p[i + 1];
}

/* RFC 2781, section 2.2. */
static int change_utf16be(struct span in, struct str *out)
{
    if (in.len % 2)
        return ERR_SYNTAX;
    for (size_t i = 0; i < in.len; i += 2) {
        unsigned unit = unit_at(in, i);
        if (unit >= 0xD800 && unit < 0xDC00 && i + 4 <= in.len && (unit_at(in, i + 2) & 0xFC00) == 0xDC00) {
            utf8_put(out, (int32_t)(0x10000 + ((unit & 0x3FF) << 10 | (unit_at(in, i + 2) & 0x3FF))));
            i += 2;
        } else {
            utf8_put(out, (unit & 0xF800) == 0xD800 ? 0xFFFD : (int32_t)unit); // half of a pair says nothing
        }
    }
    return 0;
}

static int change_latin1(struct span in, struct str *out)
{
    for (size_t i = 0; i < in.len; i++)
        utf8_put(out, (unsigned char)in.p[i]);
    return 0;
}

static int change_windows1252(struct span in, struct str *out)
{
    static const uint16_t high[32] = {// 0x80-0x9F; those that nobody assigned are the control characters of ISO-8859-1
                                      0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                      0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                      0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                      0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    for (size_t i = 0; i < in.len; i++) {
        unsigned char c = (unsigned char)in.p[i];
        utf8_put(out, c >= 0x80 && c < 0xA0 ? high[c - 0x80] : c);
    }
    return 0;
}

static int change_gsm(struct span in, struct str *out)
{
    for (size_t i = 0; i < in.len; i++)
        if ((unsigned char)in.p[i] > 0x7F)
            return ERR_SYNTAX;
    gsm7_decode(in, out);
    return 0;
}

static int (*const changers[CHANGE_COUNT])(struct span in, struct str *out) = {
    change_trim,    change_lower,   change_upper,   change_plus,        change_no_plus,
    change_zeros,   change_code,    change_percent, change_hex,         change_base64,
    change_letters, change_utf16be, change_latin1,  change_windows1252, change_gsm};

const struct keyword change_words[CHANGE_COUNT] = {
    {"trim", 0},     {"lower", 1},     {"upper", 2},    {"plus", 3},          {"no-plus", 4},
    {"zeros", 5},    {"code", 6},      {"percent", 7},  {"hex", 8},           {"base64", 9},
    {"letters", 10}, {"utf-16be", 11}, {"latin-1", 12}, {"windows-1252", 13}, {"gsm", 14}};

static int change_run(unsigned which, struct span value, struct arena *a, struct span *out)
{
    struct str changed = STR_INIT(CHANGED_MAX);
    int rc = changers[which](value, &changed);
    if (rc == 0)
        rc = str_err(&changed) == ERR_LIMIT ? ERR_SYNTAX : str_err(&changed);
    if (rc == 0)
        *out = arena_copy(a, str_span(&changed));
    str_release(&changed);
    return rc < 0 || out->p ? rc : ERR_NOMEM;
}

int changes_run(const struct changes *changes, struct span value, struct arena *a, struct span *out)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < changes->count; i++)
        rc = change_run(changes->list[i], value, a, &value);
    *out = value;
    return rc;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* plain - settings of one value: texts, numbers, paths, addresses. */
#include "base/err.h"
#include "config/reader.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/stat.h>

#define ZONES "/usr/share/zoneinfo/"
enum { ZONE_PATH_MAX = 256, PORT_MAX = 65535, BACKUP_KEY_DIGITS = 64 + 8 /* and a checksum */ };

static void *member(struct config_reader *r, const struct config_row *row)
{
    return (char *)r->out + row->offset;
}

static int store(struct config_reader *r, const struct config_row *row, struct span text)
{
    *(struct span *)member(r, row) = text;
    return text.p ? 0 : ERR_NOMEM;
}

static void outside(struct config_reader *r, const struct token *t, const char *message, const char *hint)
{
    diag_error(r->d, "E04", t->at, t->source, "\"%.*s\" %s\n%s", SPAN_ARG(t->text), message, hint);
}

int config_read_text(struct config_reader *r, const struct config_row *row)
{
    struct token text;
    return config_rest(r, &text) ? store(r, row, text.text) : 0;
}

int config_read_name(struct config_reader *r, const struct config_row *row)
{
    struct token name;
    if (!config_name(r, &name))
        return 0;
    config_end(r);
    return store(r, row, name.text);
}

/* A number within the row's limits; false after telling why not. */
static bool number(struct config_reader *r, const struct config_row *row, int64_t *value)
{
    struct token word;
    if (!config_word(r, &word))
        return false;
    int rc = span_int(word.text, value);
    if (rc == ERR_SYNTAX)
        diag_error(r->d, "E01", word.at, word.source, "\"%.*s\" is not a number\nwrite: %s", SPAN_ARG(word.text),
                   row->help.form);
    else if (rc < 0 || *value < row->min || *value > row->max)
        diag_error(r->d, "E04", word.at, word.source, "%.*s is outside the limits\nfrom %d to %d", SPAN_ARG(word.text),
                   row->min, row->max);
    else
        return true;
    return false;
}

/* A number and its unit, `one` or `many` of them. */
static bool amount(struct config_reader *r, const struct config_row *row, const char *one, const char *many,
                   int64_t *value)
{
    if (!number(r, row, value))
        return false;
    struct token unit;
    if (!config_word(r, &unit))
        return false;
    if (!span_is(unit.text, many) && !span_is(unit.text, one)) {
        struct suggest s = suggest_start(unit.text);
        suggest_try(&s, span_of(many));
        config_unknown(r, &unit, "unit", &s, row->help.form);
        return false;
    }
    config_end(r);
    return true;
}

static bool minutes(struct config_reader *r, const struct config_row *row, int64_t *value)
{
    return amount(r, row, "minute", "minutes", value);
}

int config_read_number(struct config_reader *r, const struct config_row *row)
{
    int64_t value;
    if (!number(r, row, &value))
        return 0;
    config_end(r);
    *(int *)member(r, row) = (int)value;
    return 0;
}

int config_read_yes(struct config_reader *r, const struct config_row *row)
{
    struct token word;
    if (!config_word(r, &word))
        return 0;
    bool yes = span_is(word.text, "yes");
    if (!yes && !span_is(word.text, "no"))
        outside(r, &word, "is neither yes nor no", row->help.form);
    config_end(r);
    *(bool *)member(r, row) = yes;
    return 0;
}

int config_read_minutes(struct config_reader *r, const struct config_row *row)
{
    int64_t value;
    if (minutes(r, row, &value))
        *(int *)member(r, row) = (int)value;
    return 0;
}

int config_read_seconds(struct config_reader *r, const struct config_row *row)
{
    int64_t value;
    if (amount(r, row, "second", "seconds", &value))
        *(int *)member(r, row) = (int)value;
    return 0;
}

int config_read_hours_number(struct config_reader *r, const struct config_row *row)
{
    int64_t value;
    if (amount(r, row, "hour", "hours", &value))
        *(int *)member(r, row) = (int)value;
    return 0;
}

int config_read_days(struct config_reader *r, const struct config_row *row)
{
    int64_t value;
    if (amount(r, row, "day", "days", &value))
        *(int *)member(r, row) = (int)value;
    return 0;
}

/* Texts promise what the program does, so the number is theirs too. */
int config_read_keep(struct config_reader *r, const struct config_row *row)
{
    int64_t days;
    if (!amount(r, row, "day", "days", &days))
        return 0;
    *(int *)member(r, row) = (int)days;
    struct span text = arena_printf(r->a, "%d", (int)days);
    return text.p ? config_add_value(r, SPAN("keep_days"), text) : ERR_NOMEM;
}

int config_read_session(struct config_reader *r, const struct config_row *row)
{
    int64_t value;
    if (minutes(r, row, &value))
        *(int64_t *)member(r, row) = value * 60;
    return 0;
}

/* Takes the last folder off; false where that folder has no name to take ("", ".", "..", "/"). */
static bool go_up(struct span *folder)
{
    size_t start = folder->len;
    while (start && folder->p[start - 1] != '/')
        start--;
    struct span last = span_from(*folder, start);
    if (!last.len || span_is(last, ".") || span_is(last, ".."))
        return false;
    *folder = span_first(*folder, start > 1 ? start - 1 : start);
    return true;
}

struct span config_path(struct config_reader *r, struct span path)
{
    if (span_starts(path, SPAN("/")))
        return arena_copy(r->a, path);
    struct span folder = span_of(r->folder);
    while (span_starts(path, SPAN("../")) && go_up(&folder))
        path = span_from(path, 3);
    if (!folder.len || span_is(folder, "."))
        return arena_copy(r->a, path);
    return arena_printf(r->a, "%.*s%s%.*s", SPAN_ARG(folder), span_is(folder, "/") ? "" : "/", SPAN_ARG(path));
}

bool config_path_is_whole(struct config_reader *r, const struct token *path)
{
    if (!span_starts(path->text, SPAN("~")))
        return true;
    outside(r, path, "is no path: \"~\" is known to shells alone",
            "write the whole of it, for example /srv/waymark/data");
    return false;
}

int config_read_path(struct config_reader *r, const struct config_row *row)
{
    struct token path;
    return config_rest(r, &path) && config_path_is_whole(r, &path) ? store(r, row, config_path(r, path.text)) : 0;
}

/* The data folder that nobody named lies where the program was started, not beside the configuration, which may be
 * read-only (/etc). */
int config_read_data(struct config_reader *r, const struct config_row *row)
{
    return r->fallback ? config_read_text(r, row) : config_read_path(r, row);
}

static bool is_port(struct span s)
{
    int64_t port;
    return s.len <= 5 && span_int(s, &port) == 0 && port >= 0 && port <= PORT_MAX;
}

/* An IPv4 address, or an IPv6 address in brackets. */
static bool is_host(struct span s)
{
    bool brackets = s.len > 2 && s.p[0] == '[' && s.p[s.len - 1] == ']';
    if (brackets)
        s = span_first(span_from(s, 1), s.len - 2);
    char text[INET6_ADDRSTRLEN];
    struct in6_addr ignored;
    if (s.len >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", SPAN_ARG(s));
    return inet_pton(brackets ? AF_INET6 : AF_INET, text, &ignored) == 1;
}

int config_read_address(struct config_reader *r, const struct config_row *row)
{
    struct token word;
    if (!config_word(r, &word))
        return 0;
    config_end(r);
    size_t colon = word.text.len;
    while (colon && word.text.p[colon - 1] != ':')
        colon--;
    if (colon && is_host(span_first(word.text, colon - 1)) && is_port(span_from(word.text, colon)))
        return store(r, row, word.text);
    outside(r, &word, "is not an address and port", "for example 127.0.0.1:8080 or [::1]:8080; the port is 0 to 65535");
    return 0;
}

/* IANA names start with a capital, unlike the other files of that folder; without "." there is no way out of it. */
static bool zone_is_spelt(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/", s.p[i]) || !s.p[i])
            return false;
    return s.len && s.p[0] >= 'A' && s.p[0] <= 'Z';
}

static bool zone_exists(struct span s)
{
    char path[ZONE_PATH_MAX];
    struct stat st;
    int len = snprintf(path, sizeof path, ZONES "%.*s", SPAN_ARG(s));
    return len > 0 && (size_t)len < sizeof path && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

int config_read_zone(struct config_reader *r, const struct config_row *row)
{
    struct token word;
    if (!config_word(r, &word))
        return 0;
    config_end(r);
    if (span_is(word.text, "UTC") || (zone_is_spelt(word.text) && zone_exists(word.text)))
        return store(r, row, word.text);
    outside(r, &word, "is no time zone of this system",
            "zones have names like Africa/Tunis or America/New_York; the folder " ZONES " has them all");
    return 0;
}

static bool is_address(struct span rest)
{
    if (!rest.len || rest.p[0] == '/' || rest.p[rest.len - 1] == '/')
        return false;
    for (size_t i = 0; i < rest.len; i++)
        if (rest.p[i] <= ' ' || rest.p[i] > '~' || strchr("?#@\"<>\\", rest.p[i]))
            return false;
    return true;
}

static bool is_https(struct span s)
{
    const struct span scheme = SPAN("https://");
    return span_starts(s, scheme) && is_address(span_from(s, scheme.len));
}

/* Without TLS only this machine itself reaches us, like a Kannel beside us. */
static bool is_loopback(struct span s)
{
    static const struct span ours[] = {SPAN("http://127.0.0.1"), SPAN("http://localhost"), SPAN("http://[::1]")};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        struct span more = span_from(s, ours[i].len);
        if (span_starts(s, ours[i]) && (!more.len || more.p[0] == ':' || more.p[0] == '/'))
            return is_address(span_from(s, strlen("http://")));
    }
    return false;
}

int config_read_https(struct config_reader *r, const struct config_row *row)
{
    struct token word;
    if (!config_word(r, &word))
        return 0;
    config_end(r);
    if (is_https(word.text))
        return store(r, row, word.text);
    outside(r, &word, "cannot be the public address", "https://, a host and perhaps a path, without \"/\" at the end");
    return 0;
}

/* Signatures are checked against it with "/hook/CHANNEL" behind it. */
static bool says_hook(struct span s)
{
    const struct span hook = SPAN("/hook");
    while (s.len > hook.len && !span_starts(s, SPAN("/hook/")))
        s = span_from(s, 1);
    return span_starts(s, hook);
}

int config_read_url(struct config_reader *r, const struct config_row *row)
{
    struct token word;
    if (!config_word(r, &word))
        return 0;
    config_end(r);
    if (says_hook(word.text))
        outside(r, &word, "goes too far",
                "the public address ends before \"/hook\", for example https://gw.example.org");
    else if (is_https(word.text) || is_loopback(word.text))
        return store(r, row, word.text);
    else
        outside(r, &word, "cannot be the public address",
                "https://, a host and perhaps a path, without \"/\" at the end; http:// only with 127.0.0.1");
    return 0;
}

/* Its form only: what its checksum says is found out where it is used. */
int config_read_backup_key(struct config_reader *r, const struct config_row *row)
{
    const struct span head = SPAN("wmpublic1-");
    struct token word;
    if (!config_word(r, &word))
        return 0;
    config_end(r);
    struct span digits = span_from(word.text, head.len);
    size_t hex = 0;
    while (hex < digits.len && digits.p[hex] && strchr("0123456789abcdef", digits.p[hex]))
        hex++;
    if (span_starts(word.text, head) && digits.len == BACKUP_KEY_DIGITS && hex == digits.len)
        return store(r, row, word.text);
    outside(r, &word, "is not the public half of an offline key",
            "copy the whole of what \"waymark key offline\" printed: wmpublic1- and 72 digits");
    return 0;
}

int config_read_country(struct config_reader *r, const struct config_row *row)
{
    struct token word;
    int64_t code;
    if (!config_word(r, &word))
        return 0;
    config_end(r);
    if (word.text.len <= 3 && span_int(word.text, &code) == 0 && code > 0 && word.text.p[0] != '0')
        return store(r, row, word.text);
    outside(r, &word, "is no calling code", "1 to 3 digits without \"+\", for example 216"); // ITU-T E.164, annex A
    return 0;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
#include "locale/pot.h"

/* GNU gettext manual, section 11.2.6, and Unicode CLDR 42 (languages of migration first). */
#define ONE    "nplurals=1; plural=0;"
#define NOT_1  "nplurals=2; plural=(n != 1);"
#define OVER_1 "nplurals=2; plural=(n > 1);"
#define SLAVIC "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
#define ARABIC "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
#define POLISH "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
#define ROMAN  "nplurals=3; plural=(n==1 ? 0 : n==0 || (n%100>0 && n%100<20) ? 1 : 2);"

static const struct {
    const char *language, *rule;
} rules[] = {
    {"en", NOT_1},  {"es", NOT_1},  {"fr", OVER_1}, {"pt", NOT_1},  {"pt_BR", OVER_1}, {"ht", NOT_1},  {"ar", ARABIC},
    {"am", OVER_1}, {"ti", OVER_1}, {"om", NOT_1},  {"so", NOT_1},  {"sw", NOT_1},     {"rw", NOT_1},  {"ln", OVER_1},
    {"ha", NOT_1},  {"ff", OVER_1}, {"wo", ONE},    {"bm", ONE},    {"yo", ONE},       {"ig", ONE},    {"mg", OVER_1},
    {"fa", OVER_1}, {"ps", NOT_1},  {"ur", NOT_1},  {"hi", OVER_1}, {"bn", OVER_1},    {"pa", OVER_1}, {"ne", NOT_1},
    {"ta", NOT_1},  {"ku", NOT_1},  {"ckb", NOT_1}, {"tr", NOT_1},  {"zh", ONE},       {"vi", ONE},    {"my", ONE},
    {"id", ONE},    {"ru", SLAVIC}, {"uk", SLAVIC}, {"sr", SLAVIC}, {"pl", POLISH},    {"ro", ROMAN},  {"de", NOT_1},
    {"it", NOT_1},  {"nl", NOT_1},  {"el", NOT_1},  {"sq", NOT_1},  {"ka", NOT_1},     {"qu", NOT_1},
};

struct span pot_plural_forms(struct span language)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (span_is(language, rules[i].language))
            return span_of(rules[i].rule);
    return (struct span){0};
}

/* ---- strings ---- */

static void put_quoted(struct str *out, struct span line, bool ends)
{
    static const struct {
        char c;
        const char *escaped;
    } escapes[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\t', "\\t"}, {'\r', "\\r"}};
    str_addc(out, '"');
    for (size_t i = 0; i < line.len; i++) {
        size_t k = 0;
        while (k < sizeof escapes / sizeof escapes[0] && escapes[k].c != line.p[i])
            k++;
        if (k < sizeof escapes / sizeof escapes[0])
            str_addz(out, escapes[k].escaped);
        else
            str_addc(out, line.p[i]);
    }
    str_addz(out, ends ? "\\n\"\n" : "\"\n");
}

/** A text of several lines starts with an empty string and has one string a line. */
static void put_string(struct str *out, const char *keyword, struct span text)
{
    bool several = span_find(text, '\n') < text.len;
    str_addf(out, "%s ", keyword);
    if (several || !text.len)
        str_addz(out, "\"\"\n");
    while (text.len) {
        size_t end = span_find(text, '\n');
        put_quoted(out, span_first(text, end), end < text.len);
        text = span_from(text, end + 1);
    }
}

/* ---- entries ---- */

void pot_entry(struct str *out, const struct pot_entry *e)
{
    struct span comment = e->comment, line;
    str_addc(out, '\n');
    while (comment.len && span_split(&comment, '\n', &line))
        str_addf(out, "#. %.*s\n", SPAN_ARG(line));
    for (size_t i = 0; i < e->reference_count; i++)
        str_addf(out, "#: %.*s:%d\n", SPAN_ARG(e->references[i].file), e->references[i].line);
    if (e->braces)
        str_addz(out, "#, perl-brace-format\n");
    put_string(out, "msgctxt", e->context);
    put_string(out, "msgid", e->id);
    if (e->plural.len)
        put_string(out, "msgid_plural", e->plural);
    str_addz(out, e->plural.len ? "msgstr[0] \"\"\nmsgstr[1] \"\"\n" : "msgstr \"\"\n");
}

static const char mime[] = "\"MIME-Version: 1.0\\n\"\n"
                           "\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
                           "\"Content-Transfer-Encoding: 8bit\\n\"\n";

void pot_head(struct str *out)
{
    str_addz(out, "# All texts, in the order in which people walk through them.\n"
                  "# Made by \"waymark messages\": change the menus, not this file.\n"
                  "msgid \"\"\nmsgstr \"\"\n\"Project-Id-Version: waymark\\n\"\n");
    str_addz(out, mime);
}

void pot_new(struct str *out, struct span language)
{
    struct span rule = pot_plural_forms(language);
    str_addf(out,
             "# Translation of Waymark's menus.\n"
             "# Once a qualified person has reviewed it, write their name behind X-Reviewed-By.\n"
             "msgid \"\"\nmsgstr \"\"\n\"Project-Id-Version: waymark\\n\"\n\"Language: %.*s\\n\"\n",
             SPAN_ARG(language));
    str_addz(out, mime);
    str_addf(out, "\"Plural-Forms: %s\\n\"\n\"X-Reviewed-By: \\n\"\n", rule.p ? rule.p : NOT_1);
}

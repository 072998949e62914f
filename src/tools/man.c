// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/man.h"

#include "channel/channel.h"
#include "config/config.h"
#include "tools/explain.h"
#include "tools/man_parts.h"

static const struct man_page pages[] = {
    {"waymark", "1", "an SMS and USSD information gateway", man_program},
    {"waymark.menu", "5", "what people read and answer", man_menu},
    {"waymark.conf", "5", "the settings", man_conf},
    {"waymark.channel", "5", "a line to an aggregator", man_channel},
    {"waymark.talk", "5", "a dialogue written down, to be run as a test", man_talk},
};

enum { PAGE_COUNT = sizeof pages / sizeof pages[0] };

const struct man_page *man_page(size_t index)
{
    return index < PAGE_COUNT ? &pages[index] : NULL;
}

/* Whether `name` is the page's, with or without "waymark." before it and its section behind it. */
static bool is_name_of(const struct man_page *page, struct span name)
{
    struct span prefix = SPAN("waymark."), own = span_of(page->name);
    if (span_starts(own, prefix) && !span_starts(name, prefix))
        own = span_from(own, prefix.len);
    if (!span_starts(name, own))
        return false;
    struct span rest = span_from(name, own.len);
    return !rest.len || (rest.p[0] == '.' && span_is(span_from(rest, 1), page->section));
}

const struct man_page *man_find(struct span name)
{
    for (size_t i = 0; i < PAGE_COUNT; i++)
        if (is_name_of(&pages[i], name))
            return &pages[i];
    return NULL;
}

/* ---- letters ---- */

/* What roff would read otherwise, by groff_char(7). */
static const struct {
    char letter;
    const char *roff;
} escapes[] = {{'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'^', "\\(ha"}, {'~', "\\(ti"}, {'"', "\\(dq"}};

static void put_letter(struct str *out, char c)
{
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++)
        if (escapes[i].letter == c) {
            str_addz(out, escapes[i].roff);
            return;
        }
    str_addc(out, c);
}

/* One line; a "." in front would begin a request. */
static void put_plain(struct str *out, struct span text)
{
    if (text.len && text.p[0] == '.')
        str_addz(out, "\\&");
    for (size_t i = 0; i < text.len; i++)
        put_letter(out, text.p[i]);
}

static void put_prose(struct str *out, const char *prose)
{
    struct span text = span_of(prose), piece;
    for (bool bold = false; text.len && span_split(&text, '`', &piece); bold = !bold) {
        str_addz(out, bold ? "\\fB" : "");
        put_plain(out, piece);
        str_addz(out, bold ? "\\fR" : "");
    }
    str_addc(out, '\n');
}

static void put_term(struct str *out, const char *term, const char *prose)
{
    str_addz(out, ".TP\n\\fB");
    put_plain(out, span_of(term));
    str_addz(out, "\\fR\n");
    put_prose(out, prose);
}

/* ---- blocks ---- */

static void put_head(struct str *out, const struct man_block *b, man_commands *commands)
{
    (void)commands;
    str_addf(out, ".SH %s\n", b->a);
}

static void put_text(struct str *out, const struct man_block *b, man_commands *commands)
{
    (void)commands;
    str_addz(out, ".PP\n");
    put_prose(out, b->a);
}

static void put_explained(struct str *out, const struct man_block *b, man_commands *commands)
{
    (void)commands;
    put_term(out, b->a, b->b);
}

static void put_example(struct str *out, const struct man_block *b, man_commands *commands)
{
    (void)commands;
    struct span text = span_of(b->a), line;
    str_addz(out, ".PP\n.RS 4\n.nf\n");
    while (text.len && span_split(&text, '\n', &line)) {
        put_plain(out, line);
        str_addc(out, '\n');
    }
    str_addz(out, ".fi\n.RE\n");
}

static void put_commands(struct str *out, const struct man_block *b, man_commands *commands)
{
    (void)b;
    struct man_command c;
    for (size_t i = 0; (c = commands(i)).name; i++)
        put_term(out, c.name, c.summary);
}

static void put_settings(struct str *out, const struct man_block *b, man_commands *commands)
{
    (void)b, (void)commands;
    const struct config_help *h;
    for (size_t i = 0; (h = config_help(i)); i++) {
        put_term(out, h->form, h->prose);
        if (*h->unit)
            str_addf(out, "In %s.\n", h->unit);
        if (*h->fallback) {
            str_addz(out, "Without it: ");
            put_plain(out, span_of(h->fallback));
            str_addz(out, ".\n");
        }
    }
}

static void put_statements(struct str *out, const struct man_block *b, man_commands *commands)
{
    (void)commands;
    struct channel_statement s;
    for (size_t i = 0; channel_statement(i, &s); i++) {
        const char *prose = man_channel_prose(span_of(s.word));
        if (b->a ? !s.in_turn : s.in_turn)
            put_term(out, s.form, prose ? prose : "");
    }
}

static void put_codes(struct str *out, const struct man_block *b, man_commands *commands)
{
    (void)b, (void)commands;
    const struct explain_page *page;
    for (size_t i = 0; (page = explain_page(i)); i++)
        put_term(out, page->code, page->title);
}

static void (*const block_writers[])(struct str *out, const struct man_block *b, man_commands *commands) = {
    [MAN_HEAD] = put_head,
    [MAN_TEXT] = put_text,
    [MAN_TERM] = put_explained,
    [MAN_EXAMPLE] = put_example,
    [MAN_COMMANDS] = put_commands,
    [MAN_SETTINGS] = put_settings,
    [MAN_STATEMENTS] = put_statements,
    [MAN_CODES] = put_codes,
};

void man_text(const struct man_page *page, man_commands *commands, struct str *out)
{
    str_addf(out, ".TH %s %s \"\" \"Waymark " WAYMARK_VERSION "\"\n.SH NAME\n%s \\- %s\n", page->name, page->section,
             page->name, page->summary);
    for (const struct man_block *b = page->blocks; b->kind != MAN_END; b++)
        block_writers[b->kind](out, b, commands);
}

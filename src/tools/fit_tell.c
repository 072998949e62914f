// SPDX-License-Identifier: AGPL-3.0-or-later
/* fit_tell - what does not fit, in words, at its place: the statement in the menu, or the translation in its PO file.
 */
#include "tools/fit_parts.h"

#include "base/utf8.h"
#include "text/fold.h"
#include "text/gsm7.h"

#include <stdio.h>
#include <string.h>

enum { TELL_MAX = 4096, SLIPS_MOST = 3 /* letters; more are how the language is written */ };

/* ---- places ---- */

static const struct menu_source *source_named(const struct program *p, struct span name)
{
    for (size_t i = 0; i < p->source_count; i++)
        if (span_eq(p->sources[i].name, name))
            return &p->sources[i];
    return NULL;
}

/** The menu file that a place names; a bundle's names are relative to the menus' folder. */
static const struct menu_source *source_at(const struct program *p, struct place at)
{
    struct span file = span_of(at.file);
    for (size_t i = 0; i < p->source_count; i++) {
        struct span name = p->sources[i].name;
        if (name.len <= file.len && span_eq(span_from(file, file.len - name.len), name))
            return &p->sources[i];
    }
    return NULL;
}

/** Line `number` of some bytes, counted from 1; empty past the end. */
static struct span line_of(struct span bytes, int number)
{
    struct span line = {0};
    for (int i = 0; i < number; i++)
        if (!span_split(&bytes, '\n', &line))
            return (struct span){0};
    return number > 0 ? line : (struct span){0};
}

/** Where the translation itself begins: behind the quote of the first msgstr from `line` on. */
static void find_msgstr(struct span bytes, struct place *at)
{
    for (int i = at->line;; i++) {
        struct span line = line_of(bytes, i);
        if (!line.p || (i > at->line && span_starts(line, SPAN("msgctxt"))))
            return;
        if (!span_starts(line, SPAN("msgstr")))
            continue;
        at->line = i;
        at->column = (int)span_find(line, '"') + 2;
        return;
    }
}

/** The translation's place; false where the text is shown as the source has it. */
static bool translation_place(const struct program *p, uint16_t index, int language, struct place *at,
                              struct span *source)
{
    if (language == 0 || index == PROGRAM_NONE)
        return false;
    const struct text *text = &p->texts[index];
    struct span code = p->settings->languages[language].code;
    char name[64];
    snprintf(name, sizeof name, "locales/%.*s.po", SPAN_ARG(code));
    const struct menu_source *po = source_named(p, span_of(name));
    int line = po && text->renditions[(size_t)language * LOCALE_PLURALS_MAX].pieces
                   ? locale_line(p->locales[language], text->context, text->source)
                   : 0;
    if (!line)
        return false;
    *at = (struct place){.file = po->name.p, .line = line};
    find_msgstr(po->bytes, at);
    *source = line_of(po->bytes, at->line);
    return true;
}

/** What a draft has not translated is told once, of its source. */
static bool told_of_source(const struct program *p, const struct fit_subject *s, int language)
{
    return p->settings->languages[language].draft && language && s->text != PROGRAM_NONE &&
           !p->texts[s->text].renditions[(size_t)language * LOCALE_PLURALS_MAX].pieces;
}

static struct place find_place(const struct program *p, const struct fit_subject *s, int language, struct span *source)
{
    struct place at = {0};
    if (translation_place(p, s->text, language, &at, source))
        return at;
    if (s->line)
        at = s->line->at;
    else if (s->screen != PROGRAM_NONE)
        at = p->screens[s->screen].at;
    else if (s->text != PROGRAM_NONE)
        at = p->texts[s->text].at;
    const struct menu_source *file = at.file ? source_at(p, at) : NULL;
    *source = file ? line_of(file->bytes, at.line) : (struct span){0};
    return at;
}

/* ---- words ---- */

static void put_subject(struct str *out, const struct program *p, const struct fit_subject *s)
{
    static const char *const words[] = {[FIT_ERROR] = "error",
                                        [FIT_ASK] = "question",
                                        [FIT_CHOICE] = "agree and refuse together",
                                        [FIT_SEND] = "send",
                                        [FIT_ROW] = "the longest row of a table",
                                        [FIT_WORDS] = "the engine's own words",
                                        [FIT_MORE] = "the line that says how to read on",
                                        [FIT_PAGES] = "all texts and options"};
    if (s->screen != PROGRAM_NONE)
        str_addf(out, "screen \"%.*s\", ", SPAN_ARG(p->screens[s->screen].name));
    if (s->what == FIT_OPTION && s->line->op == OP_LANGUAGES)
        str_addz(out, "choose language");
    else if (s->what == FIT_OPTION)
        str_addf(out, "%s %d",
                 s->line->op == OP_AGREE    ? "agree"
                 : s->line->op == OP_REFUSE ? "refuse"
                                            : "option",
                 s->line->number);
    else
        str_addz(out, words[s->what]);
}

static void put_excess(struct str *out, const struct fit_subject *s, const struct fit_excess *e)
{
    if (s->what == FIT_SEND)
        str_addf(out, "%d messages, but \"parts send %d\" allows no more than that", e->size, e->room);
    else if (s->what == FIT_PAGES)
        str_addf(out, "more than %d USSD pages: %d", e->room, e->size);
    else
        str_addf(out, "%d characters, but %d fit", e->size, e->room);
}

/** The letters of a text that phones' alphabet lacks: their number, and the first of them in *letter. */
static size_t letters_outside(const struct program *p, uint16_t text, int language, struct span *letter)
{
    const struct rendition *r = program_rendition(p, text, language, 1);
    bool accents = p->settings->languages[language].fold;
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        struct str folded = STR_INIT(TELL_MAX);
        struct span rest = r->pieces[i].kind == PIECE_LITERAL ? r->pieces[i].literal : (struct span){0}, here;
        while (rest.len) {
            here = rest;
            utf8_next(&rest);
            here = span_first(here, here.len - rest.len);
            if (gsm7_count(fold_shown(&folded, here, accents)) >= 0)
                continue;
            *letter = count++ ? *letter : here;
        }
        str_release(&folded);
    }
    return count;
}

/** One letter that slipped in, a drawing perhaps, more than halves every page of its screen: that is worth saying where
 * the language is not written in such letters. */
static void put_letter(struct str *out, const struct program *p, const struct fit_subject *s, int language)
{
    struct span letter = {0}, first = {0};
    size_t count = 0;
    for (size_t i = 0; s->screen != PROGRAM_NONE && i < p->screens[s->screen].line_count; i++) {
        uint16_t text = p->screens[s->screen].lines[i].text;
        if (text != PROGRAM_NONE)
            count += letters_outside(p, text, language, &letter);
        first = first.len ? first : letter;
    }
    if (count && count <= SLIPS_MOST)
        str_addf(out, "; \"%.*s\" is not in the alphabet of telephones, and makes a page hold less than half",
                 SPAN_ARG(first));
}

/** How to get round it. */
static void put_hint(struct str *out, const struct program *p, const struct worst *w, const struct fit_subject *s,
                     const struct fit_excess *e)
{
    static const char *const statements[] = {[FIT_OPTION] = "option", [FIT_ERROR] = "error", [FIT_ASK] = "ask"};
    bool own = s->what == FIT_WORDS || s->what == FIT_MORE || (s->what == FIT_ERROR && !s->line);
    if (worst_unlimited(w, e->slot)) {
        struct span name = p->slots[e->slot].name;
        str_addf(out, "{%.*s} has no greatest length: add \"kind text 1..30\" to its question, or leave it out here",
                 SPAN_ARG(name));
    } else if (e->slot != PROGRAM_NONE) {
        str_addf(out,
                 "{%.*s} may be that long, in any alphabet: allow fewer letters in its question's \"kind\", or leave "
                 "it out here",
                 SPAN_ARG(p->slots[e->slot].name));
    } else if (s->what == FIT_ROW) {
        str_addz(out, "shorten the longest cells, or say fewer columns in one text");
    } else if (s->what == FIT_PAGES) {
        str_addz(out, "a USSD call is short: shorten the texts, or lead some of them to a screen of their own");
    } else if (own || s->what == FIT_SEND || s->what == FIT_CHOICE || s->line->op == OP_LANGUAGES) {
        str_addz(out, "shorten it");
    } else {
        str_addf(out, "shorten it, or give a short form: %s/%s", statements[s->what],
                 e->medium == MEDIUM_SMS ? "sms" : "ussd");
    }
}

void fit_tell(const struct program *p, struct diags *d, const struct worst *w, int language,
              const struct fit_subject *s, const struct fit_excess *e)
{
    struct str text = STR_INIT(TELL_MAX);
    struct span source;
    if (told_of_source(p, s, language))
        return;
    struct place at = find_place(p, s, language, &source);
    put_excess(&text, s, e);
    str_addz(&text, " (");
    put_subject(&text, p, s);
    if (language && s->what == FIT_PAGES)
        str_addf(&text, ", in \"%.*s\"", SPAN_ARG(p->settings->languages[language].code));
    str_addz(&text, ")\n");
    put_hint(&text, p, w, s, e);
    put_letter(&text, p, s, language);
    if (s->what == FIT_PAGES || p->settings->languages[language].draft)
        diag_warning(d, "W32", at, source, "%s", str_z(&text));
    else
        diag_error(d, "E32", at, source, "%s", str_z(&text));
    str_release(&text);
}

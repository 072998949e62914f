// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/book.h"

#include "base/clock.h"
#include "base/err.h"

static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>All screens, for reviewers</title>\n<style>\n"
    "body{font:14px/1.4 sans-serif;margin:1.5em;color:#111;background:#fff}\n"
    "h1{font-size:1.6em}h2{font-size:1.15em;margin:0 0 .3em;border-top:2px solid #111;padding-top:.4em}\n"
    "h3{font-size:1em;margin:0}small,.count,.way{color:#444;font-size:.85em;font-weight:normal}\n"
    "section.screen{margin:1.5em 0;break-inside:avoid-page}\n"
    ".shots{display:flex;flex-wrap:wrap;gap:.6em;margin-bottom:.6em;align-items:flex-start}\n"
    ".shot{break-inside:avoid;width:min-content}\n"
    "pre.page{font:12px/1.35 'DejaVu Sans Mono','Noto Sans Arabic',monospace;width:24ch;min-height:6em;margin:.3em 0;"
    "padding:.6em .7em;border:2px solid #111;border-radius:.7em;white-space:pre-wrap;overflow-wrap:anywhere;"
    "text-align:start}\n"
    "table{border-collapse:collapse;margin:.5em 0;width:100%}td,th{border:1px solid #777;padding:.2em .4em;"
    "text-align:start;vertical-align:top;font-size:.85em;overflow-wrap:anywhere}\n"
    ".late,.open{font-weight:bold}.sign{border:1px solid #111;padding:.5em;margin:.5em 0}\n"
    "ul.index{columns:12em;font-size:.85em}\n"
    "@page{size:A4 landscape;margin:12mm}@media print{body{margin:0;font-size:11px}pre.page{font-size:9.5px}"
    "ul.index a{color:inherit;text-decoration:none}}\n"
    "</style>\n</head>\n<body>\n";

struct writer {
    const struct book_input *in;
    const struct book *book;
    struct str *out;
};

/* ---- words ---- */

static void put(const struct writer *w, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];
        if (c == '<')
            str_addz(w->out, "&lt;");
        else if (c == '&')
            str_addz(w->out, "&amp;");
        else if (c == '"')
            str_addz(w->out, "&quot;");
        else
            str_addc(w->out, c);
    }
}

static void put_day(const struct writer *w, int64_t day)
{
    struct date d = date_from_day(day);
    str_addf(w->out, "%04d-%02d-%02d", d.year, d.month, d.day);
}

static const struct menu_screen *screen_of(const struct writer *w, const struct book_picture *picture)
{
    return &w->in->program->screens[picture->screen];
}

static bool right_to_left(struct span code)
{
    static const char *const codes[] = {"ar", "fa", "he", "ps", "ur", "prs", "ckb", "sd", "yi"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (span_is(code, codes[i]))
            return true;
    return false;
}

/* ---- languages ---- */

static size_t untranslated(const struct program *p, size_t language)
{
    size_t count = 0;
    for (size_t i = 0; i < p->text_count; i++)
        count += language && !p->texts[i].wordless && !p->texts[i].renditions[language * LOCALE_PLURALS_MAX].pieces;
    return count;
}

static void put_reviewer(const struct writer *w, size_t language)
{
    struct span reviewer = language ? locale_reviewer(w->in->program->locales[language]) : (struct span){0};
    if (!language)
        str_addz(w->out, "the menus are written in it");
    else if (reviewer.len)
        put(w, reviewer);
    else
        str_addz(w->out, "<span class=\"open\">nobody qualified has reviewed it</span>");
}

static void put_languages(const struct writer *w)
{
    const struct settings *s = w->in->program->settings;
    str_addz(w->out,
             "<h2>Languages</h2>\n<table><tr><th>code<th>offered<th>texts not translated<th>reviewed by</tr>\n");
    for (size_t i = 0; i < s->language_count; i++) {
        str_addz(w->out, "<tr><td>");
        put(w, s->languages[i].code);
        str_addf(w->out, "<td>%s<td>%zu<td>", s->languages[i].draft ? "no, a draft" : "yes",
                 untranslated(w->in->program, i));
        put_reviewer(w, i);
        str_addz(w->out, "</tr>\n");
    }
    str_addz(w->out, "</table>\n");
}

/* ---- facts ---- */

struct dated {
    const char *what;
    struct span name, source, owner, confirm;
    int64_t reviewed, due;
};

static void put_dated(const struct writer *w, const struct dated *d)
{
    str_addf(w->out, "<tr><td>%s ", d->what);
    put(w, d->name);
    str_addz(w->out, "<td>");
    put(w, d->source);
    str_addz(w->out, "<td>");
    put(w, d->owner);
    str_addz(w->out, "<td>");
    put_day(w, d->reviewed);
    str_addf(w->out, "<td%s>", w->in->day > d->due ? " class=\"late\"" : "");
    put_day(w, d->due);
    str_addz(w->out, w->in->day > d->due ? ", over<td class=\"open\">" : "<td class=\"open\">");
    put(w, d->confirm);
    str_addz(w->out, "</tr>\n");
}

static void put_piece(const struct writer *w, const struct piece *piece)
{
    const struct program *p = w->in->program;
    if (piece->kind == PIECE_FACT) {
        const struct fact *f = &p->facts[piece->index];
        put_dated(w,
                  &(struct dated){"fact", f->name, f->source, f->owner, f->confirm, f->reviewed_day, f->review_by_day});
    } else if (piece->kind == PIECE_CELL || piece->kind == PIECE_TABLE) {
        const struct table *t = &p->tables[piece->index];
        put_dated(
            w, &(struct dated){"table", t->name, t->source, t->owner, t->confirm, t->reviewed_day, t->review_by_day});
    }
}

/** Whether an earlier text of the screen, or an earlier piece of this one, names the same. */
static bool named_before(const struct program *p, const struct menu_screen *s, size_t line, size_t at)
{
    const struct piece *this = &p->texts[s->lines[line].text].renditions[0].pieces[at];
    for (size_t i = 0; i <= line; i++) {
        if (s->lines[i].text == PROGRAM_NONE)
            continue;
        const struct rendition *r = &p->texts[s->lines[i].text].renditions[0];
        bool table = this->kind == PIECE_CELL || this->kind == PIECE_TABLE;
        for (size_t k = 0; k < r->count && !(i == line && k == at); k++) {
            bool other = r->pieces[k].kind == PIECE_CELL || r->pieces[k].kind == PIECE_TABLE;
            if (r->pieces[k].index == this->index && (r->pieces[k].kind == this->kind || (table && other)))
                return true;
        }
    }
    return false;
}

static void put_facts(const struct writer *w, const struct menu_screen *s)
{
    const struct program *p = w->in->program;
    bool any = false;
    for (size_t i = 0; i < s->line_count; i++) {
        if (s->lines[i].text == PROGRAM_NONE)
            continue;
        const struct rendition *r = &p->texts[s->lines[i].text].renditions[0];
        for (size_t k = 0; k < r->count; k++) {
            enum piece_kind kind = r->pieces[k].kind;
            bool dated = kind == PIECE_FACT || kind == PIECE_CELL || kind == PIECE_TABLE;
            if (!dated || named_before(p, s, i, k))
                continue;
            if (!any)
                str_addz(w->out,
                         "<table><tr><th>says<th>source<th>owner<th>reviewed<th>review by<th>to be confirmed</tr>\n");
            any = true;
            put_piece(w, &r->pieces[k]);
        }
    }
    str_addz(w->out, any ? "</table>\n" : "");
}

/* ---- screens ---- */

static void put_shot(const struct writer *w, const struct book_shot *shot, size_t language)
{
    const struct settings *s = w->in->program->settings;
    struct span code = s->languages[language].code;
    str_addz(w->out, "<div class=\"shot\"><h3>");
    put(w, w->book->names[language]);
    str_addf(w->out, "%s</h3>\n", s->languages[language].draft ? " <small>draft</small>" : "");
    if (!shot->same)
        str_addz(w->out, "<p class=\"open\">The same way leads elsewhere.</p>\n");
    for (size_t i = 0; i < shot->page_count; i++) {
        str_addz(w->out, "<pre class=\"page\" lang=\"");
        put(w, code);
        str_addf(w->out, "\" dir=\"%s\">", right_to_left(code) ? "rtl" : "ltr");
        put(w, shot->pages[i]);
        str_addz(w->out, "</pre>\n");
    }
    str_addf(w->out, "<p class=\"count\">%zu page%s, fullest %d of %d %s<br>%zu answers: ", shot->page_count,
             shot->page_count == 1 ? "" : "s", shot->most, shot->gsm ? w->in->profile.septets : w->in->profile.units,
             shot->gsm ? "septets" : "UTF-16 units", shot->typed_count);
    for (size_t i = 0; i < shot->typed_count; i++) {
        str_addz(w->out, i ? " &middot; " : "");
        put(w, shot->typed[i]);
    }
    str_addz(w->out, "</p></div>\n");
}

static bool first_of_screen(const struct writer *w, size_t i)
{
    return i == 0 || w->book->pictures[i - 1].screen != w->book->pictures[i].screen;
}

static bool last_of_screen(const struct writer *w, size_t i)
{
    return i + 1 == w->book->picture_count || w->book->pictures[i + 1].screen != w->book->pictures[i].screen;
}

static void put_title(const struct writer *w, const struct menu_screen *s)
{
    str_addz(w->out, "<section class=\"screen\" id=\"");
    put(w, s->name);
    str_addz(w->out, "\">\n<h2>");
    put(w, s->name);
    str_addf(w->out, " <small>%s:%d", s->at.file, s->at.line);
    if (s->consent != PROGRAM_NONE) {
        str_addz(w->out, ", consent, version ");
        put(w, w->in->program->consents[s->consent].version);
    }
    str_addz(w->out, "</small></h2>\n");
}

static void put_screens(const struct writer *w)
{
    for (size_t i = 0; i < w->book->picture_count; i++) {
        const struct book_picture *picture = &w->book->pictures[i];
        const struct menu_screen *s = screen_of(w, picture);
        if (first_of_screen(w, i))
            put_title(w, s);
        str_addz(w->out, "<div class=\"shots\">\n");
        for (size_t l = 0; l < w->in->program->settings->language_count; l++)
            put_shot(w, &picture->shots[l], l);
        str_addz(w->out, "</div>\n");
        if (!last_of_screen(w, i))
            continue;
        put_facts(w, s);
        str_addz(w->out,
                 "<p class=\"sign\">&#9744; right &nbsp; &#9744; to be changed: "
                 "______________________________ &nbsp; read by ____________________ &nbsp; on ____________</p>\n"
                 "</section>\n");
    }
}

static void put_index(const struct writer *w)
{
    str_addz(w->out, "<h2>Screens</h2>\n<ul class=\"index\">\n");
    for (size_t i = 0; i < w->book->picture_count; i++) {
        if (!first_of_screen(w, i))
            continue;
        str_addz(w->out, "<li><a href=\"#");
        put(w, screen_of(w, &w->book->pictures[i])->name);
        str_addz(w->out, "\">");
        put(w, screen_of(w, &w->book->pictures[i])->name);
        str_addz(w->out, "</a></li>\n");
    }
    str_addz(w->out, "</ul>\n");
}

int book_html(const struct book_input *in, const struct book *book, struct str *out)
{
    const struct writer w = {.in = in, .book = book, .out = out};
    str_addz(out, head);
    str_addz(out, "<h1>");
    put(&w, in->program->settings->service);
    str_addz(out, ": all screens, for reviewers</h1>\n<p>As on ");
    put_day(&w, in->day);
    str_addz(out, ", on the channel ");
    put(&w, in->channel);
    str_addf(
        out,
        ", whose pages hold %d septets or %d UTF-16 units. Answers are counted from the front door, the choice of the "
        "language and turned pages too.</p>\n",
        in->profile.septets, in->profile.units);
    put_languages(&w);
    put_index(&w);
    put_screens(&w);
    str_addz(out, "</body>\n</html>\n");
    return str_err(out);
}

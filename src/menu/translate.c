// SPDX-License-Identifier: AGPL-3.0-or-later
/* translate - binds every text to its translations, cut into pieces. */
#include "base/err.h"
#include "base/utf8.h"
#include "menu/parse.h"
#include "text/letter.h"

#include <errno.h>
#include <string.h>

enum { LACKING_TOLD = 10 }; /* texts of one language; more are only counted */

struct tongue { /* one language while it is bound */
    struct build *b;
    const struct settings_language *language;
    struct locale *locale;
    const char *path;  /* of its PO file */
    struct span bytes; /* of that file */
    size_t index;
    bool absent;    /* a draft without a file */
    bool told;      /* that its file cannot be used, and why */
    size_t lacking; /* texts without a translation */
};

/* An error in a published language; a draft's are told as warnings, for nothing depends on it. */
static void report(void *ctx, const struct locale_problem *problem)
{
    struct tongue *t = ctx;
    struct place at = {.file = t->path, .line = (int)problem->line, .column = (int)problem->column};
    t->told = true;
    if (t->language->draft)
        diag_warning(t->b->d, "W31", at, problem->source, "%s", problem->message);
    else
        diag_error(t->b->d, "E31", at, problem->source, "%s", problem->message);
}

/* Why a published language has no translations at all; what is wrong within the file has been told. */
static void no_translations(const struct tongue *t, int why)
{
    struct place at = {.file = t->path};
    if (why == ERR_MISSING)
        diag_error(t->b->d, "E30", at, (struct span){0},
                   "no such file, but the language \"%.*s\" is published\nmake it with \"waymark messages\", or call "
                   "the language a draft; \"locales\" in the configuration says in which folder it is",
                   SPAN_ARG(t->language->code));
    else if (why == ERR_IO)
        diag_error(t->b->d, "E30", at, (struct span){0},
                   "cannot read it, but the language \"%.*s\" is published: %s\nit must be a file that this program "
                   "may read",
                   SPAN_ARG(t->language->code), strerror(errno));
    else if (!t->told)
        diag_error(t->b->d, "E30", at, (struct span){0}, "no translations for the published language \"%.*s\": %s",
                   SPAN_ARG(t->language->code), err_text(why));
}

static void open_absent(struct tongue *t, int why)
{
    t->absent = true;
    if (why == ERR_NOMEM)
        t->b->err = why;
    else if (!t->language->draft)
        no_translations(t, why);
    t->b->no_translations |= !t->language->draft;
    t->locale = why == ERR_NOMEM ? NULL : locale_source(t->language->code);
}

/* The catalogue that an earlier program read from the same bytes: reading costs time, and libgettextpo keeps a few
 * kilobytes of each file for good. */
static struct locale *unchanged(const struct program *previous, struct span code, struct span name, struct span bytes)
{
    int language = previous ? program_language(previous, code) : -1;
    for (size_t i = 0; language > 0 && i < previous->source_count; i++)
        if (span_eq(previous->sources[i].name, name) && span_eq(previous->sources[i].bytes, bytes))
            return locale_share(previous->locales[language]);
    return NULL;
}

/* "pt" of "pt_BR". */
static struct span bare(struct span code)
{
    size_t end = 0;
    while (end < code.len && code.p[end] != '_' && code.p[end] != '-' && code.p[end] != '@')
        end++;
    return span_first(code, end);
}

/* A file in another's place would say one language and speak another. */
static void check_language(const struct tongue *t)
{
    struct place at = {.file = t->path, .line = 1};
    struct span said = locale_code(t->locale);
    bool draft = t->language->draft;
    if (span_eq_nocase(bare(said), bare(t->language->code)))
        return;
    (draft ? diag_warning : diag_error)(t->b->d, draft ? "W31" : "E31", at, (struct span){0},
                                        "the file says that its language is \"%.*s\"\n"
                                        "give it that name, or put its line \"Language:\" right",
                                        SPAN_ARG(said));
}

static void open_locale(struct tongue *t)
{
    struct build *b = t->b;
    struct span code = t->language->code;
    struct span path = arena_printf(b->a, "%s/%.*s.po", b->in->locales ? b->in->locales : "locales", SPAN_ARG(code));
    struct span name = arena_printf(b->a, "locales/%.*s.po", SPAN_ARG(code));
    t->path = path.p;
    if (!build_got(b, path.p) || !build_got(b, name.p))
        return;
    if (t->index == 0) {
        t->locale = locale_source(code);
    } else {
        bool read = source_bytes(b, path.p, &t->bytes) == 0;
        t->locale = read ? unchanged(b->in->previous, code, name, t->bytes) : NULL;
        int rc = t->locale ? 0 : locale_load(path.p, report, t, &t->locale);
        if (rc < 0)
            open_absent(t, rc);
        else if (read)
            source_keep(b, name, t->bytes);
        if (rc == 0)
            check_language(t);
    }
    if (!b->err)
        build_got(b, t->locale);
}

/* ---- placeholders ---- */

static bool same_piece(const struct piece *a, const struct piece *b)
{
    return a->kind == b->kind && a->index == b->index && a->column == b->column && a->field == b->field;
}

static bool has_piece(const struct rendition *r, const struct piece *piece)
{
    for (size_t i = 0; i < r->count; i++)
        if (same_piece(&r->pieces[i], piece))
            return true;
    return false;
}

/* Whether all of `from`, other than `but`, stands in `in` too. */
static bool has_all(const struct rendition *in, const struct rendition *from, const struct piece *but)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct piece *piece = &from->pieces[i];
        if (piece->kind != PIECE_LITERAL && !(but && same_piece(piece, but)) && !has_piece(in, piece))
            return false;
    }
    return true;
}

static struct span first_line(struct span s)
{
    return span_first(s, span_find(s, '\n'));
}

/* The entry of a text in the language's file, and its line. */
static struct place entry_of(const struct tongue *t, const struct text *text, struct span *source)
{
    int line = locale_line(t->locale, text->context, text->source);
    *source = locale_source_line(t->bytes, (size_t)line);
    return (struct place){.file = t->path, .line = line, .column = source->len > 0};
}

/* An error in a published language; a draft's text counts as missing then. */
static void other_placeholders(const struct tongue *t, const struct text *text)
{
    struct span source;
    struct place at = entry_of(t, text, &source);
    bool draft = t->language->draft;
    (draft ? diag_warning : diag_error)(
        t->b->d, draft ? "W31" : "E31", at, source,
        "other {names} than in the source \"%.*s\" (%.*s)\ncopy every {name} from the source, unchanged",
        SPAN_ARG(first_line(text->source)), SPAN_ARG(text->context));
}

/* Where the words come from that are to be translated. */
static struct span origin(const struct build *b, const struct text *text)
{
    if (text->at.line > 0)
        return arena_printf(b->a, "it comes from %s:%d", text->at.file, text->at.line);
    return span_is(text->context, "system/key") ? SPAN("it is the label of a \"key\" in the configuration")
                                                : SPAN("it is one of Waymark's own texts");
}

static void missing(struct tongue *t, const struct text *text)
{
    if (t->language->draft || t->lacking++ >= LACKING_TOLD)
        return;
    struct span source, from = origin(t->b, text);
    struct place at = entry_of(t, text, &source);
    diag_error(t->b->d, "E30", at, source,
               "\"%.*s\" (%.*s) has no translation, or a fuzzy one\n%.*s; translate it, or call the language a draft",
               SPAN_ARG(first_line(text->source)), SPAN_ARG(text->context), SPAN_ARG(from));
}

/* ---- binding ---- */

static bool says_nothing(struct span literal)
{
    while (literal.len) {
        int32_t cp = utf8_next(&literal);
        if (!letter_is_blank(cp) && !letter_is_punctuation(cp) && cp != '\n')
            return false;
    }
    return true;
}

/* Whether a text has no words of its own: "{org}", "{lawyers.name}: {lawyers.phone}". */
static bool is_wordless(const struct text *text, const struct rendition *source)
{
    bool names = false;
    for (size_t i = 0; i < source->count; i++) {
        const struct piece *piece = &source->pieces[i];
        if (piece->kind == PIECE_LITERAL && !says_nothing(piece->literal))
            return false;
        names |= piece->kind != PIECE_LITERAL;
    }
    return names && !text->plural.len;
}

static struct span translation_of(const struct tongue *t, const struct text *text, int form)
{
    if (text->wordless)
        return text->source;
    if (t->index == 0) // the source needs no catalogue, which does not know plurals of its own
        return form ? text->plural : text->source;
    return text->plural.len ? locale_plural(t->locale, text->context, text->source, form)
                            : locale_text(t->locale, text->context, text->source);
}

/* One form of one text; `source` is the same text in the first language. False when it is not translated. */
static bool bind_form(const struct tongue *t, const struct text *text, int form, const struct rendition *source,
                      struct rendition *out)
{
    struct build *b = t->b;
    struct span translation = translation_of(t, text, form);
    if (!translation.p)
        return false;
    // The catalogue's bytes live as long as the program, which owns the catalogue.
    struct rendition r = {0};
    int rc = text_pieces(b, translation, &r.pieces, &r.count);
    const struct piece *number = text->plural.len ? &text->number : NULL; // "one day" may do without its number
    if (rc == ERR_SYNTAX || (!rc && source && !(has_all(source, &r, NULL) && has_all(&r, source, number)))) {
        other_placeholders(t, text);
        return !t->language->draft;
    }
    if (!rc)
        *out = r;
    return true;
}

/* What a translation may name: of a text with a plural, the form that has all. */
static const struct rendition *source_of(const struct text *text, const struct rendition *all)
{
    return text->plural.len && all[1].count > all[0].count ? &all[1] : &all[0];
}

static void bind_text(struct tongue *t, struct text *text, struct rendition *all)
{
    const struct rendition *source = t->index ? source_of(text, all) : NULL;
    int forms = text->plural.len ? locale_plural_count(t->locale) : 1;
    for (int form = 0; form < forms && !t->b->err; form++)
        if (!bind_form(t, text, form, source, &all[t->index * LOCALE_PLURALS_MAX + (size_t)form])) {
            missing(t, text);
            return;
        }
    if (!t->index)
        text->wordless = is_wordless(text, &all[0]);
}

static void bind_language(struct tongue *t, struct locale **kept)
{
    open_locale(t);
    *kept = t->locale;
    for (size_t i = 0; i < t->b->texts.count && !t->b->err && !t->absent; i++) {
        struct text *text = list_at(&t->b->texts, i);
        if (text->renditions) // as make_room left it
            bind_text(t, text, (struct rendition *)text->renditions);
    }
    if (t->lacking > LACKING_TOLD)
        diag_error(
            t->b->d, "E30", (struct place){.file = t->path}, (struct span){0},
            "%zu more texts have no translation, or a fuzzy one\ntranslate them, or call the language a draft; an "
            "editor for PO files shows them",
            t->lacking - LACKING_TOLD);
}

/* ---- the engine's own words ---- */

static void add_words(struct build *b)
{
    static const struct {
        struct span context, text;
    } words[SYSTEM_COUNT] = {
#define X(name, context, text) [name] = {SPAN(context), SPAN(text)},
        SYSTEM_TEXTS(X)
#undef X
    };
    for (size_t i = 0; i < SYSTEM_COUNT; i++)
        b->p->words[i] = text_plain(b, words[i].context, words[i].text);
    for (size_t i = 0; i < KEY_COUNT; i++) {
        struct span label = b->in->settings->keys[i].label;
        b->p->keys[i] = label.len ? text_plain(b, SPAN("system/key"), label) : PROGRAM_NONE;
    }
}

static bool make_room(struct build *b, size_t languages)
{
    for (size_t i = 0; i < b->texts.count && !b->err; i++) {
        struct text *text = list_at(&b->texts, i);
        text->renditions = arena_array(b->a, languages * LOCALE_PLURALS_MAX, sizeof(struct rendition));
        build_got(b, text->renditions);
    }
    return !b->err;
}

void translate_all(struct build *b)
{
    const struct settings *s = b->in->settings;
    add_words(b);
    struct locale **locales = arena_array(b->a, s->language_count + 1, sizeof *locales);
    if (!build_got(b, locales) || !make_room(b, s->language_count))
        return;
    b->p->locales = locales;
    for (size_t i = 0; i < s->language_count && !b->err; i++) {
        struct tongue t = {.b = b, .language = &s->languages[i], .index = i};
        bind_language(&t, &locales[i]);
    }
}

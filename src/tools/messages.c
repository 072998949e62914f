// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/messages.h"

#include "base/err.h"
#include "base/map.h"
#include "locale/pot.h"
#include "record/profile.h"
#include "text/gsm7.h"
#include "text/paging.h"

enum { MESSAGES_ARENA = 256 * 1024 * 1024, MESSAGES_COMMENT = 16 * 1024, MESSAGES_QUOTE = 60 };

struct entry {
    struct pot_entry pot;
    struct pot_reference *references;
};

struct way { /* a screen still to be gone to, and the words that lead there */
    uint16_t screen;
    struct span by;
};

struct walk {
    const struct messages_input *in;
    const struct program *p;
    struct arena *a;
    struct map *known; /* context, \4, source -> struct entry, in order */
    bool *screens, *facts, *cases, *tables;
    struct way *ways; /* a stack */
    size_t way_count;
    struct str comment;
    int err;
};

/* ---- entries ---- */

static bool got(struct walk *w, const void *p)
{
    if (!p)
        w->err = ERR_NOMEM;
    return p != NULL;
}

static struct entry *entry_of(struct walk *w, const struct text *text)
{
    struct span key = arena_printf(w->a, "%.*s\4%.*s", SPAN_ARG(text->context), SPAN_ARG(text->source));
    struct entry *e = got(w, key.p) ? map_get(w->known, key) : NULL;
    if (e || !key.p)
        return e;
    e = arena_alloc(w->a, sizeof *e);
    if (!got(w, e) || (w->err = map_put(w->known, key, e)) < 0)
        return NULL;
    e->pot = (struct pot_entry){.context = text->context, .id = text->source, .plural = text->plural};
    return e;
}

static void add_reference(struct walk *w, struct entry *e, struct place at)
{
    struct span file = span_of(at.file);
    if (at.line <= 0)
        return;
    if (span_starts(file, w->in->root))
        file = span_from(file, w->in->root.len);
    struct pot_reference *all = arena_grow(w->a, e->references, e->pot.reference_count, sizeof *all);
    if (!got(w, all))
        return;
    all[e->pot.reference_count++] = (struct pot_reference){file, at.line};
    e->pot.references = e->references = all;
}

/** Whether gettext's tools can compare the {names}: they know those of letters, digits and "_". */
static bool has_braces(struct span text)
{
    while ((text = span_from(text, span_find(text, '{'))).len) {
        size_t len = 1;
        while (len < text.len && ((text.p[len] >= 'a' && text.p[len] <= 'z') || text.p[len] == '_' ||
                                  (text.p[len] >= '0' && text.p[len] <= '9')))
            len++;
        if (len > 1 && len < text.len && text.p[len] == '}')
            return true;
        text = span_from(text, 1);
    }
    return false;
}

/** Adds a text with the comment gathered so far. One that was met before only gets one more reference. */
static void add(struct walk *w, const struct text *text)
{
    struct entry *e = text->wordless ? NULL : entry_of(w, text);
    if (!e)
        return;
    add_reference(w, e, text->at);
    if (!e->pot.comment.p) {
        bool names = span_find(text->source, '{') < text->source.len;
        if (text->plural.len && text->number.kind == PIECE_SLOT)
            str_addf(&w->comment, " {%.*s} is a number.", SPAN_ARG(w->p->slots[text->number.index].name));
        else if (text->plural.len)
            str_addf(&w->comment, " {%.*s} is a number.", SPAN_ARG(w->p->settings->values[text->number.index].name));
        str_addz(&w->comment, names ? " Keep {…} unchanged." : "");
        e->pot.comment = arena_copy(w->a, str_span(&w->comment));
        e->pot.braces = has_braces(text->source) || has_braces(text->plural);
        got(w, e->pot.comment.p);
    }
}

/* ---- comments ---- */

static void begin_comment(struct walk *w, const char *what, struct span name)
{
    str_clear(&w->comment);
    str_addf(&w->comment, "%s \"%.*s\"", what, SPAN_ARG(name));
}

/** The first line of a text, shortened between words. */
static void put_quote(struct walk *w, struct span text)
{
    struct span line = span_first(text, span_find(text, '\n'));
    size_t len = line.len;
    while (len > MESSAGES_QUOTE || (len < line.len && line.p[len] != ' '))
        len--;
    len = len ? len : line.len;
    str_addf(&w->comment, "\"%.*s%s\"", SPAN_ARG(span_first(line, len)), len < line.len ? " …" : "");
}

static void put_after(struct walk *w, struct span text)
{
    if (!text.len)
        return;
    str_addz(&w->comment, " Comes after: ");
    put_quote(w, text);
}

/** What a text holds with the line break in front of it, in septets or units. */
static int line_size(bool gsm, struct span text)
{
    return measure_count((struct measure){.gsm = gsm}, text) + 1;
}

/** Room for the words of an option that stands alone between its number and all keys. */
static int option_room(const struct walk *w, int number, bool gsm)
{
    int room = (gsm ? w->in->septets : w->in->units) - (number > 99 ? 4 : number > 9 ? 3 : 2);
    const struct settings_key *keys = w->p->settings->keys;
    for (int i = 0; i < KEY_COUNT; i++)
        if (keys[i].press.len)
            room -= line_size(gsm, keys[i].press) + line_size(gsm, keys[i].label);
    return room;
}

static void put_room(struct walk *w, int septets, int units, const char *more)
{
    if (septets > 0)
        str_addf(&w->comment, "\nAt most %d characters; %d in Arabic or Tigrinya%s.", septets, units, more);
    else if (units > 0)
        str_addf(&w->comment, "\nAt most %d characters%s.", units, more);
}

static void put_line_room(struct walk *w, const struct line *line)
{
    bool choice = line->op == OP_OPTION || line->op == OP_AGREE || line->op == OP_REFUSE;
    int parts = w->p->settings->parts_send;
    if (choice && w->in->units)
        put_room(w, w->in->septets ? option_room(w, line->number, true) : 0, option_room(w, line->number, false), "");
    else if (line->op == OP_SEND && parts)
        put_room(w, paging_room((struct measure){.gsm = true}, parts),
                 paging_room((struct measure){.gsm = false}, parts), ", with what stands for {…}");
}

/* ---- screens ---- */

static const struct {
    const char *words;
    bool numbered;
} line_words[] = {
    [OP_SAY] = {"text", false},
    [OP_ASK] = {"question", false},
    [OP_ERROR] = {"said after a wrong answer", false},
    [OP_SEND] = {"sent by SMS", false},
    [OP_OPTION] = {"option", true},
    [OP_AGREE] = {"agreeing, option", true},
    [OP_REFUSE] = {"refusing, option", true},
};

static const char *const screen_words[] = {
    [SCREEN_SCREEN] = "Screen", [SCREEN_PART] = "Part", [SCREEN_CONSENT] = "Consent"};

static void mention(struct walk *w, const struct text *text, const struct menu_screen *s);

static void add_line(struct walk *w, const struct menu_screen *s, const struct line *line, struct span before)
{
    const struct text *text = &w->p->texts[line->text];
    begin_comment(w, screen_words[s->kind], s->name);
    str_addf(&w->comment, ", %s", line_words[line->op].words);
    if (line_words[line->op].numbered)
        str_addf(&w->comment, " %d", line->number);
    if (line->media != ON_ALL)
        str_addz(&w->comment, line->media == ON_SMS ? ", by SMS only" : ", on a call only");
    str_addc(&w->comment, '.');
    put_after(w, before);
    put_line_room(w, line);
    add(w, text);
    mention(w, text, s);
}

static void push(struct walk *w, enum place_kind kind, uint16_t screen, struct span by)
{
    if (kind != PLACE_SCREEN || w->screens[screen])
        return;
    struct way *ways = arena_grow(w->a, w->ways, w->way_count, sizeof *ways);
    if (!got(w, ways))
        return;
    w->ways = ways;
    ways[w->way_count++] = (struct way){screen, by};
}

static void push_target(struct walk *w, const struct target *t, struct span by)
{
    push(w, t->then_kind, t->then_screen, (struct span){0});
    push(w, t->kind, t->screen, by);
}

/** The ways on, the first one on top of the stack. */
static void push_ways(struct walk *w, const struct menu_screen *s)
{
    push_target(w, &s->question.give_up, (struct span){0});
    for (size_t i = s->line_count; i-- > 0;) {
        const struct line *line = &s->lines[i];
        bool labelled = line->text != PROGRAM_NONE && line_words[line->op].numbered;
        push_target(w, &line->target, labelled ? w->p->texts[line->text].source : (struct span){0});
    }
}

static void visit(struct walk *w, struct way way)
{
    const struct menu_screen *s = &w->p->screens[way.screen];
    struct span before[MEDIUM_COUNT] = {way.by, way.by};
    if (w->screens[way.screen])
        return;
    w->screens[way.screen] = true;
    for (size_t i = 0; i < s->line_count && !w->err; i++) {
        const struct line *line = &s->lines[i];
        if (line->text == PROGRAM_NONE)
            continue;
        add_line(w, s, line, before[line->media & ON_USSD ? MEDIUM_USSD : MEDIUM_SMS]);
        for (int m = 0; m < MEDIUM_COUNT; m++)
            if ((line->op == OP_SAY || line->op == OP_ASK) && line->media & 1u << m)
                before[m] = w->p->texts[line->text].source;
    }
    push_ways(w, s);
}

static void visit_from(struct walk *w, uint16_t screen)
{
    push(w, PLACE_SCREEN, screen, (struct span){0});
    while (w->way_count && !w->err)
        visit(w, w->ways[--w->way_count]);
}

/* ---- facts, cases, replies, the engine's words ---- */

static void add_fact(struct walk *w, uint16_t index, const struct menu_screen *s)
{
    const struct fact *f = &w->p->facts[index];
    if (w->facts[index])
        return;
    w->facts[index] = true;
    begin_comment(w, "Fact", f->name);
    if (s)
        str_addf(&w->comment, ", said at \"%.*s\"", SPAN_ARG(s->name));
    str_addc(&w->comment, '.');
    add(w, &w->p->texts[f->text]);
    begin_comment(w, "Fact", f->name);
    str_addz(&w->comment, ", said instead of it once it is past its date.");
    add(w, &w->p->texts[f->expired]);
}

static void add_case(struct walk *w, uint16_t index, const struct menu_screen *s)
{
    const struct menu_case *c = &w->p->cases[index];
    if (w->cases[index])
        return;
    w->cases[index] = true;
    for (size_t i = 0; i < c->status_count; i++) {
        begin_comment(w, "Case", c->name);
        str_addf(&w->comment, ", status \"%.*s\"", SPAN_ARG(c->statuses[i].word));
        if (s)
            str_addf(&w->comment, ", read out at \"%.*s\"", SPAN_ARG(s->name));
        str_addc(&w->comment, '.');
        add(w, &w->p->texts[c->statuses[i].text]);
    }
}

static void add_table(struct walk *w, uint16_t index, const struct menu_screen *s)
{
    const struct table *t = &w->p->tables[index];
    if (w->tables[index])
        return;
    w->tables[index] = true;
    begin_comment(w, "Table", t->name);
    if (s)
        str_addf(&w->comment, ", said at \"%.*s\"", SPAN_ARG(s->name));
    str_addz(&w->comment, ", said instead of rows that are past their date.");
    add(w, &w->p->texts[t->expired]);
}

/** Facts, cases and tables that a text names follow it. */
static void mention(struct walk *w, const struct text *text, const struct menu_screen *s)
{
    const struct rendition *r = &text->renditions[0];
    for (size_t i = 0; i < r->count; i++)
        if (r->pieces[i].kind == PIECE_FACT)
            add_fact(w, r->pieces[i].index, s);
        else if (r->pieces[i].kind == PIECE_STATUS)
            add_case(w, r->pieces[i].index, s);
        else if (r->pieces[i].kind == PIECE_CELL || r->pieces[i].kind == PIECE_TABLE)
            add_table(w, r->pieces[i].index, s);
}

static void add_replies(struct walk *w)
{
    for (size_t i = 0; i < w->p->reply_count; i++) {
        const struct reply *r = &w->p->replies[i];
        begin_comment(w, "Reply", r->name);
        str_addz(&w->comment, ", its name for caseworkers.");
        add(w, &w->p->texts[r->label]);
        begin_comment(w, "Reply", r->name);
        str_addz(&w->comment, ", sent by SMS.");
        add(w, &w->p->texts[r->text]);
    }
}

static const char *const word_notes[SYSTEM_COUNT] = {
    [SYSTEM_LANGUAGE] = " The name of your language, in your language.",
    [SYSTEM_RESUME] = " Another hand may hold the phone: tell nothing.",
    [SYSTEM_MORE_SMS] = " Use the word that you give for \"MORE\".",
    [SYSTEM_MORE_WORD] = " The word that people send to read on.",
    [SYSTEM_NUMBERS] =
        " What people may type in place of 1 to 9, in this order. Never shown. Several words for one number: "
        "\"un/une\".",
    [SYSTEM_HELD] = " Asked after \"stop\" with more words.",
    [SYSTEM_RELEASED] = " Said after \"No, go on\": what was asked for before has ended.",
};

static void add_words(struct walk *w)
{
    for (int i = 0; i < SYSTEM_COUNT; i++) {
        str_clear(&w->comment);
        str_addf(&w->comment, "Waymark's own words.%s", word_notes[i] ? word_notes[i] : "");
        add(w, &w->p->texts[w->p->words[i]]);
    }
    for (int i = 0; i < KEY_COUNT; i++) {
        if (w->p->keys[i] == PROGRAM_NONE)
            continue;
        begin_comment(w, "What is shown beside the key", w->p->settings->keys[i].press);
        str_addz(&w->comment, " on every page: one short word.");
        add(w, &w->p->texts[w->p->keys[i]]);
    }
}

/* ---- all ---- */

static void walk_all(struct walk *w)
{
    visit_from(w, w->p->start);
    for (size_t i = 0; i < w->p->trigger_count; i++)
        visit_from(w, w->p->triggers[i].screen);
    for (size_t i = 0; i < w->p->screen_count; i++)
        visit_from(w, (uint16_t)i);
    for (size_t i = 0; i < w->p->fact_count; i++)
        add_fact(w, (uint16_t)i, NULL);
    for (size_t i = 0; i < w->p->case_count; i++)
        add_case(w, (uint16_t)i, NULL);
    for (size_t i = 0; i < w->p->table_count; i++)
        add_table(w, (uint16_t)i, NULL);
    add_replies(w);
    add_words(w);
}

static bool prepare(struct walk *w)
{
    w->a = arena_new(MESSAGES_ARENA);
    w->known = map_new();
    if (!w->a || !w->known)
        return false;
    w->screens = arena_array(w->a, w->p->screen_count + 1, sizeof(bool));
    w->facts = arena_array(w->a, w->p->fact_count + 1, sizeof(bool));
    w->cases = arena_array(w->a, w->p->case_count + 1, sizeof(bool));
    w->tables = arena_array(w->a, w->p->table_count + 1, sizeof(bool));
    return w->screens && w->facts && w->cases && w->tables;
}

int messages_pot(const struct messages_input *in, struct str *out)
{
    struct walk w = {.in = in, .p = in->program, .comment = STR_INIT(MESSAGES_COMMENT)};
    const struct entry *e;
    if (prepare(&w))
        walk_all(&w);
    else
        w.err = ERR_NOMEM;
    pot_head(out);
    for (size_t i = 0; !w.err && (e = map_at(w.known, i, NULL)); i++)
        pot_entry(out, &e->pot);
    str_release(&w.comment);
    map_free(w.known);
    arena_free(w.a);
    return w.err ? w.err : str_err(out);
}

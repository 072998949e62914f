// SPDX-License-Identifier: AGPL-3.0-or-later
#include "dialogue/worst.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dialogue/show.h"
#include "text/gsm7.h"
#include "text/letter.h"

#include <stdio.h>

enum {
    WORST_ARENA_MAX = 256 * 1024 * 1024,
    WORST_DEPTH = 4,    /* texts within texts, as render.c follows them */
    REFERENCE_LEN = 6,  /* of a new case */
    LETTER_MOST = 3,    /* an ellipsis is shown as three full stops, in three bytes */
    LETTER_SEPTETS = 2, /* of an extension character, in one byte */
};

struct worst {
    const struct program *p;
    struct arena *a, *moment; /* what stays; what one measurement needs */
    struct person person;
    struct dialogue s;
    struct dialogue_input in;
    struct step st;
    struct worst_size *slots;
    bool *unlimited;          /* by slot */
    int *rows;                /* by table: the most that have one key */
    struct worst_size *texts; /* [language * text_count + text] */
};

static const struct worst_size nothing = {.inside = true, .slot = PROGRAM_NONE};

/* ---- sizes ---- */

struct worst_size worst_join(struct worst_size a, struct worst_size b)
{
    return (struct worst_size){
        .septets = a.septets + b.septets,
        .units = a.units + b.units,
        .inside = a.inside && b.inside,
        .outside = a.outside || b.outside,
        .pairs = a.pairs || b.pairs,
        .slot = a.slot != PROGRAM_NONE ? a.slot : b.slot,
    };
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

/** One or the other, whichever is longer. */
static struct worst_size either(struct worst_size a, struct worst_size b)
{
    return (struct worst_size){
        .septets = most(a.inside ? a.septets : 0, b.inside ? b.septets : 0),
        .units = most(a.units, b.units),
        .inside = a.inside || b.inside,
        .outside = a.outside || b.outside,
        .pairs = a.pairs || b.pairs,
        .slot = a.slot == PROGRAM_NONE || (b.slot != PROGRAM_NONE && b.units > a.units) ? b.slot : a.slot,
    };
}

static struct worst_size plain(int letters)
{
    return (struct worst_size){.septets = letters, .units = letters, .inside = true, .slot = PROGRAM_NONE};
}

/** Words as they are shown in a language. An accent in front goes with the letter before it, if that is an answer. */
static struct worst_size literal(struct worst *w, struct span words, int language)
{
    w->st.language = language;
    w->st.a = w->moment;
    struct span text = render_fold(&w->st, words), rest = text, bare = text;
    while (rest.len && letter_is_accent(utf8_next(&rest)))
        bare = rest;
    struct worst_size size = {.septets = measure_count((struct measure){.gsm = true}, text),
                              .units = ucs2_count(text),
                              .inside = gsm7_count(bare) >= 0,
                              .outside = gsm7_count(text) < 0,
                              .slot = PROGRAM_NONE};
    int letters = (int)utf8_length(text);
    size.pairs = size.septets > letters || size.units > letters;
    return size;
}

/* ---- answers ---- */

/** As many letters as an answer may have, all of the longest sort that fit in its bytes. Its bytes are counted as
 * typed: an ellipsis is three, an extension character one. */
static struct worst_size typed(const struct question *q, uint16_t slot)
{
    struct answer_most limit = answer_most(q);
    int n = limit.letters, long_ones = (DIALOGUE_ANSWER_MAX - n) / (LETTER_MOST - 1);
    if (limit.plain)
        return plain(n);
    long_ones = long_ones < n ? long_ones : n;
    return (struct worst_size){
        .septets = LETTER_SEPTETS * n + (LETTER_MOST - LETTER_SEPTETS) * long_ones,
        .units = n + (LETTER_MOST - 1) * long_ones,
        .inside = true,
        .outside = true,
        .pairs = true,
        .slot = slot,
    };
}

static void may_hold(struct worst *w, uint16_t slot, struct worst_size size)
{
    if (slot != PROGRAM_NONE)
        w->slots[slot] = either(w->slots[slot], size);
}

static void may_be_typed(struct worst *w, uint16_t slot, const struct question *q)
{
    if (slot == PROGRAM_NONE)
        return;
    may_hold(w, slot, typed(q, slot));
    w->unlimited[slot] |= answer_most(q).unlimited;
}

static void may_be_word(struct worst *w, uint16_t slot, struct span word)
{
    for (size_t i = 0; i < w->p->settings->language_count; i++)
        may_hold(w, slot, literal(w, word, (int)i));
}

static void read_screen(struct worst *w, const struct menu_screen *screen)
{
    const struct question *q = &screen->question;
    if (q->asks)
        may_be_typed(w, q->slot, q);
    for (size_t i = 0; i < screen->line_count; i++) {
        const struct line *line = &screen->lines[i];
        if (line->op == OP_SET)
            may_be_word(w, line->slot, line->word);
        else if (line->op == OP_OPTION && line->word.len)
            may_be_word(w, q->slot, line->word);
        else if (line->op == OP_OPTION)
            may_hold(w, q->slot, plain(snprintf(NULL, 0, "%d", line->number)));
    }
}

static void read_trigger(struct worst *w, const struct trigger *t)
{
    static const struct question anything = {.slot = PROGRAM_NONE};
    for (size_t i = 0; i < t->phrase_count; i++) {
        uint16_t slot = t->phrases[i].slot;
        if (slot == PROGRAM_NONE)
            continue;
        uint16_t asked_by = w->p->slots[slot].asked_by;
        may_be_typed(w, slot, asked_by == PROGRAM_NONE ? &anything : &w->p->screens[asked_by].question);
    }
}

static void read_answers(struct worst *w)
{
    const struct program *p = w->p;
    for (size_t i = 0; i < p->slot_count; i++)
        w->slots[i] = nothing;
    for (size_t i = 0; i < p->screen_count; i++)
        read_screen(w, &p->screens[i]);
    for (size_t i = 0; i < p->trigger_count; i++)
        read_trigger(w, &p->triggers[i]);
    for (size_t i = 0; i < p->case_count; i++)
        may_hold(w, p->cases[i].reference, plain(REFERENCE_LEN));
}

/* ---- texts ---- */

static struct worst_size text_size(struct worst *w, uint16_t text, int language, int depth);

static struct worst_size piece_slot(struct worst *w, const struct piece *piece, int language, int depth)
{
    (void)language, (void)depth;
    return w->slots[piece->index];
}

static struct worst_size piece_literal(struct worst *w, const struct piece *piece, int language, int depth)
{
    (void)depth;
    return literal(w, piece->literal, language);
}

static struct worst_size piece_value(struct worst *w, const struct piece *piece, int language, int depth)
{
    (void)depth;
    return literal(w, w->p->settings->values[piece->index].text, language);
}

static struct worst_size piece_service(struct worst *w, const struct piece *piece, int language, int depth)
{
    (void)piece, (void)depth;
    return literal(w, w->p->settings->service, language);
}

static struct worst_size piece_fact(struct worst *w, const struct piece *piece, int language, int depth)
{
    const struct fact *f = &w->p->facts[piece->index];
    if (piece->field == FACT_SOURCE)
        return literal(w, f->source, language);
    if (piece->field == FACT_OWNER)
        return literal(w, f->owner, language);
    if (piece->field == FACT_REVIEWED)
        return plain(sizeof "YYYY-MM-DD" - 1);
    return either(text_size(w, f->text, language, depth), text_size(w, f->expired, language, depth));
}

static struct worst_size piece_status(struct worst *w, const struct piece *piece, int language, int depth)
{
    const struct menu_case *c = &w->p->cases[piece->index];
    struct worst_size size = nothing;
    for (size_t i = 0; i < c->status_count; i++)
        size = either(size, text_size(w, c->statuses[i].text, language, depth));
    return size;
}

/** The longest cell of the column. */
static struct worst_size piece_cell(struct worst *w, const struct piece *piece, int language, int depth)
{
    (void)depth;
    const struct table *t = &w->p->tables[piece->index];
    struct worst_size size = nothing;
    for (size_t i = 0; i < t->row_count; i++)
        size = either(size, literal(w, t->rows[i].cells[piece->column], language));
    return size;
}

static struct worst_size piece_table(struct worst *w, const struct piece *piece, int language, int depth)
{
    (void)depth;
    const struct table *t = &w->p->tables[piece->index];
    if (piece->field == FACT_REVIEWED)
        return plain(sizeof "YYYY-MM-DD" - 1);
    return literal(w, piece->field == FACT_SOURCE ? t->source : t->owner, language);
}

static struct worst_size (*const pieces[])(struct worst *, const struct piece *, int language, int depth) = {
    [PIECE_LITERAL] = piece_literal, [PIECE_SLOT] = piece_slot,   [PIECE_VALUE] = piece_value,
    [PIECE_SERVICE] = piece_service, [PIECE_FACT] = piece_fact,   [PIECE_STATUS] = piece_status,
    [PIECE_CELL] = piece_cell,       [PIECE_TABLE] = piece_table,
};

/** One form of a text, or its source where that is not translated. */
static struct worst_size form_size(struct worst *w, const struct rendition *r, int language, int depth)
{
    struct worst_size size = nothing;
    for (size_t i = 0; i < r->count; i++)
        size = worst_join(size, pieces[r->pieces[i].kind](w, &r->pieces[i], language, depth));
    return size;
}

/** Every form that the text can take; *missing is set where one is not translated. */
static struct worst_size forms_size(struct worst *w, const struct text *text, int from, int language, int depth,
                                    bool *missing)
{
    const struct rendition *all = &text->renditions[(size_t)from * LOCALE_PLURALS_MAX];
    int count = text->plural.len ? locale_plural_count(w->p->locales[from]) : 1;
    struct worst_size size = {.slot = PROGRAM_NONE};
    for (int i = 0; i < count; i++) {
        if (all[i].pieces)
            size = either(size, form_size(w, &all[i], language, depth));
        else
            *missing = true;
    }
    return size;
}

static struct worst_size text_size(struct worst *w, uint16_t index, int language, int depth)
{
    bool missing = false;
    if (index == PROGRAM_NONE || depth == WORST_DEPTH)
        return nothing;
    const struct text *text = &w->p->texts[index];
    struct worst_size size = forms_size(w, text, language, language, depth + 1, &missing);
    if (missing)
        size = either(size, forms_size(w, text, 0, language, depth + 1, &missing));
    return size;
}

/* ---- directories ---- */

static void count_rows(struct worst *w, size_t table)
{
    const struct table *t = &w->p->tables[table];
    int *counts = arena_array(w->moment, t->row_count + 1, sizeof *counts);
    struct map *known = map_new();
    for (size_t i = 0; counts && known && i < t->row_count; i++) {
        int *count = map_get(known, t->rows[i].key);
        if (!count && map_put(known, t->rows[i].key, count = &counts[i]) < 0)
            w->st.err = ERR_NOMEM;
        w->rows[table] = most(w->rows[table], ++*count);
    }
    if (!counts || !known)
        w->st.err = ERR_NOMEM;
    map_free(known);
    arena_reset(w->moment);
}

/** The table that a text names cells of, or PROGRAM_NONE. */
static uint16_t table_of(const struct worst *w, uint16_t text)
{
    const struct rendition *r = &w->p->texts[text].renditions[0];
    for (size_t i = 0; i < r->count; i++)
        if (r->pieces[i].kind == PIECE_CELL)
            return r->pieces[i].index;
    return PROGRAM_NONE;
}

bool worst_row(struct worst *w, uint16_t text, int language, struct worst_size *size)
{
    if (text == PROGRAM_NONE || table_of(w, text) == PROGRAM_NONE)
        return false;
    *size = text_size(w, text, language, 0);
    return true;
}

/** A text as it is said: with cells, a line for each row, and behind them one for those that are withheld. */
static struct worst_size said_size(struct worst *w, uint16_t text, int language)
{
    static const struct worst_size feed = {.septets = 1, .units = 1, .inside = true, .slot = PROGRAM_NONE};
    struct worst_size line = text_size(w, text, language, 0), size = nothing;
    uint16_t table = table_of(w, text);
    if (table == PROGRAM_NONE)
        return line;
    line = worst_join(line, feed);
    for (int i = 0; i < w->rows[table]; i++)
        size = worst_join(size, line);
    return worst_join(size, text_size(w, w->p->tables[table].expired, language, 0));
}

struct worst_size worst_text(const struct worst *w, uint16_t text, int language)
{
    return text == PROGRAM_NONE ? nothing : w->texts[(size_t)language * w->p->text_count + text];
}

struct worst_size worst_mydata(const struct worst *w, int language)
{
    const uint16_t *words = w->p->words;
    struct worst_size day = plain((int)strlen(" 9999-12-31\n"));
    struct worst_size yes = worst_join(worst_text(w, words[SYSTEM_MYDATA_YES], language), day);
    struct worst_size agreed = either(yes, worst_text(w, words[SYSTEM_MYDATA_NO], language));
    struct worst_size calls = worst_text(w, words[SYSTEM_MYDATA_CALLS], language);
    struct worst_size until = worst_join(worst_text(w, words[SYSTEM_MYDATA_UNTIL], language), day);
    struct worst_size all = worst_join(worst_join(calls, plain(snprintf(NULL, 0, " %zu\n", SIZE_MAX))), agreed);
    all = worst_join(all, until);
    return either(all, worst_text(w, words[SYSTEM_MYDATA_NONE], language));
}

struct worst_size worst_hotline(struct worst *w, int language)
{
    return literal(w, program_hotline(w->p), language);
}

static struct worst_size numbered(int number, struct worst_size label)
{
    return worst_join(plain(snprintf(NULL, 0, "%d ", number)), label);
}

struct worst_size worst_option(struct worst *w, const struct line *line, int choice, int language)
{
    if (line->op != OP_LANGUAGES)
        return numbered(line->number, worst_text(w, line->text, language));
    str_clear(&w->st.said);
    render_words(&w->st, &w->st.said, SYSTEM_LANGUAGE, choice); // in its own language, folded as this one is
    return numbered(choice + 1, literal(w, str_span(&w->st.said), language));
}

bool worst_unlimited(const struct worst *w, uint16_t slot)
{
    return slot != PROGRAM_NONE && w->unlimited[slot];
}

/* ---- opening ---- */

static void measure_texts(struct worst *w)
{
    size_t languages = w->p->settings->language_count;
    for (size_t i = 0; i < languages; i++)
        for (size_t k = 0; k < w->p->text_count; k++) {
            w->texts[i * w->p->text_count + k] = said_size(w, (uint16_t)k, (int)i);
            arena_reset(w->moment);
        }
}

static bool open_parts(struct worst *w)
{
    const struct program *p = w->p;
    w->a = arena_new(WORST_ARENA_MAX);
    w->moment = arena_new(WORST_ARENA_MAX);
    if (!w->a || !w->moment)
        return false;
    w->slots = arena_array(w->a, p->slot_count + 1, sizeof *w->slots);
    w->unlimited = arena_array(w->a, p->slot_count + 1, sizeof *w->unlimited);
    w->texts = arena_array(w->a, p->text_count * p->settings->language_count + 1, sizeof *w->texts);
    w->rows = arena_array(w->a, p->table_count + 1, sizeof *w->rows);
    if (!w->slots || !w->unlimited || !w->texts || !w->rows)
        return false;
    w->s = (struct dialogue){.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
    w->in.person = &w->person;
    w->in.adrift = true; // a page must fit on a bad day as well
    w->st = (struct step){.p = p, .s = &w->s, .in = &w->in, .a = w->moment};
    str_init(&w->st.said, STEP_TEXT_MAX);
    str_init(&w->st.scratch, STEP_TEXT_MAX);
    read_answers(w);
    for (size_t i = 0; i < p->table_count; i++)
        count_rows(w, i);
    measure_texts(w);
    return w->st.err == 0;
}

struct worst *worst_open(const struct program *p)
{
    struct worst *w = mem_alloc(sizeof *w);
    if (!w)
        return NULL;
    *w = (struct worst){.p = p};
    if (open_parts(w))
        return w;
    worst_close(w);
    return NULL;
}

void worst_close(struct worst *w)
{
    if (!w)
        return;
    str_release(&w->st.said);
    str_release(&w->st.scratch);
    arena_free(w->a);
    arena_free(w->moment);
    mem_free(w);
}

/* ---- the frame ---- */

/** Keys that a page of the screen may show: all that are configured and not hidden whatever happens. */
static unsigned keys_of(const struct worst *w)
{
    const unsigned shown = 1u << KEY_BACK | 1u << KEY_HOME | 1u << KEY_EXIT;
    unsigned keys = 0;
    if (w->s.screen == PROGRAM_NONE || w->in.profile.medium == MEDIUM_SMS)
        return 0;
    const struct menu_screen *screen = step_screen(&w->st);
    for (size_t i = 0; i < KEY_COUNT; i++)
        keys |= w->p->settings->keys[i].press.len ? 1u << i & shown : 0;
    for (size_t i = 0; i < screen->line_count; i++)
        if (screen->lines[i].op == OP_HIDE && !screen->lines[i].when.count &&
            screen->lines[i].media & 1u << w->in.profile.medium)
            keys &= ~screen->lines[i].keys;
    return keys;
}

static bool writable(struct measure m, struct span text)
{
    return !m.gsm || gsm7_count(text) >= 0;
}

/** Takes these keys into the frame where they leave less room than those that are in it; *whole: none was left out. */
static void try_keys(struct worst *w, struct worst_frame *f, unsigned keys, bool *whole)
{
    unsigned left[LAYOUT_FEET];
    struct layout l = f->l;
    struct span foot = show_foot(&w->st, keys);
    f->outside |= gsm7_count(foot) < 0;
    if (!writable(l.measure, foot))
        return;
    for (int i = 0; i < LAYOUT_FEET; i++) {
        left[i] = keys;
        l.keys[i] = foot;
        l.keys_size[i] = measure_count(l.measure, foot);
    }
    show_thin_keys(&w->st, &l, left);
    *whole = true;
    for (int i = 0; i < LAYOUT_FEET; i++) {
        *whole &= left[i] == keys;
        if (f->possible && l.keys_size[i] <= f->l.keys_size[i])
            continue;
        f->l.keys[i] = l.keys[i];
        f->l.keys_size[i] = l.keys_size[i];
    }
    f->l.more = l.more;
    f->l.more_size = l.more_size;
    f->mute = l.more_size < 0;
    f->possible = true;
}

bool worst_frame(struct worst *w, uint16_t screen, int language, struct profile profile, bool gsm,
                 struct worst_frame *out)
{
    arena_reset(w->moment);
    w->st.a = w->moment;
    w->st.language = language;
    w->s.screen = screen;
    w->s.asking = screen == PROGRAM_NONE ? ASKING_RESUME : ASKING_SCREEN;
    w->in.profile = profile;
    struct measure m = {.gsm = gsm};
    struct span more = show_more_line(&w->st);
    *out = (struct worst_frame){.l = {.measure = m, .limit = show_limit(&profile, m), .more = more},
                                .outside = gsm7_count(more) < 0};
    out->l.more_size = measure_count(m, more);
    const unsigned all = keys_of(w);
    bool whole = false;
    if (writable(m, more))
        try_keys(w, out, all, &whole);
    if (writable(m, more) && !whole) // where keys are left out, fewer of them may take more room
        for (unsigned keys = 0; keys < all; keys++)
            if (!(keys & ~all))
                try_keys(w, out, keys, &whole);
    return w->st.err == 0;
}

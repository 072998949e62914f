// SPDX-License-Identifier: AGPL-3.0-or-later
/* render - texts of the program as words: language, plural, and what stands in braces.
 *
 * A fact past its review-by day is replaced by its `expired` text wherever its text is asked for. A name without an
 * answer is empty. A text that names cells of a table is said once for each row that `find` found there. Texts within
 * texts (a fact that names a value) go a few levels deep, no further.
 */
#include "dialogue/step.h"

#include "text/fold.h"
#include "text/paging.h"

enum { RENDER_DEPTH = 4 };

struct pen {
    struct step *st;
    struct str *out;
    int language, depth;
    const struct table_row *row; /* of a text that names cells */
};

static void pen_text(struct pen pen, uint16_t text);

static void put_literal(struct pen pen, const struct piece *piece)
{
    str_add(pen.out, piece->literal);
}

static void put_slot(struct pen pen, const struct piece *piece)
{
    str_add(pen.out, step_value(pen.st->s, piece->index));
}

/* Facts and values are always the newest, found by name: what an operator puts right is right in every call at once. */
static const struct program *newest(struct pen pen)
{
    return pen.st->in->newest ? pen.st->in->newest : pen.st->p;
}

static void put_value(struct pen pen, const struct piece *piece)
{
    const struct settings_value *own = &pen.st->p->settings->values[piece->index];
    const struct settings *now = newest(pen)->settings;
    for (size_t i = 0; now != pen.st->p->settings && i < now->value_count; i++)
        if (span_eq(now->values[i].name, own->name))
            own = &now->values[i];
    str_add(pen.out, own->text);
}

static void put_service(struct pen pen, const struct piece *piece)
{
    (void)piece;
    str_add(pen.out, pen.st->p->settings->service);
}

void render_day(struct str *out, int64_t day)
{
    struct date d = date_from_day(day);
    str_addf(out, "%04d-%02d-%02d", d.year, d.month, d.day);
}

static const struct fact *fact_in(const struct program *p, struct span name)
{
    for (size_t i = 0; i < p->fact_count; i++)
        if (span_eq(p->facts[i].name, name))
            return &p->facts[i];
    return NULL;
}

static void put_field(struct pen pen, const struct fact *f, enum fact_field field)
{
    if (field == FACT_SOURCE)
        str_add(pen.out, f->source);
    else if (field == FACT_OWNER)
        str_add(pen.out, f->owner);
    else if (field == FACT_REVIEWED)
        render_day(pen.out, f->reviewed_day);
    else
        pen_text(pen, pen.st->in->today > f->review_by_day ? f->expired : f->text);
}

/* The newest fact's words stand among the newest program's texts, so they are written with that program at hand. */
static void put_fact(struct pen pen, const struct piece *piece)
{
    const struct program *own = pen.st->p;
    const struct fact *now = newest(pen) == own ? NULL : fact_in(newest(pen), own->facts[piece->index].name);
    if (!now) {
        put_field(pen, &own->facts[piece->index], piece->field);
        return;
    }
    pen.st->p = newest(pen);
    pen.language = program_language(pen.st->p, own->settings->languages[pen.language].code);
    put_field(pen, now, piece->field);
    pen.st->p = own;
}

static void put_status(struct pen pen, const struct piece *piece)
{
    const struct dialogue *s = pen.st->s;
    const struct menu_case *c = &pen.st->p->cases[piece->index];
    if (!s->found || s->found_case != piece->index)
        return;
    for (size_t i = 0; i < c->status_count; i++)
        if (span_eq(c->statuses[i].word, s->found_status)) {
            pen_text(pen, c->statuses[i].text);
            return;
        }
}

static void put_cell(struct pen pen, const struct piece *piece)
{
    if (pen.row)
        str_add(pen.out, pen.row->cells[piece->column]);
}

static void put_table(struct pen pen, const struct piece *piece)
{
    const struct table *t = &pen.st->p->tables[piece->index];
    if (piece->field != FACT_REVIEWED)
        str_add(pen.out, piece->field == FACT_SOURCE ? t->source : t->owner);
    else if (pen.row)
        render_day(pen.out, pen.row->reviewed_day);
}

static void (*const pens[])(struct pen, const struct piece *) = {
    [PIECE_LITERAL] = put_literal, [PIECE_SLOT] = put_slot,   [PIECE_VALUE] = put_value,
    [PIECE_SERVICE] = put_service, [PIECE_FACT] = put_fact,   [PIECE_STATUS] = put_status,
    [PIECE_CELL] = put_cell,       [PIECE_TABLE] = put_table,
};

/** The number that chooses a plural form; what is no number counts as 0. */
static uint64_t counted(const struct step *st, const struct piece *number)
{
    struct span text =
        number->kind == PIECE_SLOT ? step_value(st->s, number->index) : st->p->settings->values[number->index].text;
    int64_t n = 0;
    if (span_int(text, &n) < 0)
        return 0;
    return n < 0 ? (uint64_t)0 - (uint64_t)n : (uint64_t)n;
}

static void pen_text(struct pen pen, uint16_t index)
{
    if (index == PROGRAM_NONE || ++pen.depth > RENDER_DEPTH)
        return;
    const struct program *p = pen.st->p;
    const struct text *text = &p->texts[index];
    uint64_t n = text->plural.len ? counted(pen.st, &text->number) : 0;
    const struct rendition *r = program_rendition(p, index, pen.language, n);
    for (size_t i = 0; i < r->count; i++)
        pens[r->pieces[i].kind](pen, &r->pieces[i]);
}

/** The table that a text names, or NULL; *cells: it names cells, not only where they come from. */
static const struct table *table_of(const struct step *st, uint16_t text, bool *cells)
{
    const struct rendition *r = program_rendition(st->p, text, st->language, 0);
    const struct table *t = NULL;
    *cells = false;
    for (size_t i = 0; i < r->count; i++) {
        *cells |= r->pieces[i].kind == PIECE_CELL;
        if (r->pieces[i].kind == PIECE_CELL || r->pieces[i].kind == PIECE_TABLE)
            t = &st->p->tables[r->pieces[i].index];
    }
    return t;
}

/** The next row from *at on that the last `find` found in the table, or NULL. */
static const struct table_row *next_row(const struct step *st, const struct table *t, size_t *at)
{
    const struct dialogue *s = st->s;
    if (!s->found || !s->found_table || &st->p->tables[s->found_table - 1] != t)
        return NULL;
    while (*at < t->row_count && !span_eq(t->rows[*at].key, s->found_key))
        ++*at;
    return *at < t->row_count ? &t->rows[(*at)++] : NULL;
}

static void next_line(struct pen pen, size_t start)
{
    if (pen.out->len > start)
        str_addc(pen.out, '\n');
}

/** The text once for each row that was found, a line each; in place of those past their date the `expired` text. */
static void pen_rows(struct pen pen, uint16_t text, const struct table *t)
{
    bool withheld = false;
    size_t start = pen.out->len;
    for (size_t at = 0; (pen.row = next_row(pen.st, t, &at));) {
        if (pen.st->in->today > pen.row->review_by_day) {
            withheld = true;
            continue;
        }
        next_line(pen, start);
        pen_text(pen, text);
    }
    if (withheld) {
        next_line(pen, start);
        pen_text(pen, t->expired);
    }
}

/** Where rows come from is said once, of the one that was looked at longest ago; of withheld ones it is not said. */
static void pen_source(struct pen pen, uint16_t text, const struct table *t)
{
    const struct table_row *row;
    for (size_t at = 0; (row = next_row(pen.st, t, &at));)
        if (pen.st->in->today <= row->review_by_day && (!pen.row || row->reviewed_day < pen.row->reviewed_day))
            pen.row = row;
    if (pen.row)
        pen_text(pen, text);
}

void render_text(struct step *st, struct str *out, uint16_t text)
{
    struct pen pen = {.st = st, .out = out, .language = st->language};
    struct span words = program_words(st->p, text, st->language);
    bool cells;
    if (words.p) {
        str_add(out, words);
        return;
    }
    const struct table *t = table_of(st, text, &cells);
    if (t && cells)
        pen_rows(pen, text, t);
    else if (t)
        pen_source(pen, text, t);
    else
        pen_text(pen, text);
}

void render_words(struct step *st, struct str *out, enum system_text which, int language)
{
    pen_text((struct pen){.st = st, .out = out, .language = language}, st->p->words[which]);
}

struct span render_system(struct step *st, enum system_text which)
{
    str_clear(&st->scratch);
    render_words(st, &st->scratch, which, st->language);
    return render_fold(st, step_keep(st));
}

struct span render_fold(struct step *st, struct span text)
{
    struct span shown = fold_shown(&st->scratch, text, st->p->settings->languages[st->language].fold);
    return shown.p == text.p ? text : step_keep(st);
}

static void nothing_random(void *ctx, void *bytes, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        ((char *)bytes)[i] = 0;
}

/* Words outside of any conversation. */
static struct span words_alone(const struct program *p, enum system_text which, struct span language, bool help,
                               struct arena *a)
{
    const struct person stranger = {0};
    const struct dialogue_input in = {.person = &stranger, .entropy = {.fill = nothing_random}};
    struct dialogue s = {.found_case = PROGRAM_NONE};
    struct step st = {.p = p, .s = &s, .in = &in, .a = a, .language = step_language_of(p, language)};
    str_init(&st.scratch, STEP_TEXT_MAX);
    render_words(&st, &st.scratch, which, st.language);
    if (help && program_hotline(p).len) {
        str_addc(&st.scratch, '\n');
        render_words(&st, &st.scratch, SYSTEM_HELP_LINE, st.language);
        str_addc(&st.scratch, ' ');
        str_add(&st.scratch, program_hotline(p));
    }
    struct span text = render_fold(&st, step_keep(&st));
    str_release(&st.scratch);
    return text;
}

struct span dialogue_system(const struct program *p, enum system_text which, struct span language, struct arena *a)
{
    return words_alone(p, which, language, false, a);
}

struct span dialogue_not_done(const struct program *p, struct span language, struct arena *a)
{
    return words_alone(p, SYSTEM_NOT_DONE, language, true, a);
}

struct span dialogue_locked(const struct program *p, struct span language, struct arena *a)
{
    return words_alone(p, SYSTEM_NOT_STORED, language, true, a);
}

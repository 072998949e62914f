// SPDX-License-Identifier: AGPL-3.0-or-later
/* render - texts of the program as words: language, plural, and what stands in braces.
 *
 * A fact past its review-by day is replaced by its `expired` text wherever its text is asked for. A name without an
 * answer is empty. Texts within texts (a fact that names a value) go a few levels deep, no further.
 */
#include "dialogue/step.h"

#include "text/fold.h"
#include "text/paging.h"

enum { RENDER_DEPTH = 4 };

struct pen {
    struct step *st;
    struct str *out;
    int language, depth;
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

static void put_value(struct pen pen, const struct piece *piece)
{
    str_add(pen.out, pen.st->p->settings->values[piece->index].text);
}

static void put_service(struct pen pen, const struct piece *piece)
{
    (void)piece;
    str_add(pen.out, pen.st->p->settings->service);
}

static void put_day(struct str *out, int64_t day)
{
    struct date d = date_from_day(day);
    str_addf(out, "%04d-%02d-%02d", d.year, d.month, d.day);
}

static void put_fact(struct pen pen, const struct piece *piece)
{
    const struct fact *f = &pen.st->p->facts[piece->index];
    if (piece->field == FACT_SOURCE)
        str_add(pen.out, f->source);
    else if (piece->field == FACT_OWNER)
        str_add(pen.out, f->owner);
    else if (piece->field == FACT_REVIEWED)
        put_day(pen.out, f->reviewed_day);
    else
        pen_text(pen, pen.st->in->today > f->review_by_day ? f->expired : f->text);
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

static void (*const pens[])(struct pen, const struct piece *) = {
    [PIECE_LITERAL] = put_literal, [PIECE_SLOT] = put_slot, [PIECE_VALUE] = put_value,
    [PIECE_SERVICE] = put_service, [PIECE_FACT] = put_fact, [PIECE_STATUS] = put_status,
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

void render_text(struct step *st, struct str *out, uint16_t text)
{
    pen_text((struct pen){.st = st, .out = out, .language = st->language}, text);
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
    if (measure_of(text).gsm)
        return text;
    str_clear(&st->scratch);
    fold_typography(&st->scratch, text);
    if (st->p->settings->languages[st->language].fold && !measure_of(str_span(&st->scratch)).gsm) {
        str_clear(&st->scratch);
        fold_accents(&st->scratch, text);
    }
    return step_keep(st);
}

static void nothing_random(void *ctx, void *bytes, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        ((char *)bytes)[i] = 0;
}

struct span dialogue_system(const struct program *p, enum system_text which, struct span language, struct arena *a)
{
    const struct person stranger = {0};
    const struct dialogue_input in = {.person = &stranger, .entropy = {.fill = nothing_random}};
    struct dialogue s = {.found_case = PROGRAM_NONE};
    int index = program_language(p, language);
    struct step st = {.p = p, .s = &s, .in = &in, .a = a, .language = index < 0 ? 0 : index};
    str_init(&st.scratch, STEP_TEXT_MAX);
    struct span text = render_system(&st, which);
    str_release(&st.scratch);
    return text;
}

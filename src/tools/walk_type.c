// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/walk_type.h"

#include "base/clock.h"

enum { LONG_TEXT = 1500, CHOICES_MAX = 64 };

uint64_t luck_next(struct luck *l)
{
    uint64_t z = l->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

size_t luck_below(struct luck *l, size_t n)
{
    return (size_t)(luck_next(l) % n);
}

void luck_fill(void *luck, void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)(luck_next(luck) >> 32);
}

#define PICK(l, list) (list)[luck_below(l, sizeof(list) / sizeof *(list))]

/* ---- what the page offers ---- */

static struct span first_word(struct span line)
{
    return span_first(line, span_find(line, ' '));
}

/** One of the numbers at the front of the page's lines: options, and the first key of each line. */
static void type_choice(struct luck *l, const struct typing *t, struct str *out)
{
    struct span choices[CHOICES_MAX], page = t->page, line;
    size_t count = 0;
    int64_t number;
    while (count < CHOICES_MAX && span_split(&page, '\n', &line))
        if (span_int(first_word(line), &number) == 0)
            choices[count++] = line;
    if (!count)
        return;
    struct span chosen = choices[luck_below(l, count)], word = first_word(chosen);
    if (luck_below(l, 12) == 0) // now and then by its words
        word = span_from(chosen, word.len + 1);
    str_add(out, word);
    str_addz(out, luck_below(l, 16) == 0 ? ")" : "");
}

static void type_key(struct luck *l, const struct typing *t, struct str *out)
{
    static const char *const others[] = {"*", "#", "**", "##", "MORE", "98"};
    struct span press = t->program->settings->keys[luck_below(l, KEY_COUNT)].press;
    if (press.len && luck_below(l, 4))
        str_add(out, press);
    else
        str_addz(out, PICK(l, others));
}

/* ---- what the question asks for ---- */

static void type_number(struct luck *l, const struct typing *t, const struct question *q, struct str *out)
{
    (void)t;
    uint64_t range = (uint64_t)(q->most - q->least) + 1;
    str_addf(out, "%lld", (long long)q->least + (long long)(luck_next(l) % (range ? range : 1)));
}

static void type_text(struct luck *l, const struct typing *t, const struct question *q, struct str *out)
{
    static const char *const texts[] = {"Ghana", "Maria Jose", "Texas", "The driver was rude", "كابل", "Nunca más"};
    (void)t, (void)q;
    str_addz(out, PICK(l, texts));
}

static void type_date(struct luck *l, const struct typing *t, const struct question *q, struct str *out)
{
    (void)q;
    struct date d = date_from_day(t->today + (int64_t)luck_below(l, 400) - 200);
    str_addf(out, "%04d-%02d-%02d", d.year, d.month, d.day);
}

static void type_phone(struct luck *l, const struct typing *t, const struct question *q, struct str *out)
{
    (void)t, (void)q;
    str_addf(out, "+1202555%04zu", 100 + luck_below(l, 100));
}

static void type_reference(struct luck *l, const struct typing *t, const struct question *q, struct str *out)
{
    (void)q;
    if (t->reference.len && luck_below(l, 4))
        str_add(out, t->reference);
    else
        str_addz(out, "K7M3QX");
}

static void type_window(struct luck *l, const struct typing *t, const struct question *q, struct str *out)
{
    static const char *const windows[] = {"Mon after 18", "tue 9-12", "lun despues de 18:00", "any day 10:00"};
    (void)t, (void)q;
    str_addz(out, PICK(l, windows));
}

static void type_answer(struct luck *l, const struct typing *t, struct str *out)
{
    static void (*const kinds[])(struct luck *, const struct typing *, const struct question *, struct str *) = {
        [ANSWER_ANY] = type_text,      [ANSWER_NUMBER] = type_number, [ANSWER_TEXT] = type_text,
        [ANSWER_DATE] = type_date,     [ANSWER_PHONE] = type_phone,   [ANSWER_REFERENCE] = type_reference,
        [ANSWER_WINDOW] = type_window,
    };
    const struct dialogue *s = t->session;
    if (s->asking != ASKING_SCREEN || s->screen >= t->program->screen_count)
        return;
    const struct question *q = &t->program->screens[s->screen].question;
    if (q->asks)
        kinds[q->kind](l, t, q, out);
}

/* ---- what comes into people's heads ---- */

static void type_keyword(struct luck *l, const struct typing *t, struct str *out)
{
    if (!t->program->trigger_count)
        return;
    const struct trigger *trigger = &t->program->triggers[luck_below(l, t->program->trigger_count)];
    const struct phrase *phrase = &trigger->phrases[luck_below(l, trigger->phrase_count)];
    str_add(out, phrase->folded);
    if (phrase->slot != PROGRAM_NONE) {
        str_addc(out, ' ');
        type_reference(l, t, NULL, out);
    } else if (luck_below(l, 8) == 0)
        str_addz(out, " please");
}

static void type_odd(struct luck *l, const struct typing *t, struct str *out)
{
    static const char *const odd[] = {
        "",
        " ",
        "0",
        "00",
        "-1",
        "999",
        "1000",
        "1 2",
        "٢",
        "۳.",
        "1.",
        "02",
        "one",
        "*",
        "#",
        "{ref}",
        "<b>&amp;</b>",
        "'; drop table",
        "🙂🙂",
        "??",
        "…",
        "ñandú",
        "Hola",
        "مساعدة",
        "stop it now please sir",
        "99999999999999999999",
        "\xE2\x80\xAE", // NOLINT(misc-misleading-bidirectional): people may send it
        "1*2*3",
        "\\n",
        "|",
    };
    (void)t;
    str_addz(out, PICK(l, odd));
}

static void type_long(struct luck *l, const struct typing *t, struct str *out)
{
    (void)t;
    for (size_t n = luck_below(l, LONG_TEXT); n > 0; n--)
        str_addc(out, n % 7 ? 'x' : ' ');
}

static const struct {
    unsigned weight;
    void (*type)(struct luck *l, const struct typing *t, struct str *out);
} habits[] = {
    {56, type_choice}, {14, type_answer}, {9, type_key}, {5, type_keyword}, {10, type_odd}, {1, type_long},
};

enum { HABITS = sizeof habits / sizeof habits[0], TRIES = 8 };

static size_t pick_habit(struct luck *l)
{
    unsigned all = 0;
    for (size_t i = 0; i < HABITS; i++)
        all += habits[i].weight;
    size_t at = luck_below(l, all), i = 0;
    while (at >= habits[i].weight)
        at -= habits[i++].weight;
    return i;
}

void walk_type(struct luck *l, const struct typing *t, struct str *out)
{
    for (int i = 0; i < TRIES && !out->len; i++) // a habit that finds nothing to type here leaves it to another
        habits[pick_habit(l)].type(l, t, out);
}

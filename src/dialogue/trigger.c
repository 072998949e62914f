// SPDX-License-Identifier: AGPL-3.0-or-later
/* trigger - keywords: the whole message, compared without case, accents, surrounding punctuation and blanks.
 *
 * Words of screens that withdraw or erase win always. A message of two to four words that begins with one ("stop
 * please") stops contact at once and then asks, unless it is an option's own words.
 *
 * A word that several languages share counts in the dialogue's language first. The language of a keyword becomes the
 * dialogue's where none was chosen, and at the beginning by SMS in any case; a draft only where drafts are offered.
 */
#include "dialogue/step.h"

#include "text/fold.h"

enum { TRIGGER_BYTES_MAX = 200, HELD_WORDS_MIN = 2, HELD_WORDS_MAX = 4 };

/** Answers are numbers, mostly: no keyword is made of ASCII digits and signs alone. */
static bool could_be_word(struct span text)
{
    if (text.len > TRIGGER_BYTES_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.p[i] >= 'A')
            return true;
    return false;
}

struct hit {
    const struct trigger *trigger;
    const struct phrase *phrase;
};

/** The first phrase that is `folded`; one in `language` before all others. */
static struct hit find_phrase(const struct program *p, struct span folded, bool stops, struct span language)
{
    struct hit best = {0};
    for (size_t i = 0; i < p->trigger_count; i++) {
        const struct trigger *t = &p->triggers[i];
        for (size_t k = 0; t->stops == stops && k < t->phrase_count; k++) {
            const struct phrase *f = &t->phrases[k];
            if (f->slot != PROGRAM_NONE || f->folded.len != folded.len || !span_eq(f->folded, folded))
                continue;
            if (span_eq(f->language, language))
                return (struct hit){t, f};
            if (!best.trigger)
                best = (struct hit){t, f};
        }
    }
    return best;
}

bool dialogue_is_stop(const struct program *p, struct span text)
{
    if (!could_be_word(text))
        return false;
    struct str folded = STR_INIT(TRIGGER_BYTES_MAX * 4);
    fold_compare(&folded, text);
    bool stops = folded.len && find_phrase(p, str_span(&folded), true, (struct span){0}).trigger;
    str_release(&folded);
    return stops;
}

static void speak(struct step *st, struct span language)
{
    bool begins = st->in->kind == INPUT_BEGIN && st->in->profile.medium == MEDIUM_SMS;
    int index = program_language(st->p, language);
    if (index < 0 || (st->s->language[0] && !begins))
        return;
    if (st->in->drafts || !st->p->settings->languages[index].draft)
        step_language(st, index);
}

static void hold(struct step *st, const struct trigger *t)
{
    const struct menu_screen *screen = &st->p->screens[t->screen];
    struct effect *e = step_effect(st, EFFECT_WITHDRAW);
    for (size_t i = 0; i < screen->line_count; i++)
        if (screen->lines[i].op == OP_WITHDRAW && !e->name.len)
            e->name = st->p->consents[screen->lines[i].index].name;
    st->s->asking = ASKING_HELD;
    st->s->held = t->screen;
    st->s->page = st->s->skip = 0;
}

/** The first word of two to four, or nothing. */
static struct span first_of_few(struct span folded)
{
    int words = 1;
    for (size_t i = 0; i < folded.len; i++)
        words += folded.p[i] == ' ';
    if (words < HELD_WORDS_MIN || words > HELD_WORDS_MAX)
        return (struct span){0};
    return span_first(folded, span_find(folded, ' '));
}

static enum dialogue_stop what_screen_does(const struct program *p, uint16_t screen)
{
    for (size_t i = 0; i < p->screens[screen].line_count; i++)
        if (p->screens[screen].lines[i].op == OP_ERASE)
            return DIALOGUE_ERASES;
    return DIALOGUE_STOPS;
}

enum dialogue_stop dialogue_stop_of(const struct program *p, struct span text)
{
    if (!could_be_word(text))
        return DIALOGUE_GOES_ON;
    struct str folded = STR_INIT(TRIGGER_BYTES_MAX * 4), first = STR_INIT(TRIGGER_BYTES_MAX * 4);
    fold_compare(&folded, text);
    const struct trigger *whole = folded.len ? find_phrase(p, str_span(&folded), true, (struct span){0}).trigger : NULL;
    fold_compare(&first, first_of_few(str_span(&folded)));
    bool few = !whole && first.len && find_phrase(p, str_span(&first), true, (struct span){0}).trigger;
    enum dialogue_stop what = whole ? what_screen_does(p, whole->screen) : few ? DIALOGUE_STOPS : DIALOGUE_GOES_ON;
    str_release(&folded);
    str_release(&first);
    return what;
}

static bool stop_in(struct step *st, struct span folded)
{
    struct span language = span_of(st->s->language);
    struct hit hit = find_phrase(st->p, folded, true, language);
    if (hit.trigger) {
        speak(st, hit.phrase->language);
        run_keyword(st, hit.trigger->screen, PROGRAM_NONE, (struct span){0});
        return true;
    }
    struct span first = first_of_few(folded);
    if (!first.len)
        return false;
    str_clear(&st->said); // as room to fold the first word anew: "stop, please"
    fold_compare(&st->said, first);
    hit = find_phrase(st->p, str_span(&st->said), true, language);
    str_clear(&st->said);
    if (!hit.trigger || accept_is_label(st, folded))
        return false;
    speak(st, hit.phrase->language);
    hold(st, hit.trigger);
    return true;
}

bool trigger_stop(struct step *st)
{
    if (!could_be_word(st->in->text))
        return false;
    str_clear(&st->scratch);
    fold_compare(&st->scratch, st->in->text);
    struct span folded = step_keep(st);
    return folded.len && stop_in(st, folded);
}

/* ---- other keywords ---- */

/** The last word of the message as typed. */
static struct span last_word(struct span text)
{
    text = span_trim(text);
    for (size_t i = text.len; i > 0; i--)
        if (text.p[i - 1] == ' ' || text.p[i - 1] == '\n' || text.p[i - 1] == '\t')
            return span_from(text, i);
    return text;
}

/** Whether `folded` is the phrase and one more word. */
static bool has_one_more(const struct phrase *f, struct span folded)
{
    if (folded.len <= f->folded.len + 1 || !span_starts(folded, f->folded) || folded.p[f->folded.len] != ' ')
        return false;
    struct span rest = span_from(folded, f->folded.len + 1);
    return span_find(rest, ' ') == rest.len;
}

static bool fill_slot(struct step *st, const struct phrase *f, struct span *value)
{
    static const struct question anything = {.slot = PROGRAM_NONE};
    uint16_t asked_by = st->p->slots[f->slot].asked_by;
    const struct question *q = asked_by == PROGRAM_NONE ? &anything : &st->p->screens[asked_by].question;
    return answer_read(st, q, last_word(st->in->text), value);
}

static bool word_with_slot(struct step *st, struct span folded)
{
    const struct program *p = st->p;
    for (size_t i = 0; i < p->trigger_count; i++)
        for (size_t k = 0; k < p->triggers[i].phrase_count; k++) {
            const struct phrase *f = &p->triggers[i].phrases[k];
            struct span value;
            if (f->slot == PROGRAM_NONE || !has_one_more(f, folded) || !fill_slot(st, f, &value))
                continue;
            speak(st, f->language);
            run_keyword(st, p->triggers[i].screen, f->slot, value);
            return true;
        }
    return false;
}

bool trigger_word(struct step *st)
{
    if (!could_be_word(st->in->text))
        return false;
    str_clear(&st->scratch);
    fold_compare(&st->scratch, st->in->text);
    struct span folded = step_keep(st);
    struct hit hit = find_phrase(st->p, folded, false, span_of(st->s->language));
    if (!hit.trigger)
        return word_with_slot(st, folded);
    speak(st, hit.phrase->language);
    run_keyword(st, hit.trigger->screen, PROGRAM_NONE, (struct span){0});
    return true;
}

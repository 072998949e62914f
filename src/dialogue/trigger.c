// SPDX-License-Identifier: AGPL-3.0-or-later
/* trigger - keywords: the whole message, compared without case, accents, surrounding punctuation and blanks.
 *
 * Words of screens that withdraw or erase win always. A message of two to five words that begins with one ("stop
 * please") stops contact at once and then asks, unless it is an option's own words, or a keyword of another screen
 * ("end my life"), or the word counts alone only ("end of the week").
 *
 * What nothing else knows, and what begins a dialogue by SMS, is searched for the phrases of "within" lines: "I feel so
 * bad, I want to die". Somebody's team gets the whole message all the same. None of these stops: "do not call me before
 * five".
 *
 * A word that several languages share counts in the dialogue's language first. The language of a keyword becomes the
 * dialogue's where none was chosen, and at the beginning by SMS in any case; a draft only where drafts are offered.
 */
#include "dialogue/step.h"

#include "text/fold.h"

enum { TRIGGER_BYTES_MAX = 200, HELD_WORDS_MIN = 2, HELD_WORDS_MAX = 5 };

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
    int err; /* ERR_NOMEM: nobody knows */
};

enum among { AMONG_STOPS, AMONG_HOLDS, AMONG_OTHERS }; /* AMONG_HOLDS: those that stop with more words behind, too */

/** The first phrase that is `folded`; one in `language` before all others. */
static struct hit find_phrase(const struct program *p, struct span folded, enum among among, struct span language)
{
    struct hit best = {0};
    for (size_t i = 0; i < p->trigger_count; i++) {
        const struct trigger *t = &p->triggers[i];
        for (size_t k = 0; t->stops == (among != AMONG_OTHERS) && k < t->phrase_count; k++) {
            const struct phrase *f = &t->phrases[k];
            if (f->slot != PROGRAM_NONE || f->folded.len != folded.len || !span_eq(f->folded, folded))
                continue;
            if (f->alone && among == AMONG_HOLDS)
                continue;
            if (span_eq(f->language, language))
                return (struct hit){.trigger = t, .phrase = f};
            if (!best.trigger)
                best = (struct hit){.trigger = t, .phrase = f};
        }
    }
    return best;
}

/** The phrase that the whole of `text` is, as it stands or by its words alone: "please, stop", or with an emoji. */
static struct hit find_whole(const struct program *p, struct span text, enum among among, struct span language)
{
    static void (*const folds[])(struct str * out, struct span s) = {fold_compare, fold_words};
    struct str folded = STR_INIT(TRIGGER_BYTES_MAX * 4);
    struct hit hit = {0};
    for (size_t i = 0; !hit.trigger && !hit.err && i < sizeof folds / sizeof folds[0]; i++) {
        str_clear(&folded);
        folds[i](&folded, text);
        if (str_err(&folded) == ERR_NOMEM)
            hit.err = ERR_NOMEM;
        else if (folded.len)
            hit = find_phrase(p, str_span(&folded), among, language);
    }
    str_release(&folded);
    return hit;
}

bool dialogue_is_stop(const struct program *p, struct span text)
{
    return could_be_word(text) && find_whole(p, text, AMONG_STOPS, (struct span){0}).trigger;
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

/** Whoever had agreed has to be asked anew: no screen from before stands any more, such as one that promises a call. */
static void hold(struct step *st, const struct trigger *t)
{
    const struct menu_screen *screen = &st->p->screens[t->screen];
    struct effect *e = step_effect(st, EFFECT_WITHDRAW);
    for (size_t i = 0; i < screen->line_count; i++)
        if (screen->lines[i].op == OP_WITHDRAW && !e->name.len)
            e->name = st->p->consents[screen->lines[i].index].name;
    if (st->in->person->consent_count)
        step_clear(st);
    st->s->asking = ASKING_HELD;
    st->s->held = t->screen;
    st->s->page = st->s->skip = 0;
}

/** The first word of two to five, or nothing. */
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

/** The stop that `text` begins with, more words behind it; nothing where all of it is a keyword of another screen. */
static struct hit find_held(const struct program *p, struct span text, struct span language)
{
    struct str folded = STR_INIT(TRIGGER_BYTES_MAX * 4), first = STR_INIT(TRIGGER_BYTES_MAX * 4);
    fold_compare(&folded, text);
    fold_compare(&first, first_of_few(str_span(&folded))); // anew: "stop, please"
    struct hit hit = {0}, other = first.len ? find_whole(p, text, AMONG_OTHERS, language) : hit;
    if (first.len && !other.trigger)
        hit = find_phrase(p, str_span(&first), AMONG_HOLDS, language);
    if (str_err(&folded) == ERR_NOMEM || str_err(&first) == ERR_NOMEM || other.err)
        hit = (struct hit){.err = ERR_NOMEM};
    str_release(&folded);
    str_release(&first);
    return hit;
}

enum dialogue_stop dialogue_stop_of(const struct program *p, struct span text)
{
    static const struct span any = {0};
    if (!could_be_word(text))
        return DIALOGUE_GOES_ON;
    const struct trigger *whole = find_whole(p, text, AMONG_STOPS, any).trigger;
    if (whole)
        return what_screen_does(p, whole->screen);
    return find_held(p, text, any).trigger ? DIALOGUE_STOPS : DIALOGUE_GOES_ON;
}

/** Whether it is an option's own words. */
static bool is_label(struct step *st)
{
    str_clear(&st->scratch);
    fold_compare(&st->scratch, st->in->text);
    return accept_is_label(st, step_keep(st));
}

bool trigger_stop(struct step *st)
{
    struct span language = span_of(st->s->language);
    if (!could_be_word(st->in->text))
        return false;
    struct hit hit = find_whole(st->p, st->in->text, AMONG_STOPS, language);
    if (hit.trigger) {
        speak(st, hit.phrase->language);
        run_keyword(st, hit.trigger->screen, PROGRAM_NONE, (struct span){0});
        return true;
    }
    if (!hit.err)
        hit = find_held(st->p, st->in->text, language);
    if (hit.err)
        st->err = hit.err;
    if (!hit.trigger || is_label(st))
        return false;
    speak(st, hit.phrase->language);
    hold(st, hit.trigger);
    return true;
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
    struct hit hit = find_phrase(st->p, folded, AMONG_OTHERS, span_of(st->s->language));
    if (!hit.trigger)
        return word_with_slot(st, folded);
    speak(st, hit.phrase->language);
    run_keyword(st, hit.trigger->screen, PROGRAM_NONE, (struct span){0});
    return true;
}

/* ---- phrases within a message ---- */

/** Whether the words of `phrase` stand in `said` one after the other; both as fold_words gives them. */
static bool stands_in(struct span said, struct span phrase)
{
    for (size_t at = 0; phrase.len && at + phrase.len <= said.len; at += span_find(span_from(said, at), ' ') + 1) {
        struct span rest = span_from(said, at);
        if (span_starts(rest, phrase) && (rest.len == phrase.len || rest.p[phrase.len] == ' '))
            return true;
    }
    return false;
}

/** The first trigger one of whose phrases stands in `said`. */
static struct hit find_within(const struct program *p, struct span said)
{
    struct str words = STR_INIT(TRIGGER_BYTES_MAX * 4);
    struct hit best = {0};
    for (size_t i = 0; i < p->trigger_count; i++) {
        const struct trigger *t = &p->triggers[i];
        for (size_t k = 0; k < t->phrase_count && !best.trigger && !best.err; k++) {
            if (!t->phrases[k].within || t->stops)
                continue;
            str_clear(&words);
            fold_words(&words, t->phrases[k].folded);
            if (str_err(&words) == ERR_NOMEM)
                best.err = ERR_NOMEM;
            else if (stands_in(said, str_span(&words)))
                best = (struct hit){.trigger = t, .phrase = &t->phrases[k]};
        }
    }
    str_release(&words);
    return best;
}

bool trigger_within(struct step *st)
{
    str_clear(&st->scratch);
    fold_words(&st->scratch, span_first(st->in->text, DIALOGUE_ANSWER_MAX));
    struct hit hit = find_within(st->p, step_keep(st));
    if (hit.err)
        st->err = hit.err;
    if (hit.err || !hit.trigger)
        return false;
    speak(st, hit.phrase->language);
    bool told = step_has_case(st);
    if (told)
        step_effect(st, EFFECT_FORWARD)->text = st->in->text;
    run_keyword(st, hit.trigger->screen, PROGRAM_NONE, (struct span){0});
    if (told)
        st->s->error = render_system(st, SYSTEM_PASSED_ON);
    return true;
}

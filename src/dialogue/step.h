// SPDX-License-Identifier: AGPL-3.0-or-later
/* step - what the files of this room share while one step is made. Private to dialogue/.
 *
 * A failure (only ever out of memory) is noted in `err` by whoever meets it; everybody goes on harmlessly, and
 * dialogue_step looks once at the end.
 */
#ifndef WAYMARK_DIALOGUE_STEP_H
#define WAYMARK_DIALOGUE_STEP_H

#include "base/err.h"
#include "dialogue/dialogue.h"

enum { STEP_TEXT_MAX = 64 * 1024 }; /* bytes of one screen's text, far above what any menu can say */

struct step {
    const struct program *p;
    struct dialogue *s;
    const struct dialogue_input *in;
    struct arena *a;
    struct dialogue_result *out;
    int language;       /* index of the dialogue's language */
    struct str said;    /* text gathered since the input */
    struct str scratch; /* for a moment only; see step_keep */
    uint64_t arrived;   /* watched screens whose text is in `said` */
    struct effect *effects;
    size_t effect_count;
    struct effect lost; /* where an effect goes when out of memory */
    bool *agreed;       /* by consent: agreed in this very step; NULL: none */
    int screens;        /* walked through by this input */
    int err;
};

/* ---- step.c ---- */

/** A copy of the scratch string in the arena; the scratch is empty afterwards. */
struct span step_keep(struct step *st);

/** A new effect of a kind, with the dialogue's language; never NULL (out of memory: one that nobody sees). */
struct effect *step_effect(struct step *st, enum effect_kind kind);

/** Makes a language (by index) the dialogue's. */
void step_language(struct step *st, int language);

/** The language of a code as an index; of one that is not known, or empty, that in which people are met. */
static inline int step_language_of(const struct program *p, struct span code)
{
    int index = program_language(p, code);
    return index < 0 ? (int)p->settings->first_language : index;
}

/** Begins anew: nothing is kept but the language. Runs nothing. */
void step_clear(struct step *st);

static inline const struct menu_screen *step_screen(const struct step *st)
{
    return &st->p->screens[st->s->screen];
}

/** Whether the person has an open case. */
bool step_has_case(const struct step *st);

/** Whether a line is for this medium and its condition holds. */
bool step_line_holds(const struct step *st, const struct line *line);

/** The answer in a slot; p is NULL where there is none. */
struct span step_value(const struct dialogue *s, uint16_t slot);

/** Stores an answer as given on the present screen. The text must live as long as the session. */
void step_store(struct step *st, uint16_t slot, struct span text);

/* ---- condition.c ---- */

bool condition_holds(const struct step *st, const struct condition *c);

/** Whether a consent (index) is in force in its present version, this very step included. */
bool condition_agreed(const struct step *st, uint16_t consent);

/* ---- render.c ---- */

/** Appends a text of the program in the dialogue's language. */
void render_text(struct step *st, struct str *out, uint16_t text);

/** Appends a day as YYYY-MM-DD. */
void render_day(struct str *out, int64_t day);

/** Appends one of the engine's own words in a language (index). */
void render_words(struct step *st, struct str *out, enum system_text which, int language);

/** The same in the dialogue's language as it is shown, in the arena. */
struct span render_system(struct step *st, enum system_text which);

/** A text as it is shown: typography made plain, accents too where the language folds. `text` itself where nothing
 * changes. */
struct span render_fold(struct step *st, struct span text);

/* ---- run.c ---- */

/** Goes to a target, and on until a question or the end. What was said before is carried along. */
void run_target(struct step *st, struct target target);
void run_screen(struct step *st, uint16_t screen);

/** A keyword leads to `screen`, with `value` in `slot` (PROGRAM_NONE: nothing). */
void run_keyword(struct step *st, uint16_t screen, uint16_t slot, struct span value);

/** After an accepted answer: runs the lines after the question and goes on. `own` is the option's target
 * (PLACE_NOWHERE: none); `forget`: nothing before this can be gone back to. */
void run_answered(struct step *st, const struct target *own, bool forget);

/** Shows the present screen again from its first page, running nothing. */
void run_again(struct step *st);

/** Ends with one of the engine's own words. */
void run_end(struct step *st, enum system_text which);

/** An answer that fits nothing: the error and the question again, or the way out after too many. */
void run_wrong(struct step *st);

/** The key `back`: a page back, or a screen. */
void run_back(struct step *st);

/* ---- guard.c ---- */

/** Opens a case, or leads to what it still needs: true, and *screen is where to go instead. */
bool guard_register(struct step *st, uint16_t index, uint16_t *screen);

/** EFFECT_AGREE or EFFECT_REFUSE for a consent. */
void guard_consent(struct step *st, enum effect_kind kind, uint16_t consent);

/* ---- trigger.c, accept.c: each true when the input was theirs and is done with ---- */

bool trigger_stop(struct step *st);
bool trigger_word(struct step *st);
bool trigger_within(struct step *st);
bool accept_key(struct step *st);
bool accept_option(struct step *st);
bool accept_question(struct step *st);
bool accept_kindly(struct step *st);

/** Whether the input is the label of an option on the page; `folded` is it after fold_compare. */
bool accept_is_label(struct step *st, struct span folded);

/* ---- answer.c ---- */

/** Cleans and checks a free answer. False: wrong. *value lives in the arena. */
bool answer_read(struct step *st, const struct question *q, struct span text, struct span *value);

/** The longest value that answer_read gives for a question. */
struct answer_most {
    int letters;    /* code points */
    bool plain;     /* only letters and signs of ASCII that are no extension characters */
    bool unlimited; /* nothing but DIALOGUE_ANSWER_MAX limits it */
};
struct answer_most answer_most(const struct question *q);

/* ---- show.c ---- */

/** Lays out the present screen, remembers what its page holds and fills the result. */
void show_page(struct step *st);

/** What is pressed for a key on the present screen. */
struct span show_press(const struct step *st, enum settings_key_id key);

#endif

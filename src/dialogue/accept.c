// SPDX-License-Identifier: AGPL-3.0-or-later
/* accept - reading an answer: keys, options, the question.
 *
 * Answers are read kindly: "2", " 2. ", "2)", "02", a digit of any script, or the option's own words, compared as
 * keywords are. Only what the page last shown held acts. An option stores its word, or its number where it has none.
 * What is looser than that is kindly.c's matter, once nothing else knew the input.
 * By SMS there are no keys but the word MORE, in the dialogue's language or the first one.
 */
#include "dialogue/option.h"

#include "text/fold.h"

enum { NUMBER_DIGITS_MAX = 3 };

/** The input with 0-9 for digits of any script, without blanks around and a "." or ")" behind. */
static struct span plain(struct step *st)
{
    struct span text = span_trim(st->in->text);
    if (text.len && ((unsigned char)text.p[0] & 0x80)) {
        str_clear(&st->scratch);
        fold_digits(&st->scratch, span_first(text, DIALOGUE_ANSWER_MAX));
        text = step_keep(st);
    }
    while (text.len > 1 && (text.p[text.len - 1] == '.' || text.p[text.len - 1] == ')'))
        text.len--;
    return span_trim(text);
}

/* ---- keys ---- */

static void key_home(struct step *st)
{
    run_target(st, (struct target){.kind = PLACE_HOME});
}

static void key_more(struct step *st)
{
    st->s->page++;
}

static void key_exit(struct step *st)
{
    st->s->left = true;
    run_end(st, SYSTEM_GOODBYE);
}

static void (*const keys[KEY_COUNT])(struct step *) = {
    [KEY_BACK] = run_back, [KEY_HOME] = key_home, [KEY_MORE] = key_more, [KEY_EXIT] = key_exit};

static bool is_more_word(struct step *st, struct span folded, int language)
{
    str_clear(&st->said);
    str_clear(&st->scratch);
    render_words(st, &st->said, SYSTEM_MORE_WORD, language);
    fold_compare(&st->scratch, str_span(&st->said));
    str_clear(&st->said);
    return span_eq(str_span(&st->scratch), folded);
}

static bool accept_more_word(struct step *st)
{
    if (st->in->text.len > DIALOGUE_ANSWER_MAX)
        return false;
    str_clear(&st->scratch);
    fold_compare(&st->scratch, st->in->text);
    struct span folded = step_keep(st);
    if (!folded.len || !(is_more_word(st, folded, st->language) || is_more_word(st, folded, 0)))
        return false;
    key_more(st);
    return true;
}

bool accept_key(struct step *st)
{
    unsigned shown = st->s->keys;
    if (!shown)
        return false;
    if (st->in->profile.medium == MEDIUM_SMS)
        return accept_more_word(st);
    struct span text = plain(st);
    for (enum settings_key_id k = 0; k < KEY_COUNT; k++)
        if (shown & 1u << k && span_eq(text, show_press(st, k))) {
            keys[k](st);
            return true;
        }
    return false;
}

/* ---- options ---- */

/** "1", "02": its number, or -1. */
static int number_of(struct span text)
{
    int n = 0;
    if (!text.len || text.len > NUMBER_DIGITS_MAX)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return -1;
        n = n * 10 + (text.p[i] - '0');
    }
    return n;
}

/** The one option on the page whose words are `folded`, or -1. */
static int option_by_label(struct step *st, struct span folded)
{
    int found = -1, count = 0;
    for (int i = 0; i < st->s->option_count && folded.len; i++) {
        str_clear(&st->said);
        str_clear(&st->scratch);
        option_label(st, &st->said, st->s->options[i]);
        fold_compare(&st->scratch, str_span(&st->said));
        if (!span_eq(str_span(&st->scratch), folded))
            continue;
        found = i;
        count++;
    }
    str_clear(&st->said);
    return count == 1 ? found : -1;
}

bool accept_is_label(struct step *st, struct span folded)
{
    return option_by_label(st, folded) >= 0;
}

static int find_option(struct step *st)
{
    int number = number_of(plain(st));
    for (int i = 0; number >= 0 && i < st->s->option_count; i++)
        if (option_number(st, st->s->options[i]) == number)
            return i;
    if (number >= 0 || st->in->text.len > DIALOGUE_ANSWER_MAX)
        return -1;
    str_clear(&st->scratch);
    fold_compare(&st->scratch, st->in->text);
    return option_by_label(st, step_keep(st));
}

static void store_choice(struct step *st, const struct line *line)
{
    uint16_t slot = step_screen(st)->question.slot;
    if (slot == PROGRAM_NONE)
        return;
    struct span word = line->word.len ? line->word : arena_printf(st->a, "%d", line->number);
    if (!word.p)
        st->err = ERR_NOMEM;
    step_store(st, slot, word);
}

static void choose_line(struct step *st, int index)
{
    const struct line *line = &step_screen(st)->lines[index];
    if (line->op == OP_OPTION)
        store_choice(st, line);
    else
        guard_consent(st, line->op == OP_AGREE ? EFFECT_AGREE : EFFECT_REFUSE, line->index);
    run_answered(st, &line->target, false);
}

static void choose_language(struct step *st, int language)
{
    static const struct target nowhere = {.kind = PLACE_NOWHERE};
    step_language(st, language);
    run_answered(st, &nowhere, true);
}

static void begin_again(struct step *st)
{
    step_clear(st);
    run_screen(st, st->p->start);
}

/** Contact may begin anew. The agreements and requests that the hold ended stay ended, and nobody is to wait for a call
 * that does not come: everybody is told, as another hand may hold the phone. */
static void release_hold(struct step *st)
{
    step_effect(st, EFFECT_RESTART);
    if (st->s->screen == PROGRAM_NONE)
        begin_again(st);
    else
        run_again(st);
    st->s->error = render_system(st, SYSTEM_RELEASED);
}

static void choose_system(struct step *st, int which)
{
    if (which == SYSTEM_RESUME_YES)
        run_again(st);
    else if (which == SYSTEM_RESUME_NO)
        begin_again(st);
    else if (which == SYSTEM_HELD_NO)
        release_hold(st);
    else
        run_screen(st, st->s->held);
}

void option_choose(struct step *st, uint16_t option)
{
    int index = option & OPTION_INDEX;
    if ((option & OPTION_KIND) == OPTION_LINE)
        choose_line(st, index);
    else if ((option & OPTION_KIND) == OPTION_LANGUAGE)
        choose_language(st, index);
    else
        choose_system(st, index);
}

bool accept_option(struct step *st)
{
    if (!st->s->option_count)
        return false;
    int at = find_option(st);
    if (at < 0)
        return false;
    option_choose(st, st->s->options[at]);
    return true;
}

/* ---- the question ---- */

bool accept_question(struct step *st)
{
    static const struct target nowhere = {.kind = PLACE_NOWHERE};
    if (st->s->asking != ASKING_SCREEN)
        return false;
    const struct question *q = &step_screen(st)->question;
    struct span value;
    if (!q->asks || !answer_read(st, q, st->in->text, &value))
        return false;
    if (q->slot != PROGRAM_NONE)
        step_store(st, q->slot, value);
    run_answered(st, &nowhere, false);
    return true;
}

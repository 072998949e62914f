// SPDX-License-Identifier: AGPL-3.0-or-later
/* run - walking through screens.
 *
 * On arrival the lines above the question run from top to bottom; the first `->` that holds goes on at once and carries
 * along what was said. After an accepted answer the lines below the question run the same way; an option's own target
 * wins over a `->` among them. `hide` counts wherever it stands in a screen.
 *
 * A screen that was left by an answer can be gone back to; one that only led on cannot. Going back restores the parts
 * that were open there and undoes the answers of the screen left and of the screen returned to. What registers,
 * withdraws or erases leaves nothing to go back to. Home forgets all answers: a form begun again begins empty. Where
 * there is nothing to go back or return to, home is where to go: never a dead end. A keyword leaves the parts that were
 * open; the screen where it was typed can be gone back to.
 *
 * A wrong answer shows the error, the question and the options again, from the page on that the person saw: options
 * that were on earlier pages are one `back` away. Where the question itself was still on a later page, the text from
 * the present page on is shown again.
 */
#include "dialogue/step.h"

#include "text/fold.h"

#include <string.h>

enum { TELLING_WORDS = 3 };

/* ---- saying ---- */

/** Adds a text on a line of its own; one that turns out empty leaves no empty line. */
static void say_text(struct step *st, uint16_t text)
{
    size_t before = st->said.len;
    if (before)
        str_addc(&st->said, '\n');
    size_t start = st->said.len;
    render_text(st, &st->said, text);
    if (st->said.len == start)
        str_cut(&st->said, before);
}

/** What was said becomes the screen's text; the question is what follows the first `head` bytes. Both are folded each
 * for itself, so that `ask_at` stays true. */
static void set_body(struct step *st, size_t head)
{
    struct dialogue *s = st->s;
    struct span all = arena_copy(st->a, str_span(&st->said));
    if (!all.p) {
        st->err = ERR_NOMEM;
        return;
    }
    struct span first = render_fold(st, span_first(all, head)), rest = render_fold(st, span_from(all, head));
    s->ask_at = first.len;
    s->body = all;
    if (first.p != all.p || rest.p != all.p + first.len) {
        str_clear(&st->scratch);
        str_add(&st->scratch, first);
        str_add(&st->scratch, rest);
        s->body = step_keep(st);
    }
    if (s->ask_at < s->body.len && s->body.p[s->ask_at] == '\n')
        s->ask_at++;
    s->pending = st->arrived;
}

static void fresh_page(struct dialogue *s)
{
    s->page = s->skip = 0;
    s->from = 0;
    s->error = (struct span){0};
}

static void finish(struct step *st)
{
    fresh_page(st->s);
    st->s->asking = ASKING_NOTHING;
    set_body(st, st->said.len);
    if (!st->s->body.len)
        st->s->body = render_system(st, SYSTEM_GOODBYE);
}

void run_end(struct step *st, enum system_text which)
{
    str_clear(&st->said);
    render_words(st, &st->said, which, st->language);
    finish(st);
}

/* ---- lines ---- */

static void forget_history(struct step *st)
{
    st->s->history_count = 0;
}

static bool line_say(struct step *st, const struct line *line, struct target *go)
{
    (void)go;
    say_text(st, line->text);
    return false;
}

static bool line_send(struct step *st, const struct line *line, struct target *go)
{
    (void)go;
    str_clear(&st->scratch);
    render_text(st, &st->scratch, line->text);
    struct span text = render_fold(st, step_keep(st));
    step_effect(st, EFFECT_SEND)->text = text;
    return false;
}

static bool line_go(struct step *st, const struct line *line, struct target *go)
{
    (void)st;
    *go = line->target;
    return true;
}

static bool line_set(struct step *st, const struct line *line, struct target *go)
{
    (void)go;
    step_store(st, line->slot, line->word);
    return false;
}

static bool line_hide(struct step *st, const struct line *line, struct target *go)
{
    (void)go;
    st->s->hidden |= line->keys;
    return false;
}

static bool line_register(struct step *st, const struct line *line, struct target *go)
{
    uint16_t missing;
    if (guard_register(st, line->index, &missing)) {
        *go = (struct target){.kind = PLACE_SCREEN, .screen = missing};
        return true;
    }
    forget_history(st);
    return false;
}

static void find_nothing(struct dialogue *s)
{
    s->found = false;
    s->found_case = PROGRAM_NONE;
    s->found_table = 0;
    s->found_status = s->found_key = (struct span){0};
}

static bool line_find(struct step *st, const struct line *line, struct target *go)
{
    (void)go;
    struct dialogue *s = st->s;
    const struct person *who = st->in->person;
    struct span kind = st->p->cases[line->index].name, reference = step_value(s, line->slot);
    find_nothing(s);
    for (size_t i = 0; i < who->case_count; i++) {
        const struct person_case *c = &who->cases[i];
        if (!span_eq(c->kind, kind) || !reference.len || !span_eq_nocase(c->reference, reference))
            continue;
        s->found = true;
        s->found_case = line->index;
        s->found_status = c->status;
        break;
    }
    return false;
}

/** A row is found even where its date is over: then it is the table's `expired` text that is said. */
static bool line_lookup(struct step *st, const struct line *line, struct target *go)
{
    (void)go;
    struct dialogue *s = st->s;
    str_clear(&st->scratch);
    fold_compare(&st->scratch, step_value(s, line->slot));
    find_nothing(s);
    struct span key = program_key(&st->p->tables[line->index], str_span(&st->scratch));
    if (!key.p)
        return false;
    s->found = true;
    s->found_table = (uint16_t)(line->index + 1);
    s->found_key = key;
    return false;
}

static bool line_withdraw(struct step *st, const struct line *line, struct target *go)
{
    (void)go;
    step_effect(st, EFFECT_WITHDRAW)->name = st->p->consents[line->index].name;
    if (st->agreed)
        st->agreed[line->index] = false;
    st->s->left = true;
    forget_history(st);
    return false;
}

static bool line_erase(struct step *st, const struct line *line, struct target *go)
{
    (void)line;
    (void)go;
    step_effect(st, EFFECT_ERASE);
    st->agreed = NULL;
    st->s->left = true;
    forget_history(st);
    return false;
}

static bool line_restart(struct step *st, const struct line *line, struct target *go)
{
    (void)line;
    (void)go;
    step_effect(st, EFFECT_RESTART);
    return false;
}

static void say_words(struct step *st, enum system_text which)
{
    if (st->said.len)
        str_addc(&st->said, '\n');
    render_words(st, &st->said, which, st->language);
}

static void say_day(struct step *st, enum system_text which, int64_t day)
{
    say_words(st, which);
    str_addc(&st->said, ' ');
    render_day(&st->said, day);
}

/** The consent, still in force, without which there would be no case of this kind, or NULL. */
static const struct person_consent *consent_of(const struct step *st, const struct menu_case *kind)
{
    const struct person *who = st->in->person;
    for (size_t i = 0; i < kind->needs_count; i++)
        for (size_t n = 0; n < who->consent_count; n++)
            if (span_eq(st->p->consents[kind->needs[i]].name, who->consents[n].name))
                return &who->consents[n];
    return NULL;
}

/** The last day on which anything that they asked for is kept. */
static int64_t kept_until(const struct person *who)
{
    int64_t day = 0;
    for (size_t i = 0; i < who->case_count; i++)
        if (who->cases[i].kept_until > day)
            day = who->cases[i].kept_until;
    return day;
}

/** What is kept of the person, in so far as the engine may know it. Another hand may hold the phone: nothing is told,
 * and it is told always in the same words, unless the `find` above it was given the reference of a case of theirs. */
static bool line_mydata(struct step *st, const struct line *line, struct target *go)
{
    (void)line;
    (void)go;
    const struct person *who = st->in->person;
    if (!st->s->found || st->s->found_case == PROGRAM_NONE) {
        say_words(st, SYSTEM_MYDATA_NONE);
        return false;
    }
    say_words(st, SYSTEM_MYDATA_CALLS);
    str_addf(&st->said, " %zu", who->case_count);
    const struct person_consent *agreed = consent_of(st, &st->p->cases[st->s->found_case]);
    if (agreed)
        say_day(st, SYSTEM_MYDATA_YES, agreed->day);
    else
        say_words(st, SYSTEM_MYDATA_NO);
    say_day(st, SYSTEM_MYDATA_UNTIL, kept_until(who));
    return false;
}

/** What a line does when it runs: true when it leads elsewhere. NULL: it belongs to the question, or waits. */
static bool (*const runs[])(struct step *, const struct line *, struct target *) = {
    [OP_SAY] = line_say,     [OP_SEND] = line_send,         [OP_GO] = line_go,         [OP_SET] = line_set,
    [OP_HIDE] = line_hide,   [OP_REGISTER] = line_register, [OP_FIND] = line_find,     [OP_WITHDRAW] = line_withdraw,
    [OP_ERASE] = line_erase, [OP_RESTART] = line_restart,   [OP_LOOKUP] = line_lookup, [OP_MYDATA] = line_mydata,
    [OP_NO_RESUME] = NULL,
};

static bool run_lines(struct step *st, size_t from, size_t to, struct target *go)
{
    const struct menu_screen *screen = step_screen(st);
    for (size_t i = from; i < to; i++) {
        const struct line *line = &screen->lines[i];
        if (runs[line->op] && step_line_holds(st, line) && runs[line->op](st, line, go))
            return true;
    }
    return false;
}

/* ---- places ---- */

static void push_return(struct dialogue *s, const struct target *t)
{
    if (t->then_kind == PLACE_NOWHERE)
        return;
    if (s->return_count == DIALOGUE_PARTS_MAX) // the outermost is forgotten; it then ends at home
        memmove(s->returns, s->returns + 1, (size_t)--s->return_count * sizeof s->returns[0]);
    s->returns[s->return_count++] = (struct dialogue_return){.kind = t->then_kind, .screen = t->then_screen};
}

static void push_history(struct dialogue *s)
{
    if (s->history_count == DIALOGUE_HISTORY_MAX)
        memmove(s->history, s->history + 1, (size_t)--s->history_count * sizeof s->history[0]);
    struct dialogue_past *past = &s->history[s->history_count++];
    past->screen = s->screen;
    past->return_count = s->return_count;
    memcpy(past->returns, s->returns, (size_t)s->return_count * sizeof s->returns[0]);
}

static void forget_answers(struct dialogue *s, uint16_t left, uint16_t back)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->value_count; i++)
        if (s->values[i].screen != left && s->values[i].screen != back)
            s->values[kept++] = s->values[i];
    s->value_count = kept;
}

static uint16_t go_home(struct step *st)
{
    struct dialogue *s = st->s;
    s->history_count = s->return_count = 0;
    s->value_count = 0;
    return st->p->start;
}

static uint16_t go_back(struct step *st)
{
    struct dialogue *s = st->s;
    if (!s->history_count)
        return go_home(st);
    const struct dialogue_past *past = &s->history[--s->history_count];
    forget_answers(s, s->screen, past->screen);
    s->return_count = past->return_count;
    memcpy(s->returns, past->returns, (size_t)past->return_count * sizeof s->returns[0]);
    return past->screen;
}

/** The screen that a target means, or PROGRAM_NONE for the end. */
static uint16_t place_screen(struct step *st, struct target t)
{
    struct dialogue *s = st->s;
    while (t.kind == PLACE_RETURN && s->return_count) {
        const struct dialogue_return *r = &s->returns[--s->return_count];
        t = (struct target){.kind = r->kind, .screen = r->screen};
    }
    if (t.kind == PLACE_SCREEN) {
        push_return(s, &t);
        return t.screen;
    }
    if (t.kind == PLACE_BACK)
        return go_back(st);
    return t.kind == PLACE_HOME || t.kind == PLACE_RETURN ? go_home(st) : PROGRAM_NONE;
}

/* ---- arriving ---- */

/** Says what the screen asks; a `hide` below the question counts as well. */
static void ask(struct step *st)
{
    const struct menu_screen *screen = step_screen(st);
    size_t head = st->said.len;
    for (size_t i = screen->question_at; i < screen->line_count; i++) {
        const struct line *line = &screen->lines[i];
        if ((line->op != OP_ASK && line->op != OP_HIDE) || !step_line_holds(st, line))
            continue;
        if (line->op == OP_ASK)
            say_text(st, line->text);
        else
            st->s->hidden |= line->keys;
    }
    set_body(st, head);
}

/** False when the screen asks something and waits; else *go is where it leads. */
static bool arrive(struct step *st, uint16_t index, struct target *go)
{
    struct dialogue *s = st->s;
    s->screen = index;
    s->asking = ASKING_SCREEN;
    s->tries = 0;
    s->hidden = 0;
    fresh_page(s);
    const struct menu_screen *screen = step_screen(st);
    if (screen->watch >= 0)
        st->arrived |= UINT64_C(1) << screen->watch;
    if (run_lines(st, 0, screen->question_at, go))
        return true;
    *go = (struct target){.kind = PLACE_END};
    if (screen->question_at == screen->line_count)
        return true;
    ask(st);
    return false;
}

void run_target(struct step *st, struct target target)
{
    while (!st->err && str_err(&st->said) == 0) {
        if (++st->screens > DIALOGUE_STEPS_MAX)
            break;
        uint16_t screen = place_screen(st, target);
        if (screen == PROGRAM_NONE) {
            finish(st);
            return;
        }
        if (!arrive(st, screen, &target))
            return;
    }
    if (str_err(&st->said) == ERR_NOMEM)
        st->err = ERR_NOMEM;
    run_end(st, SYSTEM_FAULT);
}

void run_screen(struct step *st, uint16_t screen)
{
    run_target(st, (struct target){.kind = PLACE_SCREEN, .screen = screen});
}

/* ---- leaving ---- */

/** A way back means the screen before this one, not this one. */
static void drop_self(struct dialogue *s, const struct target *t)
{
    if (t->kind == PLACE_BACK && s->history_count && s->history[s->history_count - 1].screen == s->screen)
        s->history_count--;
}

void run_answered(struct step *st, const struct target *own, bool forget)
{
    const struct menu_screen *screen = step_screen(st);
    struct target go = {.kind = PLACE_END};
    if (forget)
        forget_history(st);
    else
        push_history(st->s);
    run_lines(st, screen->question_at, screen->line_count, &go);
    if (own->kind != PLACE_NOWHERE)
        go = *own;
    drop_self(st->s, &go);
    run_target(st, go);
}

void run_keyword(struct step *st, uint16_t screen, uint16_t slot, struct span value)
{
    struct dialogue *s = st->s;
    if (s->asking == ASKING_SCREEN && s->screen != PROGRAM_NONE)
        push_history(s);
    s->return_count = 0;
    s->screen = screen;
    if (slot != PROGRAM_NONE)
        step_store(st, slot, value);
    run_screen(st, screen);
}

void run_again(struct step *st)
{
    struct dialogue *s = st->s;
    fresh_page(s);
    const struct menu_screen *screen = step_screen(st);
    s->asking = screen->question_at < screen->line_count ? ASKING_SCREEN : ASKING_NOTHING;
}

void run_back(struct step *st)
{
    struct dialogue *s = st->s;
    if (s->page)
        s->page--;
    else if (s->skip)
        fresh_page(s);
    else
        run_target(st, (struct target){.kind = PLACE_BACK});
}

/* ---- wrong answers ---- */

/** Whether somebody seems to tell something, and does not only miss the menu: a few words. */
static bool tells(struct step *st)
{
    int blanks = 0;
    str_clear(&st->scratch);
    fold_words(&st->scratch, span_first(st->in->text, DIALOGUE_ANSWER_MAX));
    for (size_t i = 0; i < st->scratch.len; i++)
        blanks += st->scratch.p[i] == ' ';
    str_clear(&st->scratch);
    return blanks >= TELLING_WORDS - 1;
}

/** What somebody tells in the wrong place is not lost to the team that has their case. Nobody's words are taken without
 * telling: the page says so in place of the error, and nothing of a case, as another hand may hold the phone. */
static void forward_wrong(struct step *st)
{
    if (!step_has_case(st) || !tells(st))
        return;
    step_effect(st, EFFECT_FORWARD)->text = st->in->text;
    say_words(st, SYSTEM_PASSED_ON);
}

static void set_error(struct step *st)
{
    const struct menu_screen *screen = step_screen(st);
    bool choice = st->s->option_count > 0;
    bool told = st->said.len > 0;
    for (size_t i = 0; i < screen->line_count && !told; i++) {
        const struct line *line = &screen->lines[i];
        if (line->op == OP_ERROR && step_line_holds(st, line))
            say_text(st, line->text);
        choice |= line->op == OP_OPTION || line->op == OP_AGREE || line->op == OP_LANGUAGES;
    }
    if (!st->said.len)
        say_words(st, choice ? SYSTEM_CHOOSE : SYSTEM_INVALID);
    struct span text = arena_copy(st->a, str_span(&st->said));
    if (!text.p)
        st->err = ERR_NOMEM;
    st->s->error = render_fold(st, text);
}

void run_wrong(struct step *st)
{
    struct dialogue *s = st->s;
    st->out->wrong = true;
    if (s->asking != ASKING_SCREEN)
        return; // the same page again
    forward_wrong(st);
    const struct question *q = &step_screen(st)->question;
    if (++s->tries >= q->tries && q->tries > 0) {
        run_target(st, q->give_up);
        return;
    }
    bool asked = s->option_count || !(s->keys & 1u << KEY_MORE);
    set_error(st);
    s->from = asked ? s->ask_at : s->page_at;
    s->skip = s->option_count ? s->first_option : 0;
    s->page = 0;
}

// SPDX-License-Identifier: AGPL-3.0-or-later
/* fit_walk - walks random menus that the proof accepts, with the longest answers that their questions allow, and judges
 * every page by itself. */
#ifndef WAYMARK_TESTS_FIT_WALK_H
#define WAYMARK_TESTS_FIT_WALK_H

#include "dialogue/dialogue.h"
#include "fit_random.h"

#ifndef FIT_PLANTED
#define FIT_PLANTED 0
#endif

enum { NEAR = 3, SCREENS_MAX = 8, WALKS = 6, WALK_STEPS = 30 };

struct tally {
    long screens, accepted, near, pages, violations;
};

struct walk {
    struct maker *m;
    const struct program *p;
    struct arena *a;
    struct dialogue s;
    struct dialogue_input in;
    struct dialogue_result out;
    struct tally *t;
    bool *near; /* by screen */
    const char *menu;
};

static inline void violation(struct walk *w, const char *what)
{
    if (!w->t->violations++ && !FIT_PLANTED)
        print_error("%s, %d septets or %d units:\n%.*s\n---\n%s\n", what, w->in.profile.septets, w->in.profile.units,
                    SPAN_ARG(w->out.screen.text), w->menu);
}

static inline int size_on(const struct walk *w, struct span text)
{
    struct counted n = count_text(text);
    return w->out.gsm ? n.septets : n.units;
}

/* Remembers how close to its room something came. */
static inline void note_room(struct walk *w, uint16_t screen, int room, int size)
{
    w->near[screen] |= room - size <= NEAR && room >= size;
}

static inline void judge_size(struct walk *w)
{
    struct counted n = count_text(w->out.screen.text);
    bool gsm = n.septets >= 0 && w->in.profile.septets > 0;
    if (gsm ? n.septets > w->in.profile.septets : n.units > w->in.profile.units)
        violation(w, "page too long");
    w->t->pages++;
}

/* The line of the page that is an option's, whole; its size, or -1. */
static inline int option_on(const struct walk *w, int number)
{
    char front[16];
    snprintf(front, sizeof front, "%d Q", number);
    struct span rest = w->out.screen.text, line;
    while (span_split(&rest, '\n', &line))
        if (span_starts(line, span_of(front)) && line.p[line.len - 1] == 'Z')
            return size_on(w, line);
    return -1;
}

static inline void judge_options(struct walk *w)
{
    const struct menu_screen *screen = &w->p->screens[w->s.screen];
    int choices = 0, sum = -1;
    for (int i = 0; i < w->s.option_count; i++) {
        const struct line *line = &screen->lines[w->s.options[i]];
        int size = option_on(w, line->number);
        bool last = w->s.options[i] == screen->line_count - 1u;
        if (size < 0)
            violation(w, "option cut");
        choices += line->op == OP_AGREE || line->op == OP_REFUSE;
        sum += size + 1;
        note_room(w, w->s.screen, page_room(&w->in.profile, !w->out.gsm, last), size);
    }
    if (choices == 1)
        violation(w, "agree without refuse");
    if (choices == 2)
        note_room(w, w->s.screen, page_room(&w->in.profile, !w->out.gsm, true), sum);
}

/* After a wrong answer, the whole error and the way back are there. */
static inline void judge_error(struct walk *w)
{
    struct span text = w->out.screen.text;
    size_t end = span_find(text, 'V');
    if (!w->out.wrong || w->out.page != 0 || w->s.asking != ASKING_SCREEN)
        return;
    if (!w->p->screens[w->s.screen].question.asks) {
        if (!holds(text, "Please choose a number from the list."))
            violation(w, "no error");
        return;
    }
    if (!span_starts(text, SPAN("W")) || end == text.len)
        violation(w, "error cut");
    else
        note_room(w, w->s.screen, page_room(&w->in.profile, !w->out.gsm, false), size_on(w, span_first(text, end + 1)));
}

static inline void judge_sends(struct walk *w)
{
    for (size_t i = 0; i < w->out.effect_count; i++) {
        const struct effect *e = &w->out.effects[i];
        if (e->kind != EFFECT_SEND)
            continue;
        if (parts_of_sms(e->text) > 3)
            violation(w, "too many messages");
        struct counted n = count_text(e->text);
        bool gsm = n.septets >= 0;
        w->near[w->s.screen] |= gsm ? n.septets >= 459 - NEAR : n.units >= 201 - NEAR;
    }
}

static inline void say(struct walk *w, enum dialogue_input_kind kind, struct span text)
{
    w->in.kind = kind;
    w->in.text = text;
    assert_int_equal(dialogue_step(w->p, &w->s, &w->in, w->a, &w->out), 0);
    judge_size(w);
    judge_sends(w);
    if (w->s.asking == ASKING_SCREEN && w->s.screen != PROGRAM_NONE) {
        judge_options(w);
        judge_error(w);
    }
}

/* The longest answers that a question takes: in septets, in units, folded, plain. */
static inline struct span longest(struct walk *w, const struct question *q)
{
    static const char *const first[] = {"a", "a", "ж", "𠀀", "a", "é", "ﬃ"};
    static const char *const then[] = {"[", "…", "…", "𠀀", "€", "é", "ﬃ"};
    if (q->kind == ANSWER_NUMBER)
        return arena_printf(w->a, "%lld", (long long)q->most);
    size_t k = dice(w->m, sizeof first / sizeof first[0]);
    struct str text = STR_INIT(8192);
    str_addz(&text, first[k]);
    for (int i = 1; i < q->most && text.len + strlen(then[k]) <= DIALOGUE_ANSWER_MAX; i++)
        str_addz(&text, then[k]);
    struct span kept = arena_copy(w->a, str_span(&text));
    str_release(&text);
    return kept;
}

static inline void walk_on(struct walk *w)
{
    const struct menu_screen *screen = &w->p->screens[w->s.screen];
    bool sms = w->in.profile.medium == MEDIUM_SMS;
    if (w->s.keys & 1u << KEY_MORE && dice(w->m, 4))
        say(w, INPUT_TEXT, sms ? SPAN("MORE") : SPAN("98"));
    else if (dice(w->m, 6) == 0)
        say(w, INPUT_TEXT, SPAN("?!"));
    else if (w->s.keys & 1u << KEY_BACK && dice(w->m, 10) == 0)
        say(w, INPUT_TEXT, SPAN("0"));
    else if (screen->question.asks)
        say(w, INPUT_TEXT, longest(w, &screen->question));
    else if (w->s.option_count) {
        uint32_t at = dice(w->m, (uint32_t)w->s.option_count);
        say(w, INPUT_TEXT, arena_printf(w->a, "%d", screen->lines[w->s.options[at]].number));
    } else
        say(w, INPUT_TEXT, sms ? SPAN("MORE") : SPAN("98"));
}

static inline void walk_menu(struct maker *m, const struct program *p, struct tally *t, struct arena *a)
{
    const struct person stranger = {0};
    bool near[2 * SCREENS_MAX + 4] = {0};
    assert_true(p->screen_count <= sizeof near);
    for (int i = 0; i < WALKS; i++) {
        arena_reset(a);
        struct walk w = {.m = m, .p = p, .a = a, .t = t, .near = near, .menu = str_z(&m->menu)};
        w.s = (struct dialogue){.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
        w.in = (struct dialogue_input){.adrift = true,
                                       .profile = m->profile,
                                       .local = {.weekday = 1},
                                       .today = i % 2 ? 20557 : 21000,
                                       .person = &stranger};
        say(&w, INPUT_BEGIN, (struct span){0});
        for (int k = 0; k < WALK_STEPS && w.out.screen.more && w.s.screen != PROGRAM_NONE; k++)
            walk_on(&w);
    }
    for (size_t i = 0; i < p->screen_count; i++)
        t->near += near[i];
}

/* Makes and proves menus until so many screens were seen. */
static inline struct tally random_menus(long wanted, uint64_t seed)
{
    struct tally t = {0};
    struct maker m = {.seed = seed, .menu = STR_INIT(MENU_BYTES), .tail = STR_INIT(MENU_BYTES)};
    struct arena *a = arena_new(64 * 1024 * 1024);
    while (t.screens < wanted) {
        make_menu(&m);
        struct settings settings = fit_settings(1, m.fold);
        struct diags *d = diags_new();
        struct program *p = fit_load(str_z(&m.menu), &settings, d);
        int rc = fit_check(p, &m.profile, 1, d);
        assert_true(rc == 0 || rc == ERR_REFUSED);
        t.screens += m.screens;
        if (rc == 0) {
            t.accepted += m.screens;
            walk_menu(&m, p, &t, a);
        }
        program_free(p);
        diags_free(d);
    }
    arena_free(a);
    str_release(&m.menu);
    str_release(&m.tail);
    return t;
}

#endif
